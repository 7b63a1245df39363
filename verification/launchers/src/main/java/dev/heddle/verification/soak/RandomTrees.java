// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.Outcome;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.fork.ForkScope;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

/**
 * Random trees of forks, with small loops and inner computations as leaves, with leaves that throw
 * and nodes that catch, give what the same recursion gives without forks; or, if their task is
 * cancelled at a random moment, nothing. On 1, 2, 3 and 8 workers.
 */
public final class RandomTrees {

  private static final int[] WORKERS = {1, 2, 3, 8};
  private static final int TREES_A_TASK = 1_000;
  private static final int MOST_DEPTH = 11;
  private static final int MOST_DELAY_NANOS = 30_000;

  private final TaskEngine engine;

  private RandomTrees(TaskEngine engine) {
    this.engine = engine;
  }

  private static final class LeafException extends RuntimeException {
    private static final long serialVersionUID = 1;
    final long leaf;

    LeafException(long leaf) {
      super("leaf " + leaf, null, false, false);
      this.leaf = leaf;
    }
  }

  private static boolean isLeaf(long node, int depth) {
    return depth == 0 || (node & 7) == 0;
  }

  private static boolean isCaught(long node) {
    return (node >>> 3 & 15) == 0;
  }

  private static void throwSome(long node) {
    if ((node >>> 7 & 255) == 0) {
      throw new LeafException(node);
    }
  }

  /** How many elements the loop in a leaf has; mostly none. */
  private static int elements(long node) {
    return (node >>> 15 & 31) == 0 ? (int) (node >>> 20 & 255) : 0;
  }

  private static long left(long node) {
    return Soak.hash(2 * node);
  }

  private static long right(long node) {
    return Soak.hash(2 * node + 1);
  }

  private static long sequentially(long node, int depth) {
    if (isLeaf(node, depth)) {
      throwSome(node);
      long sum = node >>> 32;
      for (int i = 0; i < elements(node); i++) {
        sum += Soak.hash(node + i);
      }
      return sum;
    }
    try {
      return sequentially(left(node), depth - 1) + sequentially(right(node), depth - 1);
    } catch (LeafException e) {
      if (isCaught(node)) {
        return e.leaf;
      }
      throw e;
    }
  }

  private long forked(ForkScope scope, long node, int depth) {
    if (isLeaf(node, depth)) {
      throwSome(node);
      int elements = elements(node);
      return (node >>> 32)
          + (elements == 0
              ? 0
              : engine.parallel().range(0, elements).sumLong(i -> Soak.hash(node + i)));
    }
    try {
      if ((node >>> 28 & 63) == 0) { // a computation inside
        return unwrapped(() -> engine.compute(inner -> forkBoth(inner, node, depth)));
      }
      return forkBoth(scope, node, depth);
    } catch (LeafException e) {
      if (isCaught(node)) {
        return e.leaf;
      }
      throw e;
    }
  }

  private long forkBoth(ForkScope scope, long node, int depth) {
    return scope.joinLong(
        left -> forked(left, left(node), depth - 1),
        right -> forked(right, right(node), depth - 1),
        Long::sum);
  }

  /** The result, or the leaf's exception without what the engine has put around it. */
  private static long unwrapped(Callable<Long> computation) {
    try {
      return computation.call();
    } catch (TaskFailedException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw cause instanceof LeafException leaf ? leaf : e;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static String outcome(Callable<Long> computation) {
    try {
      return "sum=" + unwrapped(computation);
    } catch (LeafException e) {
      return "leaf=" + e.leaf;
    }
  }

  private void check(long root, int depth, String actual) {
    String expected = outcome(() -> sequentially(root, depth));
    if (!actual.equals(expected)) {
      throw new IllegalStateException(
          "root=%d, depth=%d: expected %s, got %s".formatted(root, depth, expected, actual));
    }
  }

  private long run(long root, int depth) {
    return engine.compute(scope -> forked(scope, root, depth));
  }

  private int runMany(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < TREES_A_TASK; i++) {
      long root = random.nextLong();
      int depth = 1 + random.nextInt(MOST_DEPTH);
      check(root, depth, outcome(() -> run(root, depth)));
    }
    return TREES_A_TASK;
  }

  /** Returns whether the tree was cancelled before its end. */
  private boolean runOneAndCancel(SplittableRandom random) {
    long root = random.nextLong();
    int depth = MOST_DEPTH + 4;
    TaskHandle<String> handle = engine.submit(() -> outcome(() -> run(root, depth)));
    Soak.spinNanos(random.nextInt(MOST_DELAY_NANOS));
    handle.cancel();
    return switch (handle.outcome()) {
      case Outcome.Success<String>(String value) -> {
        check(root, depth, value);
        yield false;
      }
      case Outcome.Cancelled<String> cancelled -> true;
      case Outcome.Failure<String>(Throwable error)
          when error.getCause() instanceof TaskCancelledException ->
          true;
      case Outcome<String> other -> throw new IllegalStateException("tree ended as " + other);
    };
  }

  /**
   * Runs.
   *
   * @param args seed, number of trees
   */
  public static void main(String[] args) {
    long seed = Soak.seed(args);
    long trees = Soak.count(args, 10_000_000);
    SplittableRandom random = new SplittableRandom(seed);
    long done = 0;
    long cancelled = 0;
    for (int workers : WORKERS) {
      try (TaskEngine engine = TaskEngine.builder().workers(workers).build()) {
        RandomTrees program = new RandomTrees(engine);
        for (long left = trees / WORKERS.length; left > 0; left -= TREES_A_TASK) {
          long tasksSeed = random.nextLong();
          done += engine.submit(() -> program.runMany(tasksSeed)).join();
          for (int i = 0; i < 4; i++) {
            cancelled += program.runOneAndCancel(random) ? 1 : 0;
            done++;
          }
        }
      } catch (RuntimeException e) {
        e.printStackTrace();
        Soak.finish("RandomTrees", false, "workers=%d, seed=%d, %s", workers, seed, e);
      }
    }
    Soak.finish("RandomTrees", true, "trees=%d, cancelled=%d, seed=%d", done, cancelled, seed);
  }
}
