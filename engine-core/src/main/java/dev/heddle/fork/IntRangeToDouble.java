// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

/** What a loop computes from a range of {@code int}s, as a {@code double}. */
@FunctionalInterface
public interface IntRangeToDouble {

  /**
   * Computes from some elements.
   *
   * @param first the first one
   * @param end the one after the last one, greater than {@code first}
   * @return the result
   */
  double applyAsDouble(int first, int end);
}
