// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

/**
 * A recursion from {@code int} to {@code int}: keep it in a constant, so that forking it captures
 * nothing.
 */
@FunctionalInterface
public interface ForkInt {

  /**
   * Runs the branch.
   *
   * @param scope forks further branches; valid until this call returns, for the calling thread
   * @param argument what was given to the fork
   * @return the result
   */
  int applyAsInt(ForkScope scope, int argument);
}
