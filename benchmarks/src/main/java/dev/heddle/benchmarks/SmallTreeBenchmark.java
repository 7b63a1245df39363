// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import dev.heddle.benchmarks.ForkJoinBenchmark.FibAction;
import dev.heddle.benchmarks.ForkJoinBenchmark.Functions;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
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
 * What does a small recursion cost that one worker computes over and over, while the other one has
 * nothing to do and would like to help? For Fibonacci numbers that a plain recursion computes in
 * 0.1 to 200 us; the score is the time of as many of them as make 10^7 calls.
 *
 * <p><b>Method.</b> One task computes for some 10 ms. {@code baseline} is the plain recursion in
 * such a task, {@code forkJoinPool} a {@link java.util.concurrent.RecursiveAction} in a task of
 * that pool.
 *
 * <p><b>Asserted.</b> The sum of the results.
 *
 * <p><b>Traps avoided.</b> Three other recursions run before with the same contestant, so that the
 * JIT compiler has not seen one function only.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class SmallTreeBenchmark {

  /** Calls of fib an invocation, about. */
  private static final double CALLS = 1e7;

  private static final double GOLDEN = 1.618;

  @Param({"baseline", "heddleFunction", "forkJoinPool"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  @Param({"8", "12", "16", "20", "24"})
  public int n;

  private TaskEngine engine = TaskEngine.create();
  private ForkJoinPool pool = new ForkJoinPool(1);
  private int times;
  private long expected;

  /** Starts the contestants. */
  @Setup
  public void setUp() {
    engine.close();
    pool.close();
    engine = TaskEngine.builder().workers(workers).build();
    pool = new ForkJoinPool(workers);
    ForkJoinBenchmark.runOthers(rival, engine, pool);
    times = (int) (CALLS / Math.pow(GOLDEN, n));
    expected = ForkJoinBenchmark.fib(n);
  }

  /** Stops the contestants. */
  @TearDown
  public void tearDown() {
    engine.close();
    pool.close();
  }

  /** Computes the number over and over on one worker: some 10^7 calls. */
  @Benchmark
  public long trees() throws Exception {
    Callable<Long> body =
        switch (rival) {
          case "baseline" -> () -> repeat(ForkJoinBenchmark::fib);
          case "heddleFunction" -> {
            TaskEngine here = engine;
            yield () -> repeat(argument -> here.computeLong(Functions.FIB, argument));
          }
          case "forkJoinPool" -> () -> repeat(FibAction::computeHere);
          default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
        };
    return rival.equals("forkJoinPool") ? pool.submit(body).get() : engine.submit(body).join();
  }

  private long repeat(LongUnaryOperator computation) {
    long sum = 0;
    for (int i = 0; i < times; i++) {
      sum += computation.applyAsLong(n);
    }
    if (sum != expected * times) {
      throw new IllegalStateException(
          "sum must be that of the recursion: expected=" + expected * times + ", actual=" + sum);
    }
    return sum;
  }
}
