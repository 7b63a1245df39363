// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

/**
 * A recursion from {@code long} to {@code long}: keep it in a constant, so that forking it captures
 * nothing.
 */
@FunctionalInterface
public interface ForkLong {

  /**
   * Runs the branch.
   *
   * @param scope forks further branches; valid until this call returns, for the calling thread
   * @param argument what was given to the fork
   * @return the result
   */
  long applyAsLong(ForkScope scope, long argument);
}
