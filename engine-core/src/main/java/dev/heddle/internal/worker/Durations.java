// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** Turns the API's durations into nanoseconds. */
final class Durations {

  /** 292 years: as a limit of waiting, no limit. */
  static final long FOR_EVER = Long.MAX_VALUE;

  private Durations() {}

  /** Returns a limit of waiting, checked and cut to {@link #FOR_EVER}. */
  static long waitNanos(String parameter, Duration duration) {
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
