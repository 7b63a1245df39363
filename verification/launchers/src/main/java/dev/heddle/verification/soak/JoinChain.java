// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * Tasks that each wait for the one before, too many for one stack: every one of them gets an
 * outcome and the engine stays usable.
 */
public final class JoinChain {

  private static final long LIMIT_NANOS = 30_000_000_000L;

  private static final long LOOK_LIMIT_MILLIS = 10_000;

  private JoinChain() {}

  /**
   * Runs.
   *
   * @param args seed (of no use here), length of the chain
   */
  public static void main(String[] args) throws Exception {
    int length = (int) Soak.count(args, 100_000);
    Soak.silence();
    for (int workers = 1; workers <= 2; workers++) {
      run(workers, length);
    }
    Soak.finish("JoinChain", true, "length=%d, workers=1 and 2", length);
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of handles
  private static void run(int workers, int length) throws InterruptedException {
    TaskEngine engine = TaskEngine.builder().workers(workers).build();
    TaskHandle<Integer>[] chain = new TaskHandle[length];
    engine.submit(
        () -> {
          for (int i = 0; i < length; i++) {
            int number = i;
            Callable<Integer> body = () -> number == 0 ? 1 : chain[number - 1].join() + 1;
            chain[i] = engine.submit(body);
          }
          return chain[length - 1].join();
        });
    long start = System.nanoTime();
    while (engine.metrics().live() > 0) {
      if (System.nanoTime() - start > LIMIT_NANOS) {
        Soak.stalled(
            "JoinChain", "tasks without outcome: workers=" + workers + ", " + engine.metrics());
      }
      Thread.sleep(10);
    }
    int[] looked = new int[1];
    Thread looker =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  for (TaskHandle<Integer> link : chain) {
                    if (!link.isDone()) {
                      return;
                    }
                    looked[0]++;
                  }
                });
    looker.join(LOOK_LIMIT_MILLIS);
    if (looker.isAlive() || looked[0] < length) {
      Soak.stalled(
          "JoinChain",
          "no outcome: link=%d, workers=%d, isDone() returns=%b, %s"
              .formatted(looked[0], workers, !looker.isAlive(), engine.metrics()));
    }
    TaskHandle<Integer> probe = engine.submit(() -> 1);
    try {
      probe.get(1, TimeUnit.SECONDS);
    } catch (Exception e) {
      Soak.stalled("JoinChain", "engine is not usable afterwards: " + e);
    }
    engine.close();
  }
}
