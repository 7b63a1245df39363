// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.util.Comparator;

/**
 * A method and a number that belongs to it: its instructions, or the calls of it.
 *
 * @param method the method
 * @param count the number
 */
record MethodCount(MethodRef method, long count) {

  /** Largest first; equal ones by name, so that a ranking is the same at each run. */
  static final Comparator<MethodCount> RANKING =
      Comparator.comparingLong(MethodCount::count).reversed().thenComparing(MethodCount::method);
}
