// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/** A name is not 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}. */
public final class InvalidNameException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param parameter which name
   * @param value what was given
   */
  public InvalidNameException(String parameter, String value) {
    super(
        ErrorCode.INVALID_NAME,
        parameter
            + " must be 1 to 128 characters of A-Z a-z 0-9 . _ -: "
            + parameter
            + "="
            + ErrorText.quote(value)
            + " (replace the other characters, for example by '-')",
        null);
  }
}
