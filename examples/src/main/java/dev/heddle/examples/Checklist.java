// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import java.io.PrintStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Prints results and remembers whether each was the expected one. Not thread-safe. */
final class Checklist {

  private final PrintStream out;
  private final PrintStream err;
  private int mismatches;

  /**
   * Makes an empty checklist.
   *
   * @param out where results go
   * @param err where mismatches go
   */
  Checklist(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Prints a result and compares it with the expected one. */
  void check(String name, @Nullable Object expected, @Nullable Object actual) {
    out.printf("  %-34s %s%n", name, actual);
    expect(name, expected, actual);
  }

  /** Compares a result with the expected one without printing it. */
  void expect(String name, @Nullable Object expected, @Nullable Object actual) {
    if (!Objects.equals(expected, actual)) {
      mismatches++;
      err.printf(
          "result must be the expected one: name=%s, expected=%s, actual=%s%n",
          name, expected, actual);
    }
  }

  /** Returns the exit code of the program: 0 if all results were right, 1 if not. */
  int exitCode() {
    return mismatches == 0 ? 0 : 1;
  }
}
