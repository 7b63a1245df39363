// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/** A name is not 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}. */
public final class InvalidNameException extends TaskException {

  private static final long serialVersionUID = 1L;

  private static final int MAX_LENGTH = 128;

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

  /**
   * Tells whether a text is a name.
   *
   * @param text any text
   * @return whether it is
   */
  public static boolean isName(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letterOrDigit =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letterOrDigit && c != '.' && c != '_' && c != '-') {
        return false;
      }
    }
    return true;
  }

  /**
   * Checks a name.
   *
   * @param parameter what it is called in the message
   * @param text what was given
   * @return the name
   * @throws InvalidNameException if it is none
   */
  public static String check(String parameter, String text) {
    if (!isName(text)) {
      throw new InvalidNameException(parameter, text);
    }
    return text;
  }
}
