// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** README lists the options as the code has them: copy what this test expects. */
class ReadmeOptionsTableTest {

  private static final String BEGIN = "<!-- options -->";
  private static final String END = "<!-- /options -->";

  @Test
  void readme_tableOfOptions_isTheGeneratedOne() throws IOException {
    Path readme = Path.of(System.getProperty("basedir", ""), "..", "README.md");
    List<String> lines = Files.readAllLines(readme);
    int begin = lines.indexOf(BEGIN);
    int end = lines.indexOf(END);
    assertThat(begin).as("line %s in README.md", BEGIN).isNotNegative();
    assertThat(end).as("line %s in README.md", END).isGreaterThan(begin);

    String found = String.join("\n", lines.subList(begin + 1, end)).strip();

    assertThat(found)
        .as("table of options in README.md; expected:%n%n%s%n%n", table())
        .isEqualTo(table());
  }

  @Test
  void table_everyOption_hasItsLine() {
    assertThat(table().lines())
        .hasSize(2 + EngineOptions.ALL.size())
        .allMatch(l -> l.startsWith("| "));
    assertThat(table()).contains("\n| `queueCapacity` | `65536` | ");
  }

  /** The table; README has an empty line before and after it. */
  private static String table() {
    return EngineConfig.SETTINGS.documentation();
  }
}
