// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import dev.heddle.error.ErrorText;
import java.io.PrintStream;
import java.util.List;

/** The command lines of programs that take no arguments. */
final class Arguments {

  /** The exit code of a program that was called in the wrong way. */
  static final int USAGE = 2;

  private Arguments() {}

  /** Tells whether there are arguments, and if so complains about them. */
  static boolean refuseAny(String[] args, PrintStream err) {
    if (args.length == 0) {
      return false;
    }
    err.println(
        "program takes no arguments: arguments="
            + ErrorText.quote(List.of(args))
            + " (leave them out)");
    return true;
  }
}
