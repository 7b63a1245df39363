// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

/** What a loop does with a range of {@code int}s. */
@FunctionalInterface
public interface IntRangeAction {

  /**
   * Works on some elements.
   *
   * @param first the first one
   * @param end the one after the last one, greater than {@code first}
   */
  void run(int first, int end);
}
