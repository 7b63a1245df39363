// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/**
 * Tasks wait inside each other deeper than a thread can bear: each wait for a task that nobody has
 * started runs it on the stack of the one that waits.
 */
public final class WaitDepthException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public WaitDepthException(String message) {
    super(ErrorCode.WAIT_TOO_DEEP, message, null);
  }
}
