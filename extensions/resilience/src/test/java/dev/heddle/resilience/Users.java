// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resilience;

import dev.heddle.Outcome;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.concurrent.Callable;

/** Programs that need one library each. */
final class Users {

  private Users() {}

  /** Runs a task that is let through, and one that is refused. */
  private static int run(Task<Integer> task, Runnable change) throws Exception {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      int result = engine.submit(task).join();
      change.run();
      if (engine.submit(task).outcome() instanceof Outcome.Failure<Integer>(var error)
          && error instanceof CallRefusedException) {
        return result;
      }
      throw new AssertionError("not refused");
    }
  }

  static final class FailsafeBreaker implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      var breaker = dev.failsafe.CircuitBreaker.ofDefaults();
      return run(FailsafeTasks.circuitBreaker(breaker, context -> 42), breaker::open);
    }
  }

  static final class FailsafeLimiter implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      var limiter = dev.failsafe.RateLimiter.burstyBuilder(1, Duration.ofDays(1)).build();
      return run(FailsafeTasks.rateLimiter(limiter, context -> 42), () -> {});
    }
  }

  static final class Resilience4jBreaker implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      var breaker = io.github.resilience4j.circuitbreaker.CircuitBreaker.ofDefaults("one");
      return run(
          Resilience4jTasks.circuitBreaker(breaker, context -> 42), breaker::transitionToOpenState);
    }
  }

  static final class Resilience4jLimiter implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      var limiter =
          io.github.resilience4j.ratelimiter.RateLimiter.of(
              "one",
              RateLimiterConfig.custom()
                  .limitForPeriod(1)
                  .limitRefreshPeriod(Duration.ofDays(1))
                  .timeoutDuration(Duration.ZERO)
                  .build());
      return run(Resilience4jTasks.rateLimiter(limiter, context -> 42), () -> {});
    }
  }
}
