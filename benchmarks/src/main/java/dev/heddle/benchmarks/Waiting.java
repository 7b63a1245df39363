// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** How a thread outside waits for what workers do. */
final class Waiting {

  private static final int SPINS = 200; // some microseconds: then the core may be wanted
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(60);

  private Waiting() {}

  /**
   * Spins some microseconds, then yields, until the condition holds. Not by parking: that would
   * have a worker of the contestant pay for the unparking.
   *
   * @throws IllegalStateException if it does not come to hold within a minute
   */
  @SuppressWarnings("ThreadPriorityCheck") // yields for speed, not for correctness
  static void until(BooleanSupplier condition) {
    for (int i = 0; i < SPINS; i++) {
      if (condition.getAsBoolean()) {
        return;
      }
      Thread.onSpinWait();
    }
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > MAX_NANOS) {
        throw new IllegalStateException(
            "every task must run: waitedNanos=" + MAX_NANOS + " (a task was lost or is slow)");
      }
      Thread.yield();
    }
  }
}
