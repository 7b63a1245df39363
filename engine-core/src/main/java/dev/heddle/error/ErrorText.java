// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/** Makes values safe to stand in a message: short, on one line, without control characters. */
public final class ErrorText {

  private static final int MAX_LENGTH = 128;

  private ErrorText() {}

  /**
   * Returns a value as it may stand in a message: escaped, cut to 128 characters.
   *
   * @param value any value; a {@code toString} that throws is named instead of the value
   * @return printable ASCII, in double quotes if the value is a text
   */
  public static String quote(Object value) {
    String text;
    try {
      text = String.valueOf(value);
    } catch (RuntimeException e) {
      return "<" + value.getClass().getName() + ".toString() threw " + e.getClass().getName() + ">";
    }
    return value instanceof CharSequence ? "\"" + line(text) + "\"" : line(text);
  }

  /**
   * Returns a text as it may stand in a message without quotes: escaped, cut to 128 characters.
   *
   * @param text any text
   * @return printable ASCII
   */
  public static String line(String text) {
    StringBuilder out = new StringBuilder();
    int kept = Math.min(text.length(), MAX_LENGTH);
    for (int i = 0; i < kept; i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
        out.append(c);
      } else {
        out.append(String.format("\\u%04x", (int) c));
      }
    }
    if (kept < text.length()) {
      out.append("...");
    }
    return out.toString();
  }
}
