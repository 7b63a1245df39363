// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import dev.heddle.error.ErrorText;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The input cannot be counted. The message is one line for the user: rule, value, remedy. */
final class InputException extends Exception {

  private static final long serialVersionUID = 1L;

  InputException(String message) {
    this(message, null);
  }

  private InputException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Says that something cannot be read.
   *
   * @param what what it is, in words
   * @param name name of the value
   * @param value which one it is
   * @param cause why not
   * @param remedy what to do
   */
  static InputException unreadable(
      String what, String name, Object value, Exception cause, String remedy) {
    String problem =
        Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
    return new InputException(
        what
            + " must be readable: "
            + name
            + "="
            + ErrorText.quote(value)
            + ", problem="
            + ErrorText.quote(problem)
            + " ("
            + remedy
            + ")",
        cause);
  }
}
