// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BasicUsageTest {

  @Test
  void run_withoutArguments_printsCheckedResults() throws Exception {
    Console console = Console.of(BasicUsage::run);
    assertThat(console.err()).isEmpty();
    assertThat(console.exitCode()).isZero();
    assertThat(console.out())
        .startsWith("EngineConfig[name=basic, workers=8, queueCapacity=1000, memory=1MiB,")
        .containsPattern("25! +15511210043330985984000000\\R")
        .containsPattern("area of a circle +3\\.1415927\\R")
        .containsPattern("primes to 1,000,000 +78498\\R")
        .containsPattern("hash, by whichever provider +-4813706409446591892\\R")
        .containsPattern("greatest long \\+ 1 +failed by ArithmeticException\\R")
        .containsPattern("accepted +119\\R")
        .containsPattern("completed +117\\R");
  }

  @Test
  void run_withArguments_refuses() throws Exception {
    Console console = Console.of(BasicUsage::run, "--fast");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.out()).isEmpty();
    assertThat(console.err())
        .isEqualToIgnoringNewLines(
            "program takes no arguments: arguments=[--fast] (leave them out)");
  }
}
