// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

/** A branch without a result. */
@FunctionalInterface
public interface ForkAction {

  /**
   * Runs the branch.
   *
   * @param scope forks further branches; valid until this call returns, for the calling thread
   */
  void run(ForkScope scope);
}
