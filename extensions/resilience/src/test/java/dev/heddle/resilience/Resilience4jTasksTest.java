// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.heddle.Task;
import dev.heddle.TaskHandle;
import dev.heddle.error.ErrorCode;
import dev.heddle.error.TaskFailedException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.RequestNotPermitted;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Resilience4jTasksTest {

  private final IOException failure = new IOException("down");

  @RegisterExtension final Runs runs = new Runs();

  /** The clock of the breakers and limiters here; it stands still. */
  private final AtomicLong nanos = new AtomicLong();

  private CircuitBreakerConfig.Builder config() {
    return CircuitBreakerConfig.custom()
        .slidingWindowSize(4)
        .minimumNumberOfCalls(2)
        .permittedNumberOfCallsInHalfOpenState(1)
        .waitDurationInOpenState(Duration.ofDays(1))
        .currentTimestampFunction(clock -> nanos.get(), TimeUnit.NANOSECONDS);
  }

  private CircuitBreaker breaker() {
    return CircuitBreaker.of("prices", config().build());
  }

  private RateLimiter limiter(Duration period, Duration timeout) {
    return RateLimiter.of(
        "prices",
        RateLimiterConfig.custom()
            .limitForPeriod(1)
            .limitRefreshPeriod(period)
            .timeoutDuration(timeout)
            .build(),
        nanos::get);
  }

  private Task<Integer> behind(CircuitBreaker breaker) {
    return Resilience4jTasks.circuitBreaker(breaker, runs.ok());
  }

  private static Task<Integer> failingBehind(CircuitBreaker breaker, Throwable failure) {
    return Resilience4jTasks.circuitBreaker(breaker, Runs.failing(failure));
  }

  @Test
  void circuitBreaker_failures_openIt_andItRefusesWithoutRunningTheBody() {
    CircuitBreaker breaker = breaker();
    assertThat(runs.failureOf(failingBehind(breaker, failure))).isSameAs(failure);
    assertThat(breaker.getState()).isEqualTo(State.CLOSED);
    assertThat(runs.failureOf(failingBehind(breaker, failure))).isSameAs(failure);
    assertThat(breaker.getState()).isEqualTo(State.OPEN);

    CallRefusedException refusal = runs.refusalOf(behind(breaker));
    assertThat(refusal)
        .hasMessage(
            "the circuit breaker must permit the call: breaker=\"prices\", state=OPEN"
                + " (try later, or do without its result)")
        .hasCauseInstanceOf(CallNotPermittedException.class);
    assertThat(refusal.code()).isEqualTo(ErrorCode.EXTENSION);
    assertThat(breaker.getMetrics().getNumberOfNotPermittedCalls()).isEqualTo(1);
    assertThat(breaker.getMetrics().getNumberOfBufferedCalls()).isEqualTo(2);
  }

  @Test
  void circuitBreaker_refused_joinTellsWhy() {
    CircuitBreaker breaker = breaker();
    breaker.transitionToOpenState();
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(() -> runs.run(behind(breaker)))
        .withCauseInstanceOf(CallRefusedException.class)
        .withRootCauseInstanceOf(CallNotPermittedException.class);
  }

  @Test
  void circuitBreaker_halfOpen_letsOneThrough_andClosesAgain() {
    CircuitBreaker breaker = breaker();
    breaker.transitionToOpenState();
    breaker.transitionToHalfOpenState();
    Runs.Held trial = runs.hold(task -> Resilience4jTasks.circuitBreaker(breaker, task), runs.ok());
    assertThat(runs.refusalOf(behind(breaker))).hasMessageContaining("state=HALF_OPEN");
    trial.end();
    assertThat(trial.handle().join()).isEqualTo(1);
    assertThat(breaker.getState()).isEqualTo(State.CLOSED);
    assertThat(runs.run(behind(breaker))).isEqualTo(2);
  }

  @Test
  void circuitBreaker_halfOpenAndFailure_opensAgain() {
    CircuitBreaker breaker = breaker();
    breaker.transitionToOpenState();
    breaker.transitionToHalfOpenState();
    runs.failureOf(failingBehind(breaker, failure));
    assertThat(breaker.getState()).isEqualTo(State.OPEN);
  }

  @ParameterizedTest
  @MethodSource("dev.heddle.resilience.Runs#cancellations")
  void circuitBreaker_cancellation_isNotRecorded_andGivesItsPermissionBack(Throwable stop) {
    CircuitBreaker breaker = breaker();
    for (int i = 0; i < 3; i++) {
      runs.engine.submit(failingBehind(breaker, stop)).outcome();
    }
    assertThat(breaker.getMetrics().getNumberOfBufferedCalls()).isZero();

    breaker.transitionToOpenState();
    breaker.transitionToHalfOpenState();
    runs.engine.submit(failingBehind(breaker, stop)).outcome();
    assertThat(breaker.getState()).isEqualTo(State.HALF_OPEN);
    assertThat(runs.run(behind(breaker))).isEqualTo(1);
    assertThat(breaker.getState()).isEqualTo(State.CLOSED);
  }

  @Test
  void circuitBreaker_cancelledRunThrowsAnything_isNotRecorded() {
    CircuitBreaker breaker = breaker();
    breaker.transitionToOpenState();
    breaker.transitionToHalfOpenState();
    Runs.Held cancelled =
        runs.hold(task -> Resilience4jTasks.circuitBreaker(breaker, task), Runs.failing(failure));
    cancelled.handle().cancel();
    cancelled.end();
    assertThat(runs.run(behind(breaker))).isEqualTo(1);
  }

  @Test
  void circuitBreaker_interruptedRun_isNotRecorded() {
    CircuitBreaker breaker = breaker();
    Runs.Held interrupted =
        runs.hold(task -> Resilience4jTasks.circuitBreaker(breaker, task), runs.ok());
    interrupted.interrupt();
    runs.failureOf(
        Resilience4jTasks.circuitBreaker(breaker, Runs.interrupted(Runs.failing(failure))));
    assertThat(breaker.getMetrics().getNumberOfBufferedCalls()).isZero();
  }

  @Test
  void circuitBreaker_cancelledRunSucceeds_isRecorded() {
    CircuitBreaker breaker = breaker();
    Runs.Held cancelled =
        runs.hold(task -> Resilience4jTasks.circuitBreaker(breaker, task), runs.ok());
    cancelled.handle().cancel();
    cancelled.end();
    assertThat(breaker.getMetrics().getNumberOfSuccessfulCalls()).isEqualTo(1);
  }

  @Test
  void circuitBreaker_error_isRecorded() {
    CircuitBreaker breaker = breaker();
    AssertionError error = new AssertionError("broken");
    assertThat(runs.failureOf(failingBehind(breaker, error))).isSameAs(error);
    assertThat(breaker.getMetrics().getNumberOfFailedCalls()).isEqualTo(1);
  }

  @Test
  void circuitBreaker_timeOfTheBody_isRecorded() {
    CircuitBreaker breaker =
        CircuitBreaker.of(
            "slow",
            config()
                .minimumNumberOfCalls(4)
                .slowCallDurationThreshold(Duration.ofNanos(9))
                .build());
    nanos.set(1_000);
    Task<Integer> task =
        Resilience4jTasks.circuitBreaker(breaker, context -> (int) nanos.addAndGet(10));
    assertThat(runs.run(task)).isEqualTo(1_010);
    runs.failureOf(
        Resilience4jTasks.circuitBreaker(
            breaker,
            context -> {
              nanos.addAndGet(10);
              throw failure;
            }));
    runs.run(behind(breaker));
    assertThat(breaker.getMetrics().getNumberOfSlowSuccessfulCalls()).isEqualTo(1);
    assertThat(breaker.getMetrics().getNumberOfSlowFailedCalls()).isEqualTo(1);
    assertThat(breaker.getMetrics().getNumberOfBufferedCalls()).isEqualTo(3);
  }

  @Test
  void circuitBreaker_resultThatCountsAsFailure_isRecordedAsOne() {
    CircuitBreaker breaker =
        CircuitBreaker.of("odd", config().recordResult(Integer.valueOf(1)::equals).build());
    assertThat(runs.run(behind(breaker))).isEqualTo(1);
    assertThat(breaker.getMetrics().getNumberOfFailedCalls()).isEqualTo(1);
  }

  @Test
  void circuitBreaker_predicateThrows_theFailureOfTheBodyStays() {
    IllegalStateException mistake = new IllegalStateException("predicate");
    CircuitBreaker breaker =
        CircuitBreaker.of(
            "mistaken",
            config()
                .recordException(
                    asked -> {
                      throw mistake;
                    })
                .build());
    assertThat(runs.failureOf(failingBehind(breaker, failure))).isSameAs(failure);
    assertThat(failure).hasSuppressedException(mistake);
  }

  @Test
  void circuitBreaker_manyTasksAtOnce_areAllCounted() {
    CircuitBreaker breaker = CircuitBreaker.of("many", config().slidingWindowSize(1_000).build());
    Task<Integer> task = behind(breaker);
    runs.engine.submitAll(Collections.nCopies(1_000, task)).join();
    assertThat(runs.bodies).hasValue(1_000);
    assertThat(breaker.getMetrics().getNumberOfSuccessfulCalls()).isEqualTo(1_000);
  }

  @Test
  void rateLimiter_aboveItsRate_refuses_untilItHasPermissionsAgain() {
    RateLimiter limiter = limiter(Duration.ofSeconds(1), Duration.ZERO);
    Task<Integer> task = Resilience4jTasks.rateLimiter(limiter, runs.ok());
    assertThat(runs.run(task)).isEqualTo(1);
    assertThat(runs.refusalOf(task))
        .hasMessage(
            "the rate limiter must have a permission in time: limiter=\"prices\", timeout=PT0S"
                + " (call less often, or allow a longer timeout)")
        .hasCauseInstanceOf(RequestNotPermitted.class);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(runs.run(task)).isEqualTo(2);
  }

  @Test
  void rateLimiter_permissionInTime_waitsForIt() {
    Duration wait = Duration.ofMillis(30);
    RateLimiter limiter = limiter(wait, Duration.ofDays(1));
    Task<Integer> task = Resilience4jTasks.rateLimiter(limiter, runs.ok());
    assertThat(runs.run(task)).isEqualTo(1);
    long start = System.nanoTime();
    assertThat(runs.run(task)).isEqualTo(2);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(wait);
  }

  @Test
  void rateLimiter_cancelledWhileItWaits_endsWithoutTheBody() {
    RateLimiter limiter = limiter(Duration.ofDays(1), Duration.ofDays(2));
    Task<Integer> task = Resilience4jTasks.rateLimiter(limiter, runs.ok());
    runs.run(task);
    CountDownLatch reserved = new CountDownLatch(1);
    limiter.getEventPublisher().onSuccess(event -> reserved.countDown());
    CountDownLatch ended = new CountDownLatch(1);
    TaskHandle<Integer> waiting =
        runs.engine.submit(
            context -> {
              try {
                return task.run(context);
              } finally {
                ended.countDown();
              }
            });
    Runs.await(reserved);
    assertThat(waiting.cancel()).isTrue();
    Runs.await(ended);
    assertThat(runs.bodies).hasValue(1);
  }

  @Test
  void rateLimiter_interruptedWhileItWaits_endsWithoutTheBody() {
    RateLimiter limiter = limiter(Duration.ofDays(1), Duration.ofDays(2));
    Task<Integer> task = Resilience4jTasks.rateLimiter(limiter, runs.ok());
    runs.run(task);
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(() -> runs.run(Runs.interrupted(task)))
        .withCauseInstanceOf(InterruptedException.class);
    assertThat(runs.bodies).hasValue(1);
  }

  @Test
  void rateLimiter_failureOrResult_mayDrainIt_cancellationDoesNot() {
    RateLimiter limiter =
        RateLimiter.of(
            "drained",
            RateLimiterConfig.custom()
                .limitForPeriod(9)
                .limitRefreshPeriod(Duration.ofSeconds(1))
                .timeoutDuration(Duration.ZERO)
                .drainPermissionsOnResult(result -> true)
                .build(),
            nanos::get);
    runs.engine
        .submit(
            Resilience4jTasks.rateLimiter(limiter, Runs.failing(Runs.cancellations().getFirst())))
        .outcome();
    assertThat(limiter.getMetrics().getAvailablePermissions()).isEqualTo(8);
    assertThat(runs.failureOf(Resilience4jTasks.rateLimiter(limiter, Runs.failing(failure))))
        .isSameAs(failure);
    assertThat(limiter.getMetrics().getAvailablePermissions()).isZero();
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    runs.run(Resilience4jTasks.rateLimiter(limiter, runs.ok()));
    assertThat(limiter.getMetrics().getAvailablePermissions()).isZero();
  }

  @Test
  @SuppressWarnings("NullAway") // the point
  void nullArguments_areRefused() {
    CircuitBreaker breaker = breaker();
    RateLimiter limiter = limiter(Duration.ofDays(1), Duration.ZERO);
    assertThatNullPointerException()
        .isThrownBy(() -> Resilience4jTasks.circuitBreaker(null, runs.ok()))
        .withMessage("breaker");
    assertThatNullPointerException()
        .isThrownBy(() -> Resilience4jTasks.circuitBreaker(breaker, null))
        .withMessage("task");
    assertThatNullPointerException()
        .isThrownBy(() -> Resilience4jTasks.rateLimiter(null, runs.ok()))
        .withMessage("limiter");
    assertThatNullPointerException()
        .isThrownBy(() -> Resilience4jTasks.rateLimiter(limiter, null))
        .withMessage("task");
  }
}
