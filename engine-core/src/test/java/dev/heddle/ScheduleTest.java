// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ErrorCode;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.spi.ExecutionStrategy;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks for later and periodic tasks, on a clock that only the test moves. */
class ScheduleTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final TaskOptions NAMED = TaskOptions.defaults().name("tick");

  /** Shortly before nanoTime overflows: that is as good a time as any other. */
  private final TestSeam.VirtualClock clock = TestSeam.stopClock(Long.MAX_VALUE - 5_000_000_000L);

  /** The first to be registered is the last to be called: the engines have ended by then. */
  @RegisterExtension
  @Order(1)
  final AfterEachCallback clockGoesOn = context -> clock.close();

  @RegisterExtension
  @Order(2)
  final EngineProbe engines = new EngineProbe();

  @RegisterExtension
  @Order(3)
  final EngineLog log = new EngineLog();

  private final AtomicInteger ran = new AtomicInteger();
  private TaskEngine engine;

  ScheduleTest() {
    engine = TaskEngine.create();
    engine.close();
  }

  @BeforeEach
  void start() {
    engine = engines.start(TaskEngine.builder().workers(2).name("timed"));
  }

  /** Returns when every timer that is due by now has fired and what it submitted has run. */
  private void settle() {
    engine.schedule(context -> 0, Duration.ZERO).join();
    EngineProbe.awaitIdle(engine);
  }

  /** Likewise, with tasks left that wait for their time. */
  private void awaitRuns(int runs) {
    engine.schedule(context -> 0, Duration.ZERO).join();
    await().pollInterval(Duration.ofMillis(1)).until(() -> ran.get() == runs);
  }

  private static <T> FutureTask<T> async(Callable<T> body) {
    FutureTask<T> future = new FutureTask<>(body);
    new Thread(future, "closer").start();
    return future;
  }

  // ---- once

  @Test
  void schedule_delayed_runsWhenItIsTimeAndNotBefore() {
    TaskHandle<String> task =
        engine.schedule(context -> context.taskName(), Duration.ofSeconds(10));

    clock.advance(Duration.ofSeconds(10).minusNanos(1));
    engine.schedule(context -> 0, Duration.ZERO).join();
    assertThat(task.isDone()).isFalse();
    EngineMetrics books = engine.metrics();
    assertThat(books.accepted()).isEqualTo(2);
    assertThat(books.live()).isEqualTo(1);
    assertThat(books.queued()).as("it takes no place in a queue").isZero();

    clock.advance(Duration.ofNanos(1));
    assertThat(task.join()).isEqualTo("task");
  }

  @Test
  void schedule_severalDelays_runInTheOrderOfTime() {
    TaskEngine single = engines.start(1);
    List<Integer> order = new ArrayList<>();
    List<TaskHandle<Boolean>> tasks = new ArrayList<>();
    for (int delay : List.of(7, 3, 9, 1, 5, 3)) {
      tasks.add(single.schedule(context -> order.add(delay), Duration.ofSeconds(delay)));
    }

    clock.advance(Duration.ofSeconds(10));

    assertThat(tasks).allMatch(TaskHandle::join);
    assertThat(order).containsExactly(1, 3, 3, 5, 7, 9);
  }

  @Test
  void schedule_zero_runsAtOnce() {
    assertThat(engine.schedule(context -> 42, Duration.ZERO).join()).isEqualTo(42);
  }

  @Test
  void schedule_onARealClock_isNotEarly() {
    clock.close();
    TaskEngine real = engines.start(1);
    for (int i = 0; i < 20; i++) {
      long from = System.nanoTime();
      long ranAt = real.schedule(context -> System.nanoTime(), Duration.ofMillis(3)).join();

      assertThat(ranAt - from).isGreaterThanOrEqualTo(Duration.ofMillis(3).toNanos());
    }
  }

  @Test
  void schedule_negative_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> engine.schedule(context -> 1, Duration.ofNanos(-1)))
        .withMessageContaining("delay=PT-0.000000001S");
    assertThat(engine.metrics().offered()).isZero();
  }

  @Test
  void schedule_hugeDelay_isAcceptedAndDoesNotRun() {
    TaskHandle<Integer> never =
        engine.schedule(context -> ran.incrementAndGet(), Duration.ofSeconds(Long.MAX_VALUE));
    clock.advance(Duration.ofDays(365 * 100));
    engine.schedule(context -> 0, Duration.ZERO).join();

    assertThat(never.isDone()).isFalse();
    assertThat(never.cancel()).isTrue();
    assertThat(ran).hasValue(0);
  }

  @Test
  void schedule_cancelledBefore_neverRuns() {
    TaskHandle<Integer> task = engine.schedule(context -> ran.incrementAndGet(), SECOND);

    assertThat(task.cancel()).isTrue();
    clock.advance(SECOND);
    settle();

    assertThat(ran).hasValue(0);
    assertThat(task.outcome()).isEqualTo(new Outcome.Cancelled<>("cancel() was called"));
    assertThat(engine.metrics().cancelled()).isEqualTo(1);
  }

  @Test
  void schedule_engineFull_isAcceptedAllTheSame() {
    TaskEngine small = engines.start(TaskEngine.builder().workers(1).queueCapacity(1));
    try (Gate gate = Gate.holding(small, 1)) {
      small.execute(() -> {});
      TaskHandle<Integer> task = small.schedule(context -> 42, SECOND);
      clock.advance(SECOND);
      gate.open();

      assertThat(task.join()).isEqualTo(42);
    }
  }

  @Test
  void schedule_blockingTask_runsOnAVirtualThread() {
    TaskHandle<Boolean> task =
        engine.schedule(Task.blocking(context -> Thread.currentThread().isVirtual()), SECOND);
    clock.advance(SECOND);

    assertThat(task.join()).isTrue();
  }

  @Test
  void schedule_afterClose_isRefused() {
    engine.close();

    assertThatExceptionOfType(RejectedTaskException.class)
        .isThrownBy(() -> engine.schedule(context -> 1, SECOND))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.ENGINE_CLOSED));
    assertThatExceptionOfType(RejectedTaskException.class)
        .isThrownBy(() -> engine.schedule(context -> 1, Schedule.fixedRate(SECOND), NAMED))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.ENGINE_CLOSED));
    assertThat(engine.metrics().rejected()).isEqualTo(2);
    assertThat(engine.metrics().accepted()).isZero();
  }

  @Test
  void close_delayedTask_waitsForIt() throws Exception {
    TaskHandle<Integer> task = engine.schedule(context -> ran.incrementAndGet(), SECOND);
    FutureTask<String> closer =
        async(
            () -> {
              engine.close();
              return "closed";
            });
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> engine.toString().contains("closing=true"));
    assertThat(closer.isDone()).isFalse();
    assertThat(task.isDone()).isFalse();

    clock.advance(SECOND);

    assertThat(closer.get()).isEqualTo("closed");
    assertThat(task.resultNow()).isEqualTo(1);
  }

  @Test
  void close_timeIsUp_cancelsDelayedTasks() {
    TaskHandle<Integer> task =
        engine.schedule(context -> ran.incrementAndGet(), Duration.ofSeconds(Long.MAX_VALUE));

    CloseReport report = engine.close(Duration.ZERO);

    assertThat(report).isEqualTo(new CloseReport(true, 0, 0, 1, 1, List.of()));
    assertThat(task.outcome()).isEqualTo(new Outcome.Cancelled<>("its engine was closed"));
    assertThat(ran).hasValue(0);
  }

  // ---- at a fixed rate

  private ScheduledHandle everySecond(Schedule.Overlap overlap) {
    return engine.schedule(
        context -> ran.incrementAndGet(), new Schedule.FixedRate(SECOND, SECOND, overlap), NAMED);
  }

  @Test
  void fixedRate_timePasses_runsAtEachPeriod() {
    ScheduledHandle handle =
        engine.schedule(context -> ran.incrementAndGet(), Schedule.fixedRate(SECOND), NAMED);
    assertThat(handle.name()).isEqualTo("tick");

    for (int run = 1; run <= 20; run++) {
      awaitRuns(run);
      settle();
      assertThat(handle.runs()).isEqualTo(run);
      assertThat(handle.nextRun()).contains(SECOND);
      clock.advance(SECOND.minusMillis(400));
      settle();
      assertThat(ran).hasValue(run);
      assertThat(handle.nextRun()).contains(Duration.ofMillis(400));
      clock.advance(Duration.ofMillis(400));
    }
    settle();
    assertThat(handle.skipped()).isZero();
    assertThat(handle.isCancelled()).isFalse();
  }

  @Test
  void fixedRate_suspendedForSixtyPeriods_runsOnceAndKeepsItsBeat() {
    ScheduledHandle handle = everySecond(Schedule.Overlap.ALLOW);
    clock.advance(SECOND);
    awaitRuns(1);

    clock.advance(Duration.ofSeconds(60).plusMillis(250));
    settle();

    assertThat(ran).hasValue(2);
    assertThat(handle.runs()).isEqualTo(2);
    assertThat(handle.nextRun()).contains(Duration.ofMillis(750));
    clock.advance(Duration.ofMillis(749));
    settle();
    assertThat(ran).hasValue(2);
    clock.advance(Duration.ofMillis(1));
    settle();
    assertThat(ran).hasValue(3);
  }

  @Test
  void fixedRate_clockOnTheWallSet_doesNotMatter() {
    everySecond(Schedule.Overlap.ALLOW);
    clock.setTimeOfDay(Instant.EPOCH.plus(Duration.ofDays(1)));
    settle();
    assertThat(ran).hasValue(0);
    clock.setTimeOfDay(Instant.EPOCH.minus(Duration.ofDays(1)));
    clock.advance(SECOND);
    settle();
    assertThat(ran).hasValue(1);
  }

  /** Lets three runs come due while the first cannot end; returns the handle. */
  private ScheduledHandle overlapping(Schedule.Overlap overlap, Gate gate, AtomicInteger started) {
    ScheduledHandle handle =
        engine.schedule(
            Task.action(
                context -> {
                  started.incrementAndGet();
                  gate.pass();
                }),
            new Schedule.FixedRate(SECOND, SECOND, overlap),
            NAMED.strategy(ExecutionStrategy.virtualThreads(10)));
    for (int i = 1; i <= 3; i++) {
      clock.advance(SECOND);
      engine.schedule(context -> 0, Duration.ZERO).join();
    }
    return handle;
  }

  @Test
  void fixedRate_overlapSkip_leavesRunsOut() {
    AtomicInteger started = new AtomicInteger();
    try (Gate gate = Gate.closed()) {
      ScheduledHandle handle = overlapping(Schedule.Overlap.SKIP, gate, started);

      assertThat(handle.runs()).isEqualTo(1);
      assertThat(handle.skipped()).isEqualTo(2);
      assertThat(handle.nextRun()).contains(SECOND);
      gate.open();
      settle();
      clock.advance(SECOND);
      settle();
      assertThat(handle.runs()).isEqualTo(2);
      assertThat(handle.skipped()).isEqualTo(2);
      assertThat(started).hasValue(2);
    }
  }

  @Test
  void fixedRate_overlapAllow_runsSideBySide() {
    AtomicInteger started = new AtomicInteger();
    try (Gate gate = Gate.closed()) {
      ScheduledHandle handle = overlapping(Schedule.Overlap.ALLOW, gate, started);

      await().pollInterval(Duration.ofMillis(1)).until(() -> started.get() == 3);
      assertThat(handle.runs()).isEqualTo(3);
      assertThat(handle.skipped()).isZero();
      gate.open();
    }
    settle();
  }

  @Test
  void fixedRate_runFails_theNextOneComes() {
    ScheduledHandle handle =
        engine.schedule(
            context -> {
              ran.incrementAndGet();
              throw new IllegalStateException("expected");
            },
            Schedule.fixedRate(SECOND),
            NAMED);
    for (int run = 1; run <= 3; run++) {
      awaitRuns(run);
      settle(); // the run has ended: else the next one is skipped
      clock.advance(SECOND);
    }
    awaitRuns(4);
    settle();

    assertThat(handle.isCancelled()).isFalse();
    assertThat(engine.metrics().failed()).isEqualTo(4);
    handle.cancel();
    engine.close();
    assertThat(engine.metrics().unobservedFailures()).isEqualTo(4);
    assertThat(log.messages())
        .hasSize(4)
        .allMatch(message -> message.startsWith("task failed and nobody looked at its handle"));
  }

  // ---- with a fixed delay

  @Test
  void fixedDelay_runEnds_waitsFromThere() {
    Gate gate = Gate.closed();
    ScheduledHandle handle =
        engine.schedule(
            Task.action(
                context -> {
                  ran.incrementAndGet();
                  gate.pass();
                }),
            Schedule.fixedDelay(SECOND),
            NAMED);
    awaitRuns(1);
    clock.advance(Duration.ofSeconds(10));
    engine.schedule(context -> 0, Duration.ZERO).join();
    assertThat(handle.nextRun()).as("while it runs").isEmpty();
    assertThat(handle.runs()).isEqualTo(1);

    gate.open();
    settle();

    await()
        .pollInterval(Duration.ofMillis(1))
        .untilAsserted(() -> assertThat(handle.nextRun()).contains(SECOND));
    clock.advance(SECOND.minusNanos(1));
    settle();
    assertThat(ran).hasValue(1);
    clock.advance(Duration.ofNanos(1));
    awaitRuns(2);
    settle();
    assertThat(handle.skipped()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void periodic_strategyThrowsOnce_theNextRunComes(boolean fixedRate) {
    List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    TaskEngine loud =
        engines.start(
            TaskEngine.builder()
                .workers(1)
                .uncaughtHandler((thread, error) -> uncaught.add(error)));
    AtomicBoolean thrown = new AtomicBoolean();
    ExecutionStrategy fails =
        execution -> {
          if (thrown.compareAndSet(false, true)) {
            throw new IllegalStateException("expected");
          }
          execution.enqueue();
        };
    Schedule schedule = fixedRate ? Schedule.fixedRate(SECOND) : Schedule.fixedDelay(SECOND);
    ScheduledHandle handle =
        loud.schedule(context -> ran.incrementAndGet(), schedule, NAMED.strategy(fails));
    loud.schedule(context -> 0, Duration.ZERO).join();
    assertThat(thrown).isTrue();

    clock.advance(SECOND);
    loud.schedule(context -> 0, Duration.ZERO).join();
    EngineProbe.awaitIdle(loud);

    assertThat(ran).hasValue(1);
    assertThat(handle.isCancelled()).isFalse();
    assertThat(uncaught).singleElement().isInstanceOf(IllegalStateException.class);
  }

  // ---- cron

  @Test
  void cron_clockOnTheWall_runsAtItsTimes() {
    clock.setTimeOfDay(Instant.parse("2026-03-01T11:59:30Z"));
    ScheduledHandle handle =
        engine.schedule(
            context -> ran.incrementAndGet(), Schedule.cron("0 12 * * *", ZoneOffset.UTC), NAMED);
    assertThat(handle.nextRun()).contains(Duration.ofSeconds(30));

    clock.advance(Duration.ofSeconds(29));
    settle();
    assertThat(ran).hasValue(0);
    clock.advance(SECOND);
    awaitRuns(1);
    settle();
    assertThat(handle.nextRun()).contains(Duration.ofDays(1));
    clock.advance(Duration.ofDays(60)); // suspended
    settle();
    assertThat(ran).hasValue(2);
    assertThat(handle.nextRun()).contains(Duration.ofDays(1));
  }

  @Test
  void cron_badExpression_isRefused() {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(
            () -> engine.schedule(context -> 1, Schedule.cron("every day", ZoneOffset.UTC), NAMED));
    assertThat(engine.metrics().offered()).isZero();
  }

  // ---- the end

  @Test
  void cancel_betweenRuns_endsIt() {
    ScheduledHandle handle = everySecond(Schedule.Overlap.SKIP);
    clock.advance(SECOND);
    awaitRuns(1);

    assertThat(handle.cancel()).isTrue();
    assertThat(handle.cancel()).isFalse();
    clock.advance(Duration.ofSeconds(10));
    settle();

    assertThat(handle.isCancelled()).isTrue();
    assertThat(handle.nextRun()).isEmpty();
    assertThat(ran).hasValue(1);
    assertThat(handle.runs()).isEqualTo(1);
  }

  @Test
  void cancel_whileItRuns_bodyIsTold() {
    CountDownLatch started = new CountDownLatch(1);
    Gate gate = Gate.closed();
    AtomicReference<@Nullable Boolean> told = new AtomicReference<>();
    ScheduledHandle handle =
        engine.schedule(
            Task.action(
                context -> {
                  started.countDown();
                  gate.pass();
                  told.set(context.isCancelled());
                }),
            Schedule.fixedDelay(SECOND),
            NAMED);
    Gate.await(started);

    assertThat(handle.cancel()).isTrue();
    gate.open();
    settle();

    await().pollInterval(Duration.ofMillis(1)).until(() -> told.get() != null);
    assertThat(told.get()).isTrue();
    clock.advance(Duration.ofSeconds(10));
    settle();
    assertThat(handle.runs()).isEqualTo(1);
  }

  @Test
  void cancel_severalRunsHaveNotStarted_noneEverRuns() {
    try (Gate gate = Gate.holding(engine, 2)) {
      ScheduledHandle handle = everySecond(Schedule.Overlap.ALLOW);
      for (int i = 1; i <= 3; i++) {
        int runs = i;
        clock.advance(SECOND);
        await().pollInterval(Duration.ofMillis(1)).until(() -> handle.runs() == runs);
      }

      handle.cancel();
      gate.open();
    }
    settle();

    assertThat(ran).as("a run that has not started never will").hasValue(0);
  }

  @Test
  void cancel_whileRunsComeDue_noRunStartsAfterwards() {
    for (int round = 0; round < 200; round++) {
      AtomicBoolean over = new AtomicBoolean();
      ScheduledHandle handle =
          engine.schedule(
              context -> {
                if (over.get() && !context.isCancelled()) {
                  ran.incrementAndGet();
                }
                return 0;
              },
              new Schedule.FixedRate(SECOND, SECOND, Schedule.Overlap.SKIP),
              NAMED);
      clock.advance(SECOND);
      handle.cancel();
      over.set(true);
    }
    settle();

    assertThat(ran).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void close_periodicTasks_endsThemFirst(boolean forEver) {
    List<ScheduledHandle> handles = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      handles.add(everySecond(Schedule.Overlap.SKIP));
      handles.add(
          engine.schedule(context -> ran.incrementAndGet(), Schedule.fixedDelay(SECOND), NAMED));
    }
    awaitRuns(10);

    if (forEver) {
      engine.close();
    } else {
      assertThat(engine.close(Duration.ofMinutes(1)).terminated()).isTrue();
    }

    assertThat(handles).allMatch(ScheduledHandle::isCancelled);
    assertThat(handles).noneMatch(ScheduledHandle::cancel);
    assertThat(engine.metrics().live()).isZero();
    clock.advance(Duration.ofSeconds(10));
    assertThat(ran).hasValue(10);
  }

  @Test
  void schedule_badTimes_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.fixedRate(Duration.ZERO))
        .withMessageContaining("period=PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.fixedDelay(Duration.ofNanos(-1)))
        .withMessageContaining("delay=PT-0.000000001S");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new Schedule.FixedRate(Duration.ofNanos(-1), SECOND, Schedule.Overlap.SKIP))
        .withMessageContaining("initialDelay=PT-0.000000001S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Schedule.FixedDelay(Duration.ofNanos(-1), SECOND))
        .withMessageContaining("initialDelay=PT-0.000000001S");
  }

  @Test
  void fixedRate_hugeTimes_areAccepted() {
    Duration huge = Duration.ofSeconds(Long.MAX_VALUE);
    ScheduledHandle late =
        engine.schedule(
            context -> ran.incrementAndGet(),
            new Schedule.FixedRate(huge, huge, Schedule.Overlap.SKIP),
            NAMED);
    ScheduledHandle once =
        engine.schedule(context -> ran.incrementAndGet(), Schedule.fixedRate(huge), NAMED);
    ScheduledHandle onceMore =
        engine.schedule(context -> ran.incrementAndGet(), Schedule.fixedDelay(huge), NAMED);
    awaitRuns(2);
    clock.advance(Duration.ofDays(365 * 100));
    settle();

    assertThat(late.runs()).isZero();
    assertThat(once.runs()).isEqualTo(1);
    assertThat(onceMore.runs()).isEqualTo(1);
  }
}
