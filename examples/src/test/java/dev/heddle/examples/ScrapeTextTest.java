// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;

class ScrapeTextTest {

  @Test
  void samples_commentsAndLabelsWithBlanks_valuesByName() {
    String text =
        """
        # HELP jobs_total All jobs
        # TYPE jobs_total counter
        jobs_total{kind="two words"} 12.0

        up 1
        """;
    assertThat(ScrapeText.samples(text))
        .containsOnly(entry("jobs_total{kind=\"two words\"}", 12.0), entry("up", 1.0));
  }
}
