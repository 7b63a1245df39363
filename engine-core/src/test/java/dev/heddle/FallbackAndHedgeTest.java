// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.error.TaskTimedOutException;
import dev.heddle.internal.util.TestSeam;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a task does when it has failed for good, and a second attempt beside a slow one. */
class FallbackAndHedgeTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Too long to pass by itself: for tests that move the clock. */
  private static final Duration HOUR = Duration.ofHours(1);

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private static Task<String> failing() {
    return context -> {
      throw new IOException("attempt " + context.attempt());
    };
  }

  @Test
  void fallback_bodySucceeds_isNotCalled() {
    TaskEngine engine = engines.start(1);
    AtomicBoolean called = new AtomicBoolean();
    Task<Integer> task =
        Task.fallback(
            context -> 1,
            (error, context) -> {
              called.set(true);
              return 2;
            });
    assertThat(engine.submit(task).join(LIMIT)).isEqualTo(1);
    assertThat(called).isFalse();
  }

  @Test
  void fallback_afterTheLastAttempt_getsItsError() {
    TaskEngine engine = engines.start(1);
    Task<String> task =
        Task.fallback(failing(), (error, c) -> error.getMessage() + ", fallback " + c.attempt());
    assertThat(engine.submit(task).join(LIMIT)).isEqualTo("attempt 1, fallback 2");
    TaskOptions thrice = TaskOptions.defaults().retry(Retry.fixed(Duration.ZERO, 3));
    assertThat(engine.submit(task, thrice).join(LIMIT)).isEqualTo("attempt 3, fallback 4");
    assertThat(engine.schedule(task, Duration.ofMillis(1)).join(LIMIT))
        .isEqualTo("attempt 1, fallback 2");
    assertThat(engine.submitAll(List.of(task, Task.blocking(task))).join())
        .containsOnly("attempt 1, fallback 2");
    assertThat(EngineProbe.awaitIdle(engine).failed()).isZero();
  }

  @Test
  void fallback_ofABlockingTask_runsOnAVirtualThread() {
    TaskEngine engine = engines.start(1);
    Task<Boolean> body =
        context -> {
          throw new IOException(String.valueOf(Thread.currentThread().isVirtual()));
        };
    TaskFunction<Throwable, Boolean> fallback =
        (error, context) -> "true".equals(error.getMessage()) && Thread.currentThread().isVirtual();
    assertThat(engine.submit(Task.fallback(Task.blocking(body), fallback)).join(LIMIT)).isTrue();
    assertThat(engine.submit(Task.blocking(Task.fallback(body, fallback))).join(LIMIT)).isTrue();
  }

  @Test
  void fallback_failsToo_hasTheFirstErrorSuppressed() {
    TaskEngine engine = engines.start(1);
    Task<String> task =
        Task.fallback(
            failing(),
            (error, context) -> {
              throw new IllegalStateException("fallback");
            });
    assertThatThrownBy(() -> engine.submit(task).join(LIMIT))
        .cause()
        .hasMessage("fallback")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1))
        .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessage("attempt 1"));
  }

  @Test
  void fallback_afterATimeout_isCalled_afterACancellation_isNot() throws InterruptedException {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(2);
    Semaphore started = new Semaphore(0);
    CountDownLatch open = new CountDownLatch(1);
    ConcurrentLinkedQueue<Throwable> seen = new ConcurrentLinkedQueue<>();
    Task<Integer> task =
        Task.fallback(
            context -> {
              started.release();
              Gate.await(open);
              return 1;
            },
            (error, context) -> {
              seen.add(error);
              return 2;
            });
    TaskHandle<Integer> timedOut = engine.submit(task, TaskOptions.defaults().timeout(HOUR));
    assertThat(started.tryAcquire(1, TimeUnit.MINUTES)).isTrue();
    clock.advance(HOUR); // the fallback has an hour of its own
    assertThat(EngineProbe.awaitOutcome(timedOut)).isEqualTo(new Outcome.Success<>(2));
    assertThat(seen).singleElement().isInstanceOf(TaskTimedOutException.class);
    TaskHandle<Integer> cancelled = engine.submit(task);
    assertThat(started.tryAcquire(1, TimeUnit.MINUTES)).isTrue();
    assertThat(cancelled.cancel()).isTrue();
    open.countDown();
    assertThat(cancelled.outcome()).isInstanceOf(Outcome.Cancelled.class);
    EngineProbe.awaitIdle(engine);
    assertThat(seen).hasSize(1);
  }

  @Test
  void fallback_calledInsideAnotherTask_hasOneAttempt() throws Exception {
    TaskEngine engine = engines.start(1);
    Task<String> task =
        Task.fallback(failing(), (error, context) -> String.valueOf(error.getMessage()));
    assertThat(engine.submit(context -> "inside: " + task.run(context)).join(LIMIT))
        .isEqualTo("inside: attempt 1");
  }

  // ---- hedges

  @Test
  void hedge_firstIsSlow_secondWins_firstIsCancelled() {
    TaskEngine engine = engines.start(2);
    CountDownLatch firstIsCancelled = new CountDownLatch(1);
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              if (context.attempt() == 1) {
                context.onCancel(firstIsCancelled::countDown);
                Gate.await(firstIsCancelled);
              }
              return context.attempt();
            },
            TaskOptions.defaults().hedge(Duration.ofMillis(5)));
    assertThat(handle.join(LIMIT)).isEqualTo(2);
    Gate.await(firstIsCancelled);
    assertThat(EngineProbe.awaitIdle(engine).completed()).isEqualTo(1);
  }

  @Test
  void hedge_firstIsQuick_thereIsNoSecond() {
    TaskEngine engine = engines.start(2);
    TaskOptions hedged = TaskOptions.defaults().hedge(Duration.ofDays(1));
    for (int i = 0; i < 31; i++) { // one more, and what is slow is known from these
      assertThat(engine.submit(TaskContext::attempt, hedged).join(LIMIT)).isEqualTo(1);
    }
    assertThat(engine.metrics().retries()).isZero();
  }

  @Test
  void hedge_oneFails_theOtherIsWaitedFor_bothFail_oneIsSuppressed() {
    TaskEngine engine = engines.start(2);
    CountDownLatch bothRun = new CountDownLatch(2);
    TaskOptions hedged = TaskOptions.defaults().hedge(Duration.ofMillis(5));
    assertThatThrownBy(
            () ->
                engine
                    .submit(
                        context -> {
                          bothRun.countDown();
                          Gate.await(bothRun);
                          throw new IOException("attempt " + context.attempt());
                        },
                        hedged)
                    .join(LIMIT))
        .cause()
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    CountDownLatch bothRunAgain = new CountDownLatch(2);
    CountDownLatch secondFails = new CountDownLatch(1);
    Gate secondHasFailed = Gate.closed();
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              bothRunAgain.countDown();
              Gate.await(bothRunAgain);
              if (context.attempt() == 2) {
                secondFails.countDown();
                throw new IOException("second");
              }
              Gate.await(secondFails);
              engine.execute(secondHasFailed::open); // by the other worker, which is done then
              secondHasFailed.pass();
              return 1;
            },
            hedged);
    assertThat(handle.join(LIMIT)).isEqualTo(1);
  }

  @Test
  void hedge_firstFailsBeforeItIsSlow_thereIsNoSecond() {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(2);
    AtomicInteger runs = new AtomicInteger();
    TaskHandle<Object> handle =
        engine.submit(
            context -> {
              runs.incrementAndGet();
              throw new IOException("at once");
            },
            TaskOptions.defaults().hedge(HOUR));
    assertThat(EngineProbe.awaitOutcome(handle)).isInstanceOf(Outcome.Failure.class);
    clock.advance(HOUR);
    TaskHandle<Integer> later = engine.schedule(context -> 5, Duration.ZERO);
    assertThat(EngineProbe.awaitOutcome(later)).isEqualTo(new Outcome.Success<>(5));
    engine.close();
    assertThat(runs).hasValue(1);
    assertThat(engine.metrics().retries()).isZero();
  }
}
