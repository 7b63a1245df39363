// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.testing.compile.Compilation;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sources that name what nobody knows, or what is yet to be written. */
class UnknownTypesTest {

  /** The compiler tells of it, and we say nothing about what follows of that. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "@TaskSet interface Ops { Missing a(); }",
        "@TaskSet interface Ops { int a(java.util.List<? extends Missing[]> b); }",
        "@TaskSet interface Ops { int a() throws Missing; }",
        "@TaskSet interface Ops { @Retry(max = 2, on = Missing.class) int a(); }",
        "@TaskSet interface Ops { @Retry(max = 2, on = {Error.class, Missing.class}) int a(); }",
        "@TaskSet interface Ops { @Retry(max = MISSING) int a(); }",
        "@TaskSet interface Ops { @Timeout(MISSING) int a(); }",
        "@TaskSet interface Ops { @Hedge(Missing.X) int a(); }",
        "@TaskSet interface Ops { @Named(Missing.X) int a(); }",
        "@TaskSet interface Ops { int a(); @Retry(max = MISSING) default int b() { return 1; } }",
        "@TaskSet(Missing.X) interface Ops { int a(); }",
        "@EngineSettings(Missing.X) record Some(int a) {}",
        "@EngineSettings(\"app\") record Some(Missing a) {}",
        "@EngineSettings(\"app\") record Some(@Default(Missing.X) int a) {}",
        "@EngineSettings(\"app\") record Some(@Range(min = Missing.X) int a) {}",
        "@ForkFunction interface Walk { Missing go(ForkScope scope, int a); }",
        "@ForkFunction interface Walk { int go(Missing scope, int a); }",
      })
  void unknown_toldByTheCompilerAlone(String source) {
    Compilation compilation = Compiling.compile("demo.Source", Compiling.PREAMBLE + source);
    assertThat(compilation.errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.getMessage(Locale.ROOT)).startsWith("cannot find symbol");
              assertThat(error.getLineNumber()).isEqualTo(2);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@TaskSet interface SecondOps { int b(FirstTask<Integer> first, FirstTask.A a); }",
        "@TaskSet interface SecondOps { FirstTasks b(java.util.List<FirstTask<?>> all); }",
        "@ForkFunction interface Walk { int go(ForkScope scope, FirstTask.A a); }",
      })
  void yetToBeWritten_isWaitedFor(String source) {
    Compilation compilation =
        Compiling.compile(
            "demo.Source",
            Compiling.PREAMBLE + source + "\n@TaskSet interface FirstOps { int a(); }\n");
    assertThat(compilation.errors()).isEmpty();
  }

  /** What identifies a schema does not depend on which round it was read in. */
  @Test
  void yetToBeWritten_schemaIsThatOfTheFullNames() throws Exception {
    String first = "@TaskSet interface FirstOps { int a(); }\n";
    String second = "@TaskSet interface SecondOps { int b(%s first); }\n";
    assertThat(schema(first + second.formatted("FirstTask<Integer>")))
        .isEqualTo(schema(first + second.formatted("demo.FirstTask<java.lang.Integer>")));
  }

  private static String schema(String source) throws Exception {
    Compilation compilation = Compiling.compile("demo.Source", Compiling.PREAMBLE + source);
    String written =
        compilation.generatedSourceFiles().stream()
            .filter(file -> file.getName().endsWith("/SecondTasks.java"))
            .findFirst()
            .orElseThrow()
            .getCharContent(true)
            .toString();
    return written.replaceAll("(?s).*name\\(\"second\\.b\"\\), \"(\\w+)\".*", "$1");
  }
}
