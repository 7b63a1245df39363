// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static java.util.Objects.requireNonNull;

import dev.heddle.Task;
import dev.heddle.TaskEngine;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
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
 * What does a task cost that is submitted together with others?
 *
 * <p><b>Method.</b> {@value #TASKS} bodies that are there before are submitted at once, and all
 * results are got: by {@code submitAll} and {@code join} of the engine, by {@code invokeAll} and
 * {@code get} of the JDK's executors. The score is the time a task.
 *
 * <p><b>Asserted.</b> The sum of the results.
 *
 * <p><b>Traps avoided.</b> The bodies are of four classes. No bare number is made of the rivals'
 * lists of futures: their results are got, as {@code join} does for the engine.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BatchSubmitBenchmark {

  /** Tasks an invocation. */
  static final int TASKS = 1_000;

  @Param({"heddle", "forkJoinPool", "threadPoolExecutor", "virtualThreads"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  private @Nullable Batch batch;

  /** Starts the contestant. */
  @Setup
  public void setUp() {
    Bodies bodies = new Bodies();
    IntStream indexes = IntStream.range(0, TASKS);
    batch =
        rival.equals("heddle")
            ? new HeddleBatch(
                Contestant.startEngine(workers), indexes.mapToObj(bodies::task).toList())
            : new JdkBatch(
                Contestant.startPool(rival, workers), indexes.mapToObj(bodies::body).toList());
  }

  /** Stops the contestant. */
  @TearDown
  public void tearDown() {
    if (batch != null) {
      batch.close();
    }
  }

  /** Submits all tasks and gets all results. */
  @Benchmark
  @OperationsPerInvocation(TASKS)
  public long submitAll() throws Exception {
    long sum = requireNonNull(batch, "batch").sum();
    if (sum != Bodies.sumOfResults(TASKS)) {
      throw new IllegalStateException(
          "results must be those of the bodies: expected="
              + Bodies.sumOfResults(TASKS)
              + ", actual="
              + sum);
    }
    return sum;
  }

  /** A contestant with its tasks. */
  private sealed interface Batch extends AutoCloseable {

    /** Submits all tasks and adds up their results. */
    long sum() throws Exception;

    @Override
    void close();
  }

  private record HeddleBatch(TaskEngine engine, List<Task<Integer>> tasks) implements Batch {

    @Override
    public long sum() {
      long sum = 0;
      for (int each : engine.submitAll(tasks).join()) {
        sum += each;
      }
      return sum;
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  private record JdkBatch(ExecutorService pool, List<Callable<Integer>> calls) implements Batch {

    @Override
    public long sum() throws Exception {
      long sum = 0;
      for (Future<Integer> each : pool.invokeAll(calls)) {
        sum += each.get();
      }
      return sum;
    }

    @Override
    public void close() {
      pool.close();
    }
  }
}
