// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

/** A recursion over two {@code double}s, as the bounds of an interval are. */
@FunctionalInterface
public interface ForkDouble2 {

  /**
   * Runs the branch.
   *
   * @param scope forks further branches; valid until this call returns, for the calling thread
   * @param first what was given to the fork first
   * @param second what was given to the fork second
   * @return the result
   */
  double applyAsDouble(ForkScope scope, double first, double second);
}
