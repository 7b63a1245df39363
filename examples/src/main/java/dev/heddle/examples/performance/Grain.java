// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.performance;

import dev.heddle.TaskEngine;
import dev.heddle.fork.ForkLong2;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveTask;
import java.util.function.LongSupplier;

/**
 * How small the bodies of a tree of forks may be: the efficiency for bodies of some size, and the
 * smallest size that reaches 50 %, known as METG, minimum effective task granularity (Slaughter and
 * others 2020). Efficiency is the time of the bodies alone on one worker, over that of the tree
 * times the workers.
 *
 * @param contestant its name
 * @param bodyNanos the sizes, ascending
 * @param efficiency one a size; 1 is ideal
 */
record Grain(String contestant, List<Double> bodyNanos, List<Double> efficiency) {

  private static final int SMALLEST_STEPS = 2;
  private static final int LARGEST_STEPS = 1 << 15;
  private static final long STEPS_A_TREE = 8_000_000;
  private static final double ENOUGH = 0.5;

  /** Returns the smallest size that reaches 50 %, between two measured ones; or infinity. */
  double smallestBodyNanos() {
    for (int i = 0; i < bodyNanos.size(); i++) {
      if (efficiency.get(i) >= ENOUGH) {
        if (i == 0) {
          return bodyNanos.getFirst();
        }
        double below = efficiency.get(i - 1);
        double part = (ENOUGH - below) / (efficiency.get(i) - below);
        return bodyNanos.get(i - 1) + part * (bodyNanos.get(i) - bodyNanos.get(i - 1));
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /** Measures the engine and a {@link ForkJoinPool} with so many workers, in turns. */
  static List<Grain> measure(int workers, int rounds) {
    List<Double> sizes = new ArrayList<>();
    List<Double> heddle = new ArrayList<>();
    List<Double> jdk = new ArrayList<>();
    try (TaskEngine engine = TaskEngine.builder().name("grain").workers(workers).build();
        ForkJoinPool pool = new ForkJoinPool(workers)) {
      // From large to small: the JIT must not learn that the loop in a body is short.
      for (int steps = LARGEST_STEPS; steps >= SMALLEST_STEPS; steps /= 2) {
        int size = steps;
        long leaves = Math.max(1, STEPS_A_TREE / steps);
        ForkLong2 tree = tree(size);
        double alone = Double.MAX_VALUE;
        double ours = Double.MAX_VALUE;
        double theirs = Double.MAX_VALUE;
        for (int round = -1; round < rounds; round++) { // the best: others disturb small ones
          alone = Math.min(alone, nanos(() -> inALoop(leaves, size)));
          ours = Math.min(ours, nanos(() -> engine.computeLong(tree, 0, leaves)));
          alone = Math.min(alone, nanos(() -> inALoop(leaves, size)));
          theirs = Math.min(theirs, nanos(() -> pool.invoke(new Tree(0, leaves, size))));
        }
        sizes.addFirst(alone / leaves);
        heddle.addFirst(alone / (ours * workers));
        jdk.addFirst(alone / (theirs * workers));
      }
    }
    return List.of(
        new Grain(Contestant.HEDDLE, sizes, heddle), new Grain("forkJoinPool", sizes, jdk));
  }

  private static double nanos(LongSupplier run) {
    long start = System.nanoTime();
    if (run.getAsLong() == 0) {
      throw new IllegalStateException("a sum of bodies is not 0");
    }
    return System.nanoTime() - start;
  }

  /** Some steps that depend on each other. */
  private static long body(long seed, int steps) {
    long x = seed;
    for (int i = 0; i < steps; i++) {
      x = x * 31 + i;
    }
    return x | 1;
  }

  private static long inALoop(long leaves, int steps) {
    long sum = 0;
    for (long i = 0; i < leaves; i++) {
      sum += body(i, steps) & 0xff;
    }
    return sum;
  }

  private static ForkLong2 tree(int steps) {
    ForkLong2[] itself = new ForkLong2[1];
    itself[0] =
        (scope, from, to) ->
            to - from == 1
                ? body(from, steps) & 0xff
                : scope.joinLong(
                    itself[0], from, (from + to) >>> 1, (from + to) >>> 1, to, Long::sum);
    return itself[0];
  }

  private static final class Tree extends RecursiveTask<Long> {
    private static final long serialVersionUID = 1;

    private final long from;
    private final long to;
    private final int steps;

    Tree(long from, long to, int steps) {
      this.from = from;
      this.to = to;
      this.steps = steps;
    }

    @Override
    protected Long compute() {
      if (to - from == 1) {
        return body(from, steps) & 0xff;
      }
      Tree left = new Tree(from, (from + to) >>> 1, steps);
      left.fork();
      return new Tree((from + to) >>> 1, to, steps).compute() + left.join();
    }
  }
}
