// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.testing.compile.Compilation;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The steps of a definition have an order that the compiler knows; no processor is needed. */
class DefinitionOrderTest {

  private static Compilation compile(String steps) {
    return Compiling.compile(
        "demo.Source",
        Compiling.PREAMBLE
            + "class Source {\n  Object made(dev.heddle.TaskEngine engine) {\n    return"
            + " TaskDefinition.define(\"length\")\n"
            + steps
            + ";\n  }\n}\n");
  }

  private static final String RIGHT =
      """
      .input(String.class).output(Integer.class)
      .timeout(Duration.ofSeconds(1)).interruptible().blocking()
      .handler((text, context) -> text.length())
      """;

  @Test
  void steps_inTheirOrder_compile() {
    assertThat(compile(RIGHT).errors()).isEmpty();
    assertThat(compile(RIGHT + ".submit(engine, \"warp\").join()").errors()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ".handler((text, context) -> 1) | cannot find symbol",
        ".input(String.class).handler((text, context) -> 1) | cannot find symbol",
        ".output(Integer.class).input(String.class) | cannot find symbol",
        ".timeout(Duration.ZERO).input(String.class) | cannot find symbol",
        ".input(String.class).input(String.class) | cannot find symbol",
        ".input(String.class).output(Integer.class).output(Long.class) | cannot find symbol",
        ".input(String.class).output(Integer.class).submit(engine, \"warp\") | cannot find symbol",
        ".input(String.class).output(Integer.class).task(\"warp\") | cannot find symbol",
        ".input(String.class).output(Integer.class).handler((text, context) -> text)"
            + " | incompatible types: bad return type in lambda expression",
        ".input(String.class).output(Integer.class).handler((text, context) -> 1).submit(engine, 1)"
            + " | incompatible types: int cannot be converted to java.lang.String",
        ".input(String.class).output(Integer.class).handler((text, context) -> 1)"
            + ".timeout(Duration.ZERO) | cannot find symbol",
      })
  void steps_inAnotherOrder_doNot(String steps, String message) {
    assertThat(compile(steps).errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.getMessage(Locale.ROOT)).startsWith(message);
              assertThat(error.getLineNumber()).isEqualTo(5);
            });
  }
}
