// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code invokeAll} and {@code invokeAny} of a view, with and without a time limit; see {@link
 * ExecutorViewContractTest}.
 */
@ParameterizedClass(name = "workers={0}")
@ValueSource(ints = {1, 2, 8})
@Timeout(60)
class ExecutorViewBulkTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private final IOException error = new IOException("deliberate");

  private final int workers;

  ExecutorViewBulkTest(int workers) {
    this.workers = workers;
  }

  private ExecutorService newView() {
    return engines.start(workers).asExecutorService();
  }

  private Callable<String> failing() {
    return () -> {
      throw error;
    };
  }

  private static <T> List<Future<T>> all(
      ExecutorService view, boolean timed, List<? extends Callable<T>> tasks)
      throws InterruptedException {
    return timed ? view.invokeAll(tasks, 1, TimeUnit.MINUTES) : view.invokeAll(tasks);
  }

  private static <T> T any(ExecutorService view, boolean timed, List<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException, TimeoutException {
    return timed ? view.invokeAny(tasks, 1, TimeUnit.MINUTES) : view.invokeAny(tasks);
  }

  private static final boolean[] BOTH = {false, true};

  private static Callable<String> untilInterrupted(
      CountDownLatch started, CountDownLatch interrupted) {
    return () -> {
      started.countDown();
      try {
        new CountDownLatch(1).await();
        return "never";
      } catch (InterruptedException e) {
        interrupted.countDown();
        throw e;
      }
    };
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

  // ---- invokeAll

  @Test
  void invokeAll_allSucceed_futuresAreDoneInTheirOrder() throws Exception {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      List<Callable<Integer>> tasks = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        int number = i;
        tasks.add(() -> number);
      }

      List<Future<Integer>> futures = all(view, timed, tasks);

      assertThat(futures).hasSize(100).allMatch(Future::isDone);
      for (int i = 0; i < 100; i++) {
        assertThat(futures.get(i).get()).isEqualTo(i);
      }
    }
  }

  @Test
  void invokeAll_someFail_allAreDoneAndOnlyThoseThrow() throws Exception {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      List<Future<String>> futures =
          all(view, timed, List.of(() -> "first", failing(), () -> "last", failing()));

      assertThat(futures)
          .extracting(Future::state)
          .containsExactly(
              Future.State.SUCCESS, Future.State.FAILED, Future.State.SUCCESS, Future.State.FAILED);
      assertThat(futures.get(0).get()).isEqualTo("first");
      assertThat(futures.get(2).get()).isEqualTo("last");
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> futures.get(1).get())
          .withCause(error);
    }
  }

  @Test
  void invokeAll_allFail_throwsNothingItself() throws Exception {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      assertThat(all(view, timed, List.of(failing(), failing(), failing())))
          .hasSize(3)
          .allMatch(future -> future.exceptionNow() == error);
    }
  }

  @Test
  void invokeAll_sameTaskTwice_runsTwice() throws Exception {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      AtomicInteger runs = new AtomicInteger();
      Callable<Integer> task = runs::incrementAndGet;

      List<Future<Integer>> futures = all(view, timed, List.of(task, task));

      assertThat(futures).extracting(Future::resultNow).containsExactlyInAnyOrder(1, 2);
    }
  }

  @Test
  void invokeAll_empty_returnsEmpty() throws Exception {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      assertThat(all(view, timed, Collections.<Callable<String>>emptyList())).isEmpty();
    }
    assertThat(view.invokeAll(Collections.<Callable<String>>emptyList(), 0, TimeUnit.DAYS))
        .isEmpty();
  }

  @Test
  void invokeAll_null_throwsNpe() {
    ExecutorService view = newView();
    List<Callable<String>> none = null;
    Callable<String> task = () -> "result";

    assertThatNullPointerException().isThrownBy(() -> view.invokeAll(none));
    assertThatNullPointerException().isThrownBy(() -> view.invokeAll(none, 1, TimeUnit.MINUTES));
    assertThatNullPointerException().isThrownBy(() -> view.invokeAll(List.of(task), 1, null));
  }

  @Test
  void invokeAll_nullElement_throwsNpeAndCancelsTheOthers() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    for (boolean timed : BOTH) {
      AtomicInteger runs = new AtomicInteger();
      try (Gate gate = Gate.holding(engine, workers)) {
        List<Callable<Integer>> tasks = Arrays.asList(runs::incrementAndGet, null);

        assertThatNullPointerException().isThrownBy(() -> all(view, timed, tasks));
        gate.open();
      }
      EngineProbe.awaitIdle(engine);
      assertThat(runs).hasValue(0);
    }
  }

  @Test
  void invokeAll_interrupted_throwsAndCancelsAll() throws Exception {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      CountDownLatch started = new CountDownLatch(workers);
      CountDownLatch interrupted = new CountDownLatch(workers);
      AtomicBoolean queuedRan = new AtomicBoolean();
      List<Callable<String>> tasks = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        tasks.add(untilInterrupted(started, interrupted));
      }
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread caller =
          new Thread(
              () -> {
                try {
                  thrown.set(new AssertionError(all(view, timed, tasks)));
                } catch (InterruptedException e) {
                  thrown.set(e);
                }
              });
      caller.start();
      Gate.await(started);
      awaitWaiting(caller);
      Future<?> queued = view.submit(() -> queuedRan.set(true));

      caller.interrupt();
      caller.join();

      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
      Gate.await(interrupted);
      assertThat(queued.get(1, TimeUnit.MINUTES)).isNull();
      assertThat(queuedRan).as("a task of somebody else").isTrue();
    }
  }

  @Test
  void invokeAll_timePasses_unfinishedAreCancelledAndInterrupted() throws Exception {
    ExecutorService view = newView();
    // With more tasks than workers, some may never start: only the first is sure to run.
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    AtomicInteger attempts = new AtomicInteger();
    Callable<String> stuck = untilInterrupted(started, interrupted);
    Awaitility.await() // until a time limit was long enough for the task to start
        .atMost(Duration.ofMinutes(1))
        .pollDelay(Duration.ZERO)
        .until(
            () -> {
              int millis = 1 << Math.min(10, attempts.incrementAndGet());
              List<Future<String>> futures =
                  view.invokeAll(List.of(stuck, stuck, stuck), millis, TimeUnit.MILLISECONDS);
              assertThat(futures).hasSize(3).allMatch(Future::isDone);
              assertThat(futures).allMatch(Future::isCancelled);
              for (Future<String> future : futures) {
                assertThatExceptionOfType(CancellationException.class).isThrownBy(future::get);
              }
              return started.getCount() == 0;
            });
    Gate.await(interrupted);
  }

  @Test
  void invokeAll_noTime_cancelsAllThatHaveNotEnded() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    for (long timeout : new long[] {0, -1, Long.MIN_VALUE}) {
      AtomicInteger runs = new AtomicInteger();
      try (Gate gate = Gate.holding(engine, workers)) {
        List<Callable<Integer>> tasks = List.of(runs::incrementAndGet, runs::incrementAndGet);

        List<Future<Integer>> futures = view.invokeAll(tasks, timeout, TimeUnit.SECONDS);

        assertThat(futures).hasSize(2).allMatch(Future::isCancelled);
        gate.open();
      }
      EngineProbe.awaitIdle(engine);
      assertThat(runs).hasValue(0);
    }
  }

  @Test
  void invokeAll_timePassesAfterSome_thoseKeepTheirResults() throws Exception {
    ExecutorService view = newView();
    CountDownLatch quickEnded = new CountDownLatch(1);
    Callable<String> quick =
        () -> {
          quickEnded.countDown();
          return "quick";
        };
    Callable<String> stuck = untilInterrupted(new CountDownLatch(1), new CountDownLatch(1));
    AtomicInteger attempts = new AtomicInteger();
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollDelay(Duration.ZERO)
        .until(
            () -> {
              int millis = 1 << Math.min(10, attempts.incrementAndGet());
              List<Future<String>> futures =
                  view.invokeAll(List.of(quick, stuck), millis, TimeUnit.MILLISECONDS);
              assertThat(futures.get(1).isCancelled()).isTrue();
              return !futures.get(0).isCancelled() && futures.get(0).get().equals("quick");
            });
    Gate.await(quickEnded);
  }

  @Test
  void invokeAll_fromATask_runs() throws Exception {
    ExecutorService view = newView();

    Future<Integer> sum =
        view.submit(
            () -> {
              List<Callable<Integer>> parts = List.of(() -> 1, () -> 2, () -> 3);
              int total = 0;
              for (Future<Integer> part : view.invokeAll(parts)) {
                total += part.get();
              }
              return total;
            });

    assertThat(sum.get(1, TimeUnit.MINUTES)).isEqualTo(6);
  }

  @Test
  void invokeAll_engineFull_allRun() throws Exception {
    ExecutorService view =
        engines.start(TaskEngine.builder().workers(workers).queueCapacity(1)).asExecutorService();
    for (boolean timed : BOTH) {
      assertThat(all(view, timed, Collections.nCopies(100, () -> "result")))
          .hasSize(100)
          .allMatch(future -> future.resultNow().equals("result"));
    }
  }

  // ---- invokeAny

  @Test
  void invokeAny_one_returnsItsResult() throws Exception {
    ExecutorService view = newView();
    Callable<String> task = () -> "only";
    for (boolean timed : BOTH) {
      String only = any(view, timed, List.of(task));
      assertThat(only).isEqualTo("only");
    }
  }

  @Test
  void invokeAny_several_returnsOneOfTheirResults() throws Exception {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      String one = any(view, timed, List.of(() -> "a", () -> "b", () -> "c"));
      assertThat(one).isIn("a", "b", "c");
    }
  }

  @Test
  void invokeAny_someFail_returnsASuccess() throws Exception {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      String good = any(view, timed, List.of(failing(), failing(), () -> "good", failing()));
      assertThat(good).isEqualTo("good");
    }
  }

  @Test
  void invokeAny_allFail_throwsOneOfTheirs() {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> any(view, timed, List.of(failing(), failing(), failing())))
          .withCause(error);
    }
  }

  @Test
  void invokeAny_othersRunning_areCancelledAndInterrupted() throws Exception {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      CountDownLatch started = new CountDownLatch(workers - 1);
      CountDownLatch interrupted = new CountDownLatch(workers - 1);
      List<Callable<String>> tasks = new ArrayList<>();
      for (int i = 0; i < workers - 1; i++) {
        tasks.add(untilInterrupted(started, interrupted));
      }
      tasks.add(
          () -> {
            Gate.await(started);
            return "winner";
          });

      assertThat(any(view, timed, tasks)).isEqualTo("winner");
      Gate.await(interrupted);
    }
  }

  @Test
  void invokeAny_empty_throwsIllegalArgument() {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> any(view, timed, Collections.<Callable<String>>emptyList()));
    }
  }

  @Test
  void invokeAny_null_throwsNpe() {
    ExecutorService view = newView();
    List<Callable<String>> none = null;
    Callable<String> task = () -> "result";

    assertThatNullPointerException().isThrownBy(() -> view.invokeAny(none));
    assertThatNullPointerException().isThrownBy(() -> view.invokeAny(none, 1, TimeUnit.MINUTES));
    assertThatNullPointerException().isThrownBy(() -> view.invokeAny(List.of(task), 1, null));
  }

  @Test
  void invokeAny_nullElement_throwsNpeAndCancelsTheOthers() throws Exception {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch interrupted = new CountDownLatch(1);
      AtomicBoolean ran = new AtomicBoolean();
      Callable<String> stuck =
          () -> {
            ran.set(true);
            return untilInterrupted(started, interrupted).call();
          };

      assertThatNullPointerException()
          .isThrownBy(() -> any(view, timed, Arrays.asList(stuck, null)));
      if (ran.get()) {
        Gate.await(interrupted);
      }
      assertThat(view.submit(() -> "next").get(1, TimeUnit.MINUTES)).isEqualTo("next");
    }
  }

  @Test
  void invokeAny_timePasses_throwsTimeoutAndCancelsAll() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    for (long millis : new long[] {2, 0, -1, Long.MIN_VALUE}) {
      AtomicInteger runs = new AtomicInteger();
      try (Gate gate = Gate.holding(engine, workers)) {
        assertThatExceptionOfType(TimeoutException.class)
            .isThrownBy(
                () ->
                    view.invokeAny(
                        List.of(runs::incrementAndGet, runs::incrementAndGet),
                        millis,
                        TimeUnit.MILLISECONDS));
        gate.open();
      }
      EngineProbe.awaitIdle(engine);
      assertThat(runs).hasValue(0);
    }
  }

  @Test
  void invokeAny_interrupted_throwsAndCancelsAll() throws Exception {
    ExecutorService view = newView();
    for (boolean timed : BOTH) {
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch interrupted = new CountDownLatch(1);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread caller =
          new Thread(
              () -> {
                try {
                  thrown.set(
                      new AssertionError(
                          any(view, timed, List.of(untilInterrupted(started, interrupted)))));
                } catch (InterruptedException | ExecutionException | TimeoutException e) {
                  thrown.set(e);
                }
              });
      caller.start();
      Gate.await(started);
      awaitWaiting(caller);

      caller.interrupt();
      caller.join();

      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
      Gate.await(interrupted);
    }
  }

  @Test
  void invokeAny_engineFull_returnsAResult() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(workers).queueCapacity(1));
    ExecutorService view = engine.asExecutorService();
    try (Gate gate = Gate.holding(engine, workers)) {
      Callable<Thread> task = Thread::currentThread;
      for (boolean timed : BOTH) {
        assertThat(any(view, timed, Collections.nCopies(3, task))).isSameAs(Thread.currentThread());
      }
      gate.open();
    }
  }

  @Test
  void invokeAny_byAWorker_runsThemItself() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    Callable<Integer> fails =
        () -> {
          throw new IllegalStateException("first");
        };

    Future<Integer> outer = view.submit(() -> view.invokeAny(List.of(fails, () -> 2, () -> 3)));
    Future<Integer> none = view.submit(() -> view.invokeAny(List.of(fails, fails)));

    assertThat(outer.get(1, TimeUnit.MINUTES)).isEqualTo(2);
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> none.get(1, TimeUnit.MINUTES))
        .withCauseInstanceOf(ExecutionException.class);
  }

  @Test
  void get_helpedFutureCancelsItself_ownInterruptOfTheWaiterStays() throws Exception {
    ExecutorService view = engines.start(1).asExecutorService();
    Thread[] worker = new Thread[1];

    boolean kept =
        view.submit(
                () -> {
                  worker[0] = Thread.currentThread();
                  AtomicReference<Future<?>> self = new AtomicReference<>();
                  Future<?> inner =
                      view.submit(
                          () -> {
                            self.get().cancel(false);
                            worker[0].interrupt(); // somebody means who waits
                          });
                  self.set(inner);
                  assertThatExceptionOfType(CancellationException.class).isThrownBy(inner::get);
                  return Thread.interrupted();
                })
            .get(1, TimeUnit.MINUTES);

    assertThat(kept).isTrue();
  }
}
