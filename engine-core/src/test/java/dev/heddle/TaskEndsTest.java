// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskTimedOutException;
import dev.heddle.fork.ForkLong;
import dev.heddle.observe.Explanation;
import dev.heddle.resource.Limit;
import dev.heddle.spi.ContextPropagation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ends that meet other options: what a task uses comes back, interrupts arrive, attempts are not
 * more than allowed, whatever ends it and whenever.
 */
class TaskEndsTest {

  private static final Duration SOON = Duration.ofMillis(5);
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final ForkLong FIB =
      (scope, n) -> n < 2 ? n : scope.joinLong(TaskEndsTest.FIB, n - 1, n - 2, Long::sum);

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private static void untilInterrupted(CompletableFuture<String> seen) {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      seen.complete("interrupted");
    }
  }

  private static <T> T get(CompletableFuture<T> future) {
    return future.orTimeout(1, TimeUnit.MINUTES).join();
  }

  /** The outcome is decided while the first attempt is on its way to its permits. */
  @Test
  void uses_endedAtTheInstantOfAcquiring_permitsComeBack() {
    TaskEngine engine = engines.start(1);
    Limit limit = engine.limit("one", 1);
    TaskOptions options =
        TaskOptions.defaults().uses(limit).totalTimeout(Duration.ofNanos(1)).name("hasty");
    for (int i = 0; i < 5_000; i++) {
      Outcome<Integer> outcome = engine.submit(context -> 1, options).outcome();
      assertThat(outcome).isNotInstanceOf(Outcome.Cancelled.class);
    }
    await().atMost(LIMIT).until(() -> limit.available() == 1);
  }

  @Test
  void uses_contextCannotBeRestored_permitsComeBack() {
    ContextPropagation broken =
        () ->
            () -> {
              throw new IllegalStateException("no context");
            };
    try (TaskEngine engine = TaskEngine.builder().workers(1).contextPropagation(broken).build()) {
      Limit limit = engine.limit("one", 1);
      TaskHandle<Integer> handle = engine.submit(context -> 1, TaskOptions.defaults().uses(limit));
      assertThat(handle.outcome())
          .isInstanceOfSatisfying(
              Outcome.Failure.class,
              failure -> assertThat(failure.error()).hasMessage("no context"));
      await().atMost(LIMIT).until(() -> limit.available() == 1);
    }
  }

  @Test
  void close_timeIsUp_interruptsAttemptsAndBodiesWhoseTimeIsOver() throws Exception {
    TaskEngine engine = engines.start(2);
    CountDownLatch runs = new CountDownLatch(2);
    CompletableFuture<String> attempt = new CompletableFuture<>();
    CompletableFuture<String> late = new CompletableFuture<>();
    engine.submit(
        Task.action(
            context -> {
              runs.countDown();
              untilInterrupted(attempt);
            }),
        TaskOptions.defaults().retry(Retry.fixed(SOON, 2)));
    TaskHandle<@Nullable Void> timed =
        engine.submit(
            Task.action(
                context -> {
                  runs.countDown();
                  untilInterrupted(late);
                }),
            TaskOptions.defaults().timeout(SOON));
    Gate.await(runs);
    assertThat(timed.outcome()).isInstanceOf(Outcome.Failure.class);
    assertThat(late).isNotDone();

    engine.close(Duration.ZERO);
    assertThat(get(attempt)).isEqualTo("interrupted");
    assertThat(get(late)).isEqualTo("interrupted");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cancel_ofTheParent_interruptsAnInterruptibleChild(boolean withRetry) {
    TaskEngine engine = engines.start(2);
    TaskOptions options = TaskOptions.defaults().interruptible(true);
    TaskOptions childOptions = withRetry ? options.retry(Retry.fixed(SOON, 2)) : options;
    CountDownLatch runs = new CountDownLatch(1);
    CompletableFuture<String> child = new CompletableFuture<>();
    TaskHandle<@Nullable Void> parent =
        engine.submit(
            Task.action(
                context -> {
                  engine.submit(
                      Task.action(
                          inner -> {
                            runs.countDown();
                            untilInterrupted(child);
                          }),
                      childOptions);
                  while (!context.isCancelled()) {
                    Thread.onSpinWait();
                  }
                }));
    Gate.await(runs);
    assertThat(parent.cancel()).isTrue();
    assertThat(get(child)).isEqualTo("interrupted");
  }

  /** A delayed task is its submitter's child, too. */
  @Test
  void cancel_ofTheParent_delayedChildNeverRuns() {
    TaskEngine engine = engines.start(1);
    CompletableFuture<TaskHandle<Integer>> child = new CompletableFuture<>();
    AtomicInteger ran = new AtomicInteger();
    TaskHandle<@Nullable Void> parent =
        engine.submit(
            Task.action(
                context -> {
                  child.complete(
                      engine.schedule(inner -> ran.incrementAndGet(), Duration.ofMillis(1)));
                  while (!context.isCancelled()) {
                    Thread.onSpinWait();
                  }
                }));
    TaskHandle<Integer> delayed = get(child);
    parent.cancel();
    assertThat(delayed.outcome()).isInstanceOf(Outcome.Cancelled.class);
    assertThat(ran).hasValue(0);
  }

  /** Its post was given away, and with it the place where others find what it computes. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cancel_computationOfARelievedWorker_ends(boolean computesBefore) {
    TaskEngine engine = engines.start(1);
    CountDownLatch otherRan = new CountDownLatch(1);
    CountDownLatch computes = new CountDownLatch(1);
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    TaskHandle<Long> handle =
        engine.submit(
            context -> {
              if (computesBefore) {
                engine.computeLong(FIB, 5);
              }
              context.blocking(
                  () -> {
                    Gate.await(otherRan);
                    return 0;
                  });
              computes.countDown();
              try {
                return engine.computeLong(FIB, 90); // would take years
              } catch (Throwable e) {
                thrown.complete(e);
                throw e;
              }
            });
    engine.execute(otherRan::countDown); // by who has the post now
    Gate.await(computes);
    assertThat(handle.cancel()).isTrue();
    assertThat(get(thrown)).isInstanceOf(TaskCancelledException.class);
    assertThat(engine.submit(context -> engine.computeLong(FIB, 15)).join(LIMIT)).isEqualTo(610);
  }

  @Test
  void cancel_computationWithIsolatedThreadLocals_ends() {
    try (TaskEngine engine = TaskEngine.builder().workers(1).isolateThreadLocals(true).build()) {
      CountDownLatch computes = new CountDownLatch(1);
      TaskHandle<Long> handle =
          engine.submit(
              context -> {
                computes.countDown();
                return engine.computeLong(FIB, 90);
              });
      Gate.await(computes);
      assertThat(handle.cancel(LIMIT).end()).isEqualTo(CancelReport.End.ENDED);
    }
  }

  /** A body that ends by itself at this moment tells nobody. */
  @Test
  void cancelWithABound_bodyIsJustEnding_doesNotWaitForTheBound() {
    TaskEngine engine = engines.start(1);
    for (int i = 0; i < 3_000; i++) {
      int spins = i % 100;
      TaskHandle<Integer> handle =
          engine.submit(
              context -> {
                for (int spin = 0; spin < spins; spin++) {
                  Thread.onSpinWait();
                }
                return spins;
              });
      assertThat(handle.cancel(Duration.ofDays(1)).end()).isNotEqualTo(CancelReport.End.IGNORED);
    }
  }

  @Test
  void timeout_callbackClosesTheEngine_nobodyWaitsForHimself() {
    TaskEngine engine = engines.start(1);
    CompletableFuture<Boolean> closed = new CompletableFuture<>();
    CompletableFuture<Boolean> registered = new CompletableFuture<>();
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(
                context -> {
                  get(registered);
                  while (!context.isCancelled()) {
                    Thread.onSpinWait();
                  }
                }),
            TaskOptions.defaults().timeout(Duration.ofMillis(50)));
    handle.onComplete(
        outcome -> {
          engine.close();
          closed.complete(true);
        });
    registered.complete(true);
    assertThat(get(closed)).isTrue();
    engine.close();
  }

  /** The only worker waits for a task that comes into its own queue later. */
  @Test
  void schedule_withAFallback_runsInsideWhoWaitsForIt() {
    try (TaskEngine engine = TaskEngine.builder().workers(1).compensationLimit(0).build()) {
      TaskHandle<Integer> outer =
          engine.submit(
              context ->
                  engine
                      .schedule(
                          Task.<Integer>fallback(
                              inner -> {
                                throw new IllegalStateException("made on purpose");
                              },
                              (error, inner) -> 7),
                          Duration.ofMillis(20))
                      .join());
      assertThat(outer.join(LIMIT)).isEqualTo(7);
    }
  }

  // ---- hedges, retries, fallbacks

  /** Both of the first two are unwanted: there is one next attempt, not two. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void hedge_withRetry_attemptsAreNotMoreThanAllowed(int maxAttempts) {
    TaskEngine engine = engines.start(4);
    AtomicInteger begun = new AtomicInteger();
    CountDownLatch two = new CountDownLatch(Math.min(2, maxAttempts));
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              int attempt = begun.incrementAndGet();
              two.countDown();
              Gate.await(two); // the hedge begins before the first attempt ends
              return attempt;
            },
            TaskOptions.defaults()
                .retry(Retry.fixed(SOON, maxAttempts).onResult(Integer.class, result -> true))
                .hedge(Duration.ofMillis(1)));
    assertThat(handle.join(LIMIT)).isPositive();
    EngineProbe.awaitIdle(engine);
    assertThat(begun).hasValue(maxAttempts);
  }

  /** Both have ended before either is weighed: one of them is the last, and one attempt follows. */
  @Test
  void hedge_bothResultsAreWeighedAtATime_oneFurtherAttemptFollows() {
    TaskEngine engine = engines.start(4);
    AtomicInteger begun = new AtomicInteger();
    CountDownLatch bothRun = new CountDownLatch(2);
    CountDownLatch bothAreWeighed = new CountDownLatch(2);
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              int attempt = begun.incrementAndGet();
              if (attempt <= 2) {
                bothRun.countDown();
                Gate.await(bothRun);
              }
              return attempt;
            },
            TaskOptions.defaults()
                .retry(
                    Retry.fixed(SOON, 4)
                        .onResult(
                            Integer.class,
                            attempt -> {
                              bothAreWeighed.countDown();
                              Gate.await(bothAreWeighed);
                              return attempt <= 2;
                            }))
                .hedge(Duration.ofMillis(1)));
    assertThat(handle.join(LIMIT)).isEqualTo(3);
    EngineProbe.awaitIdle(engine);
    assertThat(engine.metrics().retries()).as("the hedge, and one more").isEqualTo(2);
  }

  @Test
  void fallback_timesOut_hasTheErrorOfTheTaskSuppressed() {
    TaskEngine engine = engines.start(1);
    TaskHandle<Integer> handle =
        engine.submit(
            Task.<Integer>fallback(
                context -> {
                  throw new IllegalStateException("the task's");
                },
                (error, context) -> {
                  while (!context.isCancelled()) {
                    Thread.onSpinWait();
                  }
                  return 0;
                }),
            TaskOptions.defaults().timeout(Duration.ofSeconds(1)));
    assertThat(handle.outcome())
        .isInstanceOfSatisfying(
            Outcome.Failure.class,
            failure -> {
              assertThat(failure.error()).isInstanceOf(TaskTimedOutException.class);
              assertThat(failure.error().getSuppressed())
                  .singleElement()
                  .extracting(Throwable::getMessage)
                  .isEqualTo("the task's");
            });
  }

  @Test
  void fallback_conditionOfTheRetryThrows_isCalled() {
    TaskEngine engine = engines.start(1);
    TaskHandle<Integer> handle =
        engine.submit(
            Task.<Integer>fallback(context -> 1, (error, context) -> -1),
            TaskOptions.defaults()
                .retry(
                    Retry.fixed(SOON, 3)
                        .onResult(
                            Integer.class,
                            result -> {
                              throw new IllegalStateException("condition");
                            })));
    assertThat(handle.join(LIMIT)).isEqualTo(-1);
  }

  @Test
  void explain_oneAttemptRuns_theOtherIsQueued_itRuns() {
    try (TaskEngine engine = TaskEngine.builder().workers(1).compensationLimit(0).build();
        Gate gate = Gate.closed()) {
      CountDownLatch runs = new CountDownLatch(1);
      TaskHandle<@Nullable Void> handle =
          engine.submit(
              Task.action(
                  context -> {
                    runs.countDown();
                    gate.pass();
                  }),
              TaskOptions.defaults().hedge(Duration.ofMillis(1)));
      Gate.await(runs);
      await().atMost(LIMIT).until(() -> engine.metrics().retries() == 1);
      assertThat(engine.explain(handle).state()).isEqualTo(Explanation.State.RUNNING);
    }
  }

  @Test
  void limited_bodyThrows_storySaysHowLongItRan() {
    TaskEngine engine = engines.start(1);
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              throw new IllegalStateException("made on purpose");
            },
            TaskOptions.defaults().timeout(LIMIT));
    try {
      handle.join();
    } catch (dev.heddle.error.TaskFailedException e) {
      assertThat(e.context().orElseThrow().ran()).isPresent();
    }
    assertThat(handle.state()).isEqualTo(TaskHandle.State.FAILED);
  }
}
