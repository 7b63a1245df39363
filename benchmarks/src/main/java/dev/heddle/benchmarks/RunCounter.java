// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts what several threads run, each on a cache line of its own as far as their ids differ. Not
 * a {@code LongAdder}: as long as that is not contended, its number shares a line with whatever the
 * collector puts beside it, and a run would be slow or fast by chance.
 */
final class RunCounter {

  private static final int LINES = 64;
  private static final int STRIDE = 16; // in longs: a line and the one that is fetched with it

  private final AtomicLongArray counts = new AtomicLongArray((LINES + 1) * STRIDE);

  /** Counts one more. By any thread. */
  void increment() {
    int line = (int) Thread.currentThread().threadId() & (LINES - 1);
    counts.getAndIncrement((line + 1) * STRIDE);
  }

  /** Returns how many were counted. Exact once those that count have ended. */
  long sum() {
    long sum = 0;
    for (int line = 1; line <= LINES; line++) {
      sum += counts.get(line * STRIDE);
    }
    return sum;
  }
}
