// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.EngineProbe;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.internal.util.TestSeam.VirtualClock;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.observe.TaskTimes;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Times of some tasks, or of all; see {@code SubmitSiteTest} for places. */
@Timeout(60)
class SamplesTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  @Test
  void times_byDefault_areThoseOfOneTaskIn64() {
    TaskEngine engine = engines.start(2);
    for (int i = 0; i < 6_400; i++) {
      engine.submit(() -> 1).join();
    }

    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.waited().sampledOneIn()).isEqualTo(64);
    assertThat(books.waited().samples()).isEqualTo(100);
    assertThat(books.ran().samples()).isEqualTo(100);
    assertThat(books.ran().max()).isGreaterThanOrEqualTo(books.ran().mean());
  }

  @Test
  void times_exact_addUpToTheNanosecond() throws Exception {
    try (VirtualClock clock = TestSeam.stopClock()) {
      TaskEngine engine = TaskEngine.builder().workers(1).exactSamples(true).build();
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch mayEnd = new CountDownLatch(1);
      TaskHandle<Integer> first =
          engine.submit(
              () -> {
                started.countDown();
                mayEnd.await();
                return 1;
              });
      started.await();
      TaskHandle<Integer> second = engine.submit(() -> 2); // waits behind it
      clock.advance(Duration.ofSeconds(3));
      mayEnd.countDown();
      first.join();
      second.join();
      engine.close();

      TaskTimes waited = engine.metrics().waited();
      TaskTimes ran = engine.metrics().ran();
      assertThat(waited.sampledOneIn()).isEqualTo(1);
      assertThat(waited.samples()).isEqualTo(2);
      assertThat(waited.total()).isCloseTo(Duration.ofSeconds(3), Duration.ofNanos(2));
      assertThat(ran.total()).isCloseTo(Duration.ofSeconds(3), Duration.ofNanos(2));
      assertThat(ran.max()).isCloseTo(Duration.ofSeconds(3), Duration.ofNanos(2));
      assertThat(ran.mean()).isCloseTo(Duration.ofMillis(1500), Duration.ofNanos(2));
    }
  }

  @Test
  void times_delayedTask_doNotCountTheDelay() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).exactSamples(true));

    engine.schedule(context -> 1, Duration.ofMillis(1)).join();

    assertThat(EngineProbe.awaitIdle(engine).waited().samples()).isZero();
  }
}
