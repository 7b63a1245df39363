// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/** The memory budget of the engine does not allow an allocation. Nothing was reserved. */
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
}
