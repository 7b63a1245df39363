// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.examples.Console;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CensusBadInputTest {

  @TempDir private Path folder;

  @Test
  void jar_missing_refused() throws Exception {
    Path missing = folder.resolve("missing.jar");
    assertRefused(
        "jar does not exist: jar=" + missing + " (give the path of a jar)",
        "--jar",
        missing.toString());
  }

  @Test
  void jar_missingAndNamedWithLineBreak_refusedOnOneLine() throws Exception {
    assertRefused("jar does not exist: jar=a\\u000ab.jar", "--jar", "a\nb.jar");
  }

  @Test
  void jar_folder_refused() throws Exception {
    assertRefused("jar must be a file: jar=" + folder, "--jar", folder.toString());
  }

  @ParameterizedTest
  @CsvSource({"''", "no jar at all", "PK and then nothing"})
  void jar_notAZipFile_refused(String content) throws Exception {
    Path file = Files.writeString(folder.resolve("some.jar"), content);
    assertRefused("jar must be readable: jar=" + file + ", problem=", "--jar", file.toString());
  }

  @Test
  void jar_withoutClasses_refused() throws Exception {
    Path jar = TestJar.at(folder.resolve("empty.jar")).with("readme.txt", new byte[] {1}).write();
    assertRefused(
        "jar must have classes: jar=" + jar + ", classes=0 (give another jar)",
        "--jar",
        jar.toString());
  }

  @Test
  void jar_classFileIsText_refused() throws Exception {
    assertClassRefused(
        "hello".getBytes(StandardCharsets.US_ASCII), "does not begin like a class file");
  }

  @Test
  void jar_classFileEmpty_refused() throws Exception {
    assertClassRefused(new byte[0], "does not begin like a class file");
  }

  @Test
  void jar_classFileTruncated_refused() throws Exception {
    byte[] whole = TestJar.classFile("a/Broken", code -> {});
    assertClassRefused(Arrays.copyOf(whole, whole.length / 2), "");
  }

  @Test
  void jar_classFileOfUnknownVersion_refused() throws Exception {
    byte[] future = TestJar.classFile("a/Broken", code -> {});
    future[6] = 0x03; // the major version is in bytes 6 and 7
    future[7] = (byte) 0xe7;
    assertClassRefused(future, "Unsupported class file version 999");
  }

  @Test
  void jar_compressedDataDamaged_refused() throws Exception {
    Path jar = TestJar.at(folder.resolve("damaged.jar")).withClass("a/A").write();
    byte[] bytes = Files.readAllBytes(jar);
    int data = 30 + "a/A.class".length(); // behind the local header of the first entry
    Arrays.fill(bytes, data, data + 20, (byte) 0xff);
    Files.write(jar, bytes);
    assertRefused("class file must be readable: classFile=", "--jar", jar.toString());
  }

  private void assertClassRefused(byte[] classFile, String problem) throws Exception {
    Path jar =
        TestJar.at(folder.resolve("broken.jar"))
            .withClass("a/Good")
            .with("b/Broken.class", classFile)
            .write();
    assertRefused(
        "class file must be readable: classFile=\"b/Broken.class\", problem=\"" + problem,
        "--jar",
        jar.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "--top, 0, top must be at least 1: top=0 (leave it out for 20)",
    "--top, x, Invalid value for option '--top'",
    "--rounds, 0, rounds must be at least 1: rounds=0 (leave it out for 2)",
    "--workers, 0, workers=0",
    "--workers, 1025, workers=1025",
    "--workers, two, Invalid value for option '--workers'",
    "--colour, red, 'Unknown options: ''--colour'', ''red'''",
  })
  void option_wrong_refused(String option, String value, String message) throws Exception {
    assertRefused(message, option, value);
  }

  @Test
  void option_withoutItsValue_refused() throws Exception {
    assertRefused("Missing required parameter for option '--jar'", "--jar");
  }

  private static void assertRefused(String message, String... args) throws Exception {
    Console console = Console.of(Census::run, args);
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.out()).isEmpty();
    assertThat(console.err()).endsWith(System.lineSeparator());
    assertThat(console.err().lines()).hasSize(1);
    assertThat(console.err()).startsWith("census: ").contains(message);
  }
}
