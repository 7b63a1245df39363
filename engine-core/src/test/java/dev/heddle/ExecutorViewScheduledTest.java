// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Delayed and periodic tasks of a view; see {@link ExecutorViewContractTest}. */
@ParameterizedClass(name = "workers={0}")
@ValueSource(ints = {1, 2, 8})
@Timeout(60)
class ExecutorViewScheduledTest {

  /** How a periodic task is started. */
  private enum Periodic {
    RATE {
      @Override
      ScheduledFuture<?> start(
          ScheduledExecutorService view, Runnable body, long first, long next, TimeUnit unit) {
        return view.scheduleAtFixedRate(body, first, next, unit);
      }
    },
    DELAY {
      @Override
      ScheduledFuture<?> start(
          ScheduledExecutorService view, Runnable body, long first, long next, TimeUnit unit) {
        return view.scheduleWithFixedDelay(body, first, next, unit);
      }
    };

    abstract ScheduledFuture<?> start(
        ScheduledExecutorService view, Runnable body, long first, long next, TimeUnit unit);
  }

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private final int workers;

  ExecutorViewScheduledTest(int workers) {
    this.workers = workers;
  }

  private ScheduledExecutorService newView() {
    return engines.start(workers).asExecutorService();
  }

  private static <T> T result(Future<T> future) throws Exception {
    return future.get(1, TimeUnit.MINUTES);
  }

