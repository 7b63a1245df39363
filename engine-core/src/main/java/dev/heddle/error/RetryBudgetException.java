// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/**
 * There was no further attempt, since those of the engine together had become too many. Never
 * thrown: suppressed in the error of the last attempt.
 */
public final class RetryBudgetException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public RetryBudgetException(String message) {
    super(ErrorCode.RETRY_BUDGET, message, null);
  }
}
