// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.DeadlockException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.error.TaskInterruptedException;
import dev.heddle.observe.EngineMetrics;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskGroupTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private static Task<Integer> value(int value) {
    return context -> value;
  }

  private static Task<Integer> failure(Exception error) {
    return context -> {
      throw error;
    };
  }

  // ---- join

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void join_allSucceed_givesResultsInTheOrderOfSubmission(int workers) {
    TaskEngine engine = engines.start(workers);
    List<Task<Integer>> tasks = IntStream.range(0, 500).mapToObj(TaskGroupTest::value).toList();

    TaskGroup<Integer> group = engine.submitAll(tasks);

    assertThat(group.size()).isEqualTo(500);
    assertThat(group).hasToString("TaskGroup[size=500]");
    assertThat(group.join()).isEqualTo(IntStream.range(0, 500).boxed().toList());
    assertThat(group.join()).hasSize(500);
  }

  @Test
  void submitEach_items_areMappedInOrderUnderTheirName() {
    TaskEngine engine = engines.start(2);

    TaskGroup<String> group =
        engine.submitEach(
            List.of("a", "b", "c"),
            (item, context) -> context.taskName() + item,
            TaskOptions.defaults().name("each-"));

    assertThat(group.join()).containsExactly("each-a", "each-b", "each-c");
  }

  @Test
  void join_nullResults_areResults() {
    TaskGroup<Object> group = engines.start(1).submitAll(Collections.nCopies(2, context -> null));

    assertThat(group.join()).containsExactly(null, null);
  }

  @Test
  void join_emptyGroup_givesNothing() {
    TaskGroup<Integer> group = engines.start(1).submitAll(List.<Task<Integer>>of());

    assertThat(group.size()).isZero();
    assertThat(group.join()).isEmpty();
    assertThat(group.outcomes()).isEmpty();
    group.cancel();
  }

  @Test
  void join_failures_throwsTheFirstSubmittedWithTheOthersSuppressed() {
    TaskEngine engine = engines.start(1);
    List<IOException> errors =
        List.of(new IOException("1"), new IOException("2"), new IOException("3"));

    TaskGroup<Integer> group =
        engine.submitAll(
            List.of(
                value(0),
                failure(errors.get(0)),
                value(0),
                failure(errors.get(1)),
                failure(errors.get(2))));

    TaskFailedException e = catchThrowableOfType(TaskFailedException.class, group::join);
    assertThat(e.getCause()).isSameAs(errors.get(0));
    assertThat(e.getSuppressed())
        .extracting(Throwable::getCause)
        .containsExactly(errors.get(1), errors.get(2));
    assertThat(engine.metrics().live()).as("all have ended").isZero();
  }

  @Test
  void join_failures_nameTheirTasks() {
    List<Long> ids = new CopyOnWriteArrayList<>();
    TaskGroup<Integer> group =
        engines
            .start(1)
            .submitEach(
                List.of(1, 2),
                (item, context) -> {
                  ids.add(context.taskId());
                  throw new IOException("failure");
                },
                TaskOptions.defaults().name("write"));

    TaskFailedException e = catchThrowableOfType(TaskFailedException.class, group::join);

    assertThat(ids).hasSize(2);
    assertThat(e)
        .hasMessageStartingWith("task failed: name=write, id=" + ids.get(0) + ", site=dev.heddle.");
    assertThat(e.getSuppressed()[0])
        .hasMessageStartingWith("task failed: name=write, id=" + ids.get(1) + ", site=dev.heddle.");
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(group::first)
        .withMessageStartingWith("task failed: name=write, id=" + ids.get(0) + ", site=dev.heddle.")
        .satisfies(
            first ->
                assertThat(first.getSuppressed()[0])
                    .hasMessageStartingWith(
                        "task failed: name=write, id=" + ids.get(1) + ", site=dev.heddle."));
  }

  @Test
  void join_sameErrorTwice_isSuppressedInItsOwnWrapper() {
    IOException error = new IOException("shared");
    TaskGroup<Integer> group = engines.start(1).submitAll(List.of(failure(error), failure(error)));

    TaskFailedException e = catchThrowableOfType(TaskFailedException.class, group::join);
    assertThat(e.getCause()).isSameAs(error);
    assertThat(e.getSuppressed()).hasSize(1);
    assertThat(error.getSuppressed()).isEmpty();
  }

  @Test
  void join_failureAndCancellation_throwsTheFailure() {
    TaskEngine engine = engines.start(1);
    IOException error = new IOException("failure");
    TaskGroup<Integer> group = endedAndCancelled(engine, failure(error));

    TaskFailedException e = catchThrowableOfType(TaskFailedException.class, group::join);
    assertThat(e.getCause()).isSameAs(error);
  }

  /** A group whose first task has ended by itself, and whose second one was cancelled then. */
  private static TaskGroup<Integer> endedAndCancelled(TaskEngine engine, Task<Integer> first) {
    CountDownLatch secondStarted = new CountDownLatch(1);
    Task<Integer> second =
        context -> {
          secondStarted.countDown();
          while (!context.isCancelled()) {
            Thread.onSpinWait();
          }
          return 0;
        };
    TaskGroup<Integer> group = engine.submitAll(List.of(first, second));
    Gate.await(secondStarted); // by the only worker, so that the first one has ended
    group.cancel();
    return group;
  }

  @Test
  void join_oneCancelled_throwsThatAfterAllHaveEnded() {
    TaskEngine engine = engines.start(1);
    TaskGroup<Integer> group = endedAndCancelled(engine, value(1));

    assertThatExceptionOfType(TaskCancelledException.class)
        .isThrownBy(group::join)
        .withMessageMatching(
            "task was cancelled: name=task, id=[0-9]+, reason=its group was cancelled");
    assertThat(group.outcomes())
        .containsExactly(
            new Outcome.Success<>(1), new Outcome.Cancelled<>("its group was cancelled"));
  }

  // ---- outcomes

  @Test
  void outcomes_mixedEnds_areInTheOrderOfSubmission() {
    IOException error = new IOException("failure");
    TaskGroup<Integer> group =
        engines.start(2).submitAll(List.of(value(1), failure(error), value(3)));

    assertThat(group.outcomes())
        .containsExactly(
            new Outcome.Success<>(1), new Outcome.Failure<>(error), new Outcome.Success<>(3));
  }

  // ---- first

  @Test
  void first_oneSucceeds_givesItAndCancelsTheOthers() {
    TaskEngine engine = engines.start(2);
    CountDownLatch started = new CountDownLatch(1);
    List<Boolean> told = new CopyOnWriteArrayList<>();
    Task<Integer> waits =
        context -> {
          started.countDown();
          while (!context.isCancelled()) {
            Thread.onSpinWait();
          }
          told.add(true);
          return 1;
        };
    Task<Integer> answers =
        context -> {
          Gate.await(started);
          return 42;
        };

    TaskGroup<Integer> group = engine.submitAll(List.of(waits, answers));

    assertThat(group.first()).isEqualTo(42);
    assertThat(group.outcomes())
        .containsExactly(
            new Outcome.Cancelled<>("its group was cancelled"), new Outcome.Success<>(42));
    EngineProbe.awaitIdle(engine);
    assertThat(told).containsExactly(true);
  }

  @Test
  void first_failuresBefore_givesTheSuccess() {
    TaskGroup<Integer> group =
        engines
            .start(1)
            .submitAll(
                List.of(failure(new IOException("1")), failure(new IOException("2")), value(42)));

    assertThat(group.first()).isEqualTo(42);
  }

  @Test
  void first_allFail_throwsOneWithTheOthersSuppressed() {
    TaskEngine engine = engines.start(1);
    IOException one = new IOException("1");
    IOException two = new IOException("2");
    TaskGroup<Integer> group = engine.submitAll(List.of(failure(one), failure(two)));

    TaskFailedException e = catchThrowableOfType(TaskFailedException.class, group::first);

    assertThat(e.getSuppressed()).hasSize(1);
    assertThat(List.of(e, e.getSuppressed()[0]))
        .extracting(Throwable::getCause)
        .containsExactlyInAnyOrder(one, two);
  }

  @Test
  void first_allCancelled_throwsThat() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskGroup<Integer> group = engine.submitAll(List.of(value(1), value(2)));
      group.cancel();
      gate.open();

      assertThatExceptionOfType(TaskCancelledException.class).isThrownBy(group::first);
      assertThatExceptionOfType(TaskCancelledException.class).isThrownBy(() -> group.first(2));
    }
  }

  @Test
  void firstK_tasksEndWhileItWaits_givesThemInTheOrderOfTheirEnds() throws Exception {
    TaskEngine engine = engines.start(2);
    List<CountDownLatch> mayEnd = List.of(new CountDownLatch(1), new CountDownLatch(1));
    TaskGroup<Integer> group =
        engine.submitEach(
            List.of(0, 1),
            (item, context) -> {
              Gate.await(mayEnd.get(item));
              return item;
            },
            TaskOptions.defaults());
    CompletableFuture<List<Integer>> first = new CompletableFuture<>();
    Thread caller = Thread.ofPlatform().start(() -> first.complete(group.first(2)));
    await().until(() -> caller.getState() == Thread.State.WAITING);

    mayEnd.get(1).countDown();
    await().until(() -> engine.metrics().completed() == 1);
    mayEnd.get(0).countDown();

    assertThat(first.get(1, TimeUnit.MINUTES)).containsExactly(1, 0);
  }

  @Test
  void firstK_tasksEndedBefore_givesThemInTheOrderOfSubmission() {
    TaskEngine engine = engines.start(2);
    List<CountDownLatch> mayEnd = List.of(new CountDownLatch(1), new CountDownLatch(1));
    TaskGroup<Integer> group =
        engine.submitEach(
            List.of(0, 1),
            (item, context) -> {
              Gate.await(mayEnd.get(item));
              return item;
            },
            TaskOptions.defaults());
    mayEnd.get(1).countDown();
    await().until(() -> engine.metrics().completed() == 1);
    mayEnd.get(0).countDown();
    await().until(() -> engine.metrics().completed() == 2);

    assertThat(group.first(2)).containsExactly(0, 1);
    assertThat(group.first()).isEqualTo(0);
  }

  @Test
  void first_callerIsInterrupted_throwsAndCancelsNothing() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskGroup<Integer> group = engine.submitAll(List.of(value(1), value(2)));

      Thread.currentThread().interrupt();
      Throwable thrown = catchThrowable(group::first);

      assertThat(Thread.interrupted()).isTrue();
      assertThat(thrown)
          .isInstanceOf(TaskInterruptedException.class)
          .hasMessage("interrupted while waiting for a group: size=2");
      gate.open();
      assertThat(group.join()).containsExactly(1, 2);
    }
  }

  @Test
  void firstK_tooManyFail_throwsTheFailures() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskGroup<Integer> group =
          engine.submitAll(
              List.of(value(1), failure(new IOException("1")), failure(new IOException("2"))));
      gate.open();

      TaskFailedException e = catchThrowableOfType(TaskFailedException.class, () -> group.first(2));
      assertThat(e).hasCauseInstanceOf(IOException.class);
      assertThat(e.getSuppressed()).hasSize(1);
    }
  }

  @Test
  void firstK_cannotSucceedAnyMore_cancelsTheOthers() {
    TaskEngine engine = engines.start(1);
    Task<Integer> endless =
        context -> {
          while (!context.isCancelled()) {
            Thread.onSpinWait();
          }
          return 0;
        };
    TaskGroup<Integer> group =
        engine.submitAll(
            List.of(failure(new IOException("1")), failure(new IOException("2")), endless));

    assertThatExceptionOfType(TaskFailedException.class).isThrownBy(() -> group.first(2));
    assertThat(group.outcomes().getLast())
        .isEqualTo(new Outcome.Cancelled<>("its group was cancelled"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 3, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void firstK_outOfRange_isRefused(int k) {
    TaskGroup<Integer> group = engines.start(1).submitAll(List.of(value(1), value(2)));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> group.first(k))
        .withMessage("k must be from 1 to the size of the group: k=" + k + ", size=2");
    assertThat(group.join()).containsExactly(1, 2);
  }

  @Test
  void first_emptyGroup_isRefused() {
    TaskGroup<Integer> group = engines.start(1).submitAll(List.<Task<Integer>>of());

    assertThatIllegalArgumentException()
        .isThrownBy(group::first)
        .withMessage("k must be from 1 to the size of the group: k=1, size=0");
  }

  // ---- cancel

  @Test
  void cancel_queuedTasks_neverRun() {
    TaskEngine engine = engines.start(1);
    List<Integer> ran = new CopyOnWriteArrayList<>();
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskGroup<Boolean> group =
          engine.submitEach(
              List.of(1, 2, 3), (item, context) -> ran.add(item), TaskOptions.defaults());
      group.cancel();
      group.cancel();
      gate.open();
      assertThat(catchThrowable(group::join)).isInstanceOf(TaskCancelledException.class);
      EngineMetrics books = EngineProbe.awaitIdle(engine);
      assertThat(books.cancelled()).isEqualTo(3);
    }
    assertThat(ran).isEmpty();
  }

  @Test
  void cancel_endedTasks_changesNothing() {
    TaskGroup<Integer> group = engines.start(1).submitAll(List.of(value(1), value(2)));
    group.join();
    group.cancel();

    assertThat(group.join()).containsExactly(1, 2);
  }

  // ---- inside a task

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anyWait_insideATask_nestedGroupsDoNotHang(int workers) {
    TaskEngine engine = engines.start(workers);

    assertThat(engine.submit(context -> sum(context, 4)).join()).isEqualTo(81);
  }

  private static int sum(TaskContext context, int depth) {
    if (depth == 0) {
      return 1;
    }
    TaskGroup<Integer> group =
        context.engine().submitAll(Collections.nCopies(3, inner -> sum(inner, depth - 1)));
    List<Integer> values = depth % 2 == 0 ? group.join() : group.first(3);
    return values.stream().mapToInt(Integer::intValue).sum();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void first_insideATaskOfItsGroup_isRefusedAtOnceAndNothingIsCancelled(int workers) {
    TaskEngine engine = engines.start(workers);
    CompletableFuture<TaskGroup<Integer>> self = new CompletableFuture<>();
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    List<Long> ids = new CopyOnWriteArrayList<>();
    Task<Integer> waits =
        context -> {
          ids.add(context.taskId());
          TaskGroup<Integer> group = self.get(1, TimeUnit.MINUTES);
          thrown.add(catchThrowable(group::first));
          thrown.add(catchThrowable(() -> group.first(2)));
          return 2;
        };

    TaskGroup<Integer> group = engine.submitAll(List.of(value(1), waits, value(3)));
    self.complete(group);

    assertThat(group.join()).containsExactly(1, 2, 3);
    assertThat(thrown)
        .hasSize(2)
        .allSatisfy(
            each ->
                assertThat(each)
                    .isInstanceOf(DeadlockException.class)
                    .hasMessage(
                        "task waits for itself: name=task, id="
                            + ids.getFirst()
                            + " (use its result after it has returned)"));
  }

  @Test
  void first_belowATaskOfItsGroupOnTheSameStack_isRefused() {
    TaskEngine engine = engines.start(1);
    CompletableFuture<TaskGroup<Integer>> self = new CompletableFuture<>();
    Task<Integer> inner = context -> self.get(1, TimeUnit.MINUTES).first();
    Task<Integer> outer = context -> context.engine().submit(inner).join();

    TaskGroup<Integer> group = engine.submitAll(List.of(outer));
    self.complete(group);

    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(group::join)
        .withRootCauseInstanceOf(DeadlockException.class);
  }

  @Test
  void first_ofAGroupWhoseTaskWaitsForIt_throwsThatTasksFailure() {
    TaskEngine engine = engines.start(1);
    CompletableFuture<TaskGroup<Integer>> self = new CompletableFuture<>();
    Task<Integer> waits = context -> self.get(1, TimeUnit.MINUTES).first();

    TaskHandle<Integer> caller =
        engine.submit(
            context -> {
              TaskGroup<Integer> group = context.engine().submitAll(List.of(waits));
              self.complete(group);
              return group.first();
            });

    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(caller::join)
        .withRootCauseInstanceOf(DeadlockException.class);
  }

  @Test
  void first_insideATaskOfTheOnlyWorker_runsTheTasksItself() {
    TaskEngine engine = engines.start(1);

    int answer =
        engine
            .submit(
                context ->
                    context
                        .engine()
                        .submitAll(List.of(failure(new IOException("1")), value(42), value(43)))
                        .first())
            .join();

    assertThat(answer).isEqualTo(42);
  }
}
