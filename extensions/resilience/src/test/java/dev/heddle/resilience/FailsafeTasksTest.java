// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.failsafe.CircuitBreaker;
import dev.failsafe.CircuitBreaker.State;
import dev.failsafe.CircuitBreakerBuilder;
import dev.failsafe.CircuitBreakerOpenException;
import dev.failsafe.RateLimitExceededException;
import dev.failsafe.RateLimiter;
import dev.heddle.Task;
import dev.heddle.TaskHandle;
import dev.heddle.error.ErrorCode;
import dev.heddle.error.TaskFailedException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FailsafeTasksTest {

  private final IOException failure = new IOException("down");

  @RegisterExtension final Runs runs = new Runs();

  private static CircuitBreakerBuilder<Object> config() {
    return CircuitBreaker.builder().withFailureThreshold(2, 4).withDelay(Duration.ofDays(1));
  }

  /** Opens after 2 failures, and is closed or opened by one trial. */
  private static CircuitBreaker<Object> breaker() {
    return config().withSuccessThreshold(1).build();
  }

  private static CircuitBreaker<Object> halfOpenBreaker() {
    CircuitBreaker<Object> breaker = breaker();
    breaker.open();
    breaker.halfOpen();
    return breaker;
  }

  private Task<Integer> behind(CircuitBreaker<Object> breaker) {
    return FailsafeTasks.circuitBreaker(breaker, runs.ok());
  }

  private static Task<Integer> failingBehind(CircuitBreaker<Object> breaker, Throwable failure) {
    return FailsafeTasks.circuitBreaker(breaker, Runs.failing(failure));
  }

  @Test
  void circuitBreaker_failures_openIt_andItRefusesWithoutRunningTheBody() {
    CircuitBreaker<Object> breaker = breaker();
    assertThat(runs.failureOf(failingBehind(breaker, failure))).isSameAs(failure);
    assertThat(breaker.getState()).isEqualTo(State.CLOSED);
    assertThat(runs.failureOf(failingBehind(breaker, failure))).isSameAs(failure);
    assertThat(breaker.getState()).isEqualTo(State.OPEN);

    CallRefusedException refusal = runs.refusalOf(behind(breaker));
    assertThat(refusal)
        .hasMessageMatching(
            "the circuit breaker must permit the call: state=OPEN, delay=PT.*"
                + " \\(try later, or do without its result\\)")
        .hasCauseInstanceOf(CircuitBreakerOpenException.class);
    assertThat(refusal.code()).isEqualTo(ErrorCode.EXTENSION);
  }

  @Test
  void circuitBreaker_refused_joinTellsWhy() {
    CircuitBreaker<Object> breaker = breaker();
    breaker.open();
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(() -> runs.run(behind(breaker)))
        .withCauseInstanceOf(CallRefusedException.class)
        .withRootCauseInstanceOf(CircuitBreakerOpenException.class);
  }

  @Test
  void circuitBreaker_halfOpen_letsOneThrough_andClosesAgain() {
    CircuitBreaker<Object> breaker = halfOpenBreaker();
    Runs.Held trial = runs.hold(task -> FailsafeTasks.circuitBreaker(breaker, task), runs.ok());
    assertThat(runs.refusalOf(behind(breaker))).hasMessageContaining("state=HALF_OPEN");
    trial.end();
    assertThat(trial.handle().join()).isEqualTo(1);
    assertThat(breaker.getState()).isEqualTo(State.CLOSED);
    assertThat(runs.run(behind(breaker))).isEqualTo(2);
  }

  @Test
  void circuitBreaker_halfOpenAndFailure_opensAgain() {
    CircuitBreaker<Object> breaker = halfOpenBreaker();
    runs.failureOf(failingBehind(breaker, failure));
    assertThat(breaker.getState()).isEqualTo(State.OPEN);
  }

  @ParameterizedTest
  @MethodSource("dev.heddle.resilience.Runs#cancellations")
  void circuitBreaker_cancellation_isNotRecorded(Throwable stop) {
    CircuitBreaker<Object> breaker = breaker();
    for (int i = 0; i < 3; i++) {
      runs.engine.submit(failingBehind(breaker, stop)).outcome();
    }
    assertThat(breaker.getExecutionCount()).isZero();
    assertThat(breaker.getState()).isEqualTo(State.CLOSED);
  }

  @Test
  void circuitBreaker_cancelledOrInterruptedRunThrowsAnything_isNotRecorded() {
    CircuitBreaker<Object> breaker = breaker();
    Runs.Held cancelled =
        runs.hold(task -> FailsafeTasks.circuitBreaker(breaker, task), Runs.failing(failure));
    cancelled.handle().cancel();
    cancelled.end();
    Runs.Held interrupted =
        runs.hold(task -> FailsafeTasks.circuitBreaker(breaker, task), runs.ok());
    interrupted.interrupt();
    assertThat(breaker.getExecutionCount()).isZero();
  }

  @Test
  void circuitBreaker_cancelledTrial_givesItsPermitBackAsAFailure() {
    CircuitBreaker<Object> breaker = config().withSuccessThreshold(2, 3).build();
    breaker.open();
    breaker.halfOpen();
    Task<Integer> cancelled = failingBehind(breaker, Runs.cancellations().getFirst());
    runs.engine.submit(cancelled).outcome();
    assertThat(breaker.getFailureCount()).isEqualTo(1);
    assertThat(runs.run(behind(breaker))).isEqualTo(1);
    assertThat(runs.run(behind(breaker))).isEqualTo(2);
    assertThat(breaker.getState()).isEqualTo(State.CLOSED);

    breaker.open();
    breaker.halfOpen();
    runs.engine.submit(cancelled).outcome();
    runs.engine.submit(cancelled).outcome();
    assertThat(breaker.getState()).isEqualTo(State.OPEN);
  }

  @Test
  void circuitBreaker_halfOpensDuringACancelledRun_nothingIsRecorded() {
    CircuitBreaker<Object> breaker = breaker();
    Runs.Held cancelled =
        runs.hold(task -> FailsafeTasks.circuitBreaker(breaker, task), Runs.failing(failure));
    breaker.open();
    breaker.halfOpen();
    cancelled.handle().cancel();
    cancelled.end();
    assertThat(breaker.getExecutionCount()).isZero();
    assertThat(breaker.getState()).isEqualTo(State.HALF_OPEN);
  }

  @Test
  void circuitBreaker_closesDuringACancelledTrial_nothingIsRecorded() {
    CircuitBreaker<Object> breaker = halfOpenBreaker();
    Runs.Held cancelled =
        runs.hold(task -> FailsafeTasks.circuitBreaker(breaker, task), Runs.failing(failure));
    breaker.close();
    cancelled.handle().cancel();
    cancelled.end();
    assertThat(breaker.getExecutionCount()).isZero();
  }

  @Test
  void circuitBreaker_error_isRecorded() {
    CircuitBreaker<Object> breaker = breaker();
    AssertionError error = new AssertionError("broken");
    assertThat(runs.failureOf(failingBehind(breaker, error))).isSameAs(error);
    assertThat(breaker.getFailureCount()).isEqualTo(1);
  }

  @Test
  void circuitBreaker_resultThatCountsAsFailure_isRecordedAsOne() {
    CircuitBreaker<Integer> breaker =
        CircuitBreaker.<Integer>builder().withFailureThreshold(2).handleResult(1).build();
    assertThat(runs.run(FailsafeTasks.circuitBreaker(breaker, runs.ok()))).isEqualTo(1);
    assertThat(breaker.getFailureCount()).isEqualTo(1);
  }

  @Test
  void rateLimiter_aboveItsRate_refuses() {
    RateLimiter<Object> limiter = RateLimiter.burstyBuilder(2, Duration.ofDays(1)).build();
    Task<Integer> task = FailsafeTasks.rateLimiter(limiter, runs.ok());
    assertThat(runs.run(task)).isEqualTo(1);
    assertThat(runs.run(task)).isEqualTo(2);
    assertThat(runs.refusalOf(task))
        .hasMessage(
            "the rate limiter must have a permit in time: maxWaitTime=PT0S"
                + " (call less often, or allow a longer wait)")
        .hasCauseInstanceOf(RateLimitExceededException.class);
  }

  @Test
  void rateLimiter_nextPeriod_hasPermitsAgain() {
    RateLimiter<Object> limiter =
        RateLimiter.burstyBuilder(1, Duration.ofMillis(10))
            .withMaxWaitTime(Duration.ofDays(1))
            .build();
    Task<Integer> task = FailsafeTasks.rateLimiter(limiter, runs.ok());
    for (int i = 1; i <= 4; i++) {
      assertThat(runs.run(task)).isEqualTo(i);
    }
  }

  @Test
  void rateLimiter_permitInTime_waitsForIt() {
    Duration wait = Duration.ofMillis(30);
    Duration maxWait = Duration.ofDays(1);
    Task<Integer> task = FailsafeTasks.rateLimiter(limiterWithPermitIn(wait, maxWait), runs.ok());
    long start = System.nanoTime();
    assertThat(runs.run(task)).isEqualTo(1);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(wait);
  }

  /** The library's limiters have a clock of their own, which cannot be stopped. */
  private static RateLimiter<?> limiterWithPermitIn(Duration wait, Duration maxWait) {
    RateLimiter<Object> limiter =
        RateLimiter.burstyBuilder(1, Duration.ofDays(1)).withMaxWaitTime(maxWait).build();
    return (RateLimiter<?>)
        Proxy.newProxyInstance(
            FailsafeTasksTest.class.getClassLoader(),
            new Class<?>[] {RateLimiter.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("tryReservePermit")) {
                assertThat(arguments).containsExactly(maxWait);
                return wait;
              }
              return method.invoke(limiter, arguments);
            });
  }

  @Test
  void rateLimiter_cancelledWhileItWaits_endsWithoutTheBody() {
    Duration day = Duration.ofDays(1);
    Task<Integer> task = FailsafeTasks.rateLimiter(limiterWithPermitIn(day, day), runs.ok());
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    TaskHandle<Integer> waiting =
        runs.engine.submit(
            context -> {
              begun.countDown();
              try {
                return task.run(context);
              } finally {
                ended.countDown();
              }
            });
    Runs.await(begun);
    assertThat(waiting.cancel()).isTrue();
    Runs.await(ended);
    assertThat(runs.bodies).hasValue(0);
  }

  @Test
  void rateLimiter_interruptedWhileItWaits_endsWithoutTheBody() {
    Duration day = Duration.ofDays(1);
    Task<Integer> task = FailsafeTasks.rateLimiter(limiterWithPermitIn(day, day), runs.ok());
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(() -> runs.run(Runs.interrupted(task)))
        .withCauseInstanceOf(InterruptedException.class);
    assertThat(runs.bodies).hasValue(0);
  }

  @Test
  @SuppressWarnings("NullAway") // the point
  void nullArguments_areRefused() {
    RateLimiter<Object> limiter = RateLimiter.smoothBuilder(Duration.ofDays(1)).build();
    assertThatNullPointerException()
        .isThrownBy(() -> FailsafeTasks.circuitBreaker(null, runs.ok()))
        .withMessage("breaker");
    assertThatNullPointerException()
        .isThrownBy(() -> FailsafeTasks.circuitBreaker(breaker(), null))
        .withMessage("task");
    assertThatNullPointerException()
        .isThrownBy(() -> FailsafeTasks.rateLimiter(null, runs.ok()))
        .withMessage("limiter");
    assertThatNullPointerException()
        .isThrownBy(() -> FailsafeTasks.rateLimiter(limiter, null))
        .withMessage("task");
  }
}
