// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EngineSnippetsTest {

  @Test
  void first_run_printsTheAnswer() {
    assertThat(outputOf(EngineSnippets::first).lines()).containsExactly("42");
  }

  @Test
  void lane_run_printsBothLines() {
    assertThat(outputOf(EngineSnippets::lane).lines()).containsExactlyInAnyOrder("warp", "weft");
  }

  private static String outputOf(Runnable body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream console = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      body.run();
    } finally {
      System.setOut(console);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
