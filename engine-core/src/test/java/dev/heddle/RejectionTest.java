// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.observe.EngineMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When the engine does not take a task: it is closed, or full. What it refuses, it counts. */
class RejectionTest {

  private static final Task<Integer> ANSWER = context -> 42;

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  // ---- after close

  static Stream<Arguments> submissions() {
    return Stream.of(
        submission(
            "execute",
            1,
            engine -> {
              engine.execute(() -> {});
              return "accepted";
            }),
        submission("submit(Task)", 1, engine -> engine.submit(ANSWER)),
        submission(
            "submit(Task, TaskOptions)",
            1,
            engine -> engine.submit(ANSWER, TaskOptions.defaults())),
        submission("submit(Callable)", 1, engine -> engine.submit(() -> 42)),
        submission("submit(Runnable)", 1, engine -> engine.submit(() -> {})),
        submission("trySubmit", 1, engine -> engine.trySubmit(ANSWER, TaskOptions.defaults())),
        submission("submitAll", 3, engine -> engine.submitAll(List.of(ANSWER, ANSWER, ANSWER))),
        submission(
            "submitEach",
            2,
            engine ->
                engine.submitEach(List.of(1, 2), (item, context) -> item, TaskOptions.defaults())));
  }

  /** A way to submit. */
  @FunctionalInterface
  interface Submission {
    Object to(TaskEngine engine);
  }

  private static Arguments submission(String name, int tasks, Submission submission) {
    return Arguments.argumentSet(name, tasks, submission);
  }

