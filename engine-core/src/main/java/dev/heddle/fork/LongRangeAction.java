// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

/** What a loop does with a range of {@code long}s. */
@FunctionalInterface
public interface LongRangeAction {

  /**
   * Works on some elements.
   *
   * @param first the first one
   * @param end the one after the last one, greater than {@code first}
   */
  void run(long first, long end);
}
