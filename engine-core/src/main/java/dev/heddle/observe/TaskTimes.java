// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.observe;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How long tasks took, of those that were looked at: reading a clock costs more than submitting a
 * task, so by default it is one task in 64.
 *
 * @param sampledOneIn 64, or 1 if the engine looks at every task
 * @param samples how many tasks were looked at
 * @param total their times together
 * @param max the longest of them
 */
public record TaskTimes(int sampledOneIn, long samples, Duration total, Duration max) {

  /** Refuses {@code null}. */
  public TaskTimes {
    requireNonNull(total, "total");
    requireNonNull(max, "max");
  }

  /**
   * Returns the mean.
   *
   * @return the mean of the samples; zero if there are none
   */
  public Duration mean() {
    return samples == 0 ? Duration.ZERO : total.dividedBy(samples);
  }
}
