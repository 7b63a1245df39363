// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import dev.heddle.TaskEngine;
import dev.heddle.error.ForkDepthException;
import java.util.concurrent.ThreadFactory;

/** How deep a recursion with forks gets, as a part of a plain one, once it is compiled. */
final class StackDepth {

  private static final int ROUNDS = 2_000;
  private static final double ENOUGH = 0.3;

  private long reached;

  private final ForkLong forked =
      new ForkLong() {
        @Override
        public long applyAsLong(ForkScope scope, long n) {
          if (n < 0) {
            return 0;
          }
          reached = n;
          return scope.joinLong(this, n + 1, -1, Long::sum);
        }
      };

  private StackDepth() {}

  /**
   * Prints the greatest part of some rounds, the last when it is enough; for stacks of so many KiB.
   */
  public static void main(String[] args) {
    long stackBytes = 1024 * Long.parseLong(args[0]);
    ThreadFactory factory = body -> new Thread(null, body, "deep", stackBytes);
    try (TaskEngine engine = TaskEngine.builder().workers(1).threadFactory(factory).build()) {
      double best = 0;
      for (int round = 0; round < ROUNDS && best < ENOUGH; round++) {
        long plain = engine.submit(StackDepth::plainDepth).join();
        StackDepth depth = new StackDepth();
        try {
          engine.computeLong(depth.forked, 0);
        } catch (ForkDepthException e) {
          best = Math.max(best, (double) depth.reached / plain);
        }
      }
      System.out.println(best);
    }
  }

  private long plain(long n) {
    if (n < 0) {
      return 0;
    }
    reached = n;
    return plain(n + 1) + plain(-1);
  }

  private static long plainDepth() {
    StackDepth depth = new StackDepth();
    try {
      depth.plain(0);
    } catch (StackOverflowError e) {
      return depth.reached;
    }
    throw new AssertionError("a stack ends");
  }
}
