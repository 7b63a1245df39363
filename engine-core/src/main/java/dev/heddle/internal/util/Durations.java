// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.util;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** Turns the API's durations into nanoseconds. */
public final class Durations {

  /** 292 years: as a limit of waiting, no limit. */
  public static final long FOR_EVER = Long.MAX_VALUE;

  private Durations() {}

  /**
   * Returns a limit of waiting, checked and cut to {@link #FOR_EVER}.
   *
   * @param parameter what it is called
   * @param duration the limit
   * @return nanoseconds, zero or more
   */
  public static long waitNanos(String parameter, Duration duration) {
    if (requireNonNull(duration, parameter).isNegative()) {
      throw new IllegalArgumentException(
          parameter
              + " must not be negative: "
              + parameter
              + "="
              + duration
              + " (use zero to look without waiting)");
    }
    try {
      return duration.toNanos();
    } catch (ArithmeticException e) { // longer than 292 years
      return FOR_EVER;
    }
  }
}
