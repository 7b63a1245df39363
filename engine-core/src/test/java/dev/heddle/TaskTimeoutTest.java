// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.error.TaskTimedOutException;
import dev.heddle.fork.ForkLong;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.resource.Lease;
import dev.heddle.resource.Limit;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits of time of attempts and of tasks. */
class TaskTimeoutTest {

  private static final Duration SOON = Duration.ofMillis(5);
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Too long to pass by itself: for tests that move the clock. */
  private static final Duration HOUR = Duration.ofHours(1);

  private static final ForkLong FIB =
      (scope, n) -> n < 2 ? n : scope.joinLong(TaskTimeoutTest.FIB, n - 1, n - 2, Long::sum);

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private static void assertTimedOut(TaskHandle<?> handle) {
    assertTimedOut(EngineProbe.awaitOutcome(handle));
  }

  private static void assertTimedOut(Outcome<?> outcome) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Failure.class,
            failure -> assertThat(failure.error()).isInstanceOf(TaskTimedOutException.class));
  }

  /** What becomes of its timer: TimeoutTimersTest. */
  @Test
  void timeout_bodyIsQuickEnough_resultIsThere() {
    TaskEngine engine = engines.start(1);
    TaskOptions patient = TaskOptions.defaults().timeout(Duration.ofDays(1));
    assertThat(engine.submit(() -> 1).join(LIMIT)).isEqualTo(1);
    assertThat(engine.submit(context -> 2, patient).join(LIMIT)).isEqualTo(2);
    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.completed()).isEqualTo(2);
    assertThat(books.timeouts()).isZero();
  }

  /** Those who wait do not wait for the body, nor is its late result anybody's. */
  @Test
  void timeout_bodyIgnoresIt_waiterIsReleased_lateResultIsDropped() {
    TaskEngine engine = engines.start(1);
    CountDownLatch open = new CountDownLatch(1);
    TaskHandle<String> handle =
        engine.submit(
            context -> {
              Gate.await(open);
              return "late";
            },
            TaskOptions.defaults().name("deaf").timeout(SOON));
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(() -> handle.join(LIMIT))
        .havingCause()
        .isInstanceOf(TaskTimedOutException.class)
        .withMessageMatching(
            "attempt took longer than its timeout: name=deaf, id=1, attempt=1, timeout=PT0\\.005S"
                + " \\(look at isCancelled\\(\\) in the body, or raise the timeout\\)");
    assertThat(handle.isCancelled()).isFalse();
    open.countDown();
    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.failed()).isEqualTo(1);
    assertThat(books.cancelled()).isZero();
    assertThat(books.timeouts()).isEqualTo(1);
    assertThat(handle.state()).isEqualTo(TaskHandle.State.FAILED);
  }

  @Test
  void timeout_bodyLooks_isToldThroughItsContext() {
    TaskEngine engine = engines.start(1);
    CompletableFuture<Boolean> told = new CompletableFuture<>();
    AtomicBoolean action = new AtomicBoolean();
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(
                context -> {
                  context.onCancel(() -> action.set(true));
                  while (!context.isCancelled()) {
                    Thread.onSpinWait();
                  }
                  told.complete(!Thread.currentThread().isInterrupted());
                }),
            TaskOptions.defaults().timeout(SOON));
    assertThat(EngineProbe.awaitOutcome(handle)).isInstanceOf(Outcome.Failure.class);
    assertThat(told.orTimeout(1, TimeUnit.MINUTES).join()).as("told without an interrupt").isTrue();
    await().atMost(LIMIT).untilTrue(action);
  }

  @Test
  void timeout_ofInterruptibleTask_interruptsItsBody() {
    TaskEngine engine = engines.start(1);
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(
                context -> {
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    thrown.complete(e);
                    throw e;
                  }
                }),
            TaskOptions.defaults().timeout(SOON).interruptible(true));
    assertTimedOut(handle);
    assertThat(thrown.orTimeout(1, TimeUnit.MINUTES).join())
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void cancel_ofInterruptibleTask_interruptsItsBody() {
    TaskEngine engine = engines.start(1);
    CountDownLatch runs = new CountDownLatch(1);
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(
                context -> {
                  runs.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    thrown.complete(e);
                  }
                }),
            TaskOptions.defaults().interruptible(true));
    Gate.await(runs);
    assertThat(handle.cancel()).isTrue();
    assertThat(thrown.orTimeout(1, TimeUnit.MINUTES).join())
        .isInstanceOf(InterruptedException.class);
    assertThat(EngineProbe.awaitIdle(engine).cancelled()).isEqualTo(1);
  }

  @Test
  void timeout_withRetry_nextAttemptRunsBesideTheDeafOne() {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(2);
    CountDownLatch firstRuns = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              if (context.attempt() == 1) {
                firstRuns.countDown();
                Gate.await(open);
              }
              return context.attempt();
            },
            TaskOptions.defaults().timeout(HOUR).retry(Retry.fixed(Duration.ZERO, 3)));
    Gate.await(firstRuns);
    clock.advance(HOUR);
    assertThat(EngineProbe.awaitOutcome(handle)).isEqualTo(new Outcome.Success<>(2));
    open.countDown();
    assertThat(EngineProbe.awaitIdle(engine).completed()).isEqualTo(1);
  }

  // ---- the total timeout

  @Test
  void totalTimeout_taskIsQueued_failsWithoutRunning() {
    TaskEngine engine = engines.start(1);
    AtomicBoolean ran = new AtomicBoolean();
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<@Nullable Void> handle =
          engine.submit(
              Task.action(context -> ran.set(true)),
              TaskOptions.defaults().name("late").totalTimeout(SOON));
      assertThatThrownBy(() -> handle.join(LIMIT))
          .cause()
          .isInstanceOf(TaskTimedOutException.class)
          .hasMessageMatching(
              "task took longer than its total timeout: name=late, id=\\d+, attempts=1,"
                  + " totalTimeout=PT0\\.005S \\(raise it, or make attempts shorter\\)");
    }
    EngineProbe.awaitIdle(engine);
    assertThat(ran).isFalse();
  }

  @Test
  void totalTimeout_duringAPause_endsTheTask() {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(1);
    AtomicInteger runs = new AtomicInteger();
    TaskHandle<Object> handle =
        engine.submit(
            context -> {
              runs.incrementAndGet();
              throw new IllegalStateException("always");
            },
            TaskOptions.defaults().totalTimeout(HOUR).retry(Retry.fixed(Duration.ofDays(1), 2)));
    await().atMost(LIMIT).until(() -> engine.metrics().retries() == 1); // what it pauses for
    clock.advance(HOUR);
    assertTimedOut(handle);
    clock.advance(Duration.ofDays(1));
    EngineProbe.awaitOutcome(engine.schedule(context -> 5, Duration.ZERO));
    engine.close();
    assertThat(runs).hasValue(1);
  }

  // ---- who is told, and where

  @Test
  void timeout_callback_runsOnNeitherTimerNorWorker_whileAllWorkersAreBusy() {
    TaskEngine engine = engines.start(1);
    CountDownLatch open = new CountDownLatch(1);
    CompletableFuture<String> calledOn = new CompletableFuture<>();
    try (Gate gate = Gate.holding(engine, 1)) { // or it would be too late to register
      TaskHandle<@Nullable Void> handle =
          engine.submit(
              Task.action(context -> Gate.await(open)), TaskOptions.defaults().timeout(SOON));
      handle.onComplete(outcome -> calledOn.complete(Thread.currentThread().getName()));
    }
    assertThat(calledOn.orTimeout(1, TimeUnit.MINUTES).join()).isEqualTo("heddle-default-callback");
    open.countDown(); // the only worker was busy until now
  }

  @Test
  void timeout_callbackBlocks_laterTimersFire() {
    TaskEngine engine = engines.start(2);
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch callbackBlocks = new CountDownLatch(1);
    TaskOptions options = TaskOptions.defaults().timeout(SOON);
    try (Gate gate = Gate.holding(engine, 2)) {
      TaskHandle<@Nullable Void> first =
          engine.submit(Task.action(context -> Gate.await(open)), options);
      first.onComplete(
          outcome -> {
            callbackBlocks.countDown();
            Gate.await(open);
          });
    }
    Gate.await(callbackBlocks);
    TaskHandle<@Nullable Void> second =
        engine.submit(Task.action(context -> Gate.await(open)), options);
    assertThatThrownBy(() -> second.join(Duration.ofSeconds(20))) // less than the callback blocks
        .cause()
        .isInstanceOf(TaskTimedOutException.class);
    open.countDown();
  }

  @Test
  void timeout_childrenOfTheAttempt_areCancelled() {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(2);
    CountDownLatch childRuns = new CountDownLatch(1);
    CompletableFuture<TaskHandle<?>> child = new CompletableFuture<>();
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(
                context -> {
                  TaskHandle<@Nullable Void> started =
                      engine.submit(
                          Task.action(
                              inner -> {
                                childRuns.countDown();
                                while (!inner.isCancelled()) {
                                  Thread.onSpinWait();
                                }
                              }));
                  child.complete(started);
                  started.join();
                }),
            TaskOptions.defaults().timeout(HOUR));
    Gate.await(childRuns);
    clock.advance(HOUR);
    assertTimedOut(handle);
    EngineProbe.awaitIdle(engine);
    assertThat(child.join().isCancelled()).isTrue();
  }

  /** What the body has forked ends with it, and so frees its worker. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void timeout_computationOfTheBody_ends(boolean begunAfterIt) {
    TaskEngine engine = engines.start(1);
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    TaskHandle<Long> handle =
        engine.submit(
            context -> {
              while (begunAfterIt && !Thread.interrupted()) { // the last that it is told
                Thread.onSpinWait();
              }
              try {
                return engine.computeLong(FIB, 90); // would take years
              } catch (Throwable e) {
                thrown.complete(e);
                throw e;
              }
            },
            TaskOptions.defaults().timeout(SOON).interruptible(begunAfterIt));
    assertTimedOut(handle);
    assertThat(thrown.orTimeout(1, TimeUnit.MINUTES).join())
        .isInstanceOf(TaskCancelledException.class);
    assertThat(handle.state()).isEqualTo(TaskHandle.State.FAILED);
  }

  @Test
  void timeout_bodyAsks_saysWhy_andItsWaitForAResourceEnds() {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(2);
    Limit limit = engine.limit("one", 1);
    Duration longer = Duration.ofDays(1);
    CompletableFuture<Throwable> checked = new CompletableFuture<>();
    CountDownLatch holds = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    TaskHandle<@Nullable Void> holder =
        engine.submit(
            Task.action(
                context -> {
                  try (Lease<?> lease = context.acquire(limit, longer)) {
                    holds.countDown();
                    Gate.await(over);
                    context.checkCancelled();
                  } catch (TaskCancelledException e) {
                    checked.complete(e);
                  }
                }),
            TaskOptions.defaults().name("holder").timeout(HOUR));
    Gate.await(holds);
    clock.advance(HOUR);
    assertTimedOut(holder);
    CompletableFuture<Throwable> waited = new CompletableFuture<>();
    TaskHandle<@Nullable Void> waiter =
        engine.submit(
            Task.action(
                context -> {
                  try {
                    context.acquire(limit, longer);
                  } catch (TaskCancelledException e) {
                    waited.complete(e);
                  }
                }),
            TaskOptions.defaults().name("waiter").timeout(HOUR));
    await().atMost(LIMIT).until(() -> limit.waiting() == 1);
    clock.advance(HOUR);
    assertThat(waited.orTimeout(1, TimeUnit.MINUTES).join())
        .hasMessageMatching(
            "task was cancelled: name=waiter, id=\\d+, reason=its timeout was over");
    assertTimedOut(waiter);
    over.countDown();
    assertThat(checked.orTimeout(1, TimeUnit.MINUTES).join())
        .hasMessageContaining("name=holder")
        .hasMessageContaining("reason=its timeout was over");
  }

  /** Attempts that end at the instant of their timeout have one outcome all the same. */
  @Test
  void timeout_racesTheEnd_booksReconcile() {
    TaskEngine engine = engines.start(2);
    TaskOptions options = TaskOptions.defaults().timeout(Duration.ofNanos(50_000));
    int ends = 0;
    for (int round = 0; round < 2_000; round++) {
      int spins = round % 200 * 10;
      TaskHandle<Integer> handle =
          engine.submit(
              context -> {
                for (int i = 0; i < spins; i++) {
                  Thread.onSpinWait();
                }
                return spins;
              },
              options);
      Outcome<Integer> outcome = handle.outcome();
      ends += outcome instanceof Outcome.Success || outcome instanceof Outcome.Failure ? 1 : 0;
      assertThat(handle.outcome().getClass()).isEqualTo(outcome.getClass());
    }
    assertThat(ends).isEqualTo(2_000);
    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.completed() + books.failed()).isEqualTo(2_000);
    assertThat(books.timeouts()).isEqualTo(books.failed());
  }

  @Test
  void group_oneTimesOut_theOthersSucceed() {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(2);
    CountDownLatch slowRuns = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    TaskGroup<Integer> group =
        engine.submitEach(
            List.of(1, 2, 3),
            (n, context) -> {
              if (n == 2) {
                slowRuns.countDown();
                Gate.await(open);
              }
              return n;
            },
            TaskOptions.defaults().timeout(HOUR));
    Gate.await(slowRuns);
    await().atMost(LIMIT).until(() -> engine.metrics().completed() == 2);
    clock.advance(HOUR);
    List<Outcome<Integer>> outcomes = group.outcomes();
    open.countDown();
    assertThat(outcomes.get(0)).isEqualTo(new Outcome.Success<>(1));
    assertTimedOut(outcomes.get(1));
    assertThat(outcomes.get(2)).isEqualTo(new Outcome.Success<>(3));
  }

  @Test
  void options_badTimes_areRefused() {
    TaskOptions options = TaskOptions.defaults();
    assertThatThrownBy(() -> options.timeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("timeout must be more than zero: timeout=PT0S (leave it out for no limit)");
    assertThatThrownBy(() -> options.totalTimeout(Duration.ofSeconds(-1)))
        .hasMessage(
            "totalTimeout must be more than zero: totalTimeout=PT-1S (leave it out for no limit)");
    assertThatThrownBy(() -> options.hedge(Duration.ZERO))
        .hasMessage(
            "initialDelay must be more than zero: initialDelay=PT0S"
                + " (use a short one for an early second attempt, or leave hedge out for none)");
    assertThat(options.timeout(Duration.ofSeconds(Long.MAX_VALUE)).timeout()).isPresent();
  }
}
