// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.Outcome;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The snippets of the javadoc. */
class ResilienceSnippetsTest {

  private static double fetchPrice() {
    return 12.5;
  }

  @Test
  void resilience4j_openBreaker_fallsBack() {
    try (TaskEngine engine = TaskEngine.create()) {
      // @start region="resilience4j"
      CircuitBreaker breaker = CircuitBreaker.ofDefaults("prices"); // one for all calls
      Task<Double> call = Resilience4jTasks.circuitBreaker(breaker, context -> fetchPrice());
      TaskHandle<Double> price = engine.submit(Task.blocking(call));
      double shown =
          switch (price.outcome()) {
            case Outcome.Success<Double>(var value) -> value;
            case Outcome.Failure<Double>(CallRefusedException refused) -> Double.NaN;
            case Outcome<Double> other -> throw new IllegalStateException(other.toString());
          };
      // @end
      assertThat(shown).isEqualTo(12.5);
    }
  }

  @Test
  void failsafe_limiter_lets100ThroughInASecond() {
    try (TaskEngine engine = TaskEngine.create()) {
      // @start region="failsafe"
      dev.failsafe.RateLimiter<Object> limiter =
          dev.failsafe.RateLimiter.smoothBuilder(100, Duration.ofSeconds(1))
              .withMaxWaitTime(Duration.ofSeconds(5))
              .build(); // one for all calls
      Task<Double> call = FailsafeTasks.rateLimiter(limiter, context -> fetchPrice());
      double price = engine.submit(Task.blocking(call)).join();
      // @end
      assertThat(price).isEqualTo(12.5);
    }
  }
}
