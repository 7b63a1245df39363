// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.TaskEngine;
import dev.heddle.internal.util.TestSeam;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The watch looks while something runs, and only then. */
class WatchTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration A_LOOK = Duration.ofMillis(10);

  private static void advanceUntilNothingIsSet(TestSeam.VirtualClock clock, TaskEngineImpl engine) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              clock.advance(A_LOOK);
              return engine.timers.size() == 0;
            });
  }

  @Test
  void watch_engineIsIdle_stops_andBeginsAgainWithTheNextTask() {
    try (TestSeam.VirtualClock clock = TestSeam.stopClock();
        TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      TaskEngineImpl impl = (TaskEngineImpl) engine;
      assertThat(impl.timers.size()).as("nothing has run").isZero();
      for (int round = 0; round < 3; round++) {
        assertThat(engine.submit(() -> 5).join(LIMIT)).isEqualTo(5);
        assertThat(impl.timers.size()).as("a look is set").isEqualTo(1);
        advanceUntilNothingIsSet(clock, impl);
        clock.advance(Duration.ofDays(1));
        assertThat(impl.timers.size()).as("none is set while nothing runs").isZero();
      }
    }
  }

  @Test
  void watch_taskRunsForLong_looksOn() throws InterruptedException {
    try (TestSeam.VirtualClock clock = TestSeam.stopClock();
        TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      TaskEngineImpl impl = (TaskEngineImpl) engine;
      CountDownLatch running = new CountDownLatch(1);
      CountDownLatch open = new CountDownLatch(1);
      engine.execute(
          () -> {
            running.countDown();
            while (open.getCount() > 0) {
              Thread.onSpinWait();
            }
          });
      assertThat(running.await(1, TimeUnit.MINUTES)).isTrue();
      for (int look = 0; look < 200; look++) {
        clock.advance(A_LOOK);
        await()
            .atMost(LIMIT)
            .pollInterval(Duration.ofMillis(1))
            .until(() -> impl.timers.size() == 1);
      }
      open.countDown();
      advanceUntilNothingIsSet(clock, impl);
    }
  }
}
