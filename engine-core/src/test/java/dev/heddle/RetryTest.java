// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.RetryBudgetException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.spi.ExecutionStrategy;
import dev.heddle.spi.OverflowPolicy;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Further attempts of tasks that have failed. */
class RetryTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Retry AT_ONCE = Retry.fixed(Duration.ZERO, 3);
  private static final TaskOptions THRICE = TaskOptions.defaults().name("thrice").retry(AT_ONCE);

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  /** Fails so many times, then returns the number of the attempt. */
  private static Task<Integer> failing(int times) {
    return context -> {
      if (context.attempt() <= times) {
        throw new IOException("attempt " + context.attempt());
      }
      return context.attempt();
    };
  }

  @Test
  void submit_failsTwice_thirdAttemptIsTheResult_andTheBooksKnowOneTask() {
    TaskEngine engine = engines.start(1);
    TaskHandle<Integer> handle = engine.submit(failing(2), THRICE);
    assertThat(handle.join(LIMIT)).isEqualTo(3);
    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.accepted()).isEqualTo(1);
    assertThat(books.completed()).isEqualTo(1);
    assertThat(books.failed()).isZero();
    assertThat(books.retries()).isEqualTo(2);
  }

  @Test
  void submit_allAttemptsFail_lastErrorIsTheOutcome() {
    TaskEngine engine = engines.start(1);
    TaskHandle<Integer> handle = engine.submit(failing(5), THRICE);
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(() -> handle.join(LIMIT))
        .havingCause()
        .isInstanceOf(IOException.class)
        .withMessage("attempt 3");
    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.failed()).isEqualTo(1);
    assertThat(books.completed()).isZero();
  }

  static Stream<ExecutionStrategy> strategies() {
    return Stream.of(
        ExecutionStrategy.workStealing(),
        ExecutionStrategy.caller(),
        ExecutionStrategy.dedicatedThread(),
        ExecutionStrategy.virtualThreads(1));
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void submit_onAnyStrategy_isTriedAgainThere(ExecutionStrategy strategy) {
    TaskEngine engine = engines.start(2);
    TaskOptions options = THRICE.strategy(strategy);
    assertThat(engine.submit(failing(2), options).join(LIMIT)).isEqualTo(3);
    assertThat(engine.submitEach(List.of(1, 2), (n, c) -> failing(n).run(c), options).join())
        .containsExactly(2, 3);
    assertThat(EngineProbe.awaitIdle(engine).accepted()).isEqualTo(3);
  }

  @Test
  void submit_fromInsideATask_whichWaits_isTriedAgainOnTheSameWorker() {
    TaskEngine engine = engines.start(1);
    TaskHandle<Integer> outer = engine.submit(context -> engine.submit(failing(2), THRICE).join());
    assertThat(outer.join(LIMIT)).isEqualTo(3);
  }

  @Test
  void pause_exponential_growsUpToItsLimit() {
    Retry retry =
        Retry.exponential(Duration.ofMillis(50), 10).maxDelay(Duration.ofMillis(150)).factor(3);
    assertThat(IntStream.rangeClosed(2, 5).mapToObj(retry::delay))
        .containsExactly(
            Duration.ofMillis(50),
            Duration.ofMillis(150),
            Duration.ofMillis(150),
            Duration.ofMillis(150));
    assertThat(Retry.exponential(Duration.ofDays(1), 5_000).delay(5_000))
        .isEqualTo(Duration.ofDays(1));
  }

  @Test
  void pause_holdsNoWorker_andEndsWhenItIsTime() {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(1);
    TaskOptions slowly = TaskOptions.defaults().retry(Retry.fixed(Duration.ofHours(1), 2));
    TaskHandle<Integer> handle = engine.submit(failing(1), slowly);
    EngineProbe.awaitPauseAfter(1, engine, handle);
    assertThat(EngineProbe.awaitOutcome(engine.submit(context -> 5)))
        .isEqualTo(new Outcome.Success<>(5));
    clock.advance(Duration.ofHours(1).minusNanos(1));
    EngineProbe.awaitOutcome(engine.schedule(context -> 6, Duration.ZERO)); // the timers have run
    assertThat(handle.isDone()).isFalse();
    clock.advance(Duration.ofNanos(1));
    assertThat(EngineProbe.awaitOutcome(handle)).isEqualTo(new Outcome.Success<>(2));
  }

  @Test
  void cancel_duringThePause_isNeverTriedAgain() {
    AtomicInteger runs = new AtomicInteger();
    TaskEngine engine = engines.start(1);
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              runs.incrementAndGet();
              throw new IOException("always");
            },
            TaskOptions.defaults().retry(Retry.fixed(Duration.ofDays(1), 2)));
    await().atMost(LIMIT).until(() -> engine.metrics().retries() == 1);
    assertThat(handle.cancel()).isTrue();
    assertThatExceptionOfType(TaskCancelledException.class).isThrownBy(handle::join);
    engine.close(); // does not wait for a day
    assertThat(runs).hasValue(1);
    assertThat(engine.metrics().cancelled()).isEqualTo(1);
  }

  @Test
  void close_duringThePause_waitsForTheNextAttempt() throws Exception {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(1);
    TaskHandle<Integer> handle =
        engine.submit(
            failing(1), TaskOptions.defaults().retry(Retry.fixed(Duration.ofHours(1), 2)));
    EngineProbe.awaitPauseAfter(1, engine, handle);
    Thread closer = Thread.ofPlatform().start(engine::close);
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThatExceptionOfType(RejectedTaskException.class)
                    .isThrownBy(() -> engine.submitAll(List.of())));
    assertThat(handle.isDone()).isFalse();
    clock.advance(Duration.ofHours(1));
    assertThat(closer.join(LIMIT)).isTrue();
    assertThat(handle.outcome()).isEqualTo(new Outcome.Success<>(2));
  }

  @Test
  void closeWithALimit_duringThePause_cancelsTheTask() {
    TaskEngine engine = engines.start(1);
    TaskHandle<Integer> handle =
        engine.submit(failing(1), TaskOptions.defaults().retry(Retry.fixed(Duration.ofDays(1), 2)));
    await().atMost(LIMIT).until(() -> engine.metrics().retries() == 1);
    engine.close(Duration.ZERO);
    assertThat(handle.outcome()).isInstanceOf(Outcome.Cancelled.class);
    assertThat(engine.close(LIMIT).terminated()).isTrue(); // its workers may need a moment
  }

  // ---- for what

  @Test
  void on_otherTypes_areNotTriedAgain() {
    TaskEngine engine = engines.start(1);
    Retry io = AT_ONCE.on(IOException.class).unless(FileNotFoundException.class);
    assertThat(attemptsOf(engine, io, new IOException("again"))).isEqualTo(3);
    assertThat(attemptsOf(engine, io, new FileNotFoundException("gone"))).isEqualTo(1);
    assertThat(attemptsOf(engine, io, new IllegalStateException("bug"))).isEqualTo(1);
    assertThat(attemptsOf(engine, AT_ONCE, new IllegalStateException("any exception")))
        .isEqualTo(3);
    assertThat(attemptsOf(engine, AT_ONCE, new AssertionError("an error is not one"))).isEqualTo(1);
  }

  private static int attemptsOf(TaskEngine engine, Retry retry, Throwable error) {
    AtomicInteger runs = new AtomicInteger();
    TaskHandle<Object> handle =
        engine.submit(
            context -> {
              runs.incrementAndGet();
              if (error instanceof Error e) {
                throw e;
              }
              throw (Exception) error;
            },
            TaskOptions.defaults().retry(retry));
    assertThat(handle.outcome()).isEqualTo(new Outcome.Failure<>(error));
    return runs.get();
  }

  @Test
  void onResult_isNotWanted_isTriedAgain_lastOneIsTheResult() {
    TaskEngine engine = engines.start(1);
    Retry notYet = AT_ONCE.onResult(Integer.class, n -> n < 2);
    assertThat(engine.submit(TaskContext::attempt, TaskOptions.defaults().retry(notYet)).join())
        .isEqualTo(2);
    Retry never = AT_ONCE.onResult(Integer.class, n -> true);
    assertThat(engine.submit(TaskContext::attempt, TaskOptions.defaults().retry(never)).join())
        .isEqualTo(3);
  }

  @Test
  void predicate_throws_taskFails_withThatSuppressed() {
    TaskEngine engine = engines.start(1);
    IllegalStateException broken = new IllegalStateException("predicate");
    Retry retry =
        AT_ONCE.onError(
            error -> {
              throw broken;
            });
    Outcome<Integer> outcome =
        engine.submit(failing(9), TaskOptions.defaults().retry(retry)).outcome();
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Failure.class,
            failure -> {
              assertThat(failure.error()).hasMessage("attempt 1");
              assertThat(failure.error().getSuppressed()).containsExactly(broken);
            });
    Retry onResult =
        AT_ONCE.onResult(
            Integer.class,
            n -> {
              throw broken;
            });
    assertThat(engine.submit(failing(0), TaskOptions.defaults().retry(onResult)).outcome())
        .isEqualTo(new Outcome.Failure<>(broken));
  }

  @Test
  void maxTime_isOver_noFurtherAttempt() {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(1);
    Retry retry = Retry.fixed(Duration.ofSeconds(1), 100).maxTime(Duration.ofMillis(2_500));
    TaskHandle<Integer> handle = engine.submit(failing(100), TaskOptions.defaults().retry(retry));
    EngineProbe.awaitPauseAfter(1, engine, handle);
    clock.advance(Duration.ofSeconds(1));
    EngineProbe.awaitPauseAfter(2, engine, handle);
    clock.advance(Duration.ofSeconds(1)); // the next one would begin after three seconds
    assertThat(EngineProbe.awaitOutcome(handle)).isInstanceOf(Outcome.Failure.class);
    assertThatThrownBy(handle::join).hasRootCauseMessage("attempt 3");
  }

  // ---- the budget

  @Test
  void budget_isSpent_errorSaysSo_andTimeFillsItAgain() {
    try (TestSeam.VirtualClock clock = TestSeam.stopClock();
        TaskEngine engine = TaskEngine.builder().name("storm").workers(2).retryBudget(0).build()) {
      List<TaskHandle<Integer>> handles = new ArrayList<>();
      for (int i = 0; i < 101; i++) {
        handles.add(
            engine.submit(failing(2), TaskOptions.defaults().retry(Retry.fixed(Duration.ZERO, 2))));
      }
      List<Throwable> refused =
          handles.stream()
              .map(handle -> ((Outcome.Failure<Integer>) handle.outcome()).error())
              .flatMap(error -> Stream.of(error.getSuppressed()))
              .toList();
      assertThat(refused)
          .singleElement()
          .isInstanceOf(RetryBudgetException.class)
          .hasToString(
              "dev.heddle.error.RetryBudgetException: retry budget is spent: engine=storm,"
                  + " retryBudget=0 (let what fails recover, or raise retryBudget)");
      assertThat(engine.metrics().retries()).isEqualTo(100);
      clock.advance(Duration.ofMillis(100));
      assertThat(engine.submit(failing(1), THRICE).join(LIMIT)).isEqualTo(2);
    }
  }

  // ---- a full engine

  @Test
  void submit_engineIsFull_policyDecidesAsForAnyTask() {
    TaskEngine engine =
        engines.start(
            TaskEngine.builder().workers(1).queueCapacity(1).overflow(OverflowPolicy.callerRuns()));
    AtomicInteger ranHere = new AtomicInteger();
    Thread caller = Thread.currentThread();
    TaskHandle<Integer> queued;
    TaskHandle<Integer> runs;
    try (Gate gate = Gate.holding(engine, 1)) {
      queued = engine.submit(failing(0), THRICE);
      runs =
          engine.submit(
              context -> {
                if (Thread.currentThread() == caller) {
                  ranHere.incrementAndGet();
                }
                return failing(1).run(context);
              },
              THRICE);
      assertThat(ranHere).hasValue(1);
      assertThat(engine.trySubmit(failing(0), THRICE)).isEqualTo(Optional.empty());
    }
    assertThat(runs.join(LIMIT)).isEqualTo(2);
    assertThat(queued.join(LIMIT)).isEqualTo(1);
    assertThat(ranHere).as("the second attempt is a worker's").hasValue(1);
  }

  @Test
  void snippets_areWhatTheySay() {
    assertThat(RetrySnippets.retry().delay(3)).isEqualTo(Duration.ofMillis(100));
    assertThat(RetrySnippets.retry().isFor(new FileNotFoundException())).isTrue();
    assertThat(RetrySnippets.retry().isFor(new IllegalStateException())).isFalse();
    assertThat(RetrySnippets.QUOTE.timeout()).contains(Duration.ofSeconds(2));
  }

  // ---- bad input

  @Test
  void make_badValues_areRefused() {
    assertThatThrownBy(() -> Retry.fixed(Duration.ofMillis(-1), 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "delay must be from 0 to 1 day: delay=PT-0.001S (schedule the task anew for what comes"
                + " later)");
    assertThatThrownBy(() -> Retry.exponential(Duration.ofDays(2), 2))
        .hasMessageStartingWith("firstDelay must be from 0 to 1 day: firstDelay=PT48H");
    assertThatThrownBy(() -> Retry.fixed(Duration.ZERO, 0))
        .hasMessage(
            "maxAttempts must be at least 1: maxAttempts=0 (it counts all attempts, the first one"
                + " too)");
    assertThatThrownBy(() -> AT_ONCE.factor(Double.NaN))
        .hasMessage("factor must be from 1 to 100: factor=NaN (use 1 for equal delays)");
    assertThatThrownBy(() -> AT_ONCE.factor(0.5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AT_ONCE.jitter(1.1))
        .hasMessage("jitter must be from 0 to 1: jitter=1.1 (0.5 leaves out up to a half)");
    assertThatThrownBy(() -> AT_ONCE.maxTime(Duration.ofNanos(-1)))
        .hasMessage(
            "maxTime must not be negative: maxTime=PT-0.000000001S (leave it out for no limit)");
    assertThatThrownBy(AT_ONCE::on)
        .hasMessage("types must not be empty: types=[] (leave the call out for any Exception)");
    assertThatThrownBy(() -> AT_ONCE.delay(1)).isInstanceOf(IllegalArgumentException.class);
  }
}
