// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/** The body of a task threw; the cause is what it threw, unchanged. */
public final class TaskFailedException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message which task
   * @param cause what the body threw
   */
  public TaskFailedException(String message, Throwable cause) {
    super(ErrorCode.TASK_FAILED, message, cause);
  }
}
