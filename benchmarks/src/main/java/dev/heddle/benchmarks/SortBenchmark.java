// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongBinaryOperator;
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
 * How long does it take to sort random {@code long}s, and to scan them?
 *
 * <p><b>Method.</b> {@code baseline} is {@link Arrays#sort(long[])} and a plain loop, {@code
 * forkJoinPool} {@link Arrays#parallelSort(long[])} and {@link Arrays#parallelPrefix}: they run in
 * the common pool, which has a thread less than there are processors, and in the calling thread.
 * The engine has as many workers as there are processors.
 *
 * <p>All contestants copy the numbers first, and check the result: the score includes that.
 *
 * <p><b>Asserted.</b> The order; the last sum.
 *
 * <p><b>Traps avoided.</b> Three other scans run before with the same contestant, so that the JIT
 * compiler has not seen one operator only.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class SortBenchmark {

  private static final int OTHERS = 100_000;
  private static final int WARM_UP_ROUNDS = 20;

  @Param({"baseline", "heddle", "forkJoinPool"})
  public String rival = "";

  @Param({"100", "10000", "10000000"})
  public int size;

  private TaskEngine engine = TaskEngine.create();
  private long[] random = {};
  private long[] numbers = {};

  /** Starts the engine. */
  @Setup
  public void setUp() {
    engine.close();
    engine = TaskEngine.builder().workers(Runtime.getRuntime().availableProcessors()).build();
    random = new Random(42).longs(size).toArray();
    numbers = new long[size];
    long[] others = new Random(43).longs(OTHERS).toArray();
    for (int round = 0; round < WARM_UP_ROUNDS; round++) {
      scan(others, Math::max);
      scan(others, (a, b) -> a ^ b);
      scan(others, (a, b) -> a * 31 + b);
    }
  }

  /** Stops the engine. */
  @TearDown
  public void tearDown() {
    engine.close();
  }

  /** Sorts a copy of the numbers. */
  @Benchmark
  public long[] sort() {
    System.arraycopy(random, 0, numbers, 0, size);
    switch (rival) {
      case "baseline" -> Arrays.sort(numbers);
      case "heddle" -> engine.parallel().sort(numbers);
      case "forkJoinPool" -> Arrays.parallelSort(numbers);
      default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
    }
    for (int i = 1; i < size; i += Math.max(1, size / 100)) {
      if (numbers[i - 1] > numbers[i]) {
        throw new IllegalStateException("numbers must be in order: index=" + i);
      }
    }
    return numbers;
  }

  /** Replaces each number by the sum of all up to it. */
  @Benchmark
  public long scan() {
    System.arraycopy(random, 0, numbers, 0, size);
    scan(numbers, Long::sum);
    long sum = 0;
    for (long each : random) {
      sum += each;
    }
    if (numbers[size - 1] != sum) {
      throw new IllegalStateException(
          "last sum must be that of all: expected=" + sum + ", actual=" + numbers[size - 1]);
    }
    return sum;
  }

  private void scan(long[] array, LongBinaryOperator combine) {
    switch (rival) {
      case "baseline" -> {
        for (int i = 1; i < array.length; i++) {
          array[i] = combine.applyAsLong(array[i - 1], array[i]);
        }
      }
      case "heddle" -> engine.parallel().scan(array, combine);
      case "forkJoinPool" -> Arrays.parallelPrefix(array, combine);
      default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
    }
  }
}
