// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static java.util.Objects.requireNonNull;

import dev.failsafe.ExecutionContext;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.heddle.Registration;
import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
 * What does it cost to look whether one is cancelled, to be told of it, and to cancel?
 *
 * <p><b>Method.</b> Three groups.
 *
 * <ul>
 *   <li>A loop of {@value #ELEMENTS} elements in one task, with a look at each: {@code baseline}
 *       does not look, {@code heddleIsCancelled} and {@code heddleCheckCancelled} ask the context,
 *       {@code volatileFlag} reads a field, {@code threadInterrupted} asks the thread, {@code
 *       completableFuture} a future, {@code failsafe} the context of a Failsafe execution. The
 *       score is the time an element, without the task's way to the worker, which is less than a
 *       hundredth of it.
 *   <li>{@code cancelUnstarted}: {@value #CANCELLED} tasks are submitted behind a body that spins,
 *       and each is cancelled at once; then the worker throws them away. The score is the time a
 *       task for all of that.
 *   <li>{@code heddleOnCancel}: a registration at {@link TaskContext#onCancel} and its end, in a
 *       loop in one task.
 * </ul>
 *
 * <p><b>Asserted.</b> The number that a loop computes; that each cancel was the one that decided,
 * and no cancelled body ran; that no registered action ran.
 *
 * <p><b>Traps avoided.</b> An empty loop is compiled to nothing, so that any look would be
 * infinitely slower: an element is {@code x = x * 31 + i}, the least that the compiler neither
 * leaves out nor makes vectors of, as it needs the element before. It is a chain of about three
 * cycles, beside which the processor has room for a load and a branch: the difference to {@code
 * baseline} is what a look adds to a short body, and not how long it takes alone. Each look reads a
 * volatile field, which may not be moved out of the loop. The contestants of the loops are methods
 * and not a parameter: the choice would cost as much as the look. The body in front of the
 * cancelled tasks spins, since a worker that is blocked might be replaced, and is woken late.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CancellationBenchmark {

  /** Elements of a loop. */
  static final int ELEMENTS = 10_000_000;

  /** Registrations an invocation. */
  static final int REGISTRATIONS = 100_000;

  /** Cancelled tasks an invocation. */
  static final int CANCELLED = 10_000;

  private static final int EXPECTED = plainLoop();

  final AtomicInteger ran = new AtomicInteger();
  private final CompletableFuture<Integer> future = new CompletableFuture<>();
  volatile boolean flag;

  /** An engine of one worker. */
  @State(Scope.Benchmark)
  public static class Engine {

    private @Nullable TaskEngine engine;

    /** Starts the engine. */
    @Setup
    public void setUp() {
      engine = Contestant.startEngine(1);
    }

    /** Stops it. */
    @TearDown
    public void tearDown() {
      engine().close();
    }

    TaskEngine engine() {
      return requireNonNull(engine, "engine");
    }
  }

  /** A Failsafe executor of one thread. */
  @State(Scope.Benchmark)
  public static class FailsafePool {

    private @Nullable ExecutorService pool;
    private @Nullable FailsafeExecutor<Integer> failsafe;

    /** Starts the thread. */
    @Setup
    public void setUp() {
      pool = Contestant.startPool("threadPoolExecutor", 1);
      failsafe = Failsafe.<Integer>none().with(pool);
    }

    /** Stops it. */
    @TearDown
    public void tearDown() {
      requireNonNull(pool, "pool").close();
    }
  }

  /** Where tasks are cancelled. */
  @State(Scope.Benchmark)
  public static class Pool {

    @Param({"heddle", "forkJoinPool", "threadPoolExecutor"})
    public String rival = "";

    private @Nullable Contestant contestant;
    volatile boolean started;
    volatile boolean open;
    volatile boolean drained;

    /** Starts the contestant. */
    @Setup
    public void setUp() {
      contestant = Contestant.start(rival, 1);
    }

    /** Stops it. */
    @TearDown
    public void tearDown() {
      requireNonNull(contestant, "contestant").close();
    }

    /** Keeps the worker busy until {@code open}. */
    private void spin() {
      started = true;
      while (!open) {
        Thread.onSpinWait();
      }
    }
  }

  // ---- looking

  /** The loop alone. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public int baseline(Engine state) {
    return checked(state.engine().submit(_ -> plainLoop()).join());
  }

  /** Asks the context. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public int heddleIsCancelled(Engine state) {
    return checked(state.engine().submit(CancellationBenchmark::isCancelledLoop).join());
  }

  /** Has the context throw. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public int heddleCheckCancelled(Engine state) {
    return checked(state.engine().submit(CancellationBenchmark::checkCancelledLoop).join());
  }

  /** Reads a flag. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public int volatileFlag(Engine state) {
    return checked(state.engine().submit(_ -> flagLoop()).join());
  }

  /** Asks the thread. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public int threadInterrupted(Engine state) {
    return checked(state.engine().submit(_ -> interruptedLoop()).join());
  }

  /** Asks a future. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public int completableFuture(Engine state) {
    return checked(state.engine().submit(_ -> futureLoop(future)).join());
  }

  /** Asks the context of Failsafe. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public int failsafe(FailsafePool state) {
    FailsafeExecutor<Integer> executor = requireNonNull(state.failsafe, "failsafe");
    return checked(executor.getAsync(context -> failsafeLoop(context)).join());
  }

  private static int plainLoop() {
    int x = 1;
    for (int i = 0; i < ELEMENTS; i++) {
      x = x * 31 + i;
    }
    return x;
  }

  static int isCancelledLoop(TaskContext context) {
    int x = 1;
    for (int i = 0; i < ELEMENTS; i++) {
      if (context.isCancelled()) {
        throw cancelled();
      }
      x = x * 31 + i;
    }
    return x;
  }

  static int checkCancelledLoop(TaskContext context) {
    int x = 1;
    for (int i = 0; i < ELEMENTS; i++) {
      context.checkCancelled();
      x = x * 31 + i;
    }
    return x;
  }

  int flagLoop() {
    int x = 1;
    for (int i = 0; i < ELEMENTS; i++) {
      if (flag) {
        throw cancelled();
      }
      x = x * 31 + i;
    }
    return x;
  }

  static int interruptedLoop() {
    int x = 1;
    for (int i = 0; i < ELEMENTS; i++) {
      if (Thread.currentThread().isInterrupted()) {
        throw cancelled();
      }
      x = x * 31 + i;
    }
    return x;
  }

  static int futureLoop(Future<Integer> future) {
    int x = 1;
    for (int i = 0; i < ELEMENTS; i++) {
      if (future.isCancelled()) {
        throw cancelled();
      }
      x = x * 31 + i;
    }
    return x;
  }

  static int failsafeLoop(ExecutionContext<?> context) {
    int x = 1;
    for (int i = 0; i < ELEMENTS; i++) {
      if (context.isCancelled()) {
        throw cancelled();
      }
      x = x * 31 + i;
    }
    return x;
  }

  private static CancellationException cancelled() {
    return new CancellationException("the loop was left");
  }

  private static int checked(int actual) {
    if (actual != EXPECTED) {
      throw new IllegalStateException(
          "a loop must compute the same with and without looks: expected="
              + EXPECTED
              + ", actual="
              + actual);
    }
    return actual;
  }

  // ---- cancelling, and hearing of it

  /** Submits and cancels tasks that cannot start, then has the worker throw them away. */
  @Benchmark
  @OperationsPerInvocation(CANCELLED)
  public int cancelUnstarted(Pool state) {
    Contestant target = requireNonNull(state.contestant, "contestant");
    state.started = false;
    state.open = false;
    state.drained = false;
    target.execute(state::spin);
    Waiting.until(() -> state.started);
    int cancelled = 0;
    try {
      for (int i = 0; i < CANCELLED; i++) {
        Future<Integer> each =
            target.submit(
                () -> {
                  ran.incrementAndGet();
                  return 0;
                });
        if (each.cancel(false)) {
          cancelled++;
        }
      }
    } finally {
      state.open = true;
    }
    target.execute(() -> state.drained = true);
    Waiting.until(() -> state.drained);
    if (cancelled != CANCELLED || ran.get() != 0) {
      throw new IllegalStateException(
          "each task must be cancelled, and none must run: tasks="
              + CANCELLED
              + ", cancelled="
              + cancelled
              + ", ran="
              + ran.get());
    }
    return cancelled;
  }

  /** Registers something for the case of a cancel, and takes it back. */
  @Benchmark
  @OperationsPerInvocation(REGISTRATIONS)
  public int heddleOnCancel(Engine state) {
    int registrations = state.engine().submit(this::registrations).join();
    if (registrations != REGISTRATIONS || ran.get() != 0) {
      throw new IllegalStateException(
          "no registered action must run: registrations=" + registrations + ", ran=" + ran.get());
    }
    return registrations;
  }

  private int registrations(TaskContext context) {
    Runnable action = ran::incrementAndGet;
    int registrations = 0;
    for (int i = 0; i < REGISTRATIONS; i++) {
      try (Registration _ = context.onCancel(action)) {
        registrations++;
      }
    }
    return registrations;
  }
}
