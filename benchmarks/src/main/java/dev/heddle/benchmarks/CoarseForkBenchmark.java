// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import dev.heddle.fork.ForkLong;
import dev.heddle.fork.ForkLong2;
import dev.heddle.fork.ForkScope;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How well is coarse work shared? Leaves of 1 to 30 ms, in shapes that are easy and hard to share.
 * On two workers the ideal is half of {@code baseline}, for {@link #pendingAboveALongLeaf} 47 ms.
 *
 * <p><b>Method.</b> A leaf computes a fixed number of steps that take a millisecond or so: on a
 * machine whose cores slow each other down, {@code baseline} of the same run is what counts.
 *
 * <p><b>Asserted.</b> The sum of the leaves.
 *
 * <p><b>Traps avoided.</b> Three other recursions run before with the same contestant, so that the
 * JIT compiler has not seen one function only.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
public class CoarseForkBenchmark {

  private static final int LEAVES = 8;
  private static final int LEAF_MILLIS = 10;
  private static final int PENDING = 64;
  private static final int LONG_LEAF_MILLIS = 30;
  private static final int STEPS_A_MILLI = 1_000_000;
  private static final int GROWING = 30_000;

  @Param({"baseline", "heddleFunction"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  private TaskEngine engine = TaskEngine.create();

  /** Starts the engine. */
  @Setup
  public void setUp() {
    engine.close();
    engine = TaskEngine.builder().workers(workers).build();
    try (ForkJoinPool pool = new ForkJoinPool(1)) { // not a contestant here
      ForkJoinBenchmark.runOthers(rival, engine, pool);
    }
  }

  /** Stops the engine. */
  @TearDown
  public void tearDown() {
    engine.close();
  }

  private static long leaf(long millis) {
    long x = millis;
    for (long i = millis * STEPS_A_MILLI; i > 0; i--) {
      x = x * 31 + i;
    }
    return x | 1;
  }

  private static final ForkLong2 BALANCED =
      (scope, lo, hi) ->
          hi - lo == 1
              ? leaf(LEAF_MILLIS)
              : scope.joinLong(
                  CoarseForkBenchmark.BALANCED, lo, (lo + hi) / 2, (lo + hi) / 2, hi, Long::sum);

  private static final ForkLong2 NESTED =
      (scope, lo, hi) ->
          hi - lo == 1
              ? leaf(LEAF_MILLIS)
              : scope.joinLong(CoarseForkBenchmark.NESTED, lo, lo + 1, lo + 1, hi, Long::sum);

  /** Left branches down to a long leaf; each leaves a short one pending above it. */
  private static final ForkLong PENDING_ABOVE =
      (scope, depth) -> depth == 0 ? leaf(LONG_LEAF_MILLIS) : pending(scope, depth);

  private static long pending(ForkScope scope, long depth) {
    return scope.joinLong(
        left -> CoarseForkBenchmark.PENDING_ABOVE.applyAsLong(left, depth - 1),
        right -> leaf(1),
        Long::sum);
  }

  private static long times(long leaf, int times) {
    return leaf * times;
  }

  private long check(long actual, long expected) {
    if (actual != expected) {
      throw new IllegalStateException(
          "sum must be that of the leaves: expected=" + expected + ", actual=" + actual);
    }
    return actual;
  }

  private boolean isBaseline() {
    return rival.equals("baseline");
  }

  private static long inALoop(int leaves, long millis) {
    long sum = 0;
    for (int i = 0; i < leaves; i++) {
      sum += leaf(millis);
    }
    return sum;
  }

  /** 8 leaves of 10 ms, split in halves. */
  @Benchmark
  public long balanced() {
    long sum =
        isBaseline() ? inALoop(LEAVES, LEAF_MILLIS) : engine.computeLong(BALANCED, 0, LEAVES);
    return check(sum, times(leaf10, LEAVES));
  }

  /** 8 leaves of 10 ms, split into the first one and the rest. */
  @Benchmark
  public long rightNested() {
    long sum = isBaseline() ? inALoop(LEAVES, LEAF_MILLIS) : engine.computeLong(NESTED, 0, LEAVES);
    return check(sum, times(leaf10, LEAVES));
  }

  /** 64 leaves of 1 ms that are pending while a leaf of 30 ms runs. */
  @Benchmark
  public long pendingAboveALongLeaf() {
    long sum =
        isBaseline()
            ? inALoop(PENDING, 1) + leaf(LONG_LEAF_MILLIS)
            : engine.computeLong(PENDING_ABOVE, PENDING);
    return check(sum, times(leaf1, PENDING) + leaf30);
  }

  /** 8 leaves of 10 ms, as a loop. */
  @Benchmark
  public long oneRange() {
    long sum =
        isBaseline()
            ? inALoop(LEAVES, LEAF_MILLIS)
            : engine.parallel().range(0, LEAVES).sumLong(i -> leaf(LEAF_MILLIS));
    return check(sum, times(leaf10, LEAVES));
  }

  /** A loop whose steps take longer and longer: 30,000 that take 0 to 10 us. */
  @Benchmark
  public long skewedLoop() {
    long sum =
        isBaseline()
            ? growing(0, GROWING)
            : engine.parallel().range(0, GROWING).sumLongRange(CoarseForkBenchmark::growing);
    return check(sum, growingSum);
  }

  private static long growing(int first, int end) {
    long sum = 0;
    for (int i = first; i < end; i++) {
      long x = i;
      for (int k = 0; k < i / 3; k++) {
        x = x * 31 + k;
      }
      sum += x | 1;
    }
    return sum;
  }

  private final long growingSum = growing(0, GROWING);
  private final long leaf1 = leaf(1);
  private final long leaf10 = leaf(LEAF_MILLIS);
  private final long leaf30 = leaf(LONG_LEAF_MILLIS);
}