  private static void pass(Gate gate) {
    try {
      gate.pass();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // ---- once

  @Test
  void schedule_callable_getReturnsItsResult() throws Exception {
    ScheduledExecutorService view = newView();

    ScheduledFuture<String> future = view.schedule(() -> "late", 5, TimeUnit.MILLISECONDS);

    assertThat(future.get()).isEqualTo("late");
    assertThat(future.isDone()).isTrue();
    assertThat(future.isCancelled()).isFalse();
    assertThat(future.cancel(true)).isFalse();
  }

  @Test
  void schedule_runnable_getReturnsNullAfterTheRun() throws Exception {
    ScheduledExecutorService view = newView();
    AtomicBoolean ran = new AtomicBoolean();

    ScheduledFuture<?> future = view.schedule(() -> ran.set(true), 5, TimeUnit.MILLISECONDS);

    assertThat(result(future)).isNull();
    assertThat(ran).isTrue();
  }

  @Test
  void schedule_delay_doesNotRunBefore() throws Exception {
    ScheduledExecutorService view = newView();
    long before = System.nanoTime();

    ScheduledFuture<Long> future = view.schedule(System::nanoTime, 50, TimeUnit.MILLISECONDS);

    assertThat(result(future) - before).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
  }

  @Test
  void schedule_noDelay_runsAtOnce() throws Exception {
    ScheduledExecutorService view = newView();

    for (long delay : new long[] {0, -1, Long.MIN_VALUE}) {
      assertThat(result(view.schedule(() -> "run", delay, TimeUnit.DAYS))).isEqualTo("run");
      assertThat(result(view.schedule(() -> {}, delay, TimeUnit.NANOSECONDS))).isNull();
    }
  }

  @Test
  void schedule_longestDelay_isAcceptedAndOthersRunBefore() throws Exception {
    ScheduledExecutorService view = newView();
    List<ScheduledFuture<?>> never = new ArrayList<>();
    for (TimeUnit unit : new TimeUnit[] {TimeUnit.NANOSECONDS, TimeUnit.DAYS}) {
      for (long delay : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MAX_VALUE / 2}) {
        never.add(view.schedule(() -> {}, delay, unit));
        for (Periodic periodic : Periodic.values()) {
          never.add(periodic.start(view, () -> {}, delay, Long.MAX_VALUE, unit));
        }
      }
    }

    assertThat(result(view.schedule(() -> "first", 1, TimeUnit.MILLISECONDS))).isEqualTo("first");
    assertThat(result(view.schedule(() -> "first", -1, TimeUnit.DAYS))).isEqualTo("first");

    assertThat(never).noneMatch(Future::isDone);
    assertThat(never).allMatch(future -> future.getDelay(TimeUnit.DAYS) > 365L * 100);
    assertThat(never).allMatch(future -> future.cancel(false));
  }

  @Test
  void schedule_bodyThrows_causeIsWhatItThrew() {
    ScheduledExecutorService view = newView();
    IOException checked = new IOException("deliberate");
    Error error = new AssertionError("deliberate");
    ScheduledFuture<?> callable =
        view.schedule(
            (Callable<String>)
                () -> {
                  throw checked;
                },
            1,
            TimeUnit.MILLISECONDS);
    ScheduledFuture<?> runnable =
        view.schedule(
            (Runnable)
                () -> {
                  throw error;
                },
            1,
            TimeUnit.MILLISECONDS);

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> result(callable))
        .satisfies(e -> assertThat(e.getCause()).isSameAs(checked));
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> result(runnable))
        .satisfies(e -> assertThat(e.getCause()).isSameAs(error));
  }

  @Test
  @SuppressWarnings("NullAway") // null on purpose
  void schedule_null_throwsNpe() {
    ScheduledExecutorService view = newView();
    Runnable body = () -> {};

    assertThatNullPointerException()
        .isThrownBy(() -> view.schedule((Runnable) null, 1, TimeUnit.SECONDS));
    assertThatNullPointerException()
        .isThrownBy(() -> view.schedule((Callable<String>) null, 1, TimeUnit.SECONDS));
    assertThatNullPointerException().isThrownBy(() -> view.schedule(body, 1, null));
    assertThatNullPointerException().isThrownBy(() -> view.schedule(() -> "result", 1, null));
    for (Periodic periodic : Periodic.values()) {
      assertThatNullPointerException()
          .isThrownBy(() -> periodic.start(view, null, 1, 1, TimeUnit.SECONDS));
      assertThatNullPointerException().isThrownBy(() -> periodic.start(view, body, 1, 1, null));
    }
    view.shutdown();
    assertThat(view.isTerminated()).as("nothing was half accepted").isTrue();
  }

  @Test
  void schedule_engineFull_isAcceptedAndRunsLater() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(workers).queueCapacity(1));
    ScheduledExecutorService view = engine.asExecutorService();
    List<ScheduledFuture<Thread>> futures = new ArrayList<>();
    try (Gate gate = Gate.holding(engine, workers)) {
      for (int i = 0; i < 20; i++) {
        futures.add(view.schedule(Thread::currentThread, i % 2, TimeUnit.MILLISECONDS));
      }
      assertThat(futures).noneMatch(Future::isDone);
      gate.open();
    }
    for (ScheduledFuture<Thread> future : futures) {
      assertThat(result(future)).isNotSameAs(Thread.currentThread());
    }
  }

  @Test
  void schedule_fromATask_runs() throws Exception {
    ScheduledExecutorService view = newView();
    CountDownLatch ran = new CountDownLatch(1);

    view.schedule(
        () -> view.schedule(ran::countDown, 1, TimeUnit.MILLISECONDS), 1, TimeUnit.MILLISECONDS);

    Gate.await(ran);
  }

  @Test
  void schedule_many_eachRunsOnce() throws Exception {
    ScheduledExecutorService view = newView();
    List<AtomicInteger> runs = new ArrayList<>();
    List<ScheduledFuture<?>> futures = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      AtomicInteger count = new AtomicInteger();
      runs.add(count);
      futures.add(view.schedule(count::incrementAndGet, i * 37 % 20, TimeUnit.MILLISECONDS));
    }
    for (ScheduledFuture<?> future : futures) {
      result(future);
    }
    view.shutdown();
    assertThat(view.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    assertThat(runs).allMatch(count -> count.get() == 1);
  }

  @Test
  void get_notYetDue_timesOut() throws Exception {
    ScheduledExecutorService view = newView();
    ScheduledFuture<String> future = view.schedule(() -> "never", 1, TimeUnit.HOURS);

    assertThatExceptionOfType(TimeoutException.class)
        .isThrownBy(() -> future.get(1, TimeUnit.MILLISECONDS));
    assertThat(future.isDone()).isFalse();
    assertThat(future.cancel(true)).isTrue();
  }

  // ---- cancelling

  @Test
  void cancel_delayed_neverRunsAndIsForgotten() throws Exception {
    TaskEngine engine = engines.start(workers);
    ScheduledExecutorService view = engine.asExecutorService();
    for (boolean interrupt : new boolean[] {false, true}) {
      ScheduledFuture<String> future = view.schedule(() -> "never", 1, TimeUnit.HOURS);

      assertThat(future.cancel(interrupt)).isTrue();

      assertThat(future.isCancelled()).isTrue();
      assertThat(future.isDone()).isTrue();
      assertThat(future.cancel(interrupt)).isFalse();
      assertThatExceptionOfType(CancellationException.class).isThrownBy(future::get);
      EngineProbe.awaitIdle(engine); // the engine does not hold it for an hour
    }
  }

  @Test
  void cancel_dueAndQueued_neverRuns() throws Exception {
    TaskEngine engine = engines.start(workers);
    ScheduledExecutorService view = engine.asExecutorService();
    AtomicBoolean ran = new AtomicBoolean();
    try (Gate gate = Gate.holding(engine, workers)) {
      ScheduledFuture<?> future = view.schedule(() -> ran.set(true), 0, TimeUnit.SECONDS);
      assertThat(future.cancel(false)).isTrue();
      gate.open();
    }
    EngineProbe.awaitIdle(engine);
    assertThat(ran).isFalse();
  }

  @Test
  void cancel_runningWithInterrupt_bodyIsInterrupted() throws Exception {
    ScheduledExecutorService view = newView();
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    try (Gate gate = Gate.closed()) {
      ScheduledFuture<?> future =
          view.schedule(
              () -> {
                started.countDown();
                try {
                  gate.pass();
                } catch (InterruptedException e) {
                  interrupted.countDown();
                }
              },
              1,
              TimeUnit.MILLISECONDS);
      Gate.await(started);

      assertThat(future.cancel(true)).isTrue();
      Gate.await(interrupted);
      assertThat(future.isCancelled()).isTrue();
    }
  }

  @Test
  void cancel_periodicBeforeItsFirstRun_neverRuns() throws Exception {
    ScheduledExecutorService view = newView();
    AtomicInteger runs = new AtomicInteger();
    for (Periodic periodic : Periodic.values()) {
      ScheduledFuture<?> future = periodic.start(view, runs::incrementAndGet, 1, 1, TimeUnit.HOURS);

      assertThat(future.cancel(true)).isTrue();

      assertThat(future.isCancelled()).isTrue();
      assertThat(future.cancel(true)).isFalse();
      assertThatExceptionOfType(CancellationException.class).isThrownBy(future::get);
    }
    view.shutdown();
    assertThat(view.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    assertThat(runs).hasValue(0);
  }

  @Test
  void cancel_periodicByItsOwnRun_isTheLastRun() throws Exception {
    for (Periodic periodic : Periodic.values()) {
      ScheduledExecutorService view = newView();
      AtomicInteger runs = new AtomicInteger();
      CountDownLatch known = new CountDownLatch(1);
      CountDownLatch cancelled = new CountDownLatch(1);
      List<ScheduledFuture<?>> futures = new ArrayList<>();
      futures.add(
          periodic.start(
              view,
              () -> {
                Gate.await(known);
                if (runs.incrementAndGet() == 3) {
                  futures.getFirst().cancel(false);
                  cancelled.countDown();
                }
              },
              0,
              1,
              TimeUnit.MILLISECONDS));
      known.countDown();
      Gate.await(cancelled);

      view.shutdown();
      assertThat(view.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
      CountDownLatch later = new CountDownLatch(20);
      ScheduledFuture<?> other =
          periodic.start(newView(), later::countDown, 0, 1, TimeUnit.MILLISECONDS);
      Gate.await(later); // twenty periods of another one
      other.cancel(false);
      assertThat(runs).hasValue(3);
      assertThat(futures.getFirst().isCancelled()).isTrue();
    }
  }

  @Test
  void cancel_periodicRunning_onlyInterruptsIfAsked() throws Exception {
    for (Periodic periodic : Periodic.values()) {
      for (boolean interrupt : new boolean[] {false, true}) {
        ScheduledExecutorService view = newView();
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        AtomicInteger runs = new AtomicInteger();
        try (Gate gate = Gate.closed()) {
          ScheduledFuture<?> future =
              periodic.start(
                  view,
                  () -> {
                    runs.incrementAndGet();
                    started.countDown();
                    try {
                      gate.pass();
                    } catch (InterruptedException e) {
                      interrupted.set(true);
                    }
                    ended.countDown();
                  },
                  0,
                  1,
                  TimeUnit.MILLISECONDS);
          Gate.await(started);

          assertThat(future.cancel(interrupt)).isTrue();
          assertThat(future.isDone()).isTrue();
          if (!interrupt) {
            gate.open();
          }
          Gate.await(ended);
          assertThat(interrupted.get()).isEqualTo(interrupt);
        }
        view.shutdown();
        assertThat(view.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        assertThat(runs).hasValue(1);
      }
    }
  }

  // ---- again and again

  @Test
  void periodic_runsUntilCancelled() {
    ScheduledExecutorService view = newView();
    for (Periodic periodic : Periodic.values()) {
      CountDownLatch runs = new CountDownLatch(5);

      ScheduledFuture<?> future =
          periodic.start(view, runs::countDown, 0, 1, TimeUnit.MILLISECONDS);

      Gate.await(runs);
      assertThat(future.isDone()).isFalse();
      assertThatExceptionOfType(TimeoutException.class)
          .isThrownBy(() -> future.get(1, TimeUnit.MILLISECONDS));
      assertThat(((RunnableScheduledFuture<?>) future).isPeriodic()).isTrue();
      assertThat(future.cancel(false)).isTrue();
      assertThatExceptionOfType(CancellationException.class).isThrownBy(future::get);
    }
  }

  @Test
  void periodic_negativeInitialDelay_runsAtOnce() {
    ScheduledExecutorService view = newView();
    for (Periodic periodic : Periodic.values()) {
      for (long first : new long[] {0, -1, Long.MIN_VALUE}) {
        CountDownLatch ran = new CountDownLatch(1);
        ScheduledFuture<?> future = periodic.start(view, ran::countDown, first, 1, TimeUnit.HOURS);
        Gate.await(ran);
        assertThat(future.cancel(false)).isTrue();
      }
    }
  }

  @Test
  void periodic_initialDelay_doesNotRunBefore() throws Exception {
    ScheduledExecutorService view = newView();
    for (Periodic periodic : Periodic.values()) {
      AtomicLong ranAt = new AtomicLong();
      CountDownLatch ran = new CountDownLatch(1);
      long before = System.nanoTime();
      ScheduledFuture<?> future =
          periodic.start(
              view,
              () -> {
                ranAt.set(System.nanoTime());
                ran.countDown();
              },
              TimeUnit.MILLISECONDS.toNanos(30),
              TimeUnit.HOURS.toNanos(1),
              TimeUnit.NANOSECONDS);
      Gate.await(ran);
      future.cancel(false);
      assertThat(ranAt.get() - before).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(30));
    }
  }

  @Test
  void fixedDelay_pauseIsCountedFromTheEndOfARun() {
    ScheduledExecutorService view = newView();
    long pauseNanos = TimeUnit.MILLISECONDS.toNanos(10);
    AtomicLong lastEnd = new AtomicLong();
    AtomicInteger tooEarly = new AtomicInteger();
    CountDownLatch runs = new CountDownLatch(5);
    ScheduledFuture<?> future =
        view.scheduleWithFixedDelay(
            () -> {
              long now = System.nanoTime();
              if (runs.getCount() < 5 && now - lastEnd.get() < pauseNanos) {
                tooEarly.incrementAndGet();
              }
              lastEnd.set(System.nanoTime());
              runs.countDown();
            },
            0,
            pauseNanos,
            TimeUnit.NANOSECONDS);

    Gate.await(runs);
    assertThat(future.cancel(false)).isTrue();
    assertThat(tooEarly).hasValue(0);
  }

  @Test
  void fixedRate_runsAreNotEarlierThanTheirTimes() {
    ScheduledExecutorService view = newView();
    long periodNanos = TimeUnit.MILLISECONDS.toNanos(5);
    AtomicInteger runs = new AtomicInteger();
    AtomicInteger tooEarly = new AtomicInteger();
    CountDownLatch enough = new CountDownLatch(10);
    long start = System.nanoTime();
    ScheduledFuture<?> future =
        view.scheduleAtFixedRate(
            () -> {
              if (System.nanoTime() - start < runs.getAndIncrement() * periodNanos) {
                tooEarly.incrementAndGet();
              }
              enough.countDown();
            },
            0,
            periodNanos,
            TimeUnit.NANOSECONDS);

    Gate.await(enough);
    assertThat(future.cancel(false)).isTrue();
    assertThat(tooEarly).hasValue(0);
  }

  @Test
  void periodic_runsNeverOverlap() {
    ScheduledExecutorService view = newView();
    for (Periodic periodic : Periodic.values()) {
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger overlaps = new AtomicInteger();
      CountDownLatch runs = new CountDownLatch(50);
      ScheduledFuture<?> future =
          periodic.start(
              view,
              () -> {
                if (inside.incrementAndGet() != 1) {
                  overlaps.incrementAndGet();
                }
                Thread.onSpinWait();
                inside.decrementAndGet();
                runs.countDown();
              },
              0,
              1,
              TimeUnit.NANOSECONDS);
      Gate.await(runs);
      assertThat(future.cancel(false)).isTrue();
      assertThat(overlaps).hasValue(0);
    }
  }

  @Test
  void periodic_plainWritesOfARun_areSeenByTheNext() {
    ScheduledExecutorService view = newView();
    for (Periodic periodic : Periodic.values()) {
      int[] cell = {0};
      AtomicInteger runs = new AtomicInteger();
      AtomicInteger wrong = new AtomicInteger();
      CountDownLatch enough = new CountDownLatch(100);
      ScheduledFuture<?> future =
          periodic.start(
              view,
              () -> {
                if (cell[0]++ != runs.getAndIncrement()) {
                  wrong.incrementAndGet();
                }
                enough.countDown();
              },
              0,
              10,
              TimeUnit.MICROSECONDS);
      Gate.await(enough);
      assertThat(future.cancel(false)).isTrue();
      assertThat(wrong).hasValue(0);
    }
  }

  @Test
  void periodic_runThrows_isTheLastAndGetThrowsIt() throws Exception {
    for (Periodic periodic : Periodic.values()) {
      ScheduledExecutorService view = newView();
      RuntimeException error = new IllegalStateException("deliberate");
      AtomicInteger runs = new AtomicInteger();

      ScheduledFuture<?> future =
          periodic.start(
              view,
              () -> {
                if (runs.incrementAndGet() == 3) {
                  throw error;
                }
              },
              0,
              1,
              TimeUnit.MILLISECONDS);

      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> result(future))
          .satisfies(e -> assertThat(e.getCause()).isSameAs(error));
      assertThat(future.isDone()).isTrue();
      assertThat(future.isCancelled()).isFalse();
      assertThat(future.cancel(true)).isFalse();
      view.shutdown();
      assertThat(view.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
      assertThat(runs).hasValue(3);
    }
  }

  @Test
  void periodic_runThrowsError_othersGoOn() {
    ScheduledExecutorService view = newView();
    Error error = new AssertionError("deliberate");
    CountDownLatch runs = new CountDownLatch(20);
    ScheduledFuture<?> healthy =
        view.scheduleAtFixedRate(runs::countDown, 0, 1, TimeUnit.MILLISECONDS);

    ScheduledFuture<?> broken =
        view.scheduleAtFixedRate(
            () -> {
              throw error;
            },
            0,
            1,
            TimeUnit.MILLISECONDS);

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> result(broken))
        .satisfies(e -> assertThat(e.getCause()).isSameAs(error));
    Gate.await(runs);
    assertThat(healthy.cancel(false)).isTrue();
  }

  @Test
  void periodic_notPositive_throwsIllegalArgument() {
    ScheduledExecutorService view = newView();
    AtomicBoolean ran = new AtomicBoolean();
    for (Periodic periodic : Periodic.values()) {
      for (long next : new long[] {0, -1, Long.MIN_VALUE}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> periodic.start(view, () -> ran.set(true), 0, next, TimeUnit.DAYS))
            .withMessageContaining("=" + next);
      }
    }
    view.shutdown();
    assertThat(view.isTerminated()).as("nothing was half accepted").isTrue();
    assertThat(ran).isFalse();
  }

  @Test
  void periodic_engineFull_runs() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(workers).queueCapacity(1));
    ScheduledExecutorService view = engine.asExecutorService();
    List<ScheduledFuture<?>> futures = new ArrayList<>();
    CountDownLatch runs = new CountDownLatch(60);
    for (int i = 0; i < 10; i++) {
      for (Periodic periodic : Periodic.values()) {
        CountDownLatch own = new CountDownLatch(3);
        futures.add(
            periodic.start(
                view,
                () -> {
                  if (own.getCount() > 0) {
                    own.countDown();
                    runs.countDown();
                  }
                },
                0,
                1,
                TimeUnit.MILLISECONDS));
      }
    }

    Gate.await(runs);
    assertThat(futures).allMatch(future -> future.cancel(false));
  }

  // ---- as Delayed

  @Test
  void getDelay_isWhatIsLeft_inAnyUnit() {
    ScheduledExecutorService view = newView();
    List<ScheduledFuture<?>> futures = new ArrayList<>();
    futures.add(view.schedule(() -> {}, 10, TimeUnit.HOURS));
    futures.add(view.schedule(() -> "result", 10, TimeUnit.HOURS));
    for (Periodic periodic : Periodic.values()) {
      futures.add(periodic.start(view, () -> {}, 10, 1, TimeUnit.HOURS));
    }

    for (ScheduledFuture<?> future : futures) {
      long nanos = future.getDelay(TimeUnit.NANOSECONDS);
      assertThat(nanos).isPositive().isLessThanOrEqualTo(TimeUnit.HOURS.toNanos(10));
      assertThat(future.getDelay(TimeUnit.HOURS)).isEqualTo(9);
      assertThat(future.getDelay(TimeUnit.NANOSECONDS)).isLessThanOrEqualTo(nanos);
      assertThatNullPointerException().isThrownBy(() -> future.getDelay(null));
      assertThat(future.cancel(false)).isTrue();
    }
  }

  @Test
  void getDelay_due_isNotPositive() throws Exception {
    ScheduledExecutorService view = newView();
    ScheduledFuture<?> future = view.schedule(() -> {}, 1, TimeUnit.MILLISECONDS);
    result(future);

    assertThat(future.getDelay(TimeUnit.NANOSECONDS)).isNotPositive();
  }

  @Test
  void compareTo_itself_isZero() {
    ScheduledExecutorService view = newView();
    List<ScheduledFuture<?>> futures = new ArrayList<>();
    futures.add(view.schedule(() -> {}, 1, TimeUnit.HOURS));
    for (Periodic periodic : Periodic.values()) {
      futures.add(periodic.start(view, () -> {}, 1, 1, TimeUnit.HOURS));
    }

    for (ScheduledFuture<?> future : futures) {
      for (int i = 0; i < 1_000; i++) {
        assertThat(compare(future, future)).isZero();
      }
      assertThat(future.cancel(false)).isTrue();
    }
  }

  private static int compare(Delayed a, Delayed b) {
    return a.compareTo(b);
  }

  @Test
  void compareTo_laterOnes_isByDueTime() {
    ScheduledExecutorService view = newView();
    List<ScheduledFuture<?>> byTime =
        List.of(
            view.schedule(() -> {}, 1, TimeUnit.HOURS),
            view.scheduleAtFixedRate(() -> {}, 2, 1, TimeUnit.HOURS),
            view.schedule(() -> "result", 3, TimeUnit.HOURS),
            view.scheduleWithFixedDelay(() -> {}, 4, 1, TimeUnit.HOURS),
            view.schedule(() -> {}, Long.MAX_VALUE, TimeUnit.DAYS));

    for (int i = 0; i < byTime.size(); i++) {
      for (int j = i + 1; j < byTime.size(); j++) {
        assertThat(compare(byTime.get(i), byTime.get(j))).isNegative();
        assertThat(compare(byTime.get(j), byTime.get(i))).isPositive();
      }
    }
    assertThat(byTime).allMatch(future -> future.cancel(false));
  }

  @Test
  void compareTo_sameDelayGivenLater_isNeverEarlier() {
    ScheduledExecutorService view = newView();
    for (int i = 0; i < 200; i++) {
      ScheduledFuture<?> first = view.schedule(() -> {}, 1, TimeUnit.HOURS);
      ScheduledFuture<?> second = view.schedule(() -> {}, 1, TimeUnit.HOURS);
      assertThat(compare(first, second)).isNotPositive();
      assertThat(compare(second, first)).isNotNegative();
      first.cancel(false);
      second.cancel(false);
    }
  }

  @Test
  void isPeriodic_tellsTheKinds() {
    ScheduledExecutorService view = newView();
    ScheduledFuture<?> once = view.schedule(() -> {}, 1, TimeUnit.HOURS);

    assertThat(((RunnableScheduledFuture<?>) once).isPeriodic()).isFalse();
    assertThat(once.cancel(false)).isTrue();
  }

  @Test
  void plainMethods_workAsEver() throws Exception {
    ScheduledExecutorService view = newView();
    try (Gate gate = Gate.closed()) {
      CountDownLatch ran = new CountDownLatch(1);
      view.schedule(() -> pass(gate), 0, TimeUnit.SECONDS);
      view.execute(ran::countDown);
      gate.open();
      Gate.await(ran);
      assertThat(result(view.submit(() -> "result"))).isEqualTo("result");
    }
  }
}
