// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resilience;

import static java.util.Objects.requireNonNull;

import dev.heddle.Task;
import dev.heddle.error.ErrorText;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RequestNotPermitted;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tasks behind a circuit breaker or a rate limiter of Resilience4j.
 *
 * <p>The library is asked when the body starts, on the thread of the task; waiting in a queue costs
 * no permission. One breaker or limiter may serve any number of tasks and engines. Nothing is kept
 * here, so a task made here may run many times and at once if the given one may. Whether a task
 * blocks is said on the outside, {@code Task.blocking(circuitBreaker(breaker, task))}: the mark of
 * a task that is given to these methods is lost.
 *
 * <p>A timeout of the engine ({@link dev.heddle.TaskOptions#timeout(java.time.Duration) timeout},
 * {@code totalTimeout}) is a cancellation for the body: a call that it has ended, and that throws
 * then, is not recorded by the breaker, neither as a failure nor as slow; one that returns late is
 * recorded as its result, with its time. So the engine's timeouts open no breaker: give the call a
 * timeout of its own, which throws before.
 *
 * {@snippet class="dev.heddle.resilience.ResilienceSnippetsTest" region="resilience4j"}
 */
public final class Resilience4jTasks {

  private Resilience4jTasks() {}

  /**
   * Puts a task behind a circuit breaker.
   *
   * <p>The breaker is told the result, or what the body threw, and the time of the body alone. A
   * run that throws after it was cancelled or interrupted, or because something else was that it
   * waited for, is no failure: it gives its permission back, and nothing is recorded.
   *
   * <p>A run that is refused throws a {@link CallRefusedException} whose cause is a {@link
   * CallNotPermittedException}.
   *
   * @param breaker the breaker
   * @param task the task
   * @param <R> the type of its result
   * @return a task that does the same, if the breaker permits it
   */
  public static <R extends @Nullable Object> Task<R> circuitBreaker(
      CircuitBreaker breaker, Task<R> task) {
    requireNonNull(breaker, "breaker");
    requireNonNull(task, "task");
    return context -> {
      if (!breaker.tryAcquirePermission()) {
        throw refusal(
            "the circuit breaker must permit the call: breaker=%s, state=%s (try later, or do without its result)"
                .formatted(ErrorText.quote(breaker.getName()), breaker.getState()),
            breaker,
            CallNotPermittedException::createCallNotPermittedException);
      }
      long start = breaker.getCurrentTimestamp();
      R result;
      try {
        result = task.run(context);
      } catch (Throwable failure) {
        long time = breaker.getCurrentTimestamp() - start;
        if (Bodies.wasCancelled(context, failure)) {
          breaker.releasePermission();
        } else {
          Bodies.tell(failure, () -> breaker.onError(time, breaker.getTimestampUnit(), failure));
        }
        throw failure;
      }
      long time = breaker.getCurrentTimestamp() - start;
      breaker.onResult(time, breaker.getTimestampUnit(), result);
      return result;
    };
  }

  /**
   * Puts a task behind a rate limiter.
   *
   * <p>If the limiter has no permission now, but one within its timeout, the body waits for it, and
   * keeps its thread meanwhile: a task for which that may be long is better marked as blocking, see
   * above. The wait ends within some milliseconds when the task is cancelled, and at once when the
   * thread is interrupted; the permission is spent then, as the library takes none back. A result,
   * or what the body threw, may drain the limiter, if its configuration says so.
   *
   * <p>A run that is refused throws a {@link CallRefusedException} whose cause is a {@link
   * RequestNotPermitted}.
   *
   * @param limiter the limiter
   * @param task the task
   * @param <R> the type of its result
   * @return a task that does the same, when the limiter permits it
   */
  public static <R extends @Nullable Object> Task<R> rateLimiter(
      RateLimiter limiter, Task<R> task) {
    requireNonNull(limiter, "limiter");
    requireNonNull(task, "task");
    return context -> {
      long waitNanos = limiter.reservePermission();
      if (waitNanos < 0) {
        throw refusal(
            "the rate limiter must have a permission in time: limiter=%s, timeout=%s (call less often, or allow a longer timeout)"
                .formatted(
                    ErrorText.quote(limiter.getName()),
                    limiter.getRateLimiterConfig().getTimeoutDuration()),
            limiter,
            RequestNotPermitted::createRequestNotPermitted);
      }
      Bodies.await(context, waitNanos);
      R result;
      try {
        result = task.run(context);
      } catch (Throwable failure) {
        if (!Bodies.wasCancelled(context, failure)) {
          Bodies.tell(failure, () -> limiter.onError(failure));
        }
        throw failure;
      }
      limiter.onResult(result);
      return result;
    };
  }

  /**
   * Makes what a refused run throws. The cause comes from a function, so that the JVM looks for its
   * class only here: who has the library's breakers need not have its limiters.
   */
  private static <L> CallRefusedException refusal(
      String message, L refusing, Function<L, RuntimeException> cause) {
    return new CallRefusedException(message, cause.apply(refusing));
  }
}
