// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A task ran longer than its own timeout: the error of its failure. Not to be confused with {@link
 * TaskTimeoutException}, which ends a wait for a task that goes on.
 */
public final class TaskTimedOutException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   * @param context the story of the task, if it is known
   */
  public TaskTimedOutException(String message, @Nullable FailureContext context) {
    super(ErrorCode.TASK_TIMED_OUT, message, null, context);
  }

  /**
   * Returns the same as the JDK would throw it.
   *
   * @return a new exception with this as its cause
   */
  @Override
  public TimeoutException toJdk() {
    return JdkExceptions.withCause(new TimeoutException(getMessage()), this);
  }
}
