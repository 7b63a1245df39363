// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.error.TaskTimeoutException;
import dev.heddle.observe.EngineMetrics;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every method of {@link TaskHandle}, for each way a task can end. */
class TaskHandleTest {

  private static final Task<Integer> ANSWER = context -> 42;

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private final IOException error = new IOException("disk is gone");

  private final Task<Integer> failing =
      context -> {
        throw error;
      };

  // ---- success

  @Test
  void join_success_returnsTheResult() {
    TaskEngine engine = engines.start(1);

    assertThat(engine.submit(ANSWER).join()).isEqualTo(42);
    assertThat(engine.submit(() -> "called").join()).isEqualTo("called");
    assertThat(engine.submit(ANSWER, TaskOptions.defaults()).join(Duration.ofMinutes(1)))
        .isEqualTo(42);
  }

  @Test
  void join_runnable_returnsNull() {
    TaskEngine engine = engines.start(1);
    AtomicBoolean ran = new AtomicBoolean();

    TaskHandle<?> handle = engine.submit(() -> ran.set(true));

    assertThat(handle.join()).isNull();
    assertThat(ran).isTrue();
    assertThat(handle.outcome()).isEqualTo(new Outcome.Success<>(null));
  }

  @Test
  void join_action_returnsNull() {
    TaskEngine engine = engines.start(1);
    List<String> names = new CopyOnWriteArrayList<>();

    assertThat(engine.submit(Task.action(context -> names.add(context.taskName()))).join())
        .isNull();
    assertThat(names).containsExactly("task");
  }

  @Test
  void anyMethod_afterSuccess_reportsIt() throws Exception {
    TaskHandle<Integer> handle = engines.start(1).submit(ANSWER);

    assertThat(handle.outcome()).isEqualTo(new Outcome.Success<>(42));
    assertThat(handle.get()).isEqualTo(42);
    assertThat(handle.get(0, TimeUnit.NANOSECONDS)).isEqualTo(42);
    assertThat(handle.join(Duration.ZERO)).isEqualTo(42);
    assertThat(handle.resultNow()).isEqualTo(42);
    assertThat(handle.state()).isEqualTo(Future.State.SUCCESS);
    assertThat(handle.isDone()).isTrue();
    assertThat(handle.isCancelled()).isFalse();
    assertThat(handle.cancel()).isFalse();
    assertThat(handle.cancel(true)).isFalse();
    assertThat(handle.join()).isEqualTo(42);
  }

  // ---- failure

  @Test
  void join_failure_throwsWithTheBodysExceptionAsCause() {
    TaskHandle<Integer> handle =
        engines.start(1).submit(failing, TaskOptions.defaults().name("write"));

    TaskFailedException e = catchThrowableOfType(TaskFailedException.class, handle::join);

    assertThat(e.code()).isEqualTo(ErrorCode.TASK_FAILED);
    assertThat(e)
        .hasMessageStartingWith(
            "task failed: name=write, id=" + handle.id() + ", site=dev.heddle.");
    assertThat(e.getCause()).isSameAs(error);
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(() -> handle.join(Duration.ZERO))
        .withCause(error);
  }

