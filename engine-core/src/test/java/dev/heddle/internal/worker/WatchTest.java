// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.EngineProbe;
import dev.heddle.TaskEngine;
import dev.heddle.internal.util.TestSeam;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The watch looks while something runs, and only then. */
class WatchTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration A_LOOK = Duration.ofMillis(10);

  /** Many more than there are while nothing runs. */
  private static final int LOOKS = 200;

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  /** How many timers are set: taken when those that are due have fired, and exact therefore. */
  private static int timersSet(TaskEngineImpl engine) throws InterruptedException {
    CountDownLatch fired = new CountDownLatch(1);
    engine.timers.after(0, fired::countDown);
    assertThat(fired.await(1, TimeUnit.MINUTES)).isTrue();
    return engine.timers.size();
  }

  /** The workers may need any time to fall asleep. */
  private static void advanceUntilNothingIsSet(TestSeam.VirtualClock clock, TaskEngineImpl engine) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              clock.advance(A_LOOK);
              return timersSet(engine) == 0;
            });
  }

  @Test
  void watch_engineIsIdle_stops_andBeginsAgainWithTheNextTask() throws InterruptedException {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(2);
    TaskEngineImpl impl = (TaskEngineImpl) engine;
    assertThat(impl.timers.size()).as("nothing has run").isZero();
    for (int round = 0; round < 3; round++) {
      assertThat(engine.submit(() -> 5).join(LIMIT)).isEqualTo(5);
      assertThat(timersSet(impl)).as("a look is set").isEqualTo(1);
      advanceUntilNothingIsSet(clock, impl);
      clock.advance(Duration.ofDays(1));
      assertThat(timersSet(impl)).as("none is set while nothing runs").isZero();
    }
  }

  @Test
  void watch_taskRunsForLong_looksOn() throws InterruptedException {
    TestSeam.VirtualClock clock = engines.stopClock();
    TaskEngine engine = engines.start(2);
    TaskEngineImpl impl = (TaskEngineImpl) engine;
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    engine.execute(
        () -> {
          running.countDown();
          while (open.getCount() > 0 && !Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
          }
        });
    assertThat(running.await(1, TimeUnit.MINUTES)).isTrue();
    for (int look = 0; look < LOOKS; look++) {
      clock.advance(A_LOOK);
      assertThat(timersSet(impl)).as("the next look is set").isEqualTo(1);
    }
    open.countDown();
    advanceUntilNothingIsSet(clock, impl);
  }
}
