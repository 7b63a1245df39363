// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the JSR-166 suites ask of {@code execute}, {@code submit} and the futures of an {@code
 * ExecutorService}, asked of {@link TaskEngine#asExecutorService()}. Groups of tasks, the end of a
 * view, timed tasks and {@code CompletableFuture} have classes of their own.
 *
 * <p>Left out on purpose, each with its reason:
 *
 * <ul>
 *   <li>privileged actions and their access control contexts: the JDK has given the mechanism up;
 *   <li>the text of {@code toString}: of an executor it is no contract, of a future it is the JDK's
 *       own class;
 *   <li>that one worker runs tasks in the order of submission: the engine promises no order;
 *   <li>that {@code shutdownNow} returns tasks in the order of the queue: likewise.
 * </ul>
 *
 * Pool sizes, keep-alive times, queues, hooks and rejection handlers of {@code ThreadPoolExecutor},
 * and the policy switches of {@code ScheduledThreadPoolExecutor}, are not counted: they are not
 * methods of the interfaces that a view implements.
 */
@ParameterizedClass(name = "workers={0}")
@ValueSource(ints = {1, 2, 8})
@Timeout(60)
class ExecutorViewContractTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private final int workers;

  ExecutorViewContractTest(int workers) {
    this.workers = workers;
  }

  private static <T extends @Nullable Object> T result(Future<T> future) throws Exception {
    return future.get(1, TimeUnit.MINUTES);
  }

  private static Callable<String> waiting(CountDownLatch started, Gate gate) {
    return () -> {
      started.countDown();
      gate.pass();
      return "passed";
    };
  }

  private static Thread startThread(Runnable body) {
    Thread thread = new Thread(body);
    thread.start();
    return thread;
  }

  private static void awaitWaiting(Thread thread) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () ->
                thread.getState() == Thread.State.WAITING
                    || thread.getState() == Thread.State.TIMED_WAITING);
  }

  // ---- execute

  @Test
  void execute_runnable_runsOnAWorker() {
    ExecutorService view = engines.start(workers).asExecutorService();
    AtomicReference<Thread> ranOn = new AtomicReference<>();
    CountDownLatch ran = new CountDownLatch(1);

    view.execute(
        () -> {
          ranOn.set(Thread.currentThread());
          ran.countDown();
        });

    Gate.await(ran);
    assertThat(ranOn.get()).isNotSameAs(Thread.currentThread());
  }

  @Test
  void execute_null_throwsNpe() {
    ExecutorService view = engines.start(workers).asExecutorService();

    assertThatNullPointerException().isThrownBy(() -> view.execute(null));
  }

  @Test
  void execute_bodyThrows_handlerHearsIt_workersGoOn() {
    List<Throwable> heard = new CopyOnWriteArrayList<>();
    CountDownLatch told = new CountDownLatch(20);
    ExecutorService view =
        engines
            .start(
                TaskEngine.builder()
                    .workers(workers)
                    .uncaughtHandler(
                        (thread, error) -> {
                          heard.add(error);
                          told.countDown();
                        }))
            .asExecutorService();
    RuntimeException error = new IllegalStateException("broken");

    for (int i = 0; i < 20; i++) {
      view.execute(
          () -> {
            throw error;
          });
    }

    Gate.await(told);
    assertThat(heard).hasSize(20).containsOnly(error);
  }

  @Test
  void execute_fromATask_runs() {
    ExecutorService view = engines.start(workers).asExecutorService();
    CountDownLatch ran = new CountDownLatch(1);

    view.execute(() -> view.execute(() -> view.execute(ran::countDown)));

    Gate.await(ran);
  }

  @Test
  void execute_sameRunnableAgain_runsEachTime() {
    ExecutorService view = engines.start(workers).asExecutorService();
    CountDownLatch runs = new CountDownLatch(100);
    Runnable body = runs::countDown;

    for (int i = 0; i < 100; i++) {
      view.execute(body);
    }

    Gate.await(runs);
  }

  @Test
  void execute_fromManyThreads_eachRunsOnce() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    int threads = 4;
    int each = 500;
    List<AtomicInteger> runs = new ArrayList<>();
    for (int i = 0; i < threads * each; i++) {
      runs.add(new AtomicInteger());
    }
    CountDownLatch all = new CountDownLatch(threads * each);
    List<Thread> submitters = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      List<AtomicInteger> own = runs.subList(t * each, (t + 1) * each);
      submitters.add(
          startThread(
              () ->
                  own.forEach(
                      count ->
                          view.execute(
                              () -> {
                                count.incrementAndGet();
                                all.countDown();
                              }))));
    }
    for (Thread submitter : submitters) {
      submitter.join();
    }

    Gate.await(all);
    assertThat(runs).allMatch(count -> count.get() == 1);
  }

  @Test
  void execute_asManyAsWorkers_runAtTheSameTime() {
    ExecutorService view = engines.start(workers).asExecutorService();
    CountDownLatch together = new CountDownLatch(workers);
    CountDownLatch met = new CountDownLatch(workers);

    for (int i = 0; i < workers; i++) {
      view.execute(
          () -> {
            together.countDown();
            Gate.await(together);
            met.countDown();
          });
    }

    Gate.await(met);
  }

  @Test
  void execute_engineFull_runsInTheCaller() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(workers).queueCapacity(1));
    ExecutorService view = engine.asExecutorService();
    try (Gate gate = Gate.holding(engine, workers)) {
      Future<Thread> queued = view.submit(Thread::currentThread);
      Future<Thread> atHome = view.submit(Thread::currentThread);

      assertThat(atHome.isDone()).isTrue();
      assertThat(atHome.get()).isSameAs(Thread.currentThread());
      assertThat(queued.isDone()).isFalse();
      gate.open();
      assertThat(result(queued)).isNotSameAs(Thread.currentThread());
    }
  }

  @Test
  void execute_engineFull_callersInterruptIsKeptAndHiddenFromTheTask() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(workers).queueCapacity(1));
    ExecutorService view = engine.asExecutorService();
    try (Gate gate = Gate.holding(engine, workers)) {
      Future<?> queued = view.submit(() -> {});
      Thread.currentThread().interrupt();
      Future<Boolean> atHome = view.submit(() -> Thread.currentThread().isInterrupted());

      assertThat(Thread.interrupted()).as("caller's interrupt").isTrue();
      assertThat(atHome.get()).as("task's interrupt").isFalse();
      gate.open();
      assertThat(result(queued)).isNull();
    }
  }

  @Test
  void execute_engineFull_bodyThrows_callerIsSpared() {
    AtomicReference<Throwable> heard = new AtomicReference<>();
    TaskEngine engine =
        engines.start(
            TaskEngine.builder()
                .workers(workers)
                .queueCapacity(1)
                .uncaughtHandler((thread, error) -> heard.set(error)));
    ExecutorService view = engine.asExecutorService();
    RuntimeException error = new IllegalStateException("broken");
    try (Gate gate = Gate.holding(engine, workers)) {
      view.execute(() -> {});
      view.execute(
          () -> {
            throw error;
          });

      assertThat(heard).hasValue(error);
      gate.open();
    }
  }

  // ---- submit

  @Test
  void submit_callable_getReturnsItsResult() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();

    Future<String> future = view.submit(() -> "result");

    assertThat(future.get()).isEqualTo("result");
    assertThat(future.isDone()).isTrue();
    assertThat(future.isCancelled()).isFalse();
    assertThat(future.state()).isEqualTo(Future.State.SUCCESS);
    assertThat(future.resultNow()).isEqualTo("result");
  }

  @Test
  void submit_callableReturnsNull_getReturnsNull() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    Callable<@Nullable String> nothing = () -> null;

    Future<@Nullable String> future = view.submit(nothing);

    assertThat(result(future)).isNull();
    assertThat(future.state()).isEqualTo(Future.State.SUCCESS);
  }

  @Test
  void submit_runnable_getReturnsNullAfterTheRun() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    AtomicBoolean ran = new AtomicBoolean();

    Future<?> future = view.submit(() -> ran.set(true));

    assertThat(result(future)).isNull();
    assertThat(ran).isTrue();
  }

  @Test
  void submit_runnableWithResult_getReturnsItAfterTheRun() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    AtomicBoolean ran = new AtomicBoolean();

    Future<String> future = view.submit(() -> ran.set(true), "given");
    Future<@Nullable String> none = view.submit(() -> {}, (@Nullable String) null);

    assertThat(result(future)).isEqualTo("given");
    assertThat(ran).isTrue();
    assertThat(result(none)).isNull();
  }

  @Test
  void submit_null_throwsNpe() {
    ExecutorService view = engines.start(workers).asExecutorService();

    assertThatNullPointerException().isThrownBy(() -> view.submit((Runnable) null));
    assertThatNullPointerException().isThrownBy(() -> view.submit((Callable<String>) null));
    assertThatNullPointerException().isThrownBy(() -> view.submit((Runnable) null, "given"));
  }

  @Test
  void submit_plainWrites_areSeenByTheTaskAndAfterGet() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    for (int i = 0; i < 1_000; i++) {
      int[] cell = {i};
      Future<?> future = view.submit(() -> cell[0]++);
      result(future);
      assertThat(cell[0]).isEqualTo(i + 1);
    }
  }

  @Test
  void submit_fromATask_nestedGetsDoNotUseUpTheWorkers() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();

    assertThat(result(view.submit(() -> descend(view, 100)))).isEqualTo(100);
  }

  private static int descend(ExecutorService view, int depth) throws Exception {
    return depth == 0 ? 0 : view.submit(() -> descend(view, depth - 1)).get() + 1;
  }

  // ---- failures

  @Test
  void get_callableThrows_causeIsWhatItThrew() {
    ExecutorService view = engines.start(workers).asExecutorService();
    for (Throwable error :
        List.of(new IOException("checked"), new IllegalStateException("unchecked"))) {
      Future<String> future =
          view.submit(
              () -> {
                throw (Exception) error;
              });

      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> future.get())
          .satisfies(e -> assertThat(e.getCause()).isSameAs(error));
      assertThat(future.isDone()).isTrue();
      assertThat(future.isCancelled()).isFalse();
      assertThat(future.state()).isEqualTo(Future.State.FAILED);
      assertThat(future.exceptionNow()).isSameAs(error);
    }
  }

  @Test
  void get_bodyThrowsError_causeIsTheError() {
    ExecutorService view = engines.start(workers).asExecutorService();
    Error error = new AssertionError("deliberate");

    Future<?> future =
        view.submit(
            (Runnable)
                () -> {
                  throw error;
                });

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> result(future))
        .satisfies(e -> assertThat(e.getCause()).isSameAs(error));
  }

  @Test
  void get_runnableWithResultThrows_causeIsWhatItThrew() {
    ExecutorService view = engines.start(workers).asExecutorService();
    RuntimeException error = new ArithmeticException("deliberate");

    Future<String> future =
        view.submit(
            () -> {
              throw error;
            },
            "never");

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> result(future))
        .satisfies(e -> assertThat(e.getCause()).isSameAs(error));
  }

  @Test
  void get_bodyThrowsCancellationException_isAFailure() {
    ExecutorService view = engines.start(workers).asExecutorService();
    CancellationException error = new CancellationException("thrown by the body");

    Future<String> future =
        view.submit(
            () -> {
              throw error;
            });

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> result(future))
        .satisfies(e -> assertThat(e.getCause()).isSameAs(error));
    assertThat(future.isCancelled()).isFalse();
  }

  // ---- waiting

  @Test
  void isDone_queuedAndRunning_isFalse() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    try (Gate holders = Gate.holding(engine, workers);
        Gate gate = Gate.closed()) {
      CountDownLatch started = new CountDownLatch(1);
      Future<String> future = view.submit(waiting(started, gate));
      assertThat(future.isDone()).as("queued").isFalse();
      assertThat(future.state()).isEqualTo(Future.State.RUNNING);
      holders.open();
      Gate.await(started);
      assertThat(future.isDone()).as("running").isFalse();
      gate.open();
      assertThat(result(future)).isEqualTo("passed");
      assertThat(future.isDone()).as("ended").isTrue();
    }
  }

  @Test
  void get_timePasses_throwsTimeoutAndTheTaskGoesOn() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    try (Gate gate = Gate.closed()) {
      CountDownLatch started = new CountDownLatch(1);
      Future<String> future = view.submit(waiting(started, gate));
      Gate.await(started);

      for (long millis : new long[] {2, 0, -1, Long.MIN_VALUE}) {
        assertThatExceptionOfType(TimeoutException.class)
            .isThrownBy(() -> future.get(millis, TimeUnit.MILLISECONDS));
      }
      assertThat(future.isDone()).isFalse();
      gate.open();
      assertThat(result(future)).isEqualTo("passed");
    }
  }

  @Test
  void get_queuedBehindOthers_timesOut() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    try (Gate gate = Gate.holding(engine, workers)) {
      Future<String> future = view.submit(() -> "later");

      assertThatExceptionOfType(TimeoutException.class)
          .isThrownBy(() -> future.get(1, TimeUnit.MILLISECONDS));
      gate.open();
      assertThat(result(future)).isEqualTo("later");
    }
  }

  @Test
  void get_doneAndNoTime_returnsTheResult() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    Future<String> future = view.submit(() -> "result");
    result(future);

    assertThat(future.get(0, TimeUnit.NANOSECONDS)).isEqualTo("result");
    assertThat(future.get(-1, TimeUnit.DAYS)).isEqualTo("result");
    assertThat(future.get(Long.MAX_VALUE, TimeUnit.DAYS)).isEqualTo("result");
  }

  @Test
  void get_longestTime_waits() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    try (Gate gate = Gate.closed()) {
      Future<String> future = view.submit(waiting(new CountDownLatch(1), gate));
      AtomicReference<String> got = new AtomicReference<>();
      Thread waiter =
          startThread(
              () -> {
                try {
                  got.set(future.get(Long.MAX_VALUE, TimeUnit.DAYS));
                } catch (InterruptedException | ExecutionException | TimeoutException e) {
                  got.set(e.toString());
                }
              });
      awaitWaiting(waiter);
      gate.open();
      waiter.join();
      assertThat(got).hasValue("passed");
    }
  }

  @Test
  void get_nullUnit_throwsNpe() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    Future<String> future = view.submit(() -> "result");

    assertThatNullPointerException().isThrownBy(() -> future.get(1, null));
    assertThat(result(future)).isEqualTo("result");
  }

  @Test
  void get_waiterInterrupted_throwsAndTheTaskGoesOn() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    for (boolean timed : new boolean[] {false, true}) {
      try (Gate gate = Gate.closed()) {
        CountDownLatch started = new CountDownLatch(1);
        Future<String> future = view.submit(waiting(started, gate));
        Gate.await(started);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicBoolean stillInterrupted = new AtomicBoolean(true);
        Thread waiter =
            startThread(
                () -> {
                  try {
                    String unexpected = timed ? future.get(1, TimeUnit.HOURS) : future.get();
                    thrown.set(new AssertionError(unexpected));
                  } catch (InterruptedException | ExecutionException | TimeoutException e) {
                    thrown.set(e);
                    stillInterrupted.set(Thread.currentThread().isInterrupted());
                  }
                });
        awaitWaiting(waiter);
        waiter.interrupt();
        waiter.join();

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(stillInterrupted).isFalse();
        assertThat(future.isDone()).isFalse();
        gate.open();
        assertThat(result(future)).isEqualTo("passed");
      }
    }
  }

  @Test
  void get_interruptedBefore_throwsAtOnce() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    try (Gate gate = Gate.closed()) {
      Future<String> future = view.submit(waiting(new CountDownLatch(1), gate));

      Thread.currentThread().interrupt();
      assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> future.get());
      Thread.currentThread().interrupt();
      assertThatExceptionOfType(InterruptedException.class)
          .isThrownBy(() -> future.get(1, TimeUnit.MINUTES));
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      gate.open();
      assertThat(result(future)).isEqualTo("passed");
    }
  }

  @Test
  void get_workerInterruptedBefore_taskItWaitsForIsNotInterrupted() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    AtomicBoolean sawInterrupt = new AtomicBoolean();
    CountDownLatch ran = new CountDownLatch(1);

    Future<Boolean> outer =
        view.submit(
            () -> {
              Future<?> inner =
                  view.submit(
                      () -> {
                        sawInterrupt.set(Thread.currentThread().isInterrupted());
                        ran.countDown();
                      });
              Thread.currentThread().interrupt();
              try {
                inner.get();
                return Thread.interrupted(); // it was done by then: the status stays
              } catch (InterruptedException e) {
                return true;
              }
            });

    assertThat(result(outer)).as("interrupt of the waiting task is not lost").isTrue();
    Gate.await(ran);
    assertThat(sawInterrupt).as("interrupt of another task").isFalse();
  }

  @Test
  void get_manyWaiters_allGetTheResult() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    List<Object> got = new CopyOnWriteArrayList<>();
    List<Thread> waiters = new ArrayList<>();
    try (Gate gate = Gate.closed()) {
      Future<String> future = view.submit(waiting(new CountDownLatch(1), gate));
      for (int i = 0; i < 8; i++) {
        waiters.add(
            startThread(
                () -> {
                  try {
                    got.add(result(future));
                  } catch (Exception e) {
                    got.add(e);
                  }
                }));
      }
      waiters.forEach(ExecutorViewContractTest::awaitWaiting);
      assertThat(got).isEmpty();
    }
    for (Thread waiter : waiters) {
      waiter.join();
    }
    assertThat(got).hasSize(8).containsOnly("passed");
  }

  @Test
  void resultNow_notSuccessful_throwsIllegalState() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    try (Gate gate = Gate.closed()) {
      Future<String> running = view.submit(waiting(new CountDownLatch(1), gate));
      assertThatExceptionOfType(IllegalStateException.class).isThrownBy(running::resultNow);
      assertThatExceptionOfType(IllegalStateException.class).isThrownBy(running::exceptionNow);
      gate.open();
      result(running);
      assertThatExceptionOfType(IllegalStateException.class).isThrownBy(running::exceptionNow);
    }
  }

  // ---- cancelling

  @Test
  void cancel_notStarted_neverRuns() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    for (boolean interrupt : new boolean[] {false, true}) {
      AtomicBoolean ran = new AtomicBoolean();
      try (Gate gate = Gate.holding(engine, workers)) {
        Future<?> future = view.submit(() -> ran.set(true));

        assertThat(future.cancel(interrupt)).isTrue();
        assertCancelled(future);
        gate.open();
        EngineProbe.awaitIdle(engine);
        assertThat(ran).isFalse();
      }
    }
  }

  private static void assertCancelled(Future<?> future) {
    assertThat(future.isDone()).isTrue();
    assertThat(future.isCancelled()).isTrue();
    assertThat(future.state()).isEqualTo(Future.State.CANCELLED);
    assertThat(future.cancel(true)).as("second cancel").isFalse();
    assertThatExceptionOfType(CancellationException.class).isThrownBy(future::get);
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> future.get(0, TimeUnit.SECONDS));
    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(future::resultNow);
    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(future::exceptionNow);
  }

  @Test
  void cancel_runningWithoutInterrupt_bodyRunsToItsEndUndisturbed() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    try (Gate gate = Gate.closed()) {
      Future<?> future =
          view.submit(
              () -> {
                started.countDown();
                gate.pass();
                interrupted.set(Thread.currentThread().isInterrupted());
                ended.countDown();
                return "ignored";
              });
      Gate.await(started);

      assertThat(future.cancel(false)).isTrue();
      assertCancelled(future);
      assertThat(ended.getCount()).isOne();
      gate.open();
      Gate.await(ended);
      assertThat(interrupted).isFalse();
      assertCancelled(future);
    }
  }

  @Test
  void cancel_runningWithInterrupt_bodyIsInterrupted() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    try (Gate gate = Gate.closed()) {
      Future<?> future =
          view.submit(
              () -> {
                started.countDown();
                try {
                  gate.pass();
                } catch (InterruptedException e) {
                  interrupted.countDown();
                }
              });
      Gate.await(started);

      assertThat(future.cancel(true)).isTrue();
      Gate.await(interrupted);
      assertCancelled(future);
    }
  }

  @Test
  void cancel_runningWithInterrupt_nextTaskIsNotInterrupted() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    for (int i = 0; i < 50; i++) {
      CountDownLatch started = new CountDownLatch(1);
      AtomicBoolean stop = new AtomicBoolean();
      Future<?> cancelled =
          view.submit(
              () -> {
                started.countDown();
                while (!stop.get()) {
                  Thread.onSpinWait();
                }
              });
      List<Future<Boolean>> others = new ArrayList<>();
      for (int w = 0; w < workers; w++) {
        others.add(view.submit(() -> Thread.currentThread().isInterrupted()));
      }
      Gate.await(started);
      cancelled.cancel(true);
      stop.set(true);
      for (Future<Boolean> other : others) {
        assertThat(result(other)).isFalse();
      }
    }
  }

  @Test
  void cancel_taskThatRunsInsideItsWaiter_waiterIsNotInterrupted() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    CountDownLatch innerStarted = new CountDownLatch(1);
    AtomicReference<Future<?>> inner = new AtomicReference<>();
    AtomicReference<Thread> innerRanOn = new AtomicReference<>();
    List<Object> seen = new CopyOnWriteArrayList<>();
    try (Gate holders = Gate.holding(engine, workers - 1)) {
      Future<?> outer =
          view.submit(
              () -> {
                inner.set(
                    view.submit(
                        () -> {
                          innerRanOn.set(Thread.currentThread());
                          innerStarted.countDown();
                          while (!Thread.currentThread().isInterrupted()) {
                            Thread.onSpinWait();
                          }
                        }));
                try {
                  inner.get().get();
                } catch (CancellationException e) {
                  seen.add(e);
                }
                seen.add(Thread.currentThread().isInterrupted());
                seen.add(Thread.currentThread() == innerRanOn.get());
                return null;
              });
      Gate.await(innerStarted);
      assertThat(inner.get().cancel(true)).isTrue();
      assertThat(result(outer)).isNull();
      holders.open();
    }
    assertThat(seen.get(0)).isInstanceOf(CancellationException.class);
    assertThat(seen.get(1)).as("interrupt leaked to the waiting task").isEqualTo(false);
    assertThat(seen.get(2)).as("ran inside the waiting task").isEqualTo(true);
  }

  @Test
  void cancel_done_returnsFalseAndChangesNothing() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    Future<String> success = view.submit(() -> "result");
    result(success);
    IOException error = new IOException("deliberate");
    Future<String> failure =
        view.submit(
            () -> {
              throw error;
            });
    assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> result(failure));

    for (boolean interrupt : new boolean[] {false, true}) {
      assertThat(success.cancel(interrupt)).isFalse();
      assertThat(failure.cancel(interrupt)).isFalse();
    }
    assertThat(success.isCancelled()).isFalse();
    assertThat(result(success)).isEqualTo("result");
    assertThat(failure.isCancelled()).isFalse();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> result(failure))
        .withCause(error);
  }

  @Test
  void cancel_whileOthersWait_wakesThem() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    List<Object> got = new CopyOnWriteArrayList<>();
    List<Thread> waiters = new ArrayList<>();
    try (Gate gate = Gate.holding(engine, workers)) {
      Future<String> future = view.submit(() -> "never");
      for (int i = 0; i < 4; i++) {
        waiters.add(
            startThread(
                () -> {
                  try {
                    got.add(future.get());
                  } catch (Exception e) {
                    got.add(e);
                  }
                }));
      }
      waiters.forEach(ExecutorViewContractTest::awaitWaiting);
      future.cancel(false);
      for (Thread waiter : waiters) {
        waiter.join();
      }
      gate.open();
    }
    assertThat(got).hasSize(4).allMatch(CancellationException.class::isInstance);
  }

  @Test
  void cancel_everySecondOfMany_exactlyTheOthersRun() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    List<Future<Integer>> futures = new ArrayList<>();
    AtomicInteger runs = new AtomicInteger();
    try (Gate gate = Gate.holding(engine, workers)) {
      for (int i = 0; i < 1_000; i++) {
        int number = i;
        futures.add(
            view.submit(
                () -> {
                  runs.incrementAndGet();
                  return number;
                }));
      }
      for (int i = 0; i < futures.size(); i += 2) {
        assertThat(futures.get(i).cancel(false)).isTrue();
      }
      gate.open();
    }
    for (int i = 1; i < futures.size(); i += 2) {
      assertThat(result(futures.get(i))).isEqualTo(i);
    }
    EngineProbe.awaitIdle(engine);
    assertThat(runs).hasValue(500);
  }

  @Test
  void cancel_racingTheStart_oneOutcome() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    for (int i = 0; i < 1_000; i++) {
      AtomicBoolean ran = new AtomicBoolean();
      Future<?> future = view.submit(() -> ran.set(true));
      boolean cancelled = future.cancel(false);
      assertThat(future.isDone() || !cancelled).isTrue();
      if (cancelled) {
        assertThatExceptionOfType(CancellationException.class).isThrownBy(future::get);
      } else {
        result(future);
        assertThat(ran).isTrue();
      }
      assertThat(future.isCancelled()).isEqualTo(cancelled);
    }
  }
}
