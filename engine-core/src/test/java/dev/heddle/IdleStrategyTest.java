// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.awaitility.Awaitility.await;

import dev.heddle.spi.IdleStrategy;
import dev.heddle.spi.IdleStrategy.Idler;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a worker looks for work before it sleeps. */
@Timeout(60)
class IdleStrategyTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  // @start region="own-strategy"
  /** For machines with cores to spare: the first worker looks on and on, the others sleep. */
  static final IdleStrategy FIRST_WORKER_NEVER_SLEEPS = worker -> looks -> worker == 0;

  // @end

  static Stream<IdleStrategy> strategies() {
    return Stream.of(
        IdleStrategy.adaptive(),
        IdleStrategy.spinning(100),
        IdleStrategy.yielding(10),
        IdleStrategy.parking(),
        FIRST_WORKER_NEVER_SLEEPS);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void anyStrategy_oneTaskAtATime_allRun(IdleStrategy strategy) {
    for (int workers = 1; workers <= 3; workers++) {
      TaskEngine engine =
          engines.start(TaskEngine.builder().workers(workers).idleStrategy(strategy));
      for (int i = 0; i < 2_000; i++) {
        int number = i;
        assertThat(engine.submit(() -> number).join()).isEqualTo(number);
      }
    }
  }

  @Test
  void idler_isMadeForEachWorkerAndToldOfItsLooks() {
    AtomicInteger made = new AtomicInteger();
    CountDownLatch found = new CountDownLatch(1);
    CountDownLatch looked = new CountDownLatch(1);
    TaskEngine engine =
        engines.start(
            TaskEngine.builder()
                .workers(1)
                .idleStrategy(
                    worker -> {
                      made.incrementAndGet();
                      return new Idler() {
                        @Override
                        public boolean pause(int looks) {
                          assertThat(looks).isPositive();
                          looked.countDown();
                          return true; // never sleeps
                        }

                        @Override
                        public void found(int looks) {
                          found.countDown();
                        }
                      };
                    }));
    Gate.await(looked);
    engine.submit(() -> 1).join();

    Gate.await(found);
    assertThat(made).hasValue(1);
  }

  /** Else a strategy would learn from being woken that looking pays, and look longer each time. */
  @Test
  void found_workerThatWasWoken_isNotTold() {
    AtomicInteger told = new AtomicInteger();
    AtomicReference<Thread> worker = new AtomicReference<>();
    TaskEngine engine =
        engines.start(
            TaskEngine.builder()
                .workers(1)
                .threadFactory(
                    body -> {
                      worker.set(new Thread(body));
                      return worker.get();
                    })
                .idleStrategy(
                    index ->
                        new Idler() {
                          @Override
                          public boolean pause(int looks) {
                            return false;
                          }

                          @Override
                          public void found(int looks) {
                            told.incrementAndGet();
                          }
                        }));
    for (int i = 0; i < 100; i++) {
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> worker.get().getState() == Thread.State.WAITING);
      engine.submit(() -> 1).join();
    }
    assertThat(told).hasValue(0);
  }

  @Test
  void pause_throws_isReportedAndTheWorkerSleeps() {
    AtomicReference<Throwable> heard = new AtomicReference<>();
    TaskEngine engine =
        engines.start(
            TaskEngine.builder()
                .workers(1)
                .uncaughtHandler((thread, error) -> heard.set(error))
                .idleStrategy(
                    worker ->
                        looks -> {
                          throw new IllegalStateException("broken");
                        }));

    assertThat(engine.submit(() -> 1).join()).isEqualTo(1);
    assertThat(engine.submit(() -> 2).join()).isEqualTo(2);
    await().atMost(Duration.ofMinutes(1)).until(() -> heard.get() != null); // it has nothing to do
    assertThat(engine.metrics().workersReplaced()).isZero();
    engine.close();
    assertThat(heard.get()).hasMessage("broken");
  }

  @Test
  void forWorker_broken_engineIsNotMade() {
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(
            () ->
                TaskEngine.builder()
                    .idleStrategy(
                        worker -> {
                          throw new IllegalStateException("broken");
                        })
                    .build());
    assertThatNullPointerException()
        .isThrownBy(() -> TaskEngine.builder().idleStrategy(nullStrategy()).build());
  }

  @SuppressWarnings("NullAway") // against the contract, on purpose
  private static IdleStrategy nullStrategy() {
    return worker -> null;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void builtIn_badLooks_isRefused(int looks) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IdleStrategy.spinning(looks))
        .withMessageContaining("looks must be at least 1: looks=" + looks);
    assertThatIllegalArgumentException().isThrownBy(() -> IdleStrategy.yielding(looks));
  }
}
