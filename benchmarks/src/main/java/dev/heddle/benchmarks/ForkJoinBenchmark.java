// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import dev.heddle.fork.ForkLong;
import dev.heddle.fork.ForkScope;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.TimeUnit;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
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
 * What does a fork cost? The Fibonacci number of 34 by its definition: 18,454,929 calls, half of
 * which fork, and nothing else to do. The score is the time of a call.
 *
 * <p><b>Method.</b> {@code baseline} is the plain recursion. {@code heddleFunction} forks a
 * constant function, {@code heddleLambda} two lambdas that capture their arguments, {@code
 * forkJoinPool} is a {@link RecursiveAction} that forks the left branch, computes the right one and
 * joins.
 *
 * <p><b>Asserted.</b> The number.
 *
 * <p><b>Traps avoided.</b> Three other recursions run before with the same contestant, so that the
 * JIT compiler has not seen one function only.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@org.openjdk.jmh.annotations.Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ForkJoinBenchmark {

  private static final int N = 34;
  private static final int CALLS = 18_454_929;
  private static final long RESULT = 5_702_887;

  private static final int WARM_UP_ROUNDS = 20;
  private static final int SMALL = 22;

  @Param({"baseline", "heddleFunction", "heddleLambda", "forkJoinPool"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  private LongUnaryOperator contest = n -> 0;
  private TaskEngine engine = TaskEngine.create();
  private ForkJoinPool pool = new ForkJoinPool(1);

  /** Starts the contestant and lets it run three other recursions. */
  @Setup
  public void setUp() {
    engine.close();
    pool.close();
    engine = TaskEngine.builder().workers(workers).build();
    pool = new ForkJoinPool(workers);
    runOthers(rival, engine, pool);
    contest =
        switch (rival) {
          case "baseline" -> ForkJoinBenchmark::fib;
          case "heddleFunction" -> n -> engine.computeLong(Functions.FIB, n);
          case "heddleLambda" -> n -> engine.<Long>compute(scope -> Lambdas.fib(scope, n));
          case "forkJoinPool" -> n -> FibAction.compute(pool, n);
          default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
        };
  }

  /** Runs three other recursions with a contestant. */
  static void runOthers(String rival, TaskEngine engine, ForkJoinPool pool) {
    switch (rival) {
      case "baseline" ->
          warmUp(ForkJoinBenchmark::sum, ForkJoinBenchmark::max, ForkJoinBenchmark::xor);
      case "heddleFunction" ->
          warmUp(
              n -> engine.computeLong(Functions.SUM, n),
              n -> engine.computeLong(Functions.MAX, n),
              n -> engine.computeLong(Functions.XOR, n));
      case "heddleLambda" ->
          warmUp(
              n -> engine.<Long>compute(scope -> Lambdas.sum(scope, n)),
              n -> engine.<Long>compute(scope -> Lambdas.max(scope, n)),
              n -> engine.<Long>compute(scope -> Lambdas.xor(scope, n)));
      case "forkJoinPool" ->
          warmUp(
              other(pool, n -> 1, (a, b) -> a + b + 1),
              other(pool, n -> 31 * n, Math::max),
              other(pool, n -> 17 - n, (a, b) -> a ^ b));
      default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
    }
  }

  private static LongUnaryOperator other(
      ForkJoinPool pool, LongUnaryOperator leaf, LongBinaryOperator combine) {
    return n -> {
      OtherAction root = new OtherAction(n, leaf, combine);
      pool.invoke(root);
      return root.result;
    };
  }

  private static void warmUp(LongUnaryOperator... others) {
    for (int round = 0; round < WARM_UP_ROUNDS; round++) {
      for (LongUnaryOperator other : others) {
        if (other.applyAsLong(SMALL) == 0) {
          throw new IllegalStateException("none of them computes 0");
        }
      }
    }
  }

  /** Stops the contestants. */
  @TearDown
  public void tearDown() {
    engine.close();
    pool.close();
  }

  /** Computes the number. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long fib34() {
    long result = contest.applyAsLong(N);
    if (result != RESULT) {
      throw new IllegalStateException(
          "result must be that of the recursion: expected=" + RESULT + ", actual=" + result);
    }
    return result;
  }

  // ---- plain recursions

  static long fib(long n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
  }

  private static long sum(long n) {
    return n < 2 ? 1 : sum(n - 1) + sum(n - 2) + 1;
  }

  private static long max(long n) {
    return n < 2 ? 31 * n : Math.max(max(n - 1), max(n - 2));
  }

  private static long xor(long n) {
    return n < 2 ? 17 - n : xor(n - 1) ^ xor(n - 2);
  }

  // ---- with functions

  /** Recursions as constants. */
  static final class Functions {
    static final ForkLong FIB =
        (scope, n) -> n < 2 ? n : scope.joinLong(Functions.FIB, n - 1, n - 2, Long::sum);
    private static final ForkLong SUM =
        (scope, n) -> n < 2 ? 1 : scope.joinLong(Functions.SUM, n - 1, n - 2, (a, b) -> a + b + 1);
    private static final ForkLong MAX =
        (scope, n) -> n < 2 ? 31 * n : scope.joinLong(Functions.MAX, n - 1, n - 2, Math::max);
    private static final ForkLong XOR =
        (scope, n) -> n < 2 ? 17 - n : scope.joinLong(Functions.XOR, n - 1, n - 2, (a, b) -> a ^ b);

    private Functions() {}
  }

  // ---- with lambdas

  private static final class Lambdas {
    static long fib(ForkScope scope, long n) {
      return n < 2 ? n : scope.joinLong(l -> fib(l, n - 1), r -> fib(r, n - 2), Long::sum);
    }

    static long sum(ForkScope scope, long n) {
      return n < 2
          ? 1
          : scope.joinLong(l -> sum(l, n - 1), r -> sum(r, n - 2), (a, b) -> a + b + 1);
    }

    static long max(ForkScope scope, long n) {
      return n < 2 ? 31 * n : scope.joinLong(l -> max(l, n - 1), r -> max(r, n - 2), Math::max);
    }

    static long xor(ForkScope scope, long n) {
      return n < 2
          ? 17 - n
          : scope.joinLong(l -> xor(l, n - 1), r -> xor(r, n - 2), (a, b) -> a ^ b);
    }

    private Lambdas() {}
  }

  // ---- with tasks of the ForkJoinPool

  /** The recursion as one would write it. */
  static final class FibAction extends RecursiveAction {
    private static final long serialVersionUID = 1L;

    private final long n;
    private long result;

    FibAction(long n) {
      this.n = n;
    }

    static long compute(ForkJoinPool pool, long n) {
      FibAction root = new FibAction(n);
      pool.invoke(root);
      return root.result;
    }

    /** Computes on the calling thread, which is one of the pool. */
    static long computeHere(long n) {
      FibAction root = new FibAction(n);
      root.invoke();
      return root.result;
    }

    @Override
    protected void compute() {
      if (n < 2) {
        result = n;
        return;
      }
      FibAction left = new FibAction(n - 1);
      FibAction right = new FibAction(n - 2);
      left.fork();
      right.compute();
      left.join();
      result = left.result + right.result;
    }
  }

  /** Another recursion, which only runs before. */
  private static final class OtherAction extends RecursiveAction {
    private static final long serialVersionUID = 1L;

    private final long n;
    private final transient LongUnaryOperator leaf;
    private final transient LongBinaryOperator combine;
    private long result;

    OtherAction(long n, LongUnaryOperator leaf, LongBinaryOperator combine) {
      this.n = n;
      this.leaf = leaf;
      this.combine = combine;
    }

    @Override
    protected void compute() {
      if (n < 2) {
        result = leaf.applyAsLong(n);
        return;
      }
      OtherAction left = new OtherAction(n - 1, leaf, combine);
      OtherAction right = new OtherAction(n - 2, leaf, combine);
      left.fork();
      right.compute();
      left.join();
      result = combine.applyAsLong(left.result, right.result);
    }
  }
}
