// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static java.util.Objects.requireNonNull;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.Timeout;
import dev.failsafe.function.CheckedSupplier;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.internal.timer.Timers;
import io.netty.util.HashedWheelTimer;
import io.netty.util.TimerTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
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
 * What does a timeout cost that is never reached?
 *
 * <p><b>Method.</b> Two questions.
 *
 * <ul>
 *   <li>{@code submitGetPipelined}: {@value #PIPELINED} tasks are submitted, then all results are
 *       got, each task with a timeout of a second. A rival {@code ...WithoutTimeout} does the same
 *       without: the difference is the price of arming and disarming, with whatever else a
 *       contestant needs for a task that has a timeout. {@code heddle} arms on the worker, when the
 *       body starts; {@code heddleTotalTimeout} and the others on the thread that submits.
 *   <li>{@code armAndDisarm}: one timer of an hour is set and cancelled, while {@code pending}
 *       others wait, which are due in half an hour to one and a half. {@code heddle} is a task that
 *       is scheduled and cancelled, {@code heddleTimer} the mechanism below it and below timeouts,
 *       {@code completableFuture} a new future with {@code orTimeout} that is completed.
 * </ul>
 *
 * <p><b>Asserted.</b> The sum of the results; that each timer was pending when it was cancelled;
 * that none fired.
 *
 * <p><b>Traps avoided.</b> If all timers have one delay, a new one is always the last one, which is
 * the best case of a heap: the pending ones are due before and after it. With none pending, each
 * timer is the next one, and may wake the thread that waits for it: that is part of the price.
 * {@code ScheduledThreadPoolExecutor} keeps cancelled timers until they are due, if not told
 * otherwise; the memory would be full before. Netty's wheel takes in 100,000 timers a tick and
 * queues the rest: with its usual ticks of 100 ms, a loop that does nothing else would fill the
 * memory, too; here a tick is a millisecond. Everybody allocates some objects a timer: the heap is
 * touched before, or the first pass through it measures page faults.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {"-Xms2g", "-Xmx2g", "-XX:+AlwaysPreTouch"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TimeoutBenchmark {

  /** Tasks an invocation of {@link #submitGetPipelined}. */
  static final int PIPELINED = 256;

  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);

  /** Submits tasks. */
  private interface Submitter extends AutoCloseable {

    Future<Integer> submit(int index);

    @Override
    void close();
  }

  /** Sets timers. */
  private interface TimerSource extends AutoCloseable {

    /** Sets one that stays. */
    void pend(Duration delay);

    /** Sets one and cancels it; {@code false} if it was not pending any more. */
    boolean armAndDisarm();

    /** Forgets those that have stayed. */
    @Override
    void close();
  }

  /** The contestants of {@link #submitGetPipelined}. */
  @State(Scope.Benchmark)
  public static class Submissions {

    @Param({
      "heddle",
      "heddleTotalTimeout",
      "heddleWithoutTimeout",
      "completableFuture",
      "completableFutureWithoutTimeout",
      "scheduledThreadPoolExecutor",
      "scheduledThreadPoolExecutorWithoutTimeout",
      "failsafe",
      "failsafeWithoutTimeout"
    })
    public String rival = "";

    @Param({"1", "2"})
    public int workers;

    private final Future<?>[] pipeline = new Future<?>[PIPELINED];
    private @Nullable Submitter submitter;

    /** Starts the contestant. */
    @Setup
    public void setUp() {
      submitter =
          switch (rival) {
            case "heddle" -> new HeddleTasks(workers, TaskOptions.defaults().timeout(TIMEOUT));
            case "heddleTotalTimeout" ->
                new HeddleTasks(workers, TaskOptions.defaults().totalTimeout(TIMEOUT));
            case "heddleWithoutTimeout" -> new HeddleTasks(workers, TaskOptions.defaults());
            case "completableFuture" -> new CompletableFutures(workers, true);
            case "completableFutureWithoutTimeout" -> new CompletableFutures(workers, false);
            case "scheduledThreadPoolExecutor" -> new FutureTasks(workers, true);
            case "scheduledThreadPoolExecutorWithoutTimeout" -> new FutureTasks(workers, false);
            case "failsafe" -> new FailsafeTasks(workers, true);
            case "failsafeWithoutTimeout" -> new FailsafeTasks(workers, false);
            default -> throw unknown(rival);
          };
    }

    /** Stops it. */
    @TearDown
    public void tearDown() {
      requireNonNull(submitter, "submitter").close();
    }
  }

  /** The contestants of {@link #armAndDisarm}. */
  @State(Scope.Benchmark)
  public static class Armed {

    @Param({
      "heddle",
      "heddleTimer",
      "completableFuture",
      "scheduledThreadPoolExecutor",
      "nettyWheelTimer"
    })
    public String rival = "";

    @Param({"0", "1000000"})
    public int pending;

    final AtomicInteger fired = new AtomicInteger();
    private @Nullable TimerSource timers;

    /** Sets the timers that stay. */
    @Setup
    public void setUp() {
      timers =
          switch (rival) {
            case "heddle" -> new HeddleSchedule(fired);
            case "heddleTimer" -> new HeddleTimers(fired);
            case "completableFuture" -> new FutureTimeouts(fired);
            case "scheduledThreadPoolExecutor" -> new Scheduler(fired);
            case "nettyWheelTimer" -> new NettyWheel(fired);
            default -> throw unknown(rival);
          };
      for (int i = 0; i < pending; i++) {
        // Steps by the golden ratio of an hour: even, and in no order.
        long seconds = 1_800 + i * 2_225L % 3_600;
        timers.pend(Duration.ofSeconds(seconds, i % 1_000 * 1_000_000L));
      }
    }

    /** Forgets them, and checks that none has fired. */
    @TearDown
    public void tearDown() {
      requireNonNull(timers, "timers").close();
      if (fired.get() != 0) {
        throw new IllegalStateException("no timer must fire: fired=" + fired);
      }
    }
  }

  private static IllegalArgumentException unknown(String rival) {
    return new IllegalArgumentException(
        "rival must be one of those in the README of the benchmarks: rival=" + rival);
  }

  /** Submits many tasks, then gets their results. */
  @Benchmark
  @OperationsPerInvocation(PIPELINED)
  public long submitGetPipelined(Submissions state) throws Exception {
    Submitter submitter = requireNonNull(state.submitter, "submitter");
    Future<?>[] pipeline = state.pipeline;
    for (int i = 0; i < PIPELINED; i++) {
      pipeline[i] = submitter.submit(i);
    }
    long sum = 0;
    for (Future<?> each : pipeline) {
      sum += (Integer) each.get();
    }
    if (sum != Bodies.sumOfResults(PIPELINED)) {
      throw new IllegalStateException(
          "results must be those of the bodies: expected="
              + Bodies.sumOfResults(PIPELINED)
              + ", actual="
              + sum);
    }
    return sum;
  }

  /** Sets a timer and cancels it. */
  @Benchmark
  public boolean armAndDisarm(Armed state) {
    boolean wasPending = requireNonNull(state.timers, "timers").armAndDisarm();
    if (!wasPending) {
      throw new IllegalStateException(
          "a timer of an hour must be pending when it is cancelled: rival=" + state.rival);
    }
    return true;
  }

  // ---- tasks with a timeout, and without

  private static final class HeddleTasks implements Submitter {

    private final TaskEngine engine;
    private final TaskOptions options;
    private final Bodies bodies = new Bodies();

    HeddleTasks(int workers, TaskOptions options) {
      this.engine = Contestant.startEngine(workers);
      this.options = options;
    }

    @Override
    public Future<Integer> submit(int index) {
      return engine.submit(bodies.task(index), options);
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  private static final class CompletableFutures implements Submitter {

    private final ExecutorService pool;
    private final boolean limited;
    private final List<Supplier<Integer>> bodies = List.of(() -> 1, () -> 2, () -> 3, () -> 4);

    CompletableFutures(int workers, boolean limited) {
      this.pool = Contestant.startPool("threadPoolExecutor", workers);
      this.limited = limited;
    }

    @Override
    public Future<Integer> submit(int index) {
      CompletableFuture<Integer> future =
          CompletableFuture.supplyAsync(bodies.get(index & 3), pool);
      return limited ? future.orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS) : future;
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  /** What one writes without a library: a timer cancels the task, whose end cancels the timer. */
  private static final class FutureTasks implements Submitter {

    private final ExecutorService pool;
    private final ScheduledThreadPoolExecutor scheduler = scheduler();
    private final boolean limited;
    private final Bodies bodies = new Bodies();

    FutureTasks(int workers, boolean limited) {
      this.pool = Contestant.startPool("threadPoolExecutor", workers);
      this.limited = limited;
    }

    @Override
    public Future<Integer> submit(int index) {
      if (!limited) {
        return pool.submit(bodies.body(index));
      }
      LimitedTask task = new LimitedTask(bodies.body(index));
      task.timer =
          scheduler.schedule(() -> task.cancel(false), TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      pool.execute(task); // publishes the timer
      return task;
    }

    @Override
    public void close() {
      pool.close();
      scheduler.shutdownNow();
    }
  }

  private static final class LimitedTask extends FutureTask<Integer> {

    @Nullable Future<?> timer;

    LimitedTask(Callable<Integer> body) {
      super(body);
    }

    @Override
    protected void done() {
      Future<?> armed = timer;
      if (armed != null) {
        armed.cancel(false);
      }
    }
  }

  private static ScheduledThreadPoolExecutor scheduler() {
    ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    scheduler.setRemoveOnCancelPolicy(true);
    return scheduler;
  }

  private static final class FailsafeTasks implements Submitter {

    private final ExecutorService pool;
    private final FailsafeExecutor<Integer> failsafe;
    private final List<CheckedSupplier<Integer>> bodies =
        List.of(() -> 1, () -> 2, () -> 3, () -> 4);

    FailsafeTasks(int workers, boolean limited) {
      this.pool = Contestant.startPool("threadPoolExecutor", workers);
      FailsafeExecutor<Integer> executor =
          limited ? Failsafe.with(Timeout.<Integer>of(TIMEOUT)) : Failsafe.none();
      this.failsafe = executor.with(pool);
    }

    @Override
    public Future<Integer> submit(int index) {
      return failsafe.getAsync(bodies.get(index & 3));
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  // ---- timers

  private static final class HeddleSchedule implements TimerSource {

    private final TaskEngine engine = Contestant.startEngine(1);
    private final List<TaskHandle<?>> pending = new ArrayList<>();
    private final Task<Integer> task;

    HeddleSchedule(AtomicInteger fired) {
      this.task = _ -> fired.incrementAndGet();
    }

    @Override
    public void pend(Duration delay) {
      pending.add(engine.schedule(task, delay));
    }

    @Override
    public boolean armAndDisarm() {
      return engine.schedule(task, HOUR).cancel();
    }

    @Override
    public void close() {
      pending.forEach(TaskHandle::cancel); // the engine would wait for them
      engine.close();
    }
  }

  private static final class HeddleTimers implements TimerSource {

    private static final long HOUR_NANOS = HOUR.toNanos();

    private final Timers timers;
    private final Runnable action;

    HeddleTimers(AtomicInteger fired) {
      this.timers =
          new Timers(
              Thread.ofPlatform().name("timer").daemon().factory(), _ -> fired.incrementAndGet());
      this.action = fired::incrementAndGet;
    }

    @Override
    public void pend(Duration delay) {
      timers.after(delay.toNanos(), action);
    }

    @Override
    public boolean armAndDisarm() {
      return timers.after(HOUR_NANOS, action).cancel();
    }

    @Override
    public void close() {
      timers.close();
    }
  }

  private static final class FutureTimeouts implements TimerSource {

    private final AtomicInteger fired;
    private final List<CompletableFuture<Integer>> pending = new ArrayList<>();

    FutureTimeouts(AtomicInteger fired) {
      this.fired = fired;
    }

    @Override
    public void pend(Duration delay) {
      pending.add(
          new CompletableFuture<Integer>().orTimeout(delay.toNanos(), TimeUnit.NANOSECONDS));
    }

    @Override
    public boolean armAndDisarm() {
      return new CompletableFuture<Integer>().orTimeout(1, TimeUnit.HOURS).complete(1);
    }

    @Override
    public void close() {
      for (CompletableFuture<Integer> each : pending) {
        if (!each.complete(1)) {
          fired.incrementAndGet();
        }
      }
    }
  }

  private static final class Scheduler implements TimerSource {

    private final ScheduledThreadPoolExecutor scheduler = scheduler();
    private final Runnable action;

    Scheduler(AtomicInteger fired) {
      this.action = fired::incrementAndGet;
    }

    @Override
    public void pend(Duration delay) {
      Future<?> _ = scheduler.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public boolean armAndDisarm() {
      return scheduler.schedule(action, 1, TimeUnit.HOURS).cancel(false);
    }

    @Override
    public void close() {
      scheduler.shutdownNow();
    }
  }

  private static final class NettyWheel implements TimerSource {

    private final HashedWheelTimer wheel =
        new HashedWheelTimer(
            Thread.ofPlatform().name("wheel").daemon().factory(), 1, TimeUnit.MILLISECONDS, 4_096);
    private final TimerTask action;

    NettyWheel(AtomicInteger fired) {
      this.action = _ -> fired.incrementAndGet();
    }

    @Override
    public void pend(Duration delay) {
      wheel.newTimeout(action, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public boolean armAndDisarm() {
      return wheel.newTimeout(action, 1, TimeUnit.HOURS).cancel();
    }

    @Override
    public void close() {
      wheel.stop();
    }
  }
}
