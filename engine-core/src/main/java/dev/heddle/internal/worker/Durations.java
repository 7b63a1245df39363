// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import java.time.Duration;

/** Turns the API's durations into nanoseconds. */
final class Durations {

  /** 292 years: as a limit of waiting, no limit. */
  static final long FOR_EVER = dev.heddle.internal.util.Durations.FOR_EVER;

  private Durations() {}

  /** Returns a limit of waiting, checked and cut to {@link #FOR_EVER}. */
  static long waitNanos(String parameter, Duration duration) {
    return dev.heddle.internal.util.Durations.waitNanos(parameter, duration);
  }
}