  @ParameterizedTest
  @MethodSource("submissions")
  void anySubmission_afterClose_isRejectedAndCounted(int tasks, Submission submission) {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).name("shut"));
    engine.submit(ANSWER).join();
    engine.close();

    RejectedTaskException e =
        catchThrowableOfType(RejectedTaskException.class, () -> submission.to(engine));

    assertThat(e.code()).isEqualTo(ErrorCode.ENGINE_CLOSED);
    assertThat(e)
        .hasMessage(
            "engine does not accept tasks: engine=shut, state=CLOSED (submit before close)");
    EngineMetrics books = engine.metrics();
    assertThat(books.rejected()).isEqualTo(tasks);
    assertThat(books.accepted()).isEqualTo(1);
    assertThat(books.offered()).isEqualTo(tasks + 1);
    assertThat(books.live()).isZero();
  }

  @ParameterizedTest
  @MethodSource("submissions")
  void anySubmission_byARunningTaskOfAClosingEngine_isAccepted(int tasks, Submission submission) {
    TaskEngine engine = engines.start(1);

    engine
        .submit(
            () -> {
              engine.close(); // by a task: it begins, and returns at once
              submission.to(engine);
            })
        .join();
    engine.close();

    EngineMetrics books = engine.metrics();
    assertThat(books.accepted()).isEqualTo(1 + tasks);
    assertThat(books.completed()).isEqualTo(1 + tasks);
    assertThat(books.rejected()).isZero();
  }

  @ParameterizedTest
  @MethodSource("submissions")
  void anySubmission_byARunningTaskOfAStoppedEngine_isRejected(int tasks, Submission submission)
      throws Exception {
    TaskEngine engine = engines.start(1);
    CountDownLatch started = new CountDownLatch(1);
    AtomicBoolean stopped = new AtomicBoolean();
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    engine.execute(
        () -> {
          started.countDown();
          while (!stopped.get()) {
            Thread.onSpinWait();
          }
          thrown.complete(catchThrowable(() -> submission.to(engine)));
        });
    Gate.await(started);

    assertThat(engine.close(Duration.ZERO).terminated()).isFalse();
    stopped.set(true);

    assertThat(thrown.get(1, TimeUnit.MINUTES))
        .isInstanceOfSatisfying(
            RejectedTaskException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.ENGINE_CLOSED));
    engine.close();
    assertThat(engine.metrics().rejected()).isEqualTo(tasks);
  }

  @Test
  void close_again_returns() {
    TaskEngine engine = engines.start(1);
    engine.submit(ANSWER).join();
    engine.close();
    engine.close();

    assertThat(engine.close(Duration.ZERO)).isEqualTo(new CloseReport(true, 1, 0, 0, 0, List.of()));
  }

  // ---- a full queue

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 1000})
  void submit_workersBusy_exactlyTheCapacityIsAccepted(int capacity) {
    assertExactCapacity(capacity, 1, true);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 1000})
  void submit_twoWorkersBusy_exactlyTheCapacityIsAccepted(int capacity) {
    assertExactCapacity(capacity, 2, true);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 1000})
  void submit_workersBusyWithoutStealing_exactlyTheCapacityIsAccepted(int capacity) {
    assertExactCapacity(capacity, 2, false);
  }

  private void assertExactCapacity(int capacity, int workers, boolean stealing) {
    TaskEngine engine =
        engines.start(
            TaskEngine.builder()
                .name("full")
                .workers(workers)
                .queueCapacity(capacity)
                .workStealing(stealing));
    List<TaskHandle<Integer>> accepted = new ArrayList<>();
    try (Gate gate = Gate.holding(engine, workers)) {
      assertThat(gate.holders()).hasSize(workers);
      for (int i = 0; i < capacity; i++) {
        accepted.add(engine.submit(ANSWER));
      }
      RejectedTaskException e =
          catchThrowableOfType(RejectedTaskException.class, () -> engine.submit(ANSWER));
      assertThat(e.code()).isEqualTo(ErrorCode.QUEUE_FULL);
      assertThat(e)
          .hasMessage(
              "engine is full: engine=full, queueCapacity="
                  + capacity
                  + " (submit later, or raise queueCapacity)");
      assertThat(engine.metrics().queued()).isEqualTo(capacity);
    }
    assertThat(accepted).allSatisfy(handle -> assertThat(handle.join()).isEqualTo(42));
    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.accepted()).isEqualTo(workers + capacity);
    assertThat(books.completed()).isEqualTo(workers + capacity);
    assertThat(books.rejected()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("submissions")
  void anySubmission_toAFullEngine_acceptsNothing(int tasks, Submission submission) {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).queueCapacity(1));
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> fills = engine.submit(ANSWER);
      AtomicReference<Object> result = new AtomicReference<>();
      Throwable thrown = catchThrowable(() -> result.set(submission.to(engine)));
      if (thrown == null) {
        assertThat(result).hasValue(Optional.empty());
      } else {
        assertThat(thrown)
            .isInstanceOfSatisfying(
                RejectedTaskException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.QUEUE_FULL));
      }
      EngineMetrics books = engine.metrics();
      assertThat(books.accepted()).isEqualTo(2);
      assertThat(books.rejected()).isEqualTo(tasks);
      gate.open();
      assertThat(fills.join()).isEqualTo(42);
    }
  }

  @Test
  void trySubmit_full_isEmpty() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).queueCapacity(1));
    try (Gate gate = Gate.holding(engine, 1)) {
      Optional<TaskHandle<Integer>> fits = engine.trySubmit(ANSWER, TaskOptions.defaults());
      assertThat(engine.trySubmit(ANSWER, TaskOptions.defaults())).isEmpty();
      gate.open();
      assertThat(fits.orElseThrow().join()).isEqualTo(42);
    }
  }

  @Test
  void submitAll_oneMoreThanFits_acceptsNone() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).queueCapacity(3));
    try (Gate gate = Gate.holding(engine, 1)) {
      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> engine.submitAll(Collections.nCopies(4, ANSWER)));
      assertThat(engine.metrics().queued()).isZero();
      assertThat(engine.metrics().rejected()).isEqualTo(4);
      TaskGroup<Integer> group = engine.submitAll(Collections.nCopies(3, ANSWER));
      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> engine.execute(() -> {}));
      gate.open();
      assertThat(group.join()).containsExactly(42, 42, 42);
    }
  }

  @Test
  void submit_byAWorker_isNeverRefusedForCapacity() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).queueCapacity(1));
    AtomicInteger executed = new AtomicInteger();
    TaskHandle<Integer> outer =
        engine.submit(
            context -> {
              TaskEngine own = context.engine();
              List<TaskHandle<Integer>> handles = new ArrayList<>();
              for (int i = 0; i < 5_000; i++) {
                int number = i;
                handles.add(own.submit(inner -> number));
                own.execute(executed::incrementAndGet);
              }
              handles.add(own.trySubmit(inner -> 1, TaskOptions.defaults()).orElseThrow());
              TaskGroup<Integer> group = own.submitAll(Collections.nCopies(5_000, inner -> 1));
              int sum = 0;
              for (TaskHandle<Integer> handle : handles) {
                sum += handle.join();
              }
              return sum + group.join().size();
            });

    assertThat(outer.join()).isEqualTo(4_999 * 5_000 / 2 + 1 + 5_000);
    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(executed).hasValue(5_000);
    assertThat(books.rejected()).isZero();
    assertThat(books.completed()).isEqualTo(1 + 5_000 + 5_000 + 1 + 5_000);
  }

  @Test
  void submit_cancelledTasksInTheQueue_giveTheirPlacesBack() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).queueCapacity(2));
    try (Gate gate = Gate.holding(engine, 1)) {
      assertThat(engine.submit(ANSWER).cancel()).isTrue();
      assertThat(engine.submit(ANSWER).cancel()).isTrue();
      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> engine.submit(ANSWER));
      gate.open();
    }
    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.cancelled()).isEqualTo(2);
    assertThat(engine.submitAll(List.of(ANSWER, ANSWER)).join()).containsExactly(42, 42);
  }
}
