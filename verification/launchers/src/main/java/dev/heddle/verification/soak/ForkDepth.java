// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.TaskEngine;
import dev.heddle.error.ForkDepthException;
import dev.heddle.fork.ForkLong;

/**
 * A recursion that is compiled, but has never been deep, goes at least 30 % as deep on a worker
 * that has just started as without forks on the same stack. Run with {@code -Xbatch}, so that
 * compiled code is there when it is wanted.
 */
public final class ForkDepth {

  private static final int[] STACK_KIBIBYTES = {256, 1024};
  private static final int WARM_DEPTH = 40;
  private static final int WARM_ROUNDS = 60_000;

  private static long limit;
  private static long reached;

  private ForkDepth() {}

  private static final ForkLong FORKED =
      (scope, n) -> {
        if (n < 0 || n > limit) {
          return 0;
        }
        reached = n;
        return scope.joinLong(ForkDepth.FORKED, n + 1, -1, Long::sum);
      };

  private static long plain(long n) {
    if (n < 0 || n > limit) {
      return 0;
    }
    reached = n;
    return plain(n + 1) + plain(-1);
  }

  /**
   * Runs.
   *
   * @param args seed, which is not used; number of workers to start with each size of stack
   */
  public static void main(String[] args) {
    long rounds = Soak.count(args, 20);
    double least = Double.MAX_VALUE;
    for (int kibibytes : STACK_KIBIBYTES) {
      for (int round = 0; round < rounds; round++) {
        limit = WARM_DEPTH;
        try (TaskEngine engine = engine(kibibytes)) {
          engine.submit(() -> warmUp(engine)).join();
        }
        limit = Long.MAX_VALUE;
        try (TaskEngine engine = engine(kibibytes)) {
          long forked = engine.submit(() -> forkedDepth(engine)).join();
          long plain = engine.submit(ForkDepth::plainDepth).join();
          least = Math.min(least, (double) forked / plain);
        }
      }
    }
    Soak.finish(
        "ForkDepth", least >= 0.3, "least=%.2f of the plain recursion, rounds=%d", least, rounds);
  }

  private static TaskEngine engine(int kibibytes) {
    return TaskEngine.builder()
        .workers(1)
        .threadFactory(body -> new Thread(null, body, "deep", kibibytes * 1024L))
        .build();
  }

  private static long warmUp(TaskEngine engine) {
    long sum = 0;
    for (int i = 0; i < WARM_ROUNDS; i++) {
      sum += engine.computeLong(FORKED, 0) + plain(0);
    }
    return sum;
  }

  private static long forkedDepth(TaskEngine engine) {
    try {
      return engine.computeLong(FORKED, 0);
    } catch (ForkDepthException e) {
      return reached;
    }
  }

  private static long plainDepth() {
    try {
      return plain(0);
    } catch (StackOverflowError e) {
      return reached;
    }
  }
}
