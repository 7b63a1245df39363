// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/** A recursion of forks went deeper than the stack of its thread bears. */
public final class ForkDepthException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   * @param cause what the JVM threw
   */
  public ForkDepthException(String message, StackOverflowError cause) {
    super(ErrorCode.FORK_TOO_DEEP, message, cause);
  }
}
