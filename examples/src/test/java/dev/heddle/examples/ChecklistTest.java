// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChecklistTest {

  @Test
  void exitCode_allAsExpected_isZero() throws Exception {
    Console console =
        Console.of(
            (args, out, err) -> {
              Checklist results = new Checklist(out, err);
              results.check("sum", 3, 1 + 2);
              results.expect("nothing", null, null);
              return results.exitCode();
            });
    assertThat(console.exitCode()).isZero();
    assertThat(console.out()).containsPattern("sum +3\\R");
    assertThat(console.err()).isEmpty();
  }

  @Test
  void exitCode_oneMismatch_isOneAndNamesIt() throws Exception {
    Console console =
        Console.of(
            (args, out, err) -> {
              Checklist results = new Checklist(out, err);
              results.check("sum", 4, 1 + 2);
              results.check("product", 2, 1 * 2);
              return results.exitCode();
            });
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.err())
        .isEqualToIgnoringNewLines(
            "result must be the expected one: name=sum, expected=4, actual=3");
  }
}
