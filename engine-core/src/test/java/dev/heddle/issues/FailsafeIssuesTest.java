// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.heddle.EngineProbe;
import dev.heddle.Outcome;
import dev.heddle.Retry;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskTimedOutException;
import dev.heddle.internal.util.TestSeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What users of Failsafe have met with timeouts and retries must not happen here. */
class FailsafeIssuesTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Too long to pass by itself: for tests that move the clock. */
  private static final Duration HOUR = Duration.ofHours(1);

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private static void pass(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Issue 52: cancelling what was returned did not end the retries. */
  @Test
  void issue52_cancelledHandle_isNotTriedAgain() {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(1);
    AtomicInteger runs = new AtomicInteger();
    TaskHandle<Object> handle =
        engine.submit(
            context -> {
              runs.incrementAndGet();
              throw new IllegalStateException("always");
            },
            TaskOptions.defaults().retry(Retry.fixed(HOUR, 1_000)));
    EngineProbe.awaitPauseAfter(1, engine, handle);
    clock.advance(HOUR);
    EngineProbe.awaitPauseAfter(2, engine, handle);
    clock.advance(HOUR);
    EngineProbe.awaitPauseAfter(3, engine, handle);
    assertThat(handle.cancel(true)).isTrue();
    for (int hour = 0; hour < 3; hour++) {
      clock.advance(HOUR);
      EngineProbe.awaitOutcome(engine.schedule(context -> 5, Duration.ZERO)); // timers have run
    }
    engine.close(); // waits for whatever is still to come
    assertThat(runs).hasValue(3);
  }

  /** Issue 207: who waits was not released before the interrupted body had come to its end. */
  @Test
  void issue207_timeoutWithRetries_releasesTheCaller_whileTheBodyGoesOn() {
    TaskEngine engine = engines.start(1);
    CountDownLatch open = new CountDownLatch(1);
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(
                context -> {
                  while (open.getCount() > 0) {
                    Thread.interrupted(); // a library below the body swallows it
                    Thread.onSpinWait();
                  }
                }),
            TaskOptions.defaults()
                .timeout(Duration.ofMillis(5))
                .totalTimeout(Duration.ofMillis(50))
                .interruptible(true)
                .retry(Retry.fixed(Duration.ofMillis(1), 3)));
    assertThat(EngineProbe.awaitOutcome(handle)).isInstanceOf(Outcome.Failure.class);
    open.countDown();
  }

  /** Issue 257: when the executor refused the task, its future was never completed. */
  @Test
  void issue257_fullEngine_refusesAtOnce_andEachAcceptedTaskEnds() {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).queueCapacity(2));
    TaskOptions options =
        TaskOptions.defaults()
            .timeout(HOUR)
            .totalTimeout(HOUR.multipliedBy(10))
            .retry(Retry.fixed(Duration.ZERO, 2));
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    List<TaskHandle<Integer>> accepted = new ArrayList<>();
    assertThatExceptionOfType(RejectedTaskException.class)
        .isThrownBy(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                accepted.add(
                    engine.submit(
                        context -> {
                          running.countDown();
                          pass(open);
                          return context.attempt();
                        },
                        options));
              }
            });
    assertThat(accepted).as("two in the queue, and the one that runs").hasSizeBetween(2, 3);
    pass(running);
    clock.advance(HOUR);
    await().atMost(LIMIT).until(() -> engine.metrics().timeouts() == 1);
    open.countDown();
    assertThat(accepted.stream().map(EngineProbe::awaitOutcome))
        .as("the one that was too slow has been tried again")
        .startsWith(new Outcome.Success<>(2))
        .endsWith(new Outcome.Success<>(1));
  }

  /**
   * Issue 260: a timeout that was over before the start ended nothing, and nothing ever started.
   */
  @Test
  void issue260_timeIsOverBeforeTheStart_taskEndsAndTheNextOneRuns() {
    TaskEngine engine = engines.start(1);
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    engine.execute(
        () -> {
          held.countDown();
          while (open.getCount() > 0 && !Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait(); // one that blocks would be relieved
          }
        });
    pass(held);
    TaskOptions options =
        TaskOptions.defaults()
            .totalTimeout(Duration.ofMillis(5))
            .retry(Retry.fixed(Duration.ofMillis(1), 3));
    AtomicBoolean ran = new AtomicBoolean();
    List<TaskHandle<@Nullable Void>> late = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      late.add(engine.submit(Task.action(context -> ran.set(true)), options));
    }
    for (TaskHandle<@Nullable Void> handle : late) {
      assertThat(EngineProbe.awaitOutcome(handle))
          .isInstanceOfSatisfying(
              Outcome.Failure.class,
              failure -> assertThat(failure.error()).isInstanceOf(TaskTimedOutException.class));
    }
    open.countDown();
    assertThat(engine.submit(() -> 5).join(LIMIT)).isEqualTo(5);
    assertThat(ran).isFalse();
  }

  /** Issue 263: a timeout never took effect on a body that ignores interrupts. */
  @Test
  void issue263_bodyIgnoresInterrupts_timeoutTakesEffect() {
    TaskEngine engine = engines.start(1);
    CountDownLatch open = new CountDownLatch(1);
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              while (open.getCount() > 0) {
                Thread.interrupted();
                Thread.onSpinWait();
              }
              return 1;
            },
            TaskOptions.defaults().timeout(Duration.ofMillis(5)).interruptible(true));
    assertThat(EngineProbe.awaitOutcome(handle)).isInstanceOf(Outcome.Failure.class);
    open.countDown();
  }
}
