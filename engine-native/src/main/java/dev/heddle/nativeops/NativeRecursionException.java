// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

/**
 * The thread has not enough stack left for a callback: operations and their listeners call each
 * other too deep. The operation was stopped.
 */
public final class NativeRecursionException extends NativeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public NativeRecursionException(String message) {
    super(message, null);
  }
}
