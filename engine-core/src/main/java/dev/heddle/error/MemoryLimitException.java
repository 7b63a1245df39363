// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/**
 * An allocation of off-heap memory was refused: by the memory budget of the engine or, if there is
 * a cause, by the JVM. Nothing was reserved.
 */
public final class MemoryLimitException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public MemoryLimitException(String message) {
    super(ErrorCode.MEMORY_LIMIT, message, null);
  }

  /**
   * Makes the exception for a refusal of the JVM.
   *
   * @param message rule, values, what to do
   * @param cause how the JVM refused
   */
  public MemoryLimitException(String message, OutOfMemoryError cause) {
    super(ErrorCode.MEMORY_LIMIT, message, cause);
  }
}
