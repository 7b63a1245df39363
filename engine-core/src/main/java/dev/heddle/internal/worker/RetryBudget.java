// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.error.RetryBudgetException;
import dev.heddle.internal.util.Seam;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many further attempts an engine may make: some for each hundred tasks that may be tried
 * again, and ten a second. A token bucket, as in <a
 * href="https://sre.google/sre-book/handling-overload/">Google's</a> and Finagle's clients: when
 * much fails, trying again would multiply the load on what fails. Safe for use by any thread.
 */
final class RetryBudget {

  private static final long RETRIES_A_SECOND = 10;
  private static final long NANOS_A_RETRY = 1_000_000_000 / RETRIES_A_SECOND;

  /** What a quiet time saves up. */
  private static final long MOST_RETRIES = 100;

  private static final long PARTS = 100; // of a retry: a task adds per cent

  private final String engine;
  private final int percent;
  private final ReentrantLock lock = new ReentrantLock();
  private long left = MOST_RETRIES * PARTS; // under the lock, like the next
  private long refilledNanos = Seam.nanoTime();

  RetryBudget(String engine, int percent) {
    this.engine = engine;
    this.percent = percent;
  }

  /** Adds what one task brings along. */
  void add() {
    lock.lock();
    try {
      left = Math.min(left + percent, MOST_RETRIES * PARTS);
    } finally {
      lock.unlock();
    }
  }

  /** Takes what one further attempt costs, if it is there. */
  boolean tryTake() {
    lock.lock();
    try {
      long retries = (Seam.nanoTime() - refilledNanos) / NANOS_A_RETRY;
      refilledNanos += retries * NANOS_A_RETRY;
      left = Math.min(left + Math.min(retries, MOST_RETRIES) * PARTS, MOST_RETRIES * PARTS);
      if (left < PARTS) {
        return false;
      }
      left -= PARTS;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Says why there is no further attempt; to be suppressed in the error of the last one. */
  RetryBudgetException spent() {
    return new RetryBudgetException(
        "retry budget is spent: engine="
            + engine
            + ", retryBudget="
            + percent
            + " (let what fails recover, or raise retryBudget)");
  }
}
