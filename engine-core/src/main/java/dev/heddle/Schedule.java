// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.ZoneId;

/**
 * When a periodic task runs. Immutable.
 *
 * <p>Times are kept by a monotonic clock, those of {@link Cron} by the wall clock. After the
 * machine or the process was suspended, a task that is overdue runs once, not once for each time it
 * has missed.
 */
public sealed interface Schedule {

  /** What to do when it is time and the run before has not ended. */
  enum Overlap {
    /** Leave this run out. */
    SKIP,
    /** Let both run. */
    ALLOW
  }

  /**
   * At the same distance from start to start.
   *
   * @param initialDelay until the first run, zero or more
   * @param period from start to start, more than zero
   * @param overlap what to do when a run takes longer than the period
   */
  record FixedRate(Duration initialDelay, Duration period, Overlap overlap) implements Schedule {
    /**
     * Checks the times.
     *
     * @throws IllegalArgumentException if out of range
     */
    public FixedRate {
      requireNotNegative("initialDelay", initialDelay);
      requirePositive("period", period);
      requireNonNull(overlap, "overlap");
    }
  }

  /**
   * At the same distance from the end of a run to the start of the next; runs never overlap.
   *
   * @param initialDelay until the first run, zero or more
   * @param delay from end to start, more than zero
   */
  record FixedDelay(Duration initialDelay, Duration delay) implements Schedule {
    /**
     * Checks the times.
     *
     * @throws IllegalArgumentException if out of range
     */
    public FixedDelay {
      requireNotNegative("initialDelay", initialDelay);
      requirePositive("delay", delay);
    }
  }

  /**
   * At the times of a cron expression in the form of Unix: minute, hour, day of month, month, day
   * of week. A time that daylight saving leaves out is skipped or moved, one that it repeats
   * happens once, as the library cron-utils decides; it is an optional dependency and needed only
   * for this.
   *
   * @param expression the expression; checked when a task is scheduled
   * @param zone the time zone of its times
   * @param overlap what to do when a run takes until the next time
   */
  record Cron(String expression, ZoneId zone, Overlap overlap) implements Schedule {
    /** Refuses {@code null}. */
    public Cron {
      requireNonNull(expression, "expression");
      requireNonNull(zone, "zone");
      requireNonNull(overlap, "overlap");
    }
  }

  /**
   * Runs at once and then at the same distance from start to start, leaving out what would overlap.
   *
   * @param period more than zero
   * @return the schedule
   * @throws IllegalArgumentException if out of range
   */
  static Schedule fixedRate(Duration period) {
    return new FixedRate(Duration.ZERO, period, Overlap.SKIP);
  }

  /**
   * Runs at once and then at the same distance from the end of a run to the start of the next.
   *
   * @param delay more than zero
   * @return the schedule
   * @throws IllegalArgumentException if out of range
   */
  static Schedule fixedDelay(Duration delay) {
    return new FixedDelay(Duration.ZERO, delay);
  }

  /**
   * Runs at the times of a cron expression, leaving out what would overlap.
   *
   * @param expression minute, hour, day of month, month, day of week
   * @param zone the time zone of its times
   * @return the schedule
   */
  static Schedule cron(String expression, ZoneId zone) {
    return new Cron(expression, zone, Overlap.SKIP);
  }

  private static void requireNotNegative(String name, Duration value) {
    if (requireNonNull(value, name).isNegative()) {
      throw new IllegalArgumentException(
          name + " must not be negative: " + name + "=" + value + " (use zero for at once)");
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (requireNonNull(value, name).isNegative() || value.isZero()) {
      throw new IllegalArgumentException(
          name + " must be more than zero: " + name + "=" + value + " (use a longer time)");
    }
  }
}
