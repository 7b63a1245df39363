// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import dev.heddle.TaskFunction;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.dsl.TaskDefinition;
import dev.heddle.dsl.TaskSet;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
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
 * What does a task cost that was defined by the DSL, beside one made by hand?
 *
 * <p><b>Method.</b> As {@link SubmitGetBenchmark#submitGetPipelined}, on the engine alone. {@code
 * baseline} submits a lambda that calls a function with an argument, {@code definition} a {@link
 * TaskDefinition} with the same function; {@code baselineMethod} a lambda that calls a method of an
 * interface, {@code taskSet} what is written for that interface.
 *
 * <p><b>Asserted.</b> The sum of the results.
 *
 * <p><b>Traps avoided.</b> Arguments and results are small numbers, of which the JDK keeps objects:
 * {@code -prof gc} shows what tasks and handles allocate. The heap is touched before, as pages that
 * are touched for the first time are most of the time of a young collection.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {"-Xms2g", "-Xmx2g", "-XX:+AlwaysPreTouch"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DslBenchmark {

  /** Tasks an invocation. */
  static final int PIPELINED = 256;

  /** What is computed, as an interface. */
  @TaskSet
  interface NumberOps {
    int next(int n);
  }

  private static final NumberOps OPS = n -> n + 1;

  private static final TaskFunction<Integer, Integer> NEXT = (n, context) -> n + 1;

  private static final TaskDefinition<Integer, Integer> DEFINITION =
      TaskDefinition.define("next").input(Integer.class).output(Integer.class).handler(NEXT);

  private static final TaskOptions OPTIONS = DEFINITION.options();

  @Param({"baseline", "definition", "baselineMethod", "taskSet"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  private final @Nullable TaskHandle<?>[] pipeline = new TaskHandle<?>[PIPELINED];
  private TaskEngine engine = TaskEngine.create();
  private IntFunction<TaskHandle<Integer>> submit = this::refuse;

  private TaskHandle<Integer> refuse(int n) {
    throw new IllegalStateException("set-up must come first");
  }

  /** Starts the engine. */
  @Setup
  public void setUp() {
    engine.close();
    TaskEngine started = TaskEngine.builder().workers(workers).build();
    engine = started;
    NumberTasks tasks = NumberTasks.of(OPS);
    NumberOps ops = OPS;
    submit =
        switch (rival) {
          case "baseline" -> n -> byHand(started, NEXT, n);
          case "definition" -> n -> DEFINITION.submit(started, n);
          case "baselineMethod" ->
              n -> started.submit(context -> ops.next(n), NumberTasks.NEXT.options());
          case "taskSet" -> n -> started.submit(tasks.next(n), NumberTasks.NEXT.options());
          default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
        };
  }

  private static TaskHandle<Integer> byHand(
      TaskEngine engine, TaskFunction<Integer, Integer> function, Integer n) {
    return engine.submit(context -> function.apply(n, context), OPTIONS);
  }

  /** Stops the engine. */
  @TearDown
  public void tearDown() {
    engine.close();
  }

  /** Submits many tasks, then gets their results. */
  @Benchmark
  @OperationsPerInvocation(PIPELINED)
  public long submitGetPipelined() {
    for (int i = 0; i < PIPELINED; i++) {
      pipeline[i] = submit.apply(i & 63);
    }
    long sum = 0;
    for (TaskHandle<?> each : pipeline) {
      if (each != null) {
        sum += (Integer) each.join();
      }
    }
    if (sum != PIPELINED * 65 / 2) {
      throw new IllegalStateException(
          "sum must be that of the results: expected=" + PIPELINED * 65 / 2 + ", actual=" + sum);
    }
    return sum;
  }
}
