// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.TimeUnit;
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
 * What does a task cost that is executed from outside and for which nobody waits?
 *
 * <p><b>Method.</b> One thread executes {@value #TASKS} bodies an invocation; the score is the time
 * a task, until all bodies of the invocation have run. At most about {@code window} tasks are
 * outstanding, {@value Integer#MAX_VALUE} for as many as there are; {@link WindowedProducer} says
 * how exact that is. A body allocates nothing, so that {@code -prof gc} shows what the contestant
 * allocates. {@code -p rival=baseline} has the caller run the bodies: what they cost alone.
 *
 * <p><b>Asserted.</b> After each invocation, every body has run exactly once.
 *
 * <p><b>Traps avoided.</b> A producer that polls a shared counter at each task measures itself:
 * here it looks only after half a window, spins some microseconds, then yields between two looks. A
 * single lambda lets the compiler inline it into the worker's loop: here are five classes. The
 * first tasks of an idle pool pay for waking it: here they are a few in {@value #TASKS}. With two
 * workers and the producer, three threads want a core: on two cores that is part of the question,
 * and of the spread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SubmitBenchmark {

  /** Tasks an invocation. */
  static final int TASKS = 100_000;

  @Param({"heddle", "forkJoinPool", "threadPoolExecutor"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  @Param({"256", "4096", "2147483647"})
  public int window;

  private @Nullable Contestant contestant;
  private @Nullable WindowedProducer producer;

  /** Starts the contestant. */
  @Setup
  public void setUp() {
    Contestant started = Contestant.start(rival, workers);
    contestant = started;
    producer = new WindowedProducer(started::execute, window);
  }

  /** Stops the contestant. */
  @TearDown
  public void tearDown() {
    if (contestant != null) {
      contestant.close();
    }
  }

  /** Executes all tasks of an invocation and waits until they have run. */
  @Benchmark
  @OperationsPerInvocation(TASKS)
  public long execute() {
    return requireNonNull(producer, "producer").execute(TASKS);
  }
}
