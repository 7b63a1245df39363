// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.InvalidNameException;
import dev.heddle.resource.Limit;
import dev.heddle.resource.Resource;
import dev.heddle.resource.Uses;
import dev.heddle.spi.ExecutionStrategy;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a submission may say about its task. Immutable; keep one in a {@code static final} field.
 *
 * {@snippet class="dev.heddle.RetrySnippets" region="options"}
 */
public final class TaskOptions {

  private static final TaskOptions DEFAULTS = new TaskOptions(new Draft());

  private final String name;
  private final @Nullable ExecutionStrategy strategy;
  private final @Nullable Duration timeout;
  private final @Nullable Duration totalTimeout;
  private final @Nullable Retry retry;
  private final @Nullable Duration hedge;
  private final boolean interruptible;
  private final Uses uses;

  private TaskOptions(Draft draft) {
    this.name = draft.name;
    this.strategy = draft.strategy;
    this.timeout = draft.timeout;
    this.totalTimeout = draft.totalTimeout;
    this.retry = draft.retry;
    this.hedge = draft.hedge;
    this.interruptible = draft.interruptible;
    this.uses = draft.uses;
  }

  /** The values of options that are being made. */
  private static final class Draft {
    private String name = "task";
    private @Nullable ExecutionStrategy strategy;
    private @Nullable Duration timeout;
    private @Nullable Duration totalTimeout;
    private @Nullable Retry retry;
    private @Nullable Duration hedge;
    private boolean interruptible;
    private Uses uses = Uses.none();

    Draft() {}

    Draft(TaskOptions from) {
      this.name = from.name;
      this.strategy = from.strategy;
      this.timeout = from.timeout;
      this.totalTimeout = from.totalTimeout;
      this.retry = from.retry;
      this.hedge = from.hedge;
      this.interruptible = from.interruptible;
      this.uses = from.uses;
    }
  }

