// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A failure that nobody looks at is logged once; one that somebody looks at is not. */
class UnobservedFailureTest {

  private static final TaskOptions LONELY = TaskOptions.defaults().name("lonely");

  private static TaskHandle<Object> failing(TaskEngine engine) {
    return engine.submit(
        context -> {
          throw new IllegalStateException("unseen");
        },
        LONELY);
  }

  @Test
  void handleKept_reportedOnceAtClose() {
    try (QuietLog log = new QuietLog()) {
      TaskEngine engine = TaskEngine.builder().name("reports").workers(1).build();
      TaskHandle<Object> kept = failing(engine);
      engine.close();
      engine.close();

      assertThat(log.messages())
          .singleElement()
          .asString()
          .startsWith(
              "task failed and nobody looked at its handle: engine=reports, name=lonely, id=1,"
                  + " site=");
      assertThat(log.records().getFirst().getThrown()).hasMessage("unseen");
      assertThat(engine.metrics().unobservedFailures()).isEqualTo(1);
      assertThat(kept.isDone()).isTrue();
    }
  }

  @Test
  void handleCollected_reportedWhileTheEngineRuns() {
    try (QuietLog log = new QuietLog();
        TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      for (int i = 0; i < 10; i++) {
        failing(engine);
      }
      await()
          .until(
              () -> {
                System.gc();
                engine.submit(() -> 1).join(); // a worker reports before it goes to sleep
                return engine.metrics().unobservedFailures() == 10;
              });
      assertThat(log.messages()).hasSize(10);
      engine.close();
      assertThat(log.messages()).as("each is reported once").hasSize(10);
    }
  }

  static Stream<Consumer<TaskHandle<Object>>> looks() {
    return Stream.of(
        handle -> {
          try {
            handle.join();
          } catch (dev.heddle.error.TaskFailedException e) {
            assertThat(e).hasCauseInstanceOf(IllegalStateException.class);
          }
        },
        TaskHandle::outcome,
        handle -> handle.onComplete(outcome -> {}),
        TaskHandle::toCompletableFuture,
        handle -> {
          try {
            handle.get();
          } catch (java.util.concurrent.ExecutionException | InterruptedException e) {
            assertThat(e).hasCauseInstanceOf(IllegalStateException.class);
          }
        },
        handle -> {
          handle.outcome();
          handle.exceptionNow();
        });
  }

  @ParameterizedTest
  @MethodSource("looks")
  void lookedAt_notReported(Consumer<TaskHandle<Object>> look) {
    try (QuietLog log = new QuietLog()) {
      TaskEngine engine = TaskEngine.builder().workers(1).build();
      look.accept(failing(engine));
      engine.close();

      assertThat(log.messages()).isEmpty();
      assertThat(engine.metrics().unobservedFailures()).isZero();
    }
  }
}
