// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.BooleanSupplier;
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
 * outstanding, {@value Integer#MAX_VALUE} for as many as there are. A body adds to a counter, each
 * worker on a line of its own, and allocates nothing, so that {@code -prof gc} shows what the
 * contestant allocates. {@code -p rival=baseline} has the caller run the bodies: what they cost
 * alone.
 *
 * <p><b>Asserted.</b> After each invocation, every body has run exactly once.
 *
 * <p><b>Traps avoided.</b> A producer that polls a shared counter at each task measures itself:
 * here it looks only after half a window, at a field that is written once for half a window; it
 * spins some microseconds, then yields between two looks. A single lambda lets the compiler inline
 * it into the worker's loop: here are five classes. The first tasks of an idle pool pay for waking
 * it: here they are a few in {@value #TASKS}.
 *
 * <p>The window is as exact as the order in which the contestant runs its tasks: what is awaited is
 * each {@value #STRIDE}st task of half a window and its last. With two workers and the producer,
 * three threads share the cores: on two cores that is part of the question, and of the spread.
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

  /**
   * Each how manieth task is awaited. Odd: a contestant that deals tasks to its workers in turn
   * gives each of them some of those that are awaited.
   */
  static final int STRIDE = 31;

  @Param({"heddle", "forkJoinPool", "threadPoolExecutor"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  @Param({"256", "4096", "2147483647"})
  public int window;

  private final RunCounter counter = new RunCounter();
  private final Runnable[] bodies = {
    () -> counter.increment(),
    () -> counter.increment(),
    () -> counter.increment(),
    () -> counter.increment(),
  };
  private final HalfWindow[] halves = {new HalfWindow(counter), new HalfWindow(counter)};
  private @Nullable Contestant contestant;
  private int halfSize;
  private long executed;

  @Setup
  public void setUp() {
    contestant = Contestant.start(rival, workers);
    halfSize = Math.min(window / 2, TASKS);
  }

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
    Contestant target = requireNonNull(contestant, "contestant");
    int half = 0;
    for (int from = 0; from < TASKS; from += halfSize) {
      halves[half].await();
      executeHalf(target, halves[half], Math.min(halfSize, TASKS - from));
      half ^= 1;
    }
    halves[0].await();
    halves[1].await();
    executed += TASKS;
    awaitRest();
    return executed;
  }

  private void executeHalf(Contestant target, HalfWindow half, int tasks) {
    half.begin((tasks - 1) / STRIDE + 1);
    int untilAwaited = (tasks - 1) % STRIDE; // so that the last one is awaited
    for (int i = 0; i < tasks; i++) {
      if (untilAwaited-- == 0) {
        target.execute(half);
        untilAwaited = STRIDE - 1;
      } else {
        target.execute(bodies[i & 3]);
      }
    }
  }

  /** Waits for the few tasks that those which are awaited have overtaken. */
  private void awaitRest() {
    Waiting.until(() -> counter.sum() >= executed);
    long ran = counter.sum();
    if (ran != executed) {
      throw new IllegalStateException(
          "each task must run once: executed=" + executed + ", ran=" + ran);
    }
  }

  /** The tasks of half a window that are awaited: one object, executed again and again. */
  private static final class HalfWindow implements Runnable, BooleanSupplier {

    private static final int MISSING = 32; // in ints: 128 bytes from the header

    private final RunCounter counter;
    private final AtomicIntegerArray missing = new AtomicIntegerArray(3 * MISSING); // by workers
    private final PaddedLong busy = new PaddedLong(); // 1 from begin() to the last run

    HalfWindow(RunCounter counter) {
      this.counter = counter;
    }

    void begin(int awaited) {
      missing.setPlain(MISSING, awaited); // published by busy
      busy.value = 1;
    }

    void await() {
      Waiting.until(this);
    }

    /** Tells whether all have run. */
    @Override
    public boolean getAsBoolean() {
      return busy.value == 0;
    }

    @Override
    public void run() {
      counter.increment();
      if (missing.decrementAndGet(MISSING) == 0) {
        busy.value = 0;
      }
    }
  }
}
