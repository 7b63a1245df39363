// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.fork.IntRangeToLong;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
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
 * What does a parallel loop cost where it does not pay, and what does it gain where it does? Sums
 * of 100 to 10^7 numbers; the score is the time of as many sums as make 10^7 numbers.
 *
 * <p><b>Method.</b> {@code baseline} is the plain loop, {@code heddleRange} a body for ranges,
 * {@code heddleElement} one for elements, {@code parallelStream} an {@link IntStream} in a {@link
 * ForkJoinPool} of as many workers. From inside, one task of the pool computes sum after sum; from
 * outside, the thread of the benchmark does.
 *
 * <p><b>Asserted.</b> The sum.
 *
 * <p><b>Traps avoided.</b> Three other bodies run before with the same contestant, so that the JIT
 * compiler has not seen one only.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ParallelLoopBenchmark {

  private static final int NUMBERS = 10_000_000;
  private static final int WARM_UP_ROUNDS = 2_000;

  @Param({"baseline", "heddleRange", "heddleElement", "parallelStream"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  @Param({"100", "1000", "10000", "100000", "10000000"})
  public int size;

  private TaskEngine engine = TaskEngine.create();
  private ForkJoinPool pool = new ForkJoinPool(1);
  private long[] numbers = {};
  private long[] copy = {};
  private long expected;
  private long plainSum;

  /** Starts the contestants and runs three other loops. */
  @Setup
  public void setUp() throws Exception {
    engine.close();
    pool.close();
    engine = TaskEngine.builder().workers(workers).build();
    pool = new ForkJoinPool(workers);
    numbers = new long[NUMBERS];
    Arrays.setAll(numbers, i -> i * 31L + 7);
    copy = new long[NUMBERS];
    expected = squares(0, size) * (NUMBERS / size);
    plainSum = plain(0, NUMBERS);
    inPool(
        () -> {
          long sum = 0;
          for (int i = 0; i < WARM_UP_ROUNDS; i++) {
            sum += loop(this::plain, k -> numbers[k], 100 + i % 900);
            sum += loop((lo, hi) -> squares(lo, hi) % 11, k -> numbers[k] % 11, 100 + i % 900);
            sum += loop((lo, hi) -> hi - lo, k -> k & 3, 100 + i % 900);
          }
          return sum;
        });
  }

  /** Stops the contestants. */
  @TearDown
  public void tearDown() {
    engine.close();
    pool.close();
  }

  private static long square(long d) {
    return d * d % 7;
  }

  private long squares(int first, int end) {
    long sum = 0;
    for (int i = first; i < end; i++) {
      sum += square(numbers[i]);
    }
    return sum;
  }

  private long plain(int first, int end) {
    long sum = 0;
    for (int i = first; i < end; i++) {
      sum += numbers[i];
    }
    return sum;
  }

  private long loop(IntRangeToLong range, IntToLongFunction element, int elements) {
    return switch (rival) {
      case "baseline" -> range.applyAsLong(0, elements);
      case "heddleRange" -> engine.parallel().range(0, elements).sumLongRange(range);
      case "heddleElement" -> engine.parallel().range(0, elements).sumLong(element);
      case "parallelStream" -> IntStream.range(0, elements).parallel().mapToLong(element).sum();
      default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
    };
  }

  private <R> R inPool(Callable<R> body) throws Exception {
    return rival.equals("parallelStream") ? pool.submit(body).get() : engine.submit(body).join();
  }

  private long sums() {
    long sum = 0;
    for (int i = NUMBERS / size; i > 0; i--) {
      sum += loop(this::squares, k -> square(numbers[k]), size);
    }
    return sum;
  }

  private static long check(long actual, long expected) {
    if (actual != expected) {
      throw new IllegalStateException(
          "sum must be that of the plain loop: expected=" + expected + ", actual=" + actual);
    }
    return actual;
  }

  /** Sums of squares, from a task. */
  @Benchmark
  public long fromInside() throws Exception {
    return check(inPool(this::sums), expected);
  }

  /** Sums of squares, from another thread. */
  @Benchmark
  public long fromOutside() throws Exception {
    if (rival.equals("parallelStream")) { // in the pool that the workers parameter means
      long sum = 0;
      for (int i = NUMBERS / size; i > 0; i--) {
        sum += pool.submit(() -> loop(this::squares, k -> square(numbers[k]), size)).get();
      }
      return check(sum, expected);
    }
    return check(sums(), expected);
  }

  /** Reads all numbers once: what the memory allows. */
  @Benchmark
  public long memoryBound() throws Exception {
    return check(inPool(() -> loop(this::plain, k -> numbers[k], NUMBERS)), plainSum);
  }

  /** Copies all numbers in as many equal parts as there are workers: the ideal for this machine. */
  @Benchmark
  public long copyInParts() {
    List<TaskHandle<?>> parts = new ArrayList<>();
    for (int w = 0; w < workers; w++) {
      int first = (int) ((long) NUMBERS * w / workers);
      int end = (int) ((long) NUMBERS * (w + 1) / workers);
      parts.add(engine.submit(() -> System.arraycopy(numbers, first, copy, first, end - first)));
    }
    for (TaskHandle<?> part : parts) {
      part.join();
    }
    return copy[NUMBERS - 1];
  }
}
