// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import java.util.concurrent.TimeoutException;

/**
 * A wait for a task took longer than the caller allowed. The task goes on. A task that has a
 * timeout of its own fails with a {@link TaskTimedOutException} instead.
 */
public final class TaskTimeoutException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public TaskTimeoutException(String message) {
    super(ErrorCode.WAIT_TIMED_OUT, message, null);
  }

  TaskTimeoutException(String message, TimeoutException cause) {
    super(ErrorCode.WAIT_TIMED_OUT, message, cause);
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
