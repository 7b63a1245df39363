// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/**
 * The scope of a fork was used after its branch had ended, inside another branch, or by another
 * thread.
 */
public final class ForkScopeException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public ForkScopeException(String message) {
    super(ErrorCode.FORK_MISUSE, message, null);
  }
}
