// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import org.jspecify.annotations.Nullable;

/** Makes values safe to stand in a message: short, on one line, without control characters. */
public final class ErrorText {

  private static final int MAX_LENGTH = 128;

  private ErrorText() {}

  /**
   * Returns a value as it may stand in a message: escaped, cut to 128 characters.
   *
   * <p>The value's {@code toString} is somebody else's code: if it throws, or returns {@code null},
   * that is said instead of the value. Only a {@link VirtualMachineError} other than {@link
   * StackOverflowError} comes through, since after it nothing more can be said.
   *
   * @param value any value, {@code null} included
   * @return printable ASCII, in double quotes if the value is a text
   */
  public static String quote(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    String text;
    try {
      text = value.toString();
    } catch (Throwable e) {
      if (e instanceof VirtualMachineError fatal && !(e instanceof StackOverflowError)) {
        throw fatal;
      }
      return unprintable(value, "threw " + line(e.getClass().getName()));
    }
    if (text == null) {
      return unprintable(value, "returned null");
    }
    return value instanceof CharSequence ? "\"" + line(text) + "\"" : line(text);
  }

  private static String unprintable(Object value, String what) {
    return "<" + line(value.getClass().getName()) + ".toString() " + what + ">";
  }

  /**
   * Returns a text as it may stand in a message without quotes: escaped, cut to 128 characters.
   *
   * @param text any text
   * @return printable ASCII
   */
  public static String line(String text) {
    return line(text, MAX_LENGTH);
  }

  /** As {@link #line(String)}, cut to another length. */
  static String line(String text, int maxLength) {
    StringBuilder out = new StringBuilder();
    int kept = Math.min(text.length(), maxLength);
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
