// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/** A task context was used after its run, or by a thread that does not run the task. */
public final class TaskContextException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public TaskContextException(String message) {
    super(ErrorCode.CONTEXT_MISUSE, message, null);
  }
}
