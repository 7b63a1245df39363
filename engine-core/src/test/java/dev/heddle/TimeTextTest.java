// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TimeTextTest {

  @Test
  void parse_times() {
    Map.of(
            "0ms", Duration.ZERO,
            "250ms", Duration.ofMillis(250),
            "2s", Duration.ofSeconds(2),
            "5 m", Duration.ofMinutes(5),
            "1H", Duration.ofHours(1),
            "PT0.25S", Duration.ofMillis(250),
            "p1d", Duration.ofDays(1))
        .forEach((text, time) -> assertThat(TimeText.parse(text)).as(text).contains(time));
  }

  @Test
  void parse_anythingElse_isEmpty() {
    for (String text :
        List.of(
            "",
            " ",
            "2",
            "s",
            "-1s",
            "+1s",
            "1.5s",
            "2 parsecs",
            "2s ",
            " 2s",
            "٣s",
            "PT-1S",
            "P",
            "999999999999999999h",
            "9999999999999999999s",
            "off",
            "1s1s")) {
      assertThat(TimeText.parse(text)).as("'%s'", text).isEmpty();
    }
  }
}
