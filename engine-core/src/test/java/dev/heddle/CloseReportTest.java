// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.heddle.observe.EngineMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@link TaskEngine#close(Duration)} says about the end, and that it is what happened. */
class CloseReportTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private final CountDownLatch started = new CountDownLatch(1);
  private final AtomicBoolean released = new AtomicBoolean();

  /** A body that no interrupt ends. */
  private int stubborn() {
    started.countDown();
    while (!released.get()) {
      Thread.onSpinWait();
    }
    return 42;
  }

  @Test
  void close_allTasksEnd_saysWhatWasDone() {
    TaskEngine engine = engines.start(2);
    for (int i = 0; i < 10; i++) {
      engine.submit(() -> 42);
    }
    engine
        .submit(
            () -> {
              throw new IllegalStateException("observed");
            })
        .outcome();

    CloseReport report = engine.close(Duration.ofMinutes(1));

    assertThat(report).isEqualTo(new CloseReport(true, 10, 1, 0, 0, List.of()));
    assertThat(engine.close(Duration.ZERO)).isEqualTo(report);
  }

  @Test
  void close_timeIsUp_cancelsAndNamesWhatStillRuns() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).name("orders"));
    TaskHandle<Integer> stuck =
        engine.submit(context -> stubborn(), TaskOptions.defaults().name("stuck"));
    TaskHandle<Integer> queued = engine.submit(() -> 1);
    TaskHandle<Integer> cancelled = engine.submit(() -> 2);
    cancelled.cancel();
    engine.execute(() -> {});
    Gate.await(started);

    CloseReport report = engine.close(Duration.ZERO);

    assertThat(report.terminated()).isFalse();
    assertThat(report.completed()).isZero();
    assertThat(report.failed()).isZero();
    assertThat(report.cancelled()).as("stuck, queued, cancelled, execute").isEqualTo(4);
    assertThat(report.neverStarted()).as("queued, execute").isEqualTo(2);
    assertThat(report.stillRunning()).hasSize(1);
    assertThat(report.stillRunning().getFirst())
        .startsWith("name=stuck")
        .endsWith("worker=heddle-orders-worker-0");
    assertThat(stuck.outcome()).isEqualTo(new Outcome.Cancelled<>("its engine was closed"));
    assertThat(queued.outcome()).isEqualTo(new Outcome.Cancelled<>("its engine was closed"));

    released.set(true);
    assertThat(engine.close(Duration.ofMinutes(1)))
        .isEqualTo(new CloseReport(true, 0, 0, 4, 0, List.of()));
    EngineMetrics books = engine.metrics();
    assertThat(books.accepted()).isEqualTo(4);
    assertThat(books.live()).isZero();
    assertThat(books.queued()).isZero();
    assertThat(books.running()).isZero();
  }

  @Test
  void close_byATask_returnsAtOnce() {
    TaskEngine engine = engines.start(1);

    CloseReport report = engine.submit(() -> engine.close(Duration.ofDays(1))).join();

    assertThat(report.terminated()).isFalse();
    assertThat(report.stillRunning()).hasSize(1);
    assertThat(engine.close(Duration.ofMinutes(1)).terminated()).isTrue();
  }

  @Test
  void stillRunning_listGiven_isCopied() {
    List<String> running = new ArrayList<>(List.of("name=task, worker=w"));
    CloseReport report = new CloseReport(false, 0, 0, 0, 0, running);
    running.clear();

    assertThat(report.stillRunning()).containsExactly("name=task, worker=w");
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> report.stillRunning().clear());
  }
}
