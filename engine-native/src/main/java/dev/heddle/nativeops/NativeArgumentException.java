// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import org.jspecify.annotations.Nullable;

/** An argument was refused. Nothing has been called, and nothing was written. */
public final class NativeArgumentException extends NativeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   * @param cause how the JDK has refused the argument, if it has
   */
  public NativeArgumentException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
