// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.ErrorText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * When a task that has failed is tried again, and how long to wait before that. Immutable; keep it
 * in the {@link TaskOptions} of the task.
 *
 * {@snippet class="dev.heddle.RetrySnippets" region="retry"}
 *
 * <p>A task that waits for its next attempt is on the engine's timer: it holds no worker and no
 * place in a queue. All retries of an engine together are limited by its {@link
 * EngineConfig#retryBudget() retry budget}, so that a failing service does not get several times
 * the load.
 */
public final class Retry {

  private static final double EXPONENTIAL_FACTOR = 2;
  private static final double EXPONENTIAL_JITTER = 0.5;
  private static final Duration LONGEST = Duration.ofDays(1);

  private final Duration firstDelay;
  private final int maxAttempts;
  private final double factor;
  private final double jitter;
  private final Duration maxDelay;
  private final @Nullable Duration maxTime;
  private final Predicate<? super Throwable> onError;
  private final Predicate<Object> onResult;

  private Retry(Draft draft) {
    this.firstDelay = draft.firstDelay;
    this.maxAttempts = draft.maxAttempts;
    this.factor = draft.factor;
    this.jitter = draft.jitter;
    this.maxDelay = draft.maxDelay;
    this.maxTime = draft.maxTime;
    this.onError = draft.onError;
    this.onResult = draft.onResult;
  }

  /** The values of a retry that is being made. */
  private static final class Draft {
    private Duration firstDelay;
    private int maxAttempts;
    private double factor = 1;
    private double jitter;
    private Duration maxDelay = LONGEST;
    private @Nullable Duration maxTime;
    private Predicate<? super Throwable> onError = error -> error instanceof Exception;
    private Predicate<Object> onResult = result -> false;

    Draft(Duration firstDelay, int maxAttempts) {
      this.firstDelay = firstDelay;
      this.maxAttempts = maxAttempts;
    }

    Draft(Retry from) {
      this(from.firstDelay, from.maxAttempts);
      this.factor = from.factor;
      this.jitter = from.jitter;
      this.maxDelay = from.maxDelay;
      this.maxTime = from.maxTime;
      this.onError = from.onError;
      this.onResult = from.onResult;
    }
  }

  private static Draft draft(String parameter, Duration delay, int maxAttempts) {
    requireNonNull(delay, parameter);
    if (delay.isNegative() || delay.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          parameter
              + " must be from 0 to 1 day: "
              + parameter
              + "="
              + delay
              + " (schedule the task anew for what comes later)");
    }
    if (maxAttempts < 1) {
      throw new IllegalArgumentException(
          "maxAttempts must be at least 1: maxAttempts="
              + maxAttempts
              + " (it counts all attempts, the first one too)");
    }
    return new Draft(delay, maxAttempts);
  }

  /**
   * Waits the same time before each further attempt.
   *
   * @param delay how long, 0 to 1 day
   * @param maxAttempts how many attempts at most, the first one included; at least 1
   * @return the retry, after any {@link Exception}
   * @throws IllegalArgumentException if a value is out of range
   */
  public static Retry fixed(Duration delay, int maxAttempts) {
    return new Retry(draft("delay", delay, maxAttempts));
  }

  /**
   * Waits twice as long before each further attempt, up to a day, and at random up to a half less
   * ({@link #factor}, {@link #maxDelay} and {@link #jitter} change that).
   *
   * @param firstDelay how long before the second attempt, 0 to 1 day
   * @param maxAttempts how many attempts at most, the first one included; at least 1
   * @return the retry, after any {@link Exception}
   * @throws IllegalArgumentException if a value is out of range
   */
  public static Retry exponential(Duration firstDelay, int maxAttempts) {
    Draft draft = draft("firstDelay", firstDelay, maxAttempts);
    draft.factor = EXPONENTIAL_FACTOR;
    draft.jitter = EXPONENTIAL_JITTER;
    return new Retry(draft);
  }

  /**
   * Returns this retry with delays that grow by another factor.
   *
   * @param factor how many times longer each delay is than the one before, 1 to 100
   * @return a new retry
   * @throws IllegalArgumentException if it is out of range
   */
  public Retry factor(double factor) {
    if (!(factor >= 1 && factor <= 100)) {
      throw new IllegalArgumentException(
          "factor must be from 1 to 100: factor=" + factor + " (use 1 for equal delays)");
    }
    Draft draft = new Draft(this);
    draft.factor = factor;
    return new Retry(draft);
  }

  /**
   * Returns this retry with no delay longer than the given one.
   *
   * @param maxDelay 0 to 1 day
   * @return a new retry
   * @throws IllegalArgumentException if it is out of range
   */
  public Retry maxDelay(Duration maxDelay) {
    draft("maxDelay", maxDelay, 1);
    Draft draft = new Draft(this);
    draft.maxDelay = maxDelay;
    return new Retry(draft);
  }

  /**
   * Returns this retry with delays that are cut at random, so that tasks that have failed together
   * do not come back together.
   *
   * @param jitter how much of a delay may be left out, 0 (none) to 1 (all)
   * @return a new retry
   * @throws IllegalArgumentException if it is out of range
   */
  public Retry jitter(double jitter) {
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException(
          "jitter must be from 0 to 1: jitter=" + jitter + " (0.5 leaves out up to a half)");
    }
    Draft draft = new Draft(this);
    draft.jitter = jitter;
    return new Retry(draft);
  }

  /**
   * Returns this retry with a limit of time: no pause before a further attempt ends later than this
   * after the submission. That is looked at when the pause begins; how long the attempt then waits
   * in a queue, or for what it uses, comes on top. {@link TaskOptions#totalTimeout(Duration)}
   * limits all of it.
   *
   * @param maxTime zero or more
   * @return a new retry
   * @throws IllegalArgumentException if it is negative
   */
  public Retry maxTime(Duration maxTime) {
    if (requireNonNull(maxTime, "maxTime").isNegative()) {
      throw new IllegalArgumentException(
          "maxTime must not be negative: maxTime=" + maxTime + " (leave it out for no limit)");
    }
    Draft draft = new Draft(this);
    draft.maxTime = maxTime;
    return new Retry(draft);
  }

  /**
   * Returns this retry for errors of the given types only, instead of any {@link Exception}.
   *
   * @param types the types, each with its subtypes; at least one
   * @return a new retry
   * @throws IllegalArgumentException if there is none
   */
  @SafeVarargs
  public final Retry on(Class<? extends Throwable>... types) {
    List<Class<? extends Throwable>> wanted = new ArrayList<>();
    for (Class<? extends Throwable> type : requireNonNull(types, "types")) {
      wanted.add(requireNonNull(type, "type"));
    }
    refuseNone(wanted);
    return onError(error -> wanted.stream().anyMatch(type -> type.isInstance(error)));
  }

  /**
   * Returns this retry for what it was for but errors of the given types.
   *
   * @param types the types, each with its subtypes; at least one
   * @return a new retry
   * @throws IllegalArgumentException if there is none
   */
  @SafeVarargs
  public final Retry unless(Class<? extends Throwable>... types) {
    List<Class<? extends Throwable>> unwanted = new ArrayList<>();
    for (Class<? extends Throwable> type : requireNonNull(types, "types")) {
      unwanted.add(requireNonNull(type, "type"));
    }
    refuseNone(unwanted);
    Predicate<? super Throwable> before = onError;
    return onError(
        error -> before.test(error) && unwanted.stream().noneMatch(type -> type.isInstance(error)));
  }

  private static void refuseNone(List<?> types) {
    if (types.isEmpty()) {
      throw new IllegalArgumentException(
          "types must not be empty: types=[] (leave the call out for any Exception)");
    }
  }

  /**
   * Returns this retry for the errors that a predicate accepts, instead of any {@link Exception}.
   *
   * @param condition called by the thread on which the attempt has ended, or by one of its own
   *     after a timeout; if it throws, the task has failed and this is suppressed in its error
   * @return a new retry
   */
  public Retry onError(Predicate<? super Throwable> condition) {
    Draft draft = new Draft(this);
    draft.onError = requireNonNull(condition, "condition");
    return new Retry(draft);
  }

  /**
   * Returns this retry for results that a predicate accepts, beside errors. If the last attempt has
   * such a result, too, that is the result of the task.
   *
   * @param type what the results are
   * @param condition called by the thread on which the attempt has ended, with results of that type
   *     only; if it throws, the task has failed
   * @param <R> the type of the results
   * @return a new retry
   */
  public <R> Retry onResult(Class<R> type, Predicate<? super R> condition) {
    requireNonNull(type, "type");
    requireNonNull(condition, "condition");
    Draft draft = new Draft(this);
    draft.onResult = result -> type.isInstance(result) && condition.test(type.cast(result));
    return new Retry(draft);
  }

  /**
   * Returns how many attempts there are at most.
   *
   * @return at least 1
   */
  public int maxAttempts() {
    return maxAttempts;
  }

  /**
   * Returns how much of a delay may be left out at random.
   *
   * @return 0 to 1
   */
  public double jitter() {
    return jitter;
  }

  /**
   * Returns the limit of time, if there is one.
   *
   * @return how long after the submission the pause before the last attempt may end
   */
  public Optional<Duration> maxTime() {
    return Optional.ofNullable(maxTime);
  }

  /**
   * Returns the longest delay before an attempt: jitter makes it shorter.
   *
   * @param attempt which attempt, at least 2
   * @return the delay
   * @throws IllegalArgumentException if {@code attempt} is less than 2
   */
  public Duration delay(int attempt) {
    if (attempt < 2) {
      throw new IllegalArgumentException(
          "attempt must be at least 2: attempt="
              + attempt
              + " (there is no delay before the first)");
    }
    double nanos = (double) firstDelay.toNanos() * Math.pow(factor, attempt - 2.0);
    return Duration.ofNanos((long) Math.min(nanos, (double) maxDelay.toNanos()));
  }

  /**
   * Tells whether another attempt is wanted after an error.
   *
   * @param error what the attempt ended with
   * @return whether it is
   */
  public boolean isFor(Throwable error) {
    return onError.test(requireNonNull(error, "error"));
  }

  /**
   * Tells whether another attempt is wanted after a result.
   *
   * @param result what the attempt returned
   * @return whether it is
   */
  public boolean isForResult(@Nullable Object result) {
    return result != null && onResult.test(result);
  }

  @Override
  public String toString() {
    return "Retry[firstDelay="
        + firstDelay
        + ", factor="
        + factor
        + ", jitter="
        + jitter
        + ", maxDelay="
        + maxDelay
        + ", maxAttempts="
        + maxAttempts
        + ", maxTime="
        + ErrorText.quote(maxTime)
        + "]";
  }
}
