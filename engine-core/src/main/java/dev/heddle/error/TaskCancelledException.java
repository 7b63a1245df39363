// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A task was cancelled: thrown to those who wait for it, and inside its body by {@code
 * checkCancelled}.
 */
public final class TaskCancelledException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public TaskCancelledException(String message) {
    this(message, null);
  }

  /**
   * Makes the exception with the story of the task.
   *
   * @param message rule, values, what to do
   * @param context the story, if it is known
   */
  public TaskCancelledException(String message, @Nullable FailureContext context) {
    this(message, context, null);
  }

  TaskCancelledException(
      String message, @Nullable FailureContext context, @Nullable CancellationException cause) {
    super(ErrorCode.TASK_CANCELLED, message, cause, context);
  }

  /**
   * Returns the same as the JDK would throw it.
   *
   * @return a new exception with this as its cause
   */
  @Override
  public CancellationException toJdk() {
    return JdkExceptions.withCause(new CancellationException(getMessage()), this);
  }
}
