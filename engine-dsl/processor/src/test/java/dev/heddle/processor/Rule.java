// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.testing.compile.Compilation;
import java.util.List;
import java.util.Locale;

/**
 * A mistake that the compiler has to tell: at its line, in these words, and nothing else.
 *
 * @param source a file in package {@code demo}, after its imports; {@code //!} marks the line
 * @param message the whole message
 */
record Rule(String source, String message) {

  static Rule rule(String source, String message) {
    return new Rule(source, message);
  }

  void assertTold() {
    String source = Compiling.PREAMBLE + this.source;
    Compilation compilation = Compiling.compile("demo.Source", source);
    assertThat(compilation.errors())
        .as("errors of\n%s", source)
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.getMessage(Locale.ROOT)).isEqualTo(message);
              assertThat(error.getLineNumber()).isEqualTo(markedLine(source));
            });
  }

  private static long markedLine(String source) {
    return source.substring(0, source.indexOf("//!")).lines().count();
  }

  /** How many of them differ in more than their values. */
  static long distinct(List<Rule> rules) {
    return rules.stream().map(rule -> rule.message().replaceAll(": .*", "")).distinct().count();
  }

  @Override
  public String toString() {
    return message;
  }
}
