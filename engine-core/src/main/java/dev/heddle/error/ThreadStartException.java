// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import org.jspecify.annotations.Nullable;

/** A worker thread could not be made or started. */
public final class ThreadStartException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message which worker, and what the thread factory did
   * @param cause what the factory or the start threw, if anything
   */
  public ThreadStartException(String message, @Nullable Throwable cause) {
    super(ErrorCode.THREAD_START, message, cause);
  }
}
