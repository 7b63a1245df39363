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

  private static final ForkLong FIB =
      (scope, n) -> n < 2 ? n : scope.joinLong(TaskTimeoutTest.FIB, n - 1, n - 2, Long::sum);

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  @Test
  void timeout_bodyIsQuickEnough_resultIsThere_noTimerIsLeft() {
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
    assertThat(handle.outcome()).isInstanceOf(Outcome.Failure.class);
    assertThat(told.join()).as("told without an interrupt").isTrue();
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
    assertThat(handle.outcome())
        .isInstanceOfSatisfying(
            Outcome.Failure.class,
            failure -> assertThat(failure.error()).isInstanceOf(TaskTimedOutException.class));
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
    TaskEngine engine = engines.start(2);
    CountDownLatch open = new CountDownLatch(1);
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              if (context.attempt() == 1) {
                Gate.await(open);
              }
              return context.attempt();
            },
            TaskOptions.defaults().timeout(Duration.ofMillis(50)).retry(Retry.fixed(SOON, 3)));
    assertThat(handle.join(LIMIT)).isEqualTo(2);
    open.countDown();
    assertThat(EngineProbe.awaitIdle(engine).completed()).isEqualTo(1);
  }

  // ---- the total timeout

  @Test
  void totalTimeout_taskIsQueued_failsWithoutRunning() {
    TaskEngine engine = engines.start(1);
    CountDownLatch open = new CountDownLatch(1);
    engine.execute(() -> Gate.await(open));
    AtomicBoolean ran = new AtomicBoolean();
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(context -> ran.set(true)),
            TaskOptions.defaults().name("late").totalTimeout(SOON));
    assertThatThrownBy(() -> handle.join(LIMIT))
        .cause()
        .isInstanceOf(TaskTimedOutException.class)
        .hasMessageMatching(
            "task took longer than its total timeout: name=late, id=1, attempts=1,"
                + " totalTimeout=PT0\\.005S \\(raise it, or make attempts shorter\\)");
    open.countDown();
    EngineProbe.awaitIdle(engine);
    assertThat(ran).isFalse();
  }

  @Test
  void totalTimeout_duringAPause_endsTheTask() {
    TaskEngine engine = engines.start(1);
    AtomicInteger runs = new AtomicInteger();
    TaskHandle<Object> handle =
        engine.submit(
            context -> {
              runs.incrementAndGet();
              throw new IllegalStateException("always");
            },
            TaskOptions.defaults().totalTimeout(SOON).retry(Retry.fixed(Duration.ofDays(1), 2)));
    assertThatThrownBy(() -> handle.join(LIMIT)).cause().isInstanceOf(TaskTimedOutException.class);
    engine.close();
    assertThat(runs).hasValueLessThan(2);
  }

  // ---- who is told, and where

  @Test
  void timeout_callback_runsOnNeitherTimerNorWorker_whileAllWorkersAreBusy() {
    TaskEngine engine = engines.start(1);
    CountDownLatch open = new CountDownLatch(1);
    CompletableFuture<String> calledOn = new CompletableFuture<>();
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(context -> Gate.await(open)), TaskOptions.defaults().timeout(SOON));
    handle.onComplete(outcome -> calledOn.complete(Thread.currentThread().getName()));
    assertThat(calledOn.orTimeout(1, TimeUnit.MINUTES).join()).isEqualTo("heddle-default-callback");
    assertThat(open.getCount()).isEqualTo(1);
    open.countDown();
  }

  @Test
  void timeout_callbackBlocks_laterTimersFire() {
    TaskEngine engine = engines.start(2);
    CountDownLatch open = new CountDownLatch(1);
    TaskOptions options = TaskOptions.defaults().timeout(SOON);
    TaskHandle<@Nullable Void> first =
        engine.submit(Task.action(context -> Gate.await(open)), options);
    first.onComplete(outcome -> Gate.await(open));
    TaskHandle<@Nullable Void> second =
        engine.submit(Task.action(context -> Gate.await(open)), options);
    assertThat(second.outcome()).isInstanceOf(Outcome.Failure.class);
    open.countDown();
  }

  @Test
  void timeout_childrenOfTheAttempt_areCancelled() {
    TaskEngine engine = engines.start(2);
    CompletableFuture<TaskHandle<?>> child = new CompletableFuture<>();
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(
                context -> {
                  TaskHandle<@Nullable Void> started =
                      engine.submit(
                          Task.action(
                              inner -> {
                                while (!inner.isCancelled()) {
                                  Thread.onSpinWait();
                                }
                              }));
                  child.complete(started);
                  started.join();
                }),
            TaskOptions.defaults().timeout(Duration.ofMillis(50)));
    assertThat(handle.outcome()).isInstanceOf(Outcome.Failure.class);
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
    assertThat(handle.outcome()).isInstanceOf(Outcome.Failure.class);
    assertThat(thrown.orTimeout(1, TimeUnit.MINUTES).join())
        .isInstanceOf(TaskCancelledException.class);
    assertThat(handle.state()).isEqualTo(TaskHandle.State.FAILED);
  }

  @Test
  void timeout_bodyAsks_saysWhy_andItsWaitForAResourceEnds() {
    TaskEngine engine = engines.start(2);
    Limit limit = engine.limit("one", 1);
    CompletableFuture<Throwable> checked = new CompletableFuture<>();
    CountDownLatch over = new CountDownLatch(1);
    TaskHandle<@Nullable Void> holder =
        engine.submit(
            Task.action(
                context -> {
                  try (Lease<?> lease = context.acquire(limit, LIMIT)) {
                    Gate.await(over);
                    context.checkCancelled();
                  } catch (TaskCancelledException e) {
                    checked.complete(e);
                  }
                }),
            TaskOptions.defaults().name("holder").timeout(SOON));
    assertThat(holder.outcome()).isInstanceOf(Outcome.Failure.class);
    CompletableFuture<Throwable> waited = new CompletableFuture<>();
    TaskHandle<@Nullable Void> waiter =
        engine.submit(
            Task.action(
                context -> {
                  try {
                    context.acquire(limit, LIMIT);
                  } catch (TaskCancelledException e) {
                    waited.complete(e);
                  }
                }),
            TaskOptions.defaults().name("waiter").timeout(SOON));
    assertThat(waited.orTimeout(1, TimeUnit.MINUTES).join())
        .hasMessageMatching(
            "task was cancelled: name=waiter, id=\\d+, reason=its timeout was over");
    assertThat(waiter.state()).isEqualTo(TaskHandle.State.FAILED);
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
    TaskEngine engine = engines.start(2);
    CountDownLatch open = new CountDownLatch(1);
    List<Outcome<Integer>> outcomes =
        engine
            .submitEach(
                List.of(1, 2, 3),
                (n, context) -> {
                  if (n == 2) {
                    Gate.await(open);
                  }
                  return n;
                },
                TaskOptions.defaults().timeout(Duration.ofMillis(30)))
            .outcomes();
    open.countDown();
    assertThat(outcomes.get(0)).isEqualTo(new Outcome.Success<>(1));
    assertThat(outcomes.get(1)).isInstanceOf(Outcome.Failure.class);
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