  /**
   * Returns the options of a task that says nothing: the name is {@code "task"}, the strategy is
   * the task's own, there is one attempt and no limit of time.
   *
   * @return the defaults
   */
  public static TaskOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Returns these options with another name.
   *
   * @param name 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}
   * @return new options
   * @throws InvalidNameException if the name is not like that
   */
  public TaskOptions name(String name) {
    Draft draft = new Draft(this);
    draft.name = Names.check("name", requireNonNull(name, "name"));
    return new TaskOptions(draft);
  }

  /**
   * Returns these options with another strategy.
   *
   * @param strategy decides on which thread the task runs
   * @return new options
   */
  public TaskOptions strategy(ExecutionStrategy strategy) {
    Draft draft = new Draft(this);
    draft.strategy = requireNonNull(strategy, "strategy");
    return new TaskOptions(draft);
  }

  /**
   * Returns these options with a limit for each attempt, from the start of the body. When it is
   * over, those who wait are released at once, also while every worker is busy: the attempt has
   * failed with {@link dev.heddle.error.TaskTimedOutException}. The body is told as by {@link
   * TaskHandle#cancel()}.
   *
   * @param timeout more than zero; more than 146 years is cut to that
   * @return new options
   * @throws IllegalArgumentException if it is not more than zero
   */
  public TaskOptions timeout(Duration timeout) {
    Draft draft = new Draft(this);
    draft.timeout = positive("timeout", timeout, "leave it out for no limit");
    return new TaskOptions(draft);
  }

  /**
   * Returns these options with a limit for the task as a whole, from its submission (of a delayed
   * one, from when it is due): with all attempts, and all waiting before and between them. When it
   * is over, the task has failed with {@link dev.heddle.error.TaskTimedOutException}; there is no
   * further attempt and no fallback.
   *
   * @param totalTimeout more than zero; more than 146 years is cut to that
   * @return new options
   * @throws IllegalArgumentException if it is not more than zero
   */
  public TaskOptions totalTimeout(Duration totalTimeout) {
    Draft draft = new Draft(this);
    draft.totalTimeout = positive("totalTimeout", totalTimeout, "leave it out for no limit");
    return new TaskOptions(draft);
  }

  private static Duration positive(String parameter, Duration value, String fix) {
    requireNonNull(value, parameter);
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(
          parameter + " must be more than zero: " + parameter + "=" + value + " (" + fix + ")");
    }
    return value;
  }

  /**
   * Returns these options with further attempts when one fails.
   *
   * @param retry when, and after how long
   * @return new options
   */
  public TaskOptions retry(Retry retry) {
    Draft draft = new Draft(this);
    draft.retry = requireNonNull(retry, "retry");
    return new TaskOptions(draft);
  }

  /**
   * Returns these options with a second attempt beside the first one when that is slow; the first
   * success of the two is the result, and the other is cancelled. Slow is what takes longer than
   * all but one in twenty of the last 128 successful attempts of tasks with a hedge and the same
   * name; beyond 1,000 names in an engine, further ones share what is known. A second attempt takes
   * from the engine's {@link EngineConfig#retryBudget() retry budget}. (The hedged requests of Dean
   * and Barroso, <a href="https://doi.org/10.1145/2408776.2408794">The Tail at Scale</a>, 2013.)
   *
   * @param initialDelay how long to wait for the first attempt as long as fewer than 32 such
   *     attempts are known; more than zero
   * @return new options
   * @throws IllegalArgumentException if it is not more than zero
   */
  public TaskOptions hedge(Duration initialDelay) {
    Draft draft = new Draft(this);
    draft.hedge =
        positive(
            "initialDelay",
            initialDelay,
            "use a short one for an early second attempt, or leave hedge out for none");
    return new TaskOptions(draft);
  }

  /**
   * Returns these options with interrupts: whatever cancels the task, or ends it by a timeout,
   * interrupts the thread that runs its body, not only {@link TaskHandle#cancel(boolean)
   * cancel(true)}. An interrupt never reaches another task.
   *
   * @param interruptible whether the body wants that
   * @return new options
   */
  public TaskOptions interruptible(boolean interruptible) {
    Draft draft = new Draft(this);
    draft.interruptible = interruptible;
    return new TaskOptions(draft);
  }

  /**
   * Returns these options with one permit or item more that each attempt holds while its body runs:
   * it is queued when it has all that it uses, waits for that in the order of submission, and holds
   * no thread and no place of {@link EngineConfig#queueCapacity()} meanwhile. The body finds it by
   * {@link TaskContext#lease}.
   *
   * @param resource of what
   * @return new options
   * @throws dev.heddle.error.ResourceException if the options name a resource of that name already
   */
  public TaskOptions uses(Resource<?> resource) {
    Draft draft = new Draft(this);
    draft.uses = uses.and(requireNonNull(resource, "resource"));
    return new TaskOptions(draft);
  }

  /**
   * As {@link #uses(Resource)}, with several permits.
   *
   * @param limit of what
   * @param permits how many, 1 to the capacity of the limit
   * @return new options
   * @throws IllegalArgumentException if the number is out of range
   * @throws dev.heddle.error.ResourceException if the options name a resource of that name already
   */
  public TaskOptions uses(Limit limit, int permits) {
    Draft draft = new Draft(this);
    draft.uses = uses.and(requireNonNull(limit, "limit"), permits);
    return new TaskOptions(draft);
  }

  /**
   * Returns what each attempt holds while its body runs.
   *
   * @return nothing by default
   */
  public Uses uses() {
    return uses;
  }

  /**
   * Returns what the task is called in handles, messages and reports.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Returns who decides on which thread the task runs.
   *
   * @return the strategy; empty if it is the task's own, which is {@link
   *     ExecutionStrategy#workStealing()} unless the task is {@link Task#blocking}
   */
  public Optional<ExecutionStrategy> strategy() {
    return Optional.ofNullable(strategy);
  }

  /**
   * Returns the limit for each attempt.
   *
   * @return the limit, empty if there is none
   */
  public Optional<Duration> timeout() {
    return Optional.ofNullable(timeout);
  }

  /**
   * Returns the limit for the task as a whole.
   *
   * @return the limit, empty if there is none
   */
  public Optional<Duration> totalTimeout() {
    return Optional.ofNullable(totalTimeout);
  }

  /**
   * Returns when the task is tried again.
   *
   * @return the retry, empty if there is one attempt only
   */
  public Optional<Retry> retry() {
    return Optional.ofNullable(retry);
  }

  /**
   * Returns after how long a second attempt is made at first.
   *
   * @return the delay, empty if there is no second attempt beside the first
   */
  public Optional<Duration> hedge() {
    return Optional.ofNullable(hedge);
  }

  /**
   * Tells whether the body is interrupted by whatever cancels it.
   *
   * @return {@code false} by default
   */
  public boolean interruptible() {
    return interruptible;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TaskOptions that
        && name.equals(that.name)
        && interruptible == that.interruptible
        && uses.equals(that.uses)
        && Objects.equals(strategy, that.strategy)
        && Objects.equals(timeout, that.timeout)
        && Objects.equals(totalTimeout, that.totalTimeout)
        && Objects.equals(retry, that.retry)
        && Objects.equals(hedge, that.hedge);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, strategy, timeout, totalTimeout, retry, hedge, interruptible, uses);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("TaskOptions[name=").append(name);
    text.append(", strategy=").append(strategy == null ? "task's own" : strategy);
    add(text, "timeout", timeout);
    add(text, "totalTimeout", totalTimeout);
    add(text, "retry", retry);
    add(text, "hedge", hedge);
    add(text, "uses", uses.isEmpty() ? null : uses);
    return text.append(interruptible ? ", interruptible]" : "]").toString();
  }

  private static void add(StringBuilder text, String name, @Nullable Object value) {
    if (value != null) {
      text.append(", ").append(name).append('=').append(value);
    }
  }
}
