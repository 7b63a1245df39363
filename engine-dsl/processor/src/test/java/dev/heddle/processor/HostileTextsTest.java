// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.testing.compile.Compilation;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Texts of annotations that try to become code: either the source is refused at its element, or
 * what is written holds nothing of theirs.
 */
class HostileTextsTest {

  private static final Pattern LITERAL = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> parts =
        Arbitraries.of(
            "\"",
            "'",
            "\\",
            "*/",
            "/*",
            "//",
            "\n",
            "\r",
            "\u2028",
            "\0",
            "$L",
            "$T",
            "{@link",
            "}",
            ";",
            "Evil",
            "class Evil {}",
            "\"); class Evil {} //",
            "\\u0022",
            "\\u000a",
            "add",
            "Math",
            "1s",
            "250ms",
            "PT1S",
            "-",
            " ",
            "é",
            "😀",
            "\u202e");
    return parts.list().ofMinSize(1).ofMaxSize(5).map(list -> String.join("", list));
  }

  @Property(tries = 120)
  void text_anywhere_isRefusedOrHarmless(
      @ForAll("texts") String set, @ForAll("texts") String named, @ForAll("texts") String time)
      throws IOException {
    String source =
        Compiling.PREAMBLE
            + "@TaskSet(%s)\ninterface Some {\n  @Named(%s)\n  @Timeout(%s)\n  @Retry(max = 2, delay = %s)\n  int call();\n}\n"
                .formatted(literal(set), literal(named), literal(time), literal(time));
    check(source);
  }

  /** The same as it stands in a file, where the compiler reads unicode escapes first. */
  @Property(tries = 120)
  void text_raw_isRefusedOrHarmless(@ForAll("texts") String text) throws IOException {
    String oneLine = text.replaceAll("[\n\r\"]", "");
    check(
        Compiling.PREAMBLE
            + "@TaskSet(\"Set\")\ninterface Some {\n  @Named(\""
            + oneLine
            + "\")\n  int call();\n}\n");
  }

  @Property(tries = 120)
  void text_ofSettings_isRefusedOrHarmless(
      @ForAll("texts") String prefix, @ForAll("texts") String given, @ForAll("texts") String end)
      throws IOException {
    check(
        Compiling.PREAMBLE
            + """
            @EngineSettings(%s)
            record Some(
                @Default(%s) String title,
                @Default(%s) @Range(max = %s) Duration pause,
                @Range(min = %4$s) int count) {}
            """
                .formatted(literal(prefix), literal(given), literal(given), literal(end)));
  }

  /** What a comment says of a component stands in the table of the settings. */
  @Property(tries = 120)
  void comment_ofSettings_isHarmless(@ForAll("texts") String text) throws IOException {
    check(
        Compiling.PREAMBLE
            + "/** Some.\n * @param title "
            + text.replace("*/", "").replace("/*", "").replaceAll("\\\\u", "")
            + "\n */\n@EngineSettings(\"app\")\nrecord Some(String title) {}\n");
  }

  /** Names are the compiler's business, as far as what is written does not use them up. */
  @Property(tries = 120)
  void names_ofAForkFunction_doNotMatter(@ForAll("names") Set<String> names) {
    String source =
        Compiling.PREAMBLE
            + "@ForkFunction interface Some { String "
            + names.iterator().next()
            + "(ForkScope s, String "
            + String.join(", int ", names)
            + ", Call last); }\nclass Call {}\n";
    assertThat(Compiling.compile("demo.Source", source).errors()).as(source).isEmpty();
  }

  @Provide
  Arbitrary<Set<String>> names() {
    return Arbitraries.of(
            "scope",
            "function",
            "combine",
            "engine",
            "engine_",
            "first",
            "first_",
            "result",
            "right",
            "left",
            "rightResult",
            "of",
            "ofOf",
            "forget",
            "run",
            "RUN",
            "pair",
            "both",
            "compute",
            "join",
            "Call",
            "TaskEngine",
            "Objects",
            "$",
            "$L",
            "$$T",
            "_a",
            "\u00e9t\u00e9",
            "string",
            "hashCode",
            "toString",
            "getClass",
            "Some",
            "SomeFork")
        .set()
        .ofMinSize(1)
        .ofMaxSize(8);
  }

  private static void check(String source) throws IOException {
    Compilation compilation =
        Compiling.compile("demo.Source", source); // throws if a processor does
    if (compilation.status() == Compilation.Status.FAILURE) {
      assertThat(compilation.errors())
          .as(source)
          .isNotEmpty()
          .allSatisfy(
              error -> {
                assertThat(error.getLineNumber()).isPositive();
                assertThat(error.getMessage(Locale.ROOT)).doesNotContain("exception was thrown");
              });
      return;
    }
    for (JavaFileObject file : compilation.generatedSourceFiles()) {
      String code = LITERAL.matcher(file.getCharContent(true)).replaceAll("\"\"");
      assertThat(code).as(source).doesNotContain("class Evil");
    }
    assertThat(compilation.generatedFiles().stream().map(JavaFileObject::getName))
        .noneMatch(name -> name.endsWith("/Evil.class"));
  }

  private static String literal(String text) {
    StringBuilder literal = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        literal.append('\\').append(c);
      } else if (c == '\n' || c == '\r') {
        literal.append(c == '\n' ? "\\n" : "\\r");
      } else {
        literal.append(c);
      }
    }
    return literal.append('"').toString();
  }
}
