// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Circuit breakers and rate limiters around tasks.
 *
 * <p>{@link dev.heddle.resilience.Resilience4jTasks} takes those of Resilience4j, {@link
 * dev.heddle.resilience.FailsafeTasks} those of Failsafe. A user needs, and requires, only the
 * library that he has.
 */
@org.jspecify.annotations.NullMarked
module dev.heddle.resilience {
  requires transitive dev.heddle;
  requires static dev.failsafe.core;
  requires static io.github.resilience4j.circuitbreaker;
  requires static io.github.resilience4j.ratelimiter;
  requires static org.jspecify;

  exports dev.heddle.resilience;
}
