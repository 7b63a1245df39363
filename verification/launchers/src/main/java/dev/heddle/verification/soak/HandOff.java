// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.TaskEngine;
import java.util.SplittableRandom;

/**
 * No wake-up is missed: one task at a time is given to an idle engine, after a random gap of 0 to
 * 200 us, so that it meets the workers at every point of their way to sleep. A task that has not
 * run after a second is a missed wake-up.
 */
public final class HandOff {

  private static final long STALL_NANOS = 1_000_000_000L;
  private static final int MAX_GAP_NANOS = 200_000;
  private static final long LIMIT_P9999_NANOS = 20_000_000L;

  private volatile long ran = -1;

  private HandOff() {}

  /**
   * Runs.
   *
   * @param args seed, number of hand-offs
   */
  public static void main(String[] args) {
    long seed = Soak.seed(args);
    long handOffs = Soak.count(args, 1_000_000);
    StringBuilder text = new StringBuilder();
    boolean quick = true;
    for (int setting = 0; setting < 4; setting++) {
      int workers = setting == 3 ? 2 : setting + 1;
      boolean stealing = setting < 3;
      Latencies latencies = new HandOff().run(seed + setting, handOffs / 4, workers, stealing);
      quick &= latencies.percentile(0.9999) < LIMIT_P9999_NANOS;
      text.append(
          "; workers=%d%s %s".formatted(workers, stealing ? "" : " without stealing", latencies));
    }
    Soak.finish("HandOff", quick, "hand-offs=%d, stalls=0, seed=%d%s", handOffs, seed, text);
  }

  @SuppressWarnings(
      "ThreadPriorityCheck") // yields to the workers: there may be fewer cores than workers
  private Latencies run(long seed, long handOffs, int workers, boolean stealing) {
    SplittableRandom random = new SplittableRandom(seed);
    Latencies latencies = new Latencies();
    try (TaskEngine engine = TaskEngine.builder().workers(workers).workStealing(stealing).build()) {
      for (long i = 0; i < handOffs; i++) {
        long number = i;
        Soak.spinNanos(random.nextInt(MAX_GAP_NANOS));
        long start = System.nanoTime();
        engine.execute(() -> ran = number);
        for (int looks = 0; ran != number; looks++) {
          if (looks < 10_000) {
            Thread.onSpinWait();
          } else {
            Thread.yield();
          }
          if ((looks & 1023) == 1023 && System.nanoTime() - start > STALL_NANOS) {
            Soak.stalled(
                "HandOff",
                "stalled: hand-off=%d, workers=%d, stealing=%b, seed=%d, %s"
                    .formatted(i, workers, stealing, seed, engine.metrics()));
          }
        }
        latencies.add(System.nanoTime() - start);
      }
    }
    return latencies;
  }

  /** Counts by size, 32 classes for each power of two. */
  private static final class Latencies {
    private static final int BITS = 5;
    private static final int FRACTION = (1 << BITS) - 1;

    private final long[] counts = new long[64 << BITS];
    private long total;
    private long max;

    void add(long nanos) {
      counts[classOf(nanos)]++;
      total++;
      max = Math.max(max, nanos);
    }

    private static int classOf(long nanos) {
      long value = Math.max(nanos, 1 << BITS);
      int power = 63 - Long.numberOfLeadingZeros(value);
      return (power << BITS) | ((int) (value >>> (power - BITS)) & FRACTION);
    }

    private static long valueOf(int index) {
      int power = index >> BITS;
      return ((1L << BITS) | (index & FRACTION)) << (power - BITS);
    }

    long percentile(double share) {
      long left = (long) Math.ceil(total * share);
      for (int i = 0; i < counts.length; i++) {
        left -= counts[i];
        if (left <= 0) {
          return valueOf(i);
        }
      }
      return max;
    }

    @Override
    public String toString() {
      return "p50=%d us, p99=%d us, p99.99=%d us, max=%d us"
          .formatted(
              percentile(0.5) / 1000,
              percentile(0.99) / 1000,
              percentile(0.9999) / 1000,
              max / 1000);
    }
  }
}
