// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.TaskEngine;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Two tasks that wait for each other both start: after a burst of tiny tasks, for which two workers
 * compete, a worker that takes the first of the pair must have the other worker woken for the
 * second.
 */
public final class PairUp {

  private static final int MOST_TINY_TASKS = 400;
  private static final int MAX_GAP_NANOS = 2_000;

  private PairUp() {}

  /**
   * Runs.
   *
   * @param args seed, number of pairs
   */
  public static void main(String[] args) throws InterruptedException {
    long seed = Soak.seed(args);
    long pairs = Soak.count(args, 1_000_000);
    SplittableRandom random = new SplittableRandom(seed);
    long slowestNanos = 0;
    try (TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      for (long pair = 0; pair < pairs; pair++) {
        int gap = 1 + random.nextInt(MAX_GAP_NANOS);
        for (int left = random.nextInt(MOST_TINY_TASKS); left > 0; left--) {
          engine.execute(() -> {});
          Soak.spinNanos(gap);
        }
        CountDownLatch both = new CountDownLatch(2);
        Runnable half =
            () -> {
              both.countDown();
              try {
                both.await(2, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            };
        long start = System.nanoTime();
        engine.execute(half);
        engine.execute(half);
        if (!both.await(1, TimeUnit.SECONDS)) {
          Soak.stalled(
              "PairUp", "stranded: pair=%d, seed=%d, %s".formatted(pair, seed, engine.metrics()));
        }
        slowestNanos = Math.max(slowestNanos, System.nanoTime() - start);
      }
    }
    Soak.finish(
        "PairUp",
        true,
        "pairs=%d, stranded=0, slowest=%.1f ms, seed=%d",
        pairs,
        slowestNanos / 1e6,
        seed);
  }
}
