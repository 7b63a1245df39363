// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/** A wait for a task took longer than the caller allowed. The task goes on. */
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
}
