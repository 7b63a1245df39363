// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleFinder;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class CensusOfRuntimeImageTest {

  /** The whole program on its real input: every class file of the JDK that runs this test. */
  @Test
  void json_wholeJdk_bothRunsCountedAll() throws Exception {
    JsonNode census = Json.census("--rounds", "1");

    JsonNode totals = census.get("totals");
    assertThat(totals.get("classFiles").asLong()).isEqualTo(classFilesOfThisJdk());
    assertThat(totals.get("moduleDescriptors").asInt())
        .isEqualTo(ModuleFinder.ofSystem().findAll().size());
    assertThat(census.get("sequential").get("totals")).isEqualTo(totals);
    assertThat(census.get("engine").get("totals")).isEqualTo(totals);
    assertThat(census.get("equal").asBoolean()).isTrue();

    Map<String, Long> opcodes = Json.opcodes(census);
    assertThat(opcodes.values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(totals.get("instructions").asLong());
    assertThat(opcodes.get("monitorexit")).isGreaterThan(opcodes.get("monitorenter"));

    Map<String, Long> longest = Json.counts(census.get("longestMethods"), "method");
    assertThat(longest).hasSize(20);
    assertThat(List.copyOf(longest.values())).isSortedAccordingTo(Comparator.reverseOrder());
    Map<String, Long> called = Json.counts(census.get("mostCalledMethods"), "method");
    assertThat(called).hasSize(20).containsKey("java/lang/Object.<init>()V");
    assertThat(List.copyOf(called.values())).isSortedAccordingTo(Comparator.reverseOrder());
  }

  private static long classFilesOfThisJdk() throws Exception {
    Path modules = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules");
    try (Stream<Path> paths = Files.walk(modules)) {
      return paths.filter(path -> path.toString().endsWith(".class")).count();
    }
  }
}
