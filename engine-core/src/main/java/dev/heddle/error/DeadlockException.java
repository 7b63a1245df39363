// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/**
 * A task was about to wait for itself, or for one that waits for it, perhaps by way of others: that
 * could never end.
 */
public final class DeadlockException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public DeadlockException(String message) {
    super(ErrorCode.DEADLOCK, message, null);
  }
}
