// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

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
    super(ErrorCode.TASK_CANCELLED, message, null);
  }
}
