// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resilience;

import static java.util.Objects.requireNonNull;

import dev.failsafe.CircuitBreaker;
import dev.failsafe.CircuitBreakerOpenException;
import dev.failsafe.RateLimitExceededException;
import dev.failsafe.RateLimiter;
import dev.heddle.Task;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Tasks behind a circuit breaker or a rate limiter of Failsafe.
 *
 * <p>The library is asked when the body starts, on the thread of the task; waiting in a queue costs
 * no permit. One breaker or limiter may serve any number of tasks and engines. Nothing is kept
 * here, so a task made here may run many times and at once if the given one may. Whether a task
 * blocks is said on the outside, {@code Task.blocking(circuitBreaker(breaker, task))}: the mark of
 * a task that is given to these methods is lost.
 *
 * <p>A timeout of the engine ({@link dev.heddle.TaskOptions#timeout(Duration) timeout}, {@code
 * totalTimeout}) is a cancellation for the body: a call that it has ended, and that throws then, is
 * not recorded by the breaker, but for the exception that {@link #circuitBreaker} names; one that
 * returns late is recorded as its result. So the engine's timeouts open no closed breaker: give the
 * call a timeout of its own, which throws before.
 *
 * {@snippet class="dev.heddle.resilience.ResilienceSnippetsTest" region="failsafe"}
 */
public final class FailsafeTasks {

  private FailsafeTasks() {}

  /**
   * Puts a task behind a circuit breaker.
   *
   * <p>The breaker is told the result, or what the body threw. A run that throws after it was
   * cancelled or interrupted, or because something else was that it waited for, is no failure:
   * nothing is recorded. The one exception is a run that was let through by a half-open breaker and
   * ends so while the breaker is still half-open: it is recorded as a failure, since the library
   * takes a permit back in no other way, and a breaker without permits would stay half-open and
   * refuse everything forever.
   *
   * <p>A run that is refused throws a {@link CallRefusedException} whose cause is a {@link
   * CircuitBreakerOpenException}.
   *
   * @param breaker the breaker
   * @param task the task
   * @param <R> the type of its result
   * @return a task that does the same, if the breaker permits it
   */
  public static <R extends @Nullable Object> Task<R> circuitBreaker(
      CircuitBreaker<? super R> breaker, Task<R> task) {
    requireNonNull(breaker, "breaker");
    requireNonNull(task, "task");
    return context -> {
      if (!breaker.tryAcquirePermit()) {
        throw new CallRefusedException(
            "the circuit breaker must permit the call: state=%s, delay=%s (try later, or do without its result)"
                .formatted(breaker.getState(), breaker.getRemainingDelay()),
            new CircuitBreakerOpenException(breaker));
      }
      boolean trial = breaker.isHalfOpen();
      R result;
      try {
        result = task.run(context);
      } catch (Throwable failure) {
        if (!Bodies.wasCancelled(context, failure)) {
          Bodies.tell(failure, () -> breaker.recordException(failure));
        } else if (trial && breaker.isHalfOpen()) {
          breaker.recordFailure();
        }
        throw failure;
      }
      breaker.recordResult(result);
      return result;
    };
  }

  /**
   * Puts a task behind a rate limiter.
   *
   * <p>If the limiter has no permit now, but one within its {@code maxWaitTime}, which is zero
   * unless configured, the body waits for it, and keeps its thread meanwhile: a task for which that
   * may be long is better marked as blocking, see above. The wait ends within some milliseconds
   * when the task is cancelled, and at once when the thread is interrupted; the permit is spent
   * then, as the library takes none back.
   *
   * <p>A run that is refused throws a {@link CallRefusedException} whose cause is a {@link
   * RateLimitExceededException}.
   *
   * @param limiter the limiter
   * @param task the task
   * @param <R> the type of its result
   * @return a task that does the same, when the limiter permits it
   */
  public static <R extends @Nullable Object> Task<R> rateLimiter(
      RateLimiter<?> limiter, Task<R> task) {
    requireNonNull(limiter, "limiter");
    requireNonNull(task, "task");
    return context -> {
      Duration maxWait = limiter.getConfig().getMaxWaitTime();
      Duration wait = limiter.tryReservePermit(maxWait);
      if (wait.isNegative()) {
        throw new CallRefusedException(
            "the rate limiter must have a permit in time: maxWaitTime=%s (call less often, or allow a longer wait)"
                .formatted(maxWait),
            new RateLimitExceededException(limiter));
      }
      Bodies.await(context, wait.toNanos());
      return task.run(context);
    };
  }
}
