// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AdvancedFeaturesTest {

  @Test
  void run_withoutArguments_printsCheckedResults() throws Exception {
    Console console = Console.of(AdvancedFeatures::run);
    assertThat(console.err()).isEmpty();
    assertThat(console.exitCode()).isZero();
    assertThat(console.out())
        .containsPattern("which attempt succeeded +3\\R")
        .contains("Caused by: java.io.IOException: connection was reset: attempt=3")
        .containsPattern("at dev\\.heddle\\.examples\\.AdvancedFeatures\\.ask\\(")
        .containsPattern("after 20 ms +IGNORED\\R")
        .containsPattern("the endless function +ENDED\\R")
        .contains("  task took longer than its total timeout: name=patient, id=")
        .containsPattern("  name=pi, id=\\d+, .*progress=[1-9]\\d*/9223372036854775807")
        .containsPattern("  tasks wait for each other: w\\w+ \\(id=\\d+, engine=advanced, thread=")
        .containsPattern("name=report, id=\\d+: WAITS_FOR_RESOURCES\\R")
        .contains("    it waits for 1 permit of limit licence: capacity=1, 0 ahead")
        .containsPattern("name=queued, id=\\d+: QUEUED\\R")
        .containsPattern("    it waits for a worker: queued=\\d+, workers=2\\R")
        .containsPattern("accepted +38\\R");
  }

  @Test
  void run_withArguments_refuses() throws Exception {
    Console console = Console.of(AdvancedFeatures::run, "--fast");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.out()).isEmpty();
    assertThat(console.err())
        .isEqualToIgnoringNewLines(
            "program takes no arguments: arguments=[--fast] (leave them out)");
  }
}
