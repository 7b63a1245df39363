// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A task has failed. The cause is what its body threw, the same object, to which the engine may
 * have added suppressed exceptions; or a {@link TaskTimedOutException}, if its timeout was over.
 */
public final class TaskFailedException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message which task
   * @param cause what the body threw
   */
  public TaskFailedException(String message, Throwable cause) {
    this(message, cause, null);
  }

  /**
   * Makes the exception with the story of the task.
   *
   * @param message which task
   * @param cause what the body threw
   * @param context the story, if it is known
   */
  public TaskFailedException(String message, Throwable cause, @Nullable FailureContext context) {
    super(ErrorCode.TASK_FAILED, message, cause, context);
  }

  /**
   * Returns the same as {@link java.util.concurrent.Future#get} would throw it: its cause is that
   * of this one. It has the stack of this one and what this one suppresses, and tells the same
   * story; {@link TaskException#of} returns this one for it.
   *
   * @return a new exception
   */
  @Override
  public ExecutionException toJdk() {
    return new JdkExceptions.Failed(this);
  }
}
