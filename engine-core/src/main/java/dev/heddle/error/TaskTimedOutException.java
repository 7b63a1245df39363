// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/**
 * A task, or one attempt of it, took longer than its options allow. Not to be confused with {@link
 * TaskTimeoutException}, which says that somebody has waited for long enough.
 */
public final class TaskTimedOutException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public TaskTimedOutException(String message) {
    super(ErrorCode.TASK_TIMED_OUT, message, null);
  }
}
