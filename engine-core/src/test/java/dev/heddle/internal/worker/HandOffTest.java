// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.TaskEngine;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One task at a time into an engine that is idle, about to sleep or asleep: no wake-up is missed.
 * The soak of this name does it more often and measures.
 */
class HandOffTest {

  private static final int HAND_OFFS = 25_000;

  /** From none to longer than a worker looks for work before it sleeps. */
  private static final int MAX_GAP = 4_000;

  /** A missed wake-up waits for ever; this is a limit against hanging builds. */
  private static final Duration STALLED = Duration.ofSeconds(30);

  @ParameterizedTest
  @CsvSource({"1,true", "2,true", "3,true", "2,false"})
  void submit_intoAnIdleEngine_isAlwaysRun(int workers, boolean stealing) {
    SplittableRandom random = new SplittableRandom(workers);
    try (TaskEngine engine = TaskEngine.builder().workers(workers).workStealing(stealing).build()) {
      for (int i = 0; i < HAND_OFFS; i++) {
        int number = i;
        for (int gap = random.nextInt(MAX_GAP); gap > 0; gap--) {
          Thread.onSpinWait();
        }
        assertThat(engine.submit(() -> number).join(STALLED)).isEqualTo(number);
      }
      assertThat(engine.metrics().completed()).isEqualTo(HAND_OFFS);
    }
  }
}
