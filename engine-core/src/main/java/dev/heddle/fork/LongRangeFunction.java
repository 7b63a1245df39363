// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import org.jspecify.annotations.Nullable;

/**
 * What a loop computes from a range of {@code long}s.
 *
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface LongRangeFunction<R extends @Nullable Object> {

  /**
   * Computes from some elements.
   *
   * @param first the first one
   * @param end the one after the last one, greater than {@code first}
   * @return the result
   */
  R apply(long first, long end);
}