  @Test
  void get_failure_throwsTheBodysExceptionItselfAsCause() {
    TaskHandle<Integer> handle = engines.start(1).submit(failing);

    ExecutionException e = catchThrowableOfType(ExecutionException.class, handle::get);

    assertThat(e.getCause()).isSameAs(error);
    assertThat(e)
        .hasMessageStartingWith("task failed: name=task, id=" + handle.id() + ", site=dev.heddle.");
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> handle.get(1, TimeUnit.MINUTES))
        .withCause(error);
  }

  @Test
  void anyMethod_afterFailure_reportsIt() {
    TaskHandle<Integer> handle = engines.start(1).submit(failing);

    assertThat(handle.outcome()).isEqualTo(new Outcome.Failure<>(error));
    assertThat(handle.exceptionNow()).isSameAs(error);
    assertThat(handle.state()).isEqualTo(Future.State.FAILED);
    assertThat(handle.isDone()).isTrue();
    assertThat(handle.isCancelled()).isFalse();
    assertThat(handle.cancel()).isFalse();
  }

  // ---- cancelling

  @Test
  void cancel_beforeTheStart_theBodyNeverRuns() {
    TaskEngine engine = engines.start(1);
    AtomicBoolean ran = new AtomicBoolean();
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<?> handle = engine.submit(() -> ran.set(true));

      assertThat(handle.cancel()).isTrue();
      assertThat(handle.isDone()).isTrue();
      assertThat(handle.isCancelled()).isTrue();
      assertThat(handle.state()).isEqualTo(Future.State.CANCELLED);
      assertThat(handle.cancel()).isFalse();
      assertThat(handle.cancel(true)).isFalse();
      gate.open();
      EngineMetrics books = EngineProbe.awaitIdle(engine);
      assertThat(books.cancelled()).isEqualTo(1);
      assertThat(books.completed()).isEqualTo(1);
    }
    assertThat(ran).isFalse();
  }

  @Test
  void anyWait_afterCancel_throwsItsOwnKind() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER, TaskOptions.defaults().name("quote"));
      handle.cancel();
      gate.open();
      String message =
          "task was cancelled: name=quote, id=" + handle.id() + ", reason=cancel() was called";

      TaskCancelledException ours =
          catchThrowableOfType(TaskCancelledException.class, handle::join);
      assertThat(ours).hasMessage(message);
      assertThat(ours.code()).isEqualTo(ErrorCode.TASK_CANCELLED);
      assertThatExceptionOfType(TaskCancelledException.class)
          .isThrownBy(() -> handle.join(Duration.ZERO));
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(handle::get)
          .withMessage(message)
          .withCauseInstanceOf(TaskCancelledException.class);
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(() -> handle.get(0, TimeUnit.SECONDS));
      assertThat(handle.outcome()).isEqualTo(new Outcome.Cancelled<>("cancel() was called"));
    }
  }

  @Test
  void cancel_whileRunning_releasesWaitersAndTellsTheBody() {
    TaskEngine engine = engines.start(1);
    CountDownLatch started = new CountDownLatch(1);
    List<Object> seen = new CopyOnWriteArrayList<>();
    try (Gate gate = Gate.closed()) {
      TaskHandle<Integer> handle =
          engine.submit(
              context -> {
                seen.add(context.isCancelled());
                context.checkCancelled();
                started.countDown();
                gate.pass(); // would throw if cancel() interrupted
                seen.add(context.isCancelled());
                seen.add(Thread.currentThread().isInterrupted());
                context.checkCancelled();
                seen.add("not reached");
                return 42;
              });
      Gate.await(started);

      assertThat(handle.cancel()).isTrue();
      assertThat(handle.outcome()).isEqualTo(new Outcome.Cancelled<>("cancel() was called"));
      assertThat(engine.metrics().cancelled()).isEqualTo(1);
      assertThat(engine.metrics().running()).isEqualTo(1);
      gate.open();
      EngineMetrics books = EngineProbe.awaitIdle(engine);
      assertThat(books.cancelled()).isEqualTo(1);
      assertThat(books.completed()).isZero();
      assertThat(books.failed()).isZero();
    }
    assertThat(seen).containsExactly(false, true, false);
  }

  @Test
  void cancelTrue_whileRunning_interruptsTheBody() throws Exception {
    TaskEngine engine = engines.start(1);
    CountDownLatch started = new CountDownLatch(1);
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    try (Gate gate = Gate.closed()) {
      TaskHandle<@Nullable Void> handle =
          engine.submit(
              Task.action(
                  context -> {
                    started.countDown();
                    thrown.complete(catchThrowable(gate::pass));
                  }));
      Gate.await(started);

      assertThat(handle.cancel(true)).isTrue();
      assertThat(thrown.get(1, TimeUnit.MINUTES)).isInstanceOf(InterruptedException.class);
      assertThat(handle.isCancelled()).isTrue();
    }
  }

  @Test
  void cancelTrue_bodyIgnoresTheInterrupt_theNextTaskDoesNotSeeIt() {
    TaskEngine engine = engines.start(1);
    CountDownLatch started = new CountDownLatch(1);
    AtomicBoolean goOn = new AtomicBoolean();
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(
                context -> {
                  started.countDown();
                  while (!goOn.get()) {
                    Thread.onSpinWait();
                  }
                }));
    TaskHandle<Boolean> next = engine.submit(() -> Thread.currentThread().isInterrupted());
    Gate.await(started);

    assertThat(handle.cancel(true)).isTrue();
    goOn.set(true);

    assertThat(next.join()).isFalse();
  }

  @Test
  void cancelTrue_twoTasksRunning_interruptsItsTargetOnly() throws Exception {
    TaskEngine engine = engines.start(2);
    try (Gate gate = Gate.closed()) {
      CountDownLatch started = new CountDownLatch(2);
      Task<Throwable> body =
          context -> {
            started.countDown();
            return catchThrowable(gate::pass);
          };
      TaskHandle<Throwable> target = engine.submit(body);
      TaskHandle<Throwable> stranger = engine.submit(body);
      Gate.await(started);

      assertThat(target.cancel(true)).isTrue();
      await().until(() -> engine.metrics().running() == 1);
      gate.open();
      assertThat(stranger.join()).isNull();
    }
  }

  @Test
  void cancel_afterTheEnd_changesNothing() {
    TaskEngine engine = engines.start(1);
    TaskHandle<Integer> handle = engine.submit(ANSWER);
    handle.join();

    assertThat(handle.cancel()).isFalse();
    assertThat(handle.join()).isEqualTo(42);
    assertThat(engine.metrics().cancelled()).isZero();
  }

  @Test
  void cancel_byTheTaskItself_isDecidedAtOnce() {
    TaskEngine engine = engines.start(1);
    CompletableFuture<TaskHandle<Integer>> own = new CompletableFuture<>();
    CompletableFuture<Boolean> decided = new CompletableFuture<>();
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              decided.complete(own.get().cancel());
              return 42;
            });
    own.complete(handle);

    assertThat(handle.outcome()).isEqualTo(new Outcome.Cancelled<>("cancel() was called"));
    assertThat(decided.join()).isTrue();
  }

  // ---- waiting for a time

  @Test
  void join_timePasses_throwsAndTheTaskGoesOn() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER);

      TaskTimeoutException e =
          catchThrowableOfType(TaskTimeoutException.class, () -> handle.join(Duration.ofNanos(1)));
      assertThat(e.code()).isEqualTo(ErrorCode.WAIT_TIMED_OUT);
      assertThat(e)
          .hasMessage(
              "task has not ended in time: name=task, id="
                  + handle.id()
                  + ", atMost=PT0.000000001S (the task goes on)");
      assertThatExceptionOfType(TaskTimeoutException.class)
          .isThrownBy(() -> handle.join(Duration.ZERO));
      assertThatExceptionOfType(TimeoutException.class)
          .isThrownBy(() -> handle.get(1, TimeUnit.NANOSECONDS))
          .withMessage("task has not ended in time: name=task, id=" + handle.id());
      assertThat(handle.isDone()).isFalse();
      gate.open();
      assertThat(handle.join()).isEqualTo(42);
    }
  }

  @Test
  void join_timePassesOftenBetweenCallbacks_theirOrderStays() {
    TaskEngine engine = engines.start(1);
    List<Integer> called = new CopyOnWriteArrayList<>();
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER);
      for (int i = 0; i < 10; i++) {
        int number = i;
        handle.onComplete(outcome -> called.add(number));
        assertThatExceptionOfType(TaskTimeoutException.class)
            .isThrownBy(() -> handle.join(Duration.ofNanos(1)));
      }
      gate.open();
      handle.join();
    }
    EngineProbe.awaitIdle(engine);
    await().until(() -> called.size() == 10);
    assertThat(called).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @Test
  void anyWait_manyWaiters_allAreReleased() throws Exception {
    TaskEngine engine = engines.start(1);
    List<CompletableFuture<Integer>> results = new ArrayList<>();
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER);
      List<Thread> waiters = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        results.add(result);
        Thread.Builder thread = i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
        waiters.add(thread.start(() -> result.complete(handle.join())));
      }
      await().until(() -> waiters.stream().allMatch(w -> w.getState() == Thread.State.WAITING));
      gate.open();
    }
    for (CompletableFuture<Integer> result : results) {
      assertThat(result.get(1, TimeUnit.MINUTES)).isEqualTo(42);
    }
  }

  // ---- callbacks

  @Test
  void onComplete_beforeTheEnd_callsInOrderOnceOnTheWorker() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).name("orders"));
    List<String> called = new CopyOnWriteArrayList<>();
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER);
      for (int i = 0; i < 5; i++) {
        String number = i + " ";
        assertThat(
                handle.onComplete(outcome -> called.add(number + Thread.currentThread().getName())))
            .isSameAs(handle);
      }
      assertThat(called).isEmpty();
      gate.open();
      handle.join();
    }
    engine.close();
    assertThat(called)
        .containsExactly(
            "0 heddle-orders-worker-0",
            "1 heddle-orders-worker-0",
            "2 heddle-orders-worker-0",
            "3 heddle-orders-worker-0",
            "4 heddle-orders-worker-0");
  }

  @Test
  void onComplete_afterTheEnd_callsOnceInThisCall() {
    TaskHandle<Integer> handle = engines.start(1).submit(ANSWER);
    handle.join();
    List<Object> called = new ArrayList<>();

    handle.onComplete(called::add).onComplete(outcome -> called.add(Thread.currentThread()));

    assertThat(called).containsExactly(new Outcome.Success<>(42), Thread.currentThread());
  }

  @Test
  void onComplete_cancelled_callsOnTheCancellingThread() {
    TaskEngine engine = engines.start(1);
    List<Object> called = new ArrayList<>();
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER);
      handle.onComplete(called::add).onComplete(outcome -> called.add(Thread.currentThread()));
      handle.cancel();
      gate.open();
    }
    assertThat(called)
        .containsExactly(new Outcome.Cancelled<>("cancel() was called"), Thread.currentThread());
  }

  @Test
  void onComplete_insideACallback_isCalledToo() {
    TaskHandle<Integer> handle = engines.start(1).submit(ANSWER);
    AtomicInteger inner = new AtomicInteger();
    CountDownLatch called = new CountDownLatch(1);

    handle.onComplete(
        outcome -> {
          handle.onComplete(again -> inner.incrementAndGet());
          called.countDown();
        });

    Gate.await(called);
    assertThat(inner).hasValue(1);
  }

  @Test
  void onComplete_countedOutcome_isInTheMetrics() {
    TaskEngine engine = engines.start(1);
    CompletableFuture<EngineMetrics> seen = new CompletableFuture<>();
    try (Gate gate = Gate.holding(engine, 1)) {
      engine.submit(failing).onComplete(outcome -> seen.complete(engine.metrics()));
      gate.open();
    }
    assertThat(seen.join().failed()).isEqualTo(1);
  }

  // ---- CompletableFuture

  @Test
  void toCompletableFuture_success_completes() {
    TaskEngine engine = engines.start(1);

    assertThat(engine.submit(ANSWER).toCompletableFuture().thenApply(value -> value + 1).join())
        .isEqualTo(43);
  }

  @Test
  void toCompletableFuture_failure_completesWithTheBodysException() {
    CompletableFuture<Integer> future = engines.start(1).submit(failing).toCompletableFuture();

    assertThatExceptionOfType(CompletionException.class).isThrownBy(future::join).withCause(error);
    assertThat(future.exceptionNow()).isSameAs(error);
  }

  @Test
  void toCompletableFuture_cancelled_isCancelled() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER);
      CompletableFuture<Integer> future = handle.toCompletableFuture();
      assertThat(future).isNotDone();
      handle.cancel();
      gate.open();

      assertThat(future.isCancelled()).isTrue();
      assertThatExceptionOfType(CancellationException.class).isThrownBy(future::join);
      assertThat(future.handle((value, thrown) -> thrown).join())
          .isInstanceOf(CancellationException.class)
          .hasMessageEndingWith("reason=cancel() was called")
          .hasCauseInstanceOf(TaskCancelledException.class);
    }
  }

  @Test
  void toCompletableFuture_cancelledItself_leavesTheTaskAlone() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER);
      CompletableFuture<Integer> future = handle.toCompletableFuture();
      assertThat(handle.toCompletableFuture()).isNotSameAs(future);
      assertThat(future.cancel(true)).isTrue();
      gate.open();
      assertThat(handle.join()).isEqualTo(42);
    }
  }

  // ---- identity

  @Test
  void id_manyTasks_isUniqueAndStays() {
    TaskEngine engine = engines.start(2);
    List<TaskHandle<Long>> handles = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      handles.add(engine.submit(TaskContext::taskId));
    }

    List<Long> ids = handles.stream().map(TaskHandle::id).toList();

    assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id >= 1);
    assertThat(handles.stream().map(TaskHandle::join)).isEqualTo(ids);
    assertThat(handles.stream().map(TaskHandle::id)).isEqualTo(ids);
  }

  @Test
  void context_insideATask_tellsOfIt() {
    TaskEngine engine = engines.start(1);
    TaskOptions options = TaskOptions.defaults().name("quote");

    TaskHandle<List<Object>> handle =
        engine.submit(
            context ->
                List.of(
                    context.taskId(), context.taskName(), context.isCancelled(), context.engine()),
            options);

    assertThat(handle.name()).isEqualTo("quote");
    assertThat(handle.join()).containsExactly(handle.id(), "quote", false, engine);
  }

  @Test
  void toString_anyState_saysWhichTaskAndHowItIs() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER);
      String head = "TaskHandle[name=task, id=" + handle.id() + ", state=";
      assertThat(handle).hasToString(head + "RUNNING]");
      gate.open();
      handle.join();
      assertThat(handle).hasToString(head + "SUCCESS]");
    }
  }

  // ---- waiting inside a task

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void join_insideATask_chainsDoNotHang(int workers) {
    TaskEngine engine = engines.start(workers);

    assertThat(engine.submit(context -> depth(context, 100)).join()).isEqualTo(100);
    assertThat(engine.metrics().completed()).isEqualTo(101);
  }

  /** Submits a task that does the same, and waits for it, so many times. */
  private static int depth(TaskContext context, int left) {
    return left == 0 ? 0 : 1 + context.engine().submit(inner -> depth(inner, left - 1)).join();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anyWait_insideATask_treesDoNotHang(int workers) {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(workers).queueCapacity(1));

    assertThat(engine.submit(context -> leaves(context, 8)).join()).isEqualTo(256);
  }

  private static int leaves(TaskContext context, int depth) throws Exception {
    if (depth == 0) {
      return 1;
    }
    TaskEngine engine = context.engine();
    TaskHandle<Integer> left = engine.submit(inner -> leaves(inner, depth - 1));
    TaskHandle<Integer> right = engine.submit(inner -> leaves(inner, depth - 1));
    return depth % 2 == 0
        ? left.get() + right.join()
        : left.outcome().orThrow() + right.join(Duration.ofSeconds(Long.MAX_VALUE));
  }

  @Test
  void join_insideATask_doesNotRunStrangers() {
    TaskEngine engine = engines.start(1);
    List<String> order = new CopyOnWriteArrayList<>();
    TaskHandle<Integer> outer =
        engine.submit(
            context -> {
              TaskEngine own = context.engine();
              TaskHandle<?> stranger = own.submit(() -> order.add("stranger"));
              TaskHandle<Integer> child =
                  own.submit(
                      inner -> {
                        order.add("child");
                        return 42;
                      });
              int answer = child.join();
              order.add("parent");
              assertThat(stranger.isDone()).isFalse();
              return answer;
            });

    assertThat(outer.join()).isEqualTo(42);
    EngineProbe.awaitIdle(engine);
    assertThat(order).containsExactly("child", "parent", "stranger");
  }

  @Test
  void join_insideATaskForOneThatLeavesAnInterrupt_doesNotSeeIt() {
    TaskEngine engine = engines.start(1);

    boolean leaked =
        engine
            .submit(
                context -> {
                  context.engine().submit(() -> Thread.currentThread().interrupt()).join();
                  return Thread.currentThread().isInterrupted();
                })
            .join();

    assertThat(leaked).isFalse();
  }

  @Test
  void join_insideACallbackOfTheOnlyWorker_doesNotHang() throws Exception {
    TaskEngine engine = engines.start(1);
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    try (Gate gate = Gate.holding(engine, 1)) {
      engine.submit(() -> 1).onComplete(outcome -> answer.complete(engine.submit(() -> 42).join()));
      gate.open();
    }
    assertThat(answer.get(1, TimeUnit.MINUTES)).isEqualTo(42);
  }

  @Test
  void join_insideATaskForAFailure_isTheChildsFailure() {
    TaskHandle<Integer> outer =
        engines.start(1).submit(context -> context.engine().submit(failing).join());

    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(outer::join)
        .withCauseInstanceOf(TaskFailedException.class)
        .havingRootCause()
        .isSameAs(error);
  }

  @Test
  void arena_insideNestedTasks_isEachTasksOwn() {
    TaskEngine engine = engines.start(1);

    List<Boolean> seen =
        engine
            .submit(
                context -> {
                  Arena arena = context.arena();
                  MemorySegment outer = arena.allocate(64);
                  MemorySegment inner =
                      context.engine().submit(child -> child.arena().allocate(64)).join();
                  return List.of(
                      outer.scope().isAlive(), inner.scope().isAlive(), context.arena() == arena);
                })
            .join();

    assertThat(seen).containsExactly(true, false, true);
  }
}
