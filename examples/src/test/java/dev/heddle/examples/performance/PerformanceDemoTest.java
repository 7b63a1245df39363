// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.performance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.heddle.examples.Console;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PerformanceDemoTest {

  @TempDir private Path folder;

  @Test
  void run_smallNumbers_tablesAndPictures() throws Exception {
    int processors = Runtime.getRuntime().availableProcessors();
    Console console = run("--workers", "" + (processors + 1));
    assertThat(console.err()).isEmpty();
    assertThat(console.exitCode()).isZero();
    assertThat(console.out())
        .containsPattern("(?m)^sequential loop +1 +[0-9,]+ +[0-9,]+ +[0-9,]+ +100 %$")
        .containsPattern("(?m)^heddle +1 +[0-9,]+ +[0-9,]+ +[0-9,]+ +100 %$")
        .containsPattern("(?m)^heddle +" + (processors + 1) + " +not measured")
        .containsPattern("(?m)^forkJoinPool +1 ")
        .containsPattern("(?m)^threadPoolExecutor +1 ")
        .containsPattern("p99\\.9 of heddle: [0-9.]+ us, (NOT )?below 1 ms")
        .containsPattern("(?m)^fib\\(30\\) +[0-9.]+ +[0-9.]+ +[0-9.]+  RecursiveTask$")
        .containsPattern("(?m)^tree of .*RecursiveTask$")
        .containsPattern("(?m)^loop over .*parallel stream$")
        .containsPattern("(?m)^sort of .*parallelSort$")
        .containsPattern("(?m)^Smallest body of a fork at 50 % efficiency")
        .contains("results: as those of a sequential loop");
    for (String picture : List.of("throughput.svg", "scaling.svg", "dispatch.svg", "metg.svg")) {
      Path file = folder.resolve(picture);
      assertThat(console.out()).contains("picture: " + file);
      assertThat(Files.readString(file)).contains("<svg ").endsWith("</svg>\n");
    }
  }

  @Test
  void run_folderIsAFile_refusedOnOneLine() throws Exception {
    folder = Files.createFile(folder.resolve("file"));
    Console console = run("--workers", "1");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err().lines()).hasSize(1);
    assertThat(console.err()).startsWith("performance: pictures must be writable: problem=");
  }

  @Test
  void help_asked_listsOptionsAndExitCodes() throws Exception {
    Console console = Console.of(PerformanceDemo::run, "--help");
    assertThat(console.exitCode()).isZero();
    assertThat(console.err()).isEmpty();
    assertThat(console.out())
        .startsWith("Usage: performance ")
        .contains("--tasks=N", "--dispatches=N", "--rounds=N", "--workers=N", "--folder=DIR");
  }

  @ParameterizedTest
  @CsvSource({
    "--tasks, 0, tasks must be from 1 to 10000000: tasks=0 (leave it out for 200000)",
    "--rounds, 1001, rounds must be from 1 to 1000: rounds=1001 (leave it out for 5)",
    "--workers, 1025, workers must be from 1 to 1024: workers=1025",
    "--dispatches, many, Invalid value for option '--dispatches'",
  })
  void option_wrong_refusedOnOneLine(String option, String value, String message) throws Exception {
    Console console = Console.of(PerformanceDemo::run, option, value);
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.out()).isEmpty();
    assertThat(console.err().lines()).hasSize(1);
    assertThat(console.err()).startsWith("performance: ").contains(message);
  }

  @Test
  void rate_evenNumberOfRounds_medianBetweenTheMiddleOnes() {
    Rate one = new Rate("heddle", 1, List.of(40.0, 10.0, 20.0, 30.0));
    Rate two = new Rate("heddle", 2, List.of(45.0));
    assertThat(one.lowest()).isEqualTo(10);
    assertThat(one.median()).isEqualTo(25);
    assertThat(one.highest()).isEqualTo(40);
    assertThat(two.efficiency(one)).isCloseTo(0.9, within(1e-9));
  }

  private Console run(String... more) throws Exception {
    String[] few = {"--tasks", "500", "--rounds", "2", "--dispatches", "100"};
    List<String> args = new ArrayList<>(List.of(few));
    args.addAll(List.of("--folder", folder.toString()));
    args.addAll(List.of(more));
    return Console.of(PerformanceDemo::run, args.toArray(String[]::new));
  }
}
