// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import dev.heddle.error.InvalidNameException;

/** The rule for names of engines and tasks, which end up in thread names, logs and metric tags. */
final class Names {

  private Names() {}

  /** Tells whether a text is a name. */
  static boolean isName(String text) {
    return InvalidNameException.isName(text);
  }

  /** Returns the name, or throws with the parameter's name in the message. */
  static String check(String parameter, String text) {
    return InvalidNameException.check(parameter, text);
  }
}
