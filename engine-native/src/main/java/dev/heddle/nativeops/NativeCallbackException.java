// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

/**
 * A {@link ProgressListener} threw: the operation was stopped. What it has written until then is
 * unspecified.
 */
public final class NativeCallbackException extends NativeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   * @param cause what the listener threw first
   */
  public NativeCallbackException(String message, Throwable cause) {
    super(message, cause);
  }
}
