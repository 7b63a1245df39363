// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatenciesTest {

  @Test
  void slowNanos_tooFewKnown_isTheInitialOne_thenOneInTwentyIsSlower() {
    Latencies latencies = new Latencies();
    for (int i = 1; i <= 31; i++) {
      latencies.add("quote", i);
      assertThat(latencies.slowNanos("quote", 7_000)).isEqualTo(7_000);
    }
    latencies.add("quote", 32);
    assertThat(latencies.slowNanos("quote", 7_000)).isEqualTo(31);
    assertThat(latencies.slowNanos("other", 7_000)).isEqualTo(7_000);
  }

  @Test
  void slowNanos_timesChange_oldOnesAreForgotten() {
    Latencies latencies = new Latencies();
    for (int i = 0; i < 1_000; i++) {
      latencies.add("quote", 1_000_000);
    }
    for (int i = 1; i <= 128; i++) {
      latencies.add("quote", 10L * i);
    }
    assertThat(latencies.slowNanos("quote", 1)).isEqualTo(1_220);
  }

  @Test
  void add_moreNamesThanAreKeptApart_furtherOnesShareAnEntry() {
    Latencies latencies = new Latencies();
    for (int name = 0; name < 1_000; name++) {
      latencies.add("name-" + name, 1);
    }
    for (int i = 0; i < 32; i++) {
      latencies.add("further-" + i, 50);
    }
    assertThat(latencies.slowNanos("still-another", 1)).isEqualTo(50);
    assertThat(latencies.slowNanos("name-1", 2)).isEqualTo(2);
  }
}
