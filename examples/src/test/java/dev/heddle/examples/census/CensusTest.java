// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.examples.Console;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.Opcodes;

class CensusTest {

  @Test
  void help_asked_listsOptionsAndExitCodes() throws Exception {
    Console console = Console.of(Census::run, "--help");
    assertThat(console.exitCode()).isZero();
    assertThat(console.err()).isEmpty();
    assertThat(console.out())
        .startsWith("Usage: census ")
        .contains("--jar=FILE", "--json", "--workers=N", "--top=N", "--rounds=N", "Exit codes:");
  }

  @Test
  void version_asked_namesTheBuildAndTheJdk() throws Exception {
    Console console = Console.of(Census::run, "--version");
    assertThat(console.exitCode()).isZero();
    assertThat(console.err()).isEmpty();
    assertThat(console.out().lines())
        .satisfiesExactly(
            census -> assertThat(census).matches("census \\d+\\.\\d+\\.\\d+.*"),
            jdk -> assertThat(jdk).isEqualTo("JDK " + Runtime.version()));
  }

  @Test
  void conclude_runsDiffer_exitCodeOneAndTheDifference() throws Exception {
    Tally sequential = new Tally(1);
    sequential.instruction(Opcodes.NOP);
    Tally engine = new Tally(1);
    engine.instruction(Opcodes.NOP);
    engine.instruction(Opcodes.NOP);
    Comparison runs = new Comparison(run(sequential, 2), run(engine, 1));

    Console console =
        Console.of((args, out, err) -> new Census(out, err).conclude("test", 1, runs));

    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.err())
        .isEqualToIgnoringNewLines(
            "census: runs must count the same: difference=nop: 1 and 2 (report it as a bug)");
    assertThat(console.out()).contains("Speed-up: 2.00; the totals are DIFFERENT");
  }

  @Test
  void fastest_eachFasterInAnotherRound_bestOfBoth() {
    Tally tally = new Tally(1);
    Comparison first = new Comparison(run(tally, 8), run(tally, 3));
    Comparison second = new Comparison(run(tally, 6), run(tally, 5));
    assertThat(first.fastest(second)).isEqualTo(new Comparison(run(tally, 6), run(tally, 3)));
    assertThat(first.fastest(second).speedUp()).isEqualTo(2.0);
  }

  private static Run run(Tally tally, int seconds) {
    return new Run(tally, Duration.ofSeconds(seconds));
  }
}
