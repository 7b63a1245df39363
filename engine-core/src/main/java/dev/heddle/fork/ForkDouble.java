// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

/**
 * A recursion from {@code double} to {@code double}: keep it in a constant, so that forking it
 * captures nothing.
 */
@FunctionalInterface
public interface ForkDouble {

  /**
   * Runs the branch.
   *
   * @param scope forks further branches; valid until this call returns, for the calling thread
   * @param argument what was given to the fork
   * @return the result
   */
  double applyAsDouble(ForkScope scope, double argument);
}
