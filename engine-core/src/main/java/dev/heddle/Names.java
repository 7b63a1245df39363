// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import dev.heddle.error.InvalidNameException;

/** The rule for names of engines and tasks, which end up in thread names, logs and metric tags. */
final class Names {

  static final int MAX_LENGTH = 128;

  private Names() {}

  /** Tells whether a text is a name. */
  static boolean isName(String text) {
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

  /** Returns the name, or throws with the parameter's name in the message. */
  static String check(String parameter, String text) {
    if (!isName(text)) {
      throw new InvalidNameException(parameter, text);
    }
    return text;
  }
}
