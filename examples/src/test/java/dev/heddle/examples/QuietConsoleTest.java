// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.examples.census.Census;
import dev.heddle.examples.census.TestJar;
import dev.heddle.examples.fetcher.Fetcher;
import dev.heddle.examples.performance.PerformanceDemo;
import dev.heddle.nativeops.NativeOps;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Starts the examples as a user does, with no option for the JVM but the access that native
 * operations need: nothing may be complained of.
 */
class QuietConsoleTest {

  @TempDir private Path folder;

  @Test
  void main_basicUsageInPlainJvm_noWarning() throws Exception {
    assertQuiet(BasicUsage.class);
  }

  @Test
  void main_advancedFeaturesInPlainJvm_noWarning() throws Exception {
    assertQuiet(AdvancedFeatures.class);
  }

  @Test
  void main_prometheusTextInPlainJvm_noWarning() throws Exception {
    assertQuiet(PrometheusText.class);
  }

  @Test
  void main_censusInPlainJvm_noWarning() throws Exception {
    Path jar = TestJar.at(folder.resolve("small.jar")).withClass("a/A").write();
    assertQuiet(Census.class, "--jar", jar.toString());
  }

  @Test
  void main_fetcherInPlainJvm_noWarning() throws Exception {
    assertQuiet(Fetcher.class, "--count", "25");
  }

  @Test
  void main_performanceInPlainJvm_noWarning() throws Exception {
    String pictures = folder.resolve("pictures").toString();
    assertQuiet(
        PerformanceDemo.class,
        "--tasks",
        "100",
        "--rounds",
        "1",
        "--dispatches",
        "100",
        "--folder",
        pictures);
  }

  private void assertQuiet(Class<?> program, String... args) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                // Where no library was built, one line says so; here it is known.
                "-Dheddle.native=" + (NativeOps.get().isNative() ? "auto" : "java"),
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(List.of(args));
    File out = folder.resolve("out").toFile();
    File err = folder.resolve("err").toFile();
    ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out).redirectError(err);
    // Options from there are announced on standard error.
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    int exitCode = builder.start().waitFor();
    assertThat(Files.readString(err.toPath())).isEmpty();
    assertThat(exitCode).isZero();
    assertThat(out).isNotEmpty();
  }
}
