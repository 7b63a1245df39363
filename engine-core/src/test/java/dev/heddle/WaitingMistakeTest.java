// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.DeadlockException;
import dev.heddle.error.ErrorCode;
import dev.heddle.error.TaskException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.error.TaskInterruptedException;
import dev.heddle.observe.EngineMetrics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Waits that cannot end by themselves: for the own task, and of a caller that is interrupted. */
class WaitingMistakeTest {

  private static final Task<Integer> ANSWER = context -> 42;

  private static final Duration LONGEST = Duration.ofSeconds(Long.MAX_VALUE);

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  // ---- waiting for oneself

  static Stream<Arguments> waits() {
    return Stream.of(
        wait("join", TaskHandle::join),
        wait("join(Duration)", handle -> handle.join(Duration.ofMinutes(1))),
        wait("outcome", TaskHandle::outcome),
        wait("get", Future::get),
        wait("get(long, TimeUnit)", handle -> handle.get(1, TimeUnit.MINUTES)));
  }

  /** A way to wait for a task. */
  @FunctionalInterface
  interface Wait {
    Object on(TaskHandle<?> handle) throws Exception;
  }

  private static Arguments wait(String name, Wait wait) {
    return Arguments.argumentSet(name, wait);
  }

  @ParameterizedTest
  @MethodSource("waits")
  void anyWait_forTheCallerItself_isADeadlock(Wait wait) {
    TaskEngine engine = engines.start(1);
    CompletableFuture<TaskHandle<?>> own = new CompletableFuture<>();
    TaskHandle<Object> handle =
        engine.submit(context -> wait.on(own.get()), TaskOptions.defaults().name("selfish"));
    own.complete(handle);

    assertThat(handle.outcome())
        .isInstanceOfSatisfying(
            Outcome.Failure.class,
            failure ->
                assertThat(failure.error())
                    .isInstanceOf(DeadlockException.class)
                    .hasMessage(
                        "task waits for itself: name=selfish, id="
                            + handle.id()
                            + " (use its result after it has returned)"));
    assertThat(((TaskException) handle.exceptionNow()).code()).isEqualTo(ErrorCode.DEADLOCK);
  }

  @Test
  void join_forATaskBelowOnTheSameStack_isADeadlock() {
    TaskEngine engine = engines.start(1);
    CompletableFuture<TaskHandle<Integer>> own = new CompletableFuture<>();
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              TaskHandle<Integer> outer = own.get();
              return context.engine().submit(inner -> outer.join()).join();
            });
    own.complete(handle);

    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(handle::join)
        .havingRootCause()
        .isInstanceOf(DeadlockException.class);
  }

  @Test
  void join_ofTheOwnGroup_isADeadlock() {
    TaskEngine engine = engines.start(1);
    CompletableFuture<TaskGroup<Integer>> own = new CompletableFuture<>();
    TaskGroup<Integer> group = engine.submitAll(List.of(context -> own.get().join().size()));
    own.complete(group);

    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(group::join)
        .withCauseInstanceOf(DeadlockException.class);
  }

  // ---- interrupted callers

  @ParameterizedTest
  @MethodSource("waits")
  void anyWait_callerInterruptedBefore_endsAndTheTaskGoesOn(Wait wait) {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER);
      Thread.currentThread().interrupt();
      Throwable thrown = catchThrowable(() -> wait.on(handle));
      boolean status = Thread.interrupted();

      assertInterrupted(thrown, status, handle);
      gate.open();
      assertThat(handle.join()).isEqualTo(42);
    }
  }

  @ParameterizedTest
  @MethodSource("waits")
  void anyWait_callerInterruptedMeanwhile_endsAndTheTaskGoesOn(Wait wait) throws Exception {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER);
      CompletableFuture<Throwable> thrown = new CompletableFuture<>();
      CompletableFuture<Boolean> status = new CompletableFuture<>();
      Thread caller =
          Thread.ofPlatform()
              .start(
                  () -> {
                    thrown.complete(catchThrowable(() -> wait.on(handle)));
                    status.complete(Thread.interrupted());
                  });
      awaitParked(caller);
      caller.interrupt();

      assertInterrupted(thrown.get(1, TimeUnit.MINUTES), status.get(1, TimeUnit.MINUTES), handle);
      gate.open();
      assertThat(handle.join()).isEqualTo(42);
    }
  }

  private static void awaitParked(Thread thread) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () ->
                thread.getState() == Thread.State.WAITING
                    || thread.getState() == Thread.State.TIMED_WAITING);
  }

  private static void assertInterrupted(Throwable thrown, boolean status, TaskHandle<?> handle) {
    if (thrown instanceof TaskInterruptedException ours) {
      assertThat(ours.code()).isEqualTo(ErrorCode.WAIT_INTERRUPTED);
      assertThat(ours)
          .hasMessage("interrupted while waiting for a task: name=task, id=" + handle.id())
          .hasCauseInstanceOf(InterruptedException.class);
      assertThat(status).as("interrupt status").isTrue();
    } else { // the JDK's own methods
      assertThat(thrown).isInstanceOf(InterruptedException.class);
      assertThat(status).as("interrupt status").isFalse();
    }
  }

  static Stream<Arguments> groupWaits() {
    return Stream.of(
        groupWait("join", TaskGroup::join),
        groupWait("outcomes", TaskGroup::outcomes),
        groupWait("first", TaskGroup::first),
        groupWait("first(int)", group -> group.first(2)));
  }

  private static Arguments groupWait(String name, Function<TaskGroup<?>, Object> wait) {
    return Arguments.argumentSet(name, wait);
  }

  @ParameterizedTest
  @MethodSource("groupWaits")
  void anyGroupWait_callerInterrupted_endsAndTheTasksGoOn(Function<TaskGroup<?>, Object> wait) {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskGroup<Integer> group = engine.submitAll(List.of(ANSWER, ANSWER));
      Thread.currentThread().interrupt();
      Throwable thrown = catchThrowable(() -> wait.apply(group));
      boolean status = Thread.interrupted();

      assertThat(thrown)
          .isInstanceOf(TaskInterruptedException.class)
          .hasCauseInstanceOf(InterruptedException.class);
      assertThat(status).isTrue();
      gate.open();
      assertThat(group.join()).containsExactly(42, 42);
    }
  }

  @Test
  void close_callerInterrupted_cancelsWaitsAndKeepsTheStatus() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> queued = engine.submit(ANSWER);
      Thread.currentThread().interrupt();
      engine.close();
      boolean status = Thread.interrupted();

      assertThat(status).isTrue();
      assertThat(queued.isCancelled()).isTrue();
      assertThat(gate.holders().getFirst().isCancelled()).isTrue();
      EngineMetrics books = engine.metrics();
      assertThat(books.cancelled()).isEqualTo(2);
      assertThat(books.live()).isZero();
      assertThat(books.running()).isZero();
    }
  }

  @Test
  void closeAtMost_callerInterrupted_cancelsAndKeepsTheStatus() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> queued = engine.submit(ANSWER);
      Thread.currentThread().interrupt();
      CloseReport report = engine.close(LONGEST);
      boolean status = Thread.interrupted();

      assertThat(status).isTrue();
      assertThat(report.neverStarted()).isEqualTo(1);
      assertThat(report.cancelled()).isEqualTo(2);
      assertThat(queued.outcome())
          .isEqualTo(new Outcome.Cancelled<Integer>("its engine was closed"));
      assertThat(gate.holders().getFirst().isCancelled()).isTrue();
    }
  }
}
