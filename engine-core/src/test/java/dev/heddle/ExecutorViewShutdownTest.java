// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.heddle.error.RejectedTaskException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a view, and of its engine under it; see {@link ExecutorViewContractTest}. */
@ParameterizedClass(name = "workers={0}")
@ValueSource(ints = {1, 2, 8})
@Timeout(60)
class ExecutorViewShutdownTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private final int workers;

  ExecutorViewShutdownTest(int workers) {
    this.workers = workers;
  }

  private static <T> T result(Future<T> future) throws Exception {
    return future.get(1, TimeUnit.MINUTES);
  }

  private static void assertTerminates(ExecutorService view) throws InterruptedException {
    assertThat(view.awaitTermination(30, TimeUnit.SECONDS)).as("terminated").isTrue();
    assertThat(view.isTerminated()).isTrue();
    assertThat(view.isShutdown()).isTrue();
  }

  /** A thread that does something that waits; the caller goes on when it waits. */
  private static Thread startWaiting(Runnable body) {
    Thread thread = new Thread(body);
    thread.start();
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () ->
                thread.getState() == Thread.State.WAITING
                    || thread.getState() == Thread.State.TIMED_WAITING);
    return thread;
  }

  /** A body that runs until it is interrupted. */
  private static Runnable untilInterrupted(CountDownLatch started, CountDownLatch interrupted) {
    return () -> {
      started.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        interrupted.countDown();
      }
    };
  }

  // ---- shutdown

  @Test
  void fresh_isNeitherShutDownNorTerminated() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();

    assertThat(view.isShutdown()).isFalse();
    assertThat(view.isTerminated()).isFalse();
    assertThat(view.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(view.awaitTermination(0, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(view.awaitTermination(-1, TimeUnit.DAYS)).isFalse();
  }

  @Test
  void shutdown_idle_terminatesAtOnce_againChangesNothing() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    view.submit(() -> "used").get();

    view.shutdown();
    assertTerminates(view);
    view.shutdown();
    assertThat(view.shutdownNow()).isEmpty();
    view.close();
    assertTerminates(view);
  }

  @Test
  void shutdown_queuedAndRunning_allRunToTheirEnd() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    CountDownLatch started = new CountDownLatch(workers);
    List<Future<Boolean>> futures = new ArrayList<>();
    try (Gate gate = Gate.closed()) {
      for (int i = 0; i < workers; i++) {
        futures.add(
            view.submit(
                () -> {
                  started.countDown();
                  gate.pass();
                  return Thread.currentThread().isInterrupted();
                }));
      }
      Gate.await(started);
      for (int i = 0; i < 100; i++) {
        futures.add(view.submit(() -> Thread.currentThread().isInterrupted()));
      }

      view.shutdown();

      assertThat(view.isShutdown()).isTrue();
      assertThat(view.isTerminated()).isFalse();
      assertThat(view.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
      gate.open();
      assertTerminates(view);
    }
    for (Future<Boolean> future : futures) {
      assertThat(future.isDone()).as("done when terminated").isTrue();
      assertThat(future.get()).as("interrupted").isFalse();
    }
  }

  @Test
  void shutdown_everyWayToSubmit_isRejectedWithOurExceptionAsCause() {
    ScheduledExecutorService view = engines.start(workers).asExecutorService();
    AtomicBoolean ran = new AtomicBoolean();
    Runnable body = () -> ran.set(true);
    view.shutdown();

    List<ThrowingCallable> ways =
        List.of(
            () -> view.execute(body),
            () -> view.submit(body),
            () -> view.submit(body, "given"),
            () -> view.submit(() -> "result"),
            () -> view.invokeAll(List.of(() -> "result")),
            () -> view.invokeAll(List.of(() -> "result"), 1, TimeUnit.MINUTES),
            () -> view.invokeAny(List.of(() -> "result")),
            () -> view.invokeAny(List.of(() -> "result"), 1, TimeUnit.MINUTES),
            () -> view.schedule(body, 0, TimeUnit.SECONDS),
            () -> view.schedule(() -> "result", 1, TimeUnit.MILLISECONDS),
            () -> view.scheduleAtFixedRate(body, 0, 1, TimeUnit.MILLISECONDS),
            () -> view.scheduleWithFixedDelay(body, 0, 1, TimeUnit.MILLISECONDS));
    for (ThrowingCallable way : ways) {
      assertThatExceptionOfType(RejectedExecutionException.class)
          .isThrownBy(way)
          .withCauseInstanceOf(RejectedTaskException.class);
    }
    assertThat(view.isTerminated()).isTrue();
    assertThat(ran).isFalse();
  }

  @Test
  void shutdown_runningTaskSubmits_isRejected() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    CountDownLatch started = new CountDownLatch(1);
    try (Gate gate = Gate.closed()) {
      Future<?> future =
          view.submit(
              () -> {
                started.countDown();
                gate.pass();
                return view.submit(() -> "too late");
              });
      Gate.await(started);
      view.shutdown();
      gate.open();

      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> result(future))
          .withCauseInstanceOf(RejectedExecutionException.class);
    }
    assertTerminates(view);
  }

  @Test
  void shutdown_byATaskOfTheView_terminatesWhenTheTaskEnds() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();

    Future<Boolean> future =
        view.submit(
            () -> {
              view.shutdown();
              return view.isTerminated();
            });

    assertThat(result(future)).isFalse();
    assertTerminates(view);
  }

  @Test
  void shutdown_queuedTaskCancelled_terminates() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    try (Gate gate = Gate.holding(engine, workers)) {
      Future<?> future = view.submit(() -> {});
      view.shutdown();
      assertThat(future.cancel(false)).isTrue();
      gate.open();
      assertTerminates(view);
    }
  }

  @Test
  void shutdown_taskThatThrows_terminates() throws Exception {
    AtomicReference<Throwable> heard = new AtomicReference<>();
    TaskEngine engine =
        engines.start(
            TaskEngine.builder()
                .workers(workers)
                .uncaughtHandler((thread, error) -> heard.set(error)));
    ExecutorService view = engine.asExecutorService();
    RuntimeException error = new IllegalStateException("deliberate");
    try (Gate gate = Gate.closed()) {
      view.execute(
          () -> {
            pass(gate);
            throw error;
          });
      view.shutdown();
      assertThat(view.isTerminated()).isFalse();
    }
    assertTerminates(view);
    EngineProbe.awaitIdle(engine);
    assertThat(heard).hasValue(error);
  }

  private static void pass(Gate gate) {
    try {
      gate.pass();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void submit_racingShutdown_runsOrIsRejected() throws Exception {
    TaskEngine engine = engines.start(workers);
    for (int life = 0; life < 200; life++) {
      ExecutorService view = engine.asExecutorService();
      boolean now = life % 2 == 1;
      AtomicInteger runs = new AtomicInteger();
      AtomicInteger accepted = new AtomicInteger();
      CountDownLatch go = new CountDownLatch(1);
      List<Thread> submitters = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Thread submitter =
            new Thread(
                () -> {
                  Gate.await(go);
                  try {
                    for (int i = 0; i < 1_000; i++) {
                      view.execute(runs::incrementAndGet);
                      accepted.incrementAndGet();
                    }
                  } catch (RejectedExecutionException e) {
                    return;
                  }
                });
        submitter.start();
        submitters.add(submitter);
      }
      go.countDown();
      int returned = 0;
      if (now) {
        returned = view.shutdownNow().size();
      } else {
        view.shutdown();
      }
      assertTerminates(view);
      for (Thread submitter : submitters) {
        submitter.join();
      }
      assertThat(runs.get() + returned).as("run + returned").isEqualTo(accepted.get());
    }
  }

  // ---- shutdownNow

  @Test
  void shutdownNow_executedBodies_areReturnedAndNeverRun() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    AtomicInteger runs = new AtomicInteger();
    List<Runnable> bodies = new ArrayList<>();
    List<Runnable> returned;
    try (Gate gate = Gate.holding(engine, workers)) {
      for (int i = 0; i < 20; i++) {
        int unused = i; // captured, so that each is an object of its own
        bodies.add(() -> runs.addAndGet(1 + 0 * unused));
      }
      bodies.forEach(view::execute);

      returned = view.shutdownNow();

      assertTerminates(view);
      gate.open();
    }
    assertThat(returned).containsExactlyInAnyOrderElementsOf(bodies);
    EngineProbe.awaitIdle(engine);
    assertThat(runs).hasValue(0);
    returned.getFirst().run();
    assertThat(runs).as("can be run by who shut down").hasValue(1);
  }

  @Test
  void shutdownNow_submittedTasks_theirFuturesAreReturnedAndNotDone() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    List<Future<?>> futures = new ArrayList<>();
    try (Gate gate = Gate.holding(engine, workers)) {
      for (int i = 0; i < 20; i++) {
        int number = i;
        futures.add(view.submit(() -> number));
      }

      List<Runnable> returned = view.shutdownNow();

      assertThat(returned).hasSize(20);
      assertThat(new ArrayList<Object>(returned)).containsAll(futures);
      assertThat(futures).noneMatch(Future::isDone);
      returned.forEach(Runnable::run);
      assertThat(futures.get(7).get()).isEqualTo(7);
      gate.open();
    }
    assertTerminates(view);
  }

  @Test
  void shutdownNow_runningTasks_areInterruptedAndAwaited() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    CountDownLatch started = new CountDownLatch(workers);
    CountDownLatch interrupted = new CountDownLatch(workers);
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      futures.add(view.submit(untilInterrupted(started, interrupted)));
    }
    Gate.await(started);

    assertThat(view.shutdownNow()).isEmpty();

    Gate.await(interrupted);
    assertTerminates(view);
    for (Future<?> future : futures) {
      assertThat(future.isCancelled()).isFalse();
      assertThat(result(future)).isNull();
    }
  }

  @Test
  void shutdownNow_bodyIgnoresInterrupt_notTerminatedBeforeItEnds() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    CountDownLatch started = new CountDownLatch(1);
    AtomicBoolean stop = new AtomicBoolean();
    view.execute(
        () -> {
          started.countDown();
          while (!stop.get()) {
            Thread.onSpinWait();
          }
        });
    Gate.await(started);

    assertThat(view.shutdownNow()).isEmpty();
    assertThat(view.isTerminated()).isFalse();
    assertThat(view.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
    stop.set(true);
    assertTerminates(view);
  }

  @Test
  void shutdownNow_executeBody_isInterruptedAndNextTasksAreNot() throws Exception {
    TaskEngine engine = engines.start(workers);
    for (int i = 0; i < 50; i++) {
      ExecutorService view = engine.asExecutorService();
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch interrupted = new CountDownLatch(1);
      view.execute(untilInterrupted(started, interrupted));
      Gate.await(started);
      assertThat(view.shutdownNow()).isEmpty();
      Gate.await(interrupted);
      assertTerminates(view);
      List<TaskHandle<Boolean>> others = new ArrayList<>();
      for (int w = 0; w < workers; w++) {
        others.add(engine.submit(() -> Thread.currentThread().isInterrupted()));
      }
      for (TaskHandle<Boolean> other : others) {
        assertThat(other.join()).isFalse();
      }
    }
  }

  @Test
  void shutdownNow_afterShutdown_takesWhatIsLeft() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    try (Gate gate = Gate.holding(engine, workers)) {
      Runnable body = () -> {};
      view.execute(body);
      view.shutdown();
      assertThat(view.isTerminated()).isFalse();

      assertThat(view.shutdownNow()).containsExactly(body);
      assertTerminates(view);
      assertThat(view.shutdownNow()).isEmpty();
      gate.open();
    }
  }

  @Test
  void shutdownNow_byATaskOfTheView_interruptsIt() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();

    Future<Boolean> future =
        view.submit(
            () -> {
              view.shutdownNow();
              return Thread.currentThread().isInterrupted();
            });

    assertThat(result(future)).isTrue();
    assertTerminates(view);
  }

  @Test
  void shutdownNow_taskThatRunsInsideItsWaiter_isNotReturnedAsNeverStarted() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    try (Gate gate = Gate.holding(engine, workers - 1)) {
      Future<?> outer =
          view.submit(() -> view.submit(untilInterrupted(started, interrupted)).get());
      Gate.await(started);

      assertThat(view.shutdownNow()).as("never started").isEmpty();
      Gate.await(interrupted);
      assertThat(result(outer)).isNull();
      gate.open();
    }
    assertTerminates(view);
  }

  @Test
  void shutdownNow_taskThatRunsInTheCaller_isInterrupted() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(workers).queueCapacity(1));
    ExecutorService view = engine.asExecutorService();
    try (Gate gate = Gate.holding(engine, workers)) {
      Runnable queued = () -> {};
      view.execute(queued);
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch interrupted = new CountDownLatch(1);
      AtomicBoolean leaked = new AtomicBoolean(true);
      Thread caller =
          startWaiting(
              () -> {
                view.execute(untilInterrupted(started, interrupted));
                leaked.set(Thread.currentThread().isInterrupted());
              });
      Gate.await(started);

      assertThat(view.shutdownNow()).containsExactly(queued);
      Gate.await(interrupted);
      caller.join();
      assertThat(leaked).as("interrupt leaked to the caller").isFalse();
      assertTerminates(view);
      gate.open();
    }
  }

  // ---- waiting for the end

  @Test
  void awaitTermination_nullUnit_throwsNpe() {
    ExecutorService view = engines.start(workers).asExecutorService();

    assertThatNullPointerException().isThrownBy(() -> view.awaitTermination(1, null));
  }

  @Test
  void awaitTermination_waiting_returnsWhenTheLastTaskEnds() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    AtomicBoolean terminated = new AtomicBoolean();
    Thread waiter;
    try (Gate gate = Gate.closed()) {
      view.submit(
          () -> {
            gate.pass();
            return null;
          });
      view.shutdown();
      waiter =
          startWaiting(
              () -> {
                try {
                  terminated.set(view.awaitTermination(Long.MAX_VALUE, TimeUnit.DAYS));
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      assertThat(terminated).isFalse();
    }
    waiter.join();
    assertThat(terminated).isTrue();
  }

  @Test
  void awaitTermination_interrupted_throws() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread waiter =
        startWaiting(
            () -> {
              try {
                thrown.set(new AssertionError(view.awaitTermination(1, TimeUnit.HOURS)));
              } catch (InterruptedException e) {
                thrown.set(e);
              }
            });

    waiter.interrupt();
    waiter.join();

    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(view.isShutdown()).isFalse();
  }

  // ---- close

  @Test
  void close_queuedTasks_runToTheirEnd() {
    ExecutorService view = engines.start(workers).asExecutorService();
    AtomicInteger runs = new AtomicInteger();
    try (view) {
      for (int i = 0; i < 100; i++) {
        view.execute(runs::incrementAndGet);
      }
    }
    assertThat(runs).hasValue(100);
    assertThat(view.isTerminated()).isTrue();
  }

  @Test
  void close_interrupted_stopsAllAndKeepsTheInterrupt() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(workers).compensationLimit(0));
    ExecutorService view = engine.asExecutorService();
    CountDownLatch started = new CountDownLatch(workers);
    CountDownLatch interrupted = new CountDownLatch(workers);
    for (int i = 0; i < workers; i++) {
      view.execute(untilInterrupted(started, interrupted));
    }
    Gate.await(started);
    AtomicBoolean queuedRan = new AtomicBoolean();
    view.execute(() -> queuedRan.set(true));
    AtomicBoolean kept = new AtomicBoolean();
    Thread closer =
        startWaiting(
            () -> {
              view.close();
              kept.set(Thread.currentThread().isInterrupted());
            });
    assertThat(view.isShutdown()).isTrue();

    closer.interrupt();
    closer.join();

    Gate.await(interrupted);
    assertThat(kept).isTrue();
    assertThat(view.isTerminated()).isTrue();
    EngineProbe.awaitIdle(engine);
    assertThat(queuedRan).isFalse();
  }

  // ---- delayed and periodic tasks

  @Test
  void shutdown_delayedTasks_stillRun() throws Exception {
    ScheduledExecutorService view = engines.start(workers).asExecutorService();
    ScheduledFuture<String> call = view.schedule(() -> "late", 100, TimeUnit.MILLISECONDS);
    CountDownLatch ran = new CountDownLatch(1);
    ScheduledFuture<?> run = view.schedule(ran::countDown, 100, TimeUnit.MILLISECONDS);

    view.shutdown();

    assertThat(call.isCancelled()).isFalse();
    assertThat(result(call)).isEqualTo("late");
    Gate.await(ran);
    assertTerminates(view);
    assertThat(run.state()).isEqualTo(Future.State.SUCCESS);
  }

  @Test
  void shutdown_delayedTaskCancelled_terminatesWithoutIt() throws Exception {
    ScheduledExecutorService view = engines.start(workers).asExecutorService();
    ScheduledFuture<?> future = view.schedule(() -> {}, 1, TimeUnit.HOURS);
    view.shutdown();
    assertThat(view.isTerminated()).isFalse();

    assertThat(future.cancel(false)).isTrue();

    assertTerminates(view);
  }

  @Test
  void shutdown_periodicTasks_areCancelled() throws Exception {
    ScheduledExecutorService view = engines.start(workers).asExecutorService();
    CountDownLatch runs = new CountDownLatch(2);
    List<ScheduledFuture<?>> futures =
        List.of(
            view.scheduleAtFixedRate(runs::countDown, 0, 1, TimeUnit.HOURS),
            view.scheduleWithFixedDelay(runs::countDown, 0, 1, TimeUnit.HOURS),
            view.scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.HOURS),
            view.scheduleWithFixedDelay(() -> {}, 1, 1, TimeUnit.HOURS));
    Gate.await(runs);

    view.shutdown();

    for (ScheduledFuture<?> future : futures) {
      assertThat(future.isCancelled()).isTrue();
      assertThatExceptionOfType(CancellationException.class).isThrownBy(future::get);
    }
    assertTerminates(view);
  }

  @Test
  void shutdown_periodicTaskRuns_notInterrupted_notTerminatedBeforeItEnds() throws Exception {
    for (boolean rate : new boolean[] {true, false}) {
      ScheduledExecutorService view = engines.start(workers).asExecutorService();
      CountDownLatch started = new CountDownLatch(1);
      AtomicBoolean ended = new AtomicBoolean();
      try (Gate gate = Gate.closed()) {
        Runnable body =
            () -> {
              started.countDown();
              pass(gate);
              ended.set(true);
            };
        ScheduledFuture<?> future =
            rate
                ? view.scheduleAtFixedRate(body, 0, 1, TimeUnit.HOURS)
                : view.scheduleWithFixedDelay(body, 0, 1, TimeUnit.HOURS);
        Gate.await(started);

        view.shutdown();

        assertThat(future.isCancelled()).isTrue();
        assertThat(view.isTerminated()).as("terminated while a run goes on").isFalse();
        gate.open();
        assertTerminates(view);
        assertThat(ended).as("ran to its end, undisturbed").isTrue();
      }
    }
  }

  @Test
  void shutdownNow_periodicTaskRuns_isInterruptedAndAwaited() throws Exception {
    ScheduledExecutorService view = engines.start(workers).asExecutorService();
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    try (Gate gate = Gate.closed()) {
      view.scheduleAtFixedRate(
          () -> {
            untilInterrupted(started, interrupted).run();
            pass(gate);
            ended.set(true);
          },
          0,
          1,
          TimeUnit.HOURS);
      Gate.await(started);

      view.shutdownNow();

      Gate.await(interrupted);
      assertThat(view.isTerminated()).as("terminated while a run goes on").isFalse();
      gate.open();
      assertTerminates(view);
      assertThat(ended).isTrue();
    }
  }

  @Test
  void shutdownNow_delayedTasks_areReturnedAndForgotten() throws Exception {
    TaskEngine engine = engines.start(workers);
    ScheduledExecutorService view = engine.asExecutorService();
    AtomicInteger runs = new AtomicInteger();
    List<ScheduledFuture<?>> futures = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      futures.add(view.schedule(runs::incrementAndGet, 1, TimeUnit.HOURS));
    }

    List<Runnable> returned = view.shutdownNow();

    assertThat(returned).hasSize(5);
    assertThat(new ArrayList<Object>(returned)).containsAll(futures);
    assertTerminates(view);
    EngineProbe.awaitIdle(engine); // would wait for an hour if the engine still held them
    assertThat(runs).hasValue(0);
  }

  @Test
  void shutdownNow_periodicTasks_runNoMore() throws Exception {
    TaskEngine engine = engines.start(workers);
    ScheduledExecutorService view = engine.asExecutorService();
    AtomicInteger runs = new AtomicInteger();
    List<Future<?>> futures = new ArrayList<>();
    futures.add(view.scheduleAtFixedRate(runs::incrementAndGet, 1, 1, TimeUnit.HOURS));
    futures.add(view.scheduleWithFixedDelay(runs::incrementAndGet, 1, 1, TimeUnit.HOURS));

    List<Runnable> returned = view.shutdownNow();

    assertThat(new ArrayList<Object>(returned)).containsExactlyInAnyOrderElementsOf(futures);
    assertThat(futures).noneMatch(Future::isDone);
    assertTerminates(view);
    assertThat(engine.close(Duration.ofMinutes(1)).terminated()).isTrue();
    assertThat(runs).hasValue(0);
  }

  // ---- views and their engine

  @Test
  void shutdown_engineAndOtherViewsGoOn() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService closed = engine.asExecutorService();
    ExecutorService stopped = engine.asExecutorService();
    ScheduledExecutorService open = engine.asExecutorService();
    closed.close();
    assertThat(stopped.shutdownNow()).isEmpty();

    assertThat(open.isShutdown()).isFalse();
    assertThat(result(open.submit(() -> "works"))).isEqualTo("works");
    assertThat(result(open.schedule(() -> "works", 1, TimeUnit.MILLISECONDS))).isEqualTo("works");
    assertThat(engine.submit(() -> "works").join()).isEqualTo("works");
    assertThat(result(engine.asExecutorService().submit(() -> "works"))).isEqualTo("works");
  }

  @Test
  void shutdownNow_tasksOfOtherViewsAndOfTheEngine_areLeftAlone() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService stopped = engine.asExecutorService();
    ExecutorService other = engine.asExecutorService();
    try (Gate gate = Gate.holding(engine, workers)) {
      Runnable own = () -> {};
      Future<Boolean> theirs = other.submit(() -> Thread.currentThread().isInterrupted());
      TaskHandle<Boolean> engines = engine.submit(() -> Thread.currentThread().isInterrupted());
      stopped.execute(own);

      assertThat(stopped.shutdownNow()).containsExactly(own);
      assertTerminates(stopped);
      gate.open();
      assertThat(result(theirs)).isFalse();
      assertThat(engines.join()).isFalse();
      for (TaskHandle<?> holder : gate.holders()) {
        assertThat(holder.join()).as("was not interrupted").isNull();
      }
    }
  }

  @Test
  void engineClosed_submit_isRejectedWithOurExceptionAsCause() throws Exception {
    TaskEngine engine = engines.start(workers);
    ScheduledExecutorService view = engine.asExecutorService();
    engine.close();
    Runnable body = () -> {};

    List<ThrowingCallable> ways =
        List.of(
            () -> view.execute(body),
            () -> view.submit(() -> "result"),
            () -> view.invokeAll(List.of(() -> "result")),
            () -> view.schedule(body, 0, TimeUnit.SECONDS),
            () -> view.schedule(() -> "result", 1, TimeUnit.SECONDS),
            () -> view.scheduleAtFixedRate(body, 0, 1, TimeUnit.SECONDS),
            () -> view.scheduleWithFixedDelay(body, 0, 1, TimeUnit.SECONDS));
    for (ThrowingCallable way : ways) {
      assertThatExceptionOfType(RejectedExecutionException.class)
          .isThrownBy(way)
          .withCauseInstanceOf(RejectedTaskException.class);
    }
    view.shutdown();
    assertTerminates(view);
  }

  @Test
  void engineCloses_queuedAndDelayed_runFirst_periodicEnds() throws Exception {
    TaskEngine engine = engines.start(workers);
    ScheduledExecutorService view = engine.asExecutorService();
    Future<String> queued = view.submit(() -> "queued");
    ScheduledFuture<String> delayed = view.schedule(() -> "late", 50, TimeUnit.MILLISECONDS);
    ScheduledFuture<?> periodic = view.scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.HOURS);

    engine.close();

    assertThat(queued.resultNow()).isEqualTo("queued");
    assertThat(delayed.resultNow()).isEqualTo("late");
    assertThat(periodic.isCancelled()).isTrue();
    view.shutdown();
    assertTerminates(view);
  }

  @Test
  void engineStopped_everyFutureIsDone_viewTerminates() throws Exception {
    TaskEngine engine = engines.start(workers);
    ScheduledExecutorService view = engine.asExecutorService();
    CountDownLatch started = new CountDownLatch(workers);
    CountDownLatch interrupted = new CountDownLatch(workers);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      running.add(view.submit(untilInterrupted(started, interrupted)));
    }
    Gate.await(started);
    AtomicInteger runs = new AtomicInteger();
    List<Future<?>> unstarted = new ArrayList<>();
    unstarted.add(view.schedule(runs::incrementAndGet, 1, TimeUnit.HOURS));
    unstarted.add(view.scheduleAtFixedRate(runs::incrementAndGet, 1, 1, TimeUnit.HOURS));
    unstarted.add(view.scheduleWithFixedDelay(runs::incrementAndGet, 1, 1, TimeUnit.HOURS));
    for (int i = 0; i < 10; i++) {
      unstarted.add(view.submit(runs::incrementAndGet));
    }

    assertThat(engine.close(Duration.ZERO)).isNotNull();

    Gate.await(interrupted);
    for (Future<?> future : running) {
      assertThat(result(future)).isNull();
    }
    assertThat(runs).hasValue(0);
    for (Future<?> future : unstarted) {
      assertThat(future.isDone()).as("future of a task that will never run is done").isTrue();
      assertThatExceptionOfType(CancellationException.class).isThrownBy(future::get);
    }
    view.shutdown();
    assertTerminates(view);
  }
}
