// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import dev.heddle.dsl.ForkFunction;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does a fork cost whose arguments fit none of the engine's forms? An area by {@link
 * AdaptiveSimpson}, {@value #CALLS} calls with seven arguments, half of which fork. The score is
 * the time of a call.
 *
 * <p><b>Method.</b> {@code baseline} is the plain recursion. {@code heddleFunction} forks a {@link
 * ForkFunction}, {@code heddleLambda} two lambdas that capture their arguments, {@code
 * forkJoinPool} is a {@link java.util.concurrent.RecursiveAction} that forks the left branch,
 * computes the right one and joins.
 *
 * <p><b>Asserted.</b> The area, which has the same bits for all, and the number of calls.
 *
 * <p><b>Traps avoided.</b> The arithmetic of a call is part of each score: what a fork costs is
 * twice the difference to {@code baseline}. Not avoided: the compiler has seen one function only,
 * of each rival; {@link ForkJoinBenchmark} has others run before.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ForkCarrierBenchmark {

  static final int CALLS = 16_621;

  @Param({"baseline", "heddleFunction", "heddleLambda", "forkJoinPool"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  private DoubleSupplier contest = () -> 0;
  private TaskEngine engine = TaskEngine.create();
  private ForkJoinPool pool = new ForkJoinPool(1);
  private double expected;

  /** Starts the contestant. */
  @Setup
  public void setUp() {
    engine.close();
    pool.close();
    engine = TaskEngine.builder().workers(workers).build();
    pool = new ForkJoinPool(workers);
    if (AdaptiveSimpson.calls() != CALLS) {
      throw new IllegalStateException("calls must be those counted: " + AdaptiveSimpson.calls());
    }
    expected = AdaptiveSimpson.plain();
    contest =
        switch (rival) {
          case "baseline" -> AdaptiveSimpson::plain;
          case "heddleFunction" -> () -> AdaptiveSimpson.function(engine);
          case "heddleLambda" -> () -> AdaptiveSimpson.lambda(engine);
          case "forkJoinPool" -> () -> AdaptiveSimpson.action(pool);
          default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
        };
  }

  /** Stops the contestants. */
  @TearDown
  public void tearDown() {
    engine.close();
    pool.close();
  }

  /** Computes the area. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public double integral() {
    double result = contest.getAsDouble();
    if (result != expected) {
      throw new IllegalStateException(
          "result must be that of the recursion: expected=" + expected + ", actual=" + result);
    }
    return result;
  }
}
