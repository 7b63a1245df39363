// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import org.jspecify.annotations.Nullable;

/**
 * The root of what is thrown by parts of Heddle outside of the engine, such as the native
 * operations. Their classes say what happened; all have the code {@link ErrorCode#EXTENSION}.
 */
public abstract non-sealed class ExtensionException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   * @param cause what it was caused by, if anything
   */
  protected ExtensionException(String message, @Nullable Throwable cause) {
    super(ErrorCode.EXTENSION, message, cause);
  }
}
