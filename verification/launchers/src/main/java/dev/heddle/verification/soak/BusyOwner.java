// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A busy worker's overflow is taken by the others, also without stealing: a task fills its own
 * inbox, submits more at random times and waits for these, which only the other workers can run.
 */
public final class BusyOwner {

  private static final int TASKS = 8;
  private static final int MAX_GAP_NANOS = 60_000;

  private BusyOwner() {}

  /**
   * Runs.
   *
   * @param args seed, number of rounds
   */
  public static void main(String[] args) {
    long seed = Soak.seed(args);
    long rounds = Soak.count(args, 20_000);
    SplittableRandom random = new SplittableRandom(seed);
    TaskEngine engine = null;
    for (long round = 0; round < rounds; round++) {
      if (round % 1_000 == 0) {
        if (engine != null) {
          engine.close();
        }
        engine =
            TaskEngine.builder()
                .workers(2 + random.nextInt(2))
                .workStealing(round / 1_000 % 2 == 1)
                .queueCapacity(2)
                .build();
      }
      TaskEngine now = engine;
      long taskSeed = random.nextLong();
      Callable<Boolean> body = () -> overflow(now, new SplittableRandom(taskSeed));
      TaskHandle<Boolean> handle = now.submit(body);
      if (!handle.join()) {
        Soak.stalled(
            "BusyOwner",
            "stranded: round=%d, seed=%d, %s, %s"
                .formatted(round, seed, now.config(), now.metrics()));
      }
      while (now.metrics().live() > 0) {
        Thread.onSpinWait();
      }
    }
    if (engine != null) {
      engine.close();
    }
    Soak.finish("BusyOwner", true, "rounds=%d, stranded=0, seed=%d", rounds, seed);
  }

  private static boolean overflow(TaskEngine engine, SplittableRandom random)
      throws InterruptedException {
    if (!engine.config().workStealing()) {
      engine.execute(() -> {}); // the inbox has two places
      engine.execute(() -> {});
    }
    CountDownLatch ran = new CountDownLatch(TASKS);
    for (int i = 0; i < TASKS; i++) {
      engine.execute(ran::countDown);
      Soak.spinNanos(random.nextInt(MAX_GAP_NANOS));
    }
    return ran.await(1, TimeUnit.SECONDS);
  }
}
