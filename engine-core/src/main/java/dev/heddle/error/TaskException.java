// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The root of everything that the engine throws on its own account.
 *
 * <p>If a task has failed, its story is told by {@link #toString()} and kept as data, {@link
 * #context()}; and at the end of the stack, below a frame {@code
 * dev.heddle.task.submittedAt(name)}, stands the place where the task was submitted.
 */
public abstract sealed class TaskException extends RuntimeException
    permits ConfigurationException,
        DeadlockException,
        ExtensionException,
        ForkDepthException,
        ForkScopeException,
        InvalidNameException,
        LaneException,
        MemoryLimitException,
        RejectedTaskException,
        ResourceException,
        RetryBudgetException,
        SegmentOverrunException,
        SegmentOwnerException,
        SegmentReleasedException,
        TaskCancelledException,
        TaskContextException,
        TaskFailedException,
        TaskInterruptedException,
        TaskTimedOutException,
        TaskTimeoutException,
        ThreadStartException,
        WaitDepthException {

  private static final long serialVersionUID = 1L;

  /** What kind of error this is. */
  private final ErrorCode code;

  /** The story of the task; not for Java serialization. */
  private final transient @Nullable FailureContext context;

  TaskException(ErrorCode code, String message, @Nullable Throwable cause) {
    this(code, message, cause, null);
  }

  TaskException(
      ErrorCode code, String message, @Nullable Throwable cause, @Nullable FailureContext context) {
    super(message, cause);
    this.code = requireNonNull(code, "code");
    this.context = context;
    if (context != null) {
      setStackTrace(context.appendSite(getStackTrace()));
    }
  }

  /**
   * Makes one of a throwable, for programs that want to catch one root.
   *
   * <p>One of ours is returned as it is, also from within exceptions of the JDK that carry it: what
   * {@link #toJdk()} has made, and {@link ExecutionException}, {@link CompletionException}, {@link
   * CancellationException}, {@link TimeoutException}, {@link RejectedExecutionException} and {@link
   * InterruptedException} with it as their cause. Of the others, the first two are taken off; then
   * a cancellation becomes a {@link TaskCancelledException}, a time-out a {@link
   * TaskTimeoutException}, a rejection a {@link RejectedTaskException}, an interrupt that was not
   * wrapped a {@link TaskInterruptedException}, and anything else a {@link TaskFailedException}.
   * What they are made of is the cause; what was suppressed in what was taken off is suppressed in
   * them.
   *
   * <p>If {@code thrown} is an {@link InterruptedException}, the interrupt status of the calling
   * thread is set, as {@link TaskInterruptedException} promises.
   *
   * @param thrown what was thrown
   * @return one of ours
   */
  public static TaskException of(Throwable thrown) {
    return JdkExceptions.toOurs(requireNonNull(thrown, "thrown"));
  }

  /**
   * Returns what kind of error this is.
   *
   * @return the code, the same in every release
   */
  public final ErrorCode code() {
    return code;
  }

  /**
   * Returns what is known about the task that failed. Java serialization does not keep it, {@link
   * #toMap()} does.
   *
   * @return the story; empty if this is not about the failure of one task
   */
  public final Optional<FailureContext> context() {
    return Optional.ofNullable(context);
  }

  /**
   * Returns the same as the JDK would throw it, for callers that know nothing of Heddle: an {@link
   * ExecutionException} with this as its cause, unless the kind of exception has its own. {@link
   * #of} makes it ours again. The interrupt status stays as it is.
   *
   * @return a new exception, from which this one can be reached
   */
  public Exception toJdk() {
    return new ExecutionException(getMessage(), this);
  }

  /**
   * Returns it as data that every format can carry: strings, numbers, lists and maps.
   *
   * <p>The entries are {@code type} (the class), {@code message}, {@code code}, {@code context}
   * (see {@link FailureContext#toMap()}), {@code cause} and {@code suppressed}; the last two hold
   * maps of the same form, the last one a list. What there is none of has no entry. Of each
   * throwable, causes and suppressed ones are told once, of 64 throwables in all: {@code leftOut}
   * says how many suppressed ones are missing.
   *
   * @return a new map
   */
  public final Map<String, Object> toMap() {
    return new ThrowableMap().of(this);
  }

  /**
   * Returns type and message, which are one line, and below it the story of the task, if there is
   * one.
   *
   * @return one to six lines
   */
  @Override
  @SuppressWarnings("OverrideThrowableToString") // the message is one line, the story is not
  public String toString() {
    return withStory(super.toString());
  }

  final String withStory(String line) {
    return context == null ? line : line + "\n  " + context.toString().replace("\n", "\n  ");
  }
}
