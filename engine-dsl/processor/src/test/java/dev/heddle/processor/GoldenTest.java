// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.testing.compile.Compilation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is written for each of the sources in {@code golden}, byte for byte. A change there should
 * be read: run with {@code -Dgolden.write=true} to have it written down.
 */
class GoldenTest {

  private static final Path FOLDER = Path.of("src/test/resources/golden");

  private static final Pattern FIRST_TYPE = Pattern.compile("\\b(?:class|interface|record) (\\w+)");

  static List<String> cases() throws IOException {
    try (Stream<Path> folders = Files.list(FOLDER)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void source_isWrittenAsBefore_andCompilesWithoutAWarning(String name) throws IOException {
    Path folder = FOLDER.resolve(name);
    Map<String, String> written = write(folder);
    if (Boolean.getBoolean("golden.write")) {
      for (Map.Entry<String, String> file : written.entrySet()) {
        Files.writeString(folder.resolve(file.getKey()), file.getValue());
      }
    }
    assertThat(written).isNotEmpty();
    for (Map.Entry<String, String> file : written.entrySet()) {
      assertThat(file.getValue())
          .as(file.getKey())
          .isEqualTo(Files.readString(folder.resolve(file.getKey())));
    }
    assertThat(write(folder)).as("written again").isEqualTo(written);
  }

  @Test
  void cases_areAtLeastTwelve() throws IOException {
    assertThat(cases()).hasSizeGreaterThanOrEqualTo(12);
  }

  private static Map<String, String> write(Path folder) throws IOException {
    String source = Files.readString(folder.resolve("input.java.txt"));
    Matcher first = FIRST_TYPE.matcher(source);
    assertThat(first.find()).isTrue();
    Compilation compilation = Compiling.compile("demo." + first.group(1), source);
    assertThat(compilation.status()).isEqualTo(Compilation.Status.SUCCESS);
    assertThat(compilation.warnings()).isEmpty();
    Map<String, String> written = new TreeMap<>();
    for (JavaFileObject file : compilation.generatedSourceFiles()) {
      written.put(Path.of(file.getName()).getFileName() + ".txt", text(file));
    }
    return written;
  }

  private static String text(JavaFileObject file) {
    try {
      return file.getCharContent(true).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
