// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.fork;

/** What a worker waits for in a join: others have taken it, or parts of it. */
interface Awaited {

  /** Tells whether there is something left to wait for. */
  boolean isPending();

  /**
   * Runs a part of it.
   *
   * @param helper who waits, the stack of the calling thread
   * @return {@code false} if there is none to take
   */
  boolean help(ForkStack helper);
}
