// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.heddle.error.DeadlockException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.spi.OverflowPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** No task finds a thread-local of another. */
@Timeout(120)
class IsolateThreadLocalsTest {

  private static final int TASKS = 1_000;
  private static final ThreadLocal<@Nullable String> PLAIN = new ThreadLocal<>();
  private static final InheritableThreadLocal<@Nullable String> INHERITED =
      new InheritableThreadLocal<>();

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private final AtomicInteger foreign = new AtomicInteger();
  private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();

  private TaskEngine.Builder builder(int workers) {
    return TaskEngine.builder()
        .workers(workers)
        .isolateThreadLocals(true)
        .uncaughtHandler((thread, error) -> uncaught.add(error));
  }

  /** What every body here does. */
  private void touch() {
    if (PLAIN.get() != null || INHERITED.get() != null) {
      foreign.incrementAndGet();
    }
    PLAIN.set("foreign");
    INHERITED.set("foreign");
  }

  private int touched(int value) {
    touch();
    return value;
  }

  @Test
  void threadLocals_thousandTasksOfEachForm_noneIsForeign() throws Exception {
    TaskEngine engine = engines.start(builder(2));
    ScheduledExecutorService view = engine.asExecutorService();
    CountDownLatch executed = new CountDownLatch(3 * TASKS);
    List<TaskHandle<?>> handles = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    Runnable body =
        () -> {
          touch();
          executed.countDown();
        };
    try (TaskLane lane = engine.openLane(2 * TASKS)) {
      for (int i = 0; i < TASKS; i++) {
        numbers.add(i);
        handles.add(engine.submit(context -> touched(1)));
        handles.add(engine.submit(Task.blocking(context -> touched(1))));
        handles.add(lane.submit(context -> touched(1)));
        engine.execute(body);
        lane.execute(body);
        view.execute(body);
      }
      assertThat(engine.submitEach(numbers, (item, c) -> touched(1), TaskOptions.defaults()).join())
          .hasSize(TASKS);
    }
    for (TaskHandle<?> handle : handles) {
      handle.join();
    }
    Gate.await(executed);

    assertThat(foreign).hasValue(0);
    assertThat(uncaught).isEmpty();
  }

  @Test
  void threadLocals_withoutIsolation_areForeign() {
    TaskEngine engine = engines.start(1);
    for (int i = 0; i < 10; i++) {
      engine.submit(this::touch).join();
    }

    assertThat(foreign).as("the control").hasValue(9);
  }

  @Test
  void threadLocals_delayedAndPeriodicTasks_areNotForeign() throws Exception {
    TaskEngine engine = engines.start(builder(1));
    CountDownLatch runs = new CountDownLatch(20);
    ScheduledHandle periodic =
        engine.schedule(
            Task.action(
                context -> {
                  touch();
                  runs.countDown();
                }),
            Schedule.fixedDelay(Duration.ofNanos(1)),
            TaskOptions.defaults());
    Gate.await(runs);
    periodic.cancel();
    for (int i = 0; i < 20; i++) {
      engine.schedule(context -> touched(1), Duration.ofNanos(1)).join();
      engine.asExecutorService().schedule(() -> touched(1), 1, TimeUnit.NANOSECONDS).get();
    }

    assertThat(foreign).hasValue(0);
  }

  @Test
  void join_insideATaskOfOneWorker_runsWithoutTheWaitersThreadLocals() throws Exception {
    TaskEngine engine = engines.start(builder(1));
    ScheduledExecutorService view = engine.asExecutorService();
    Callable<Integer> one = () -> touched(1);
    int sum =
        engine
            .submit(
                context -> {
                  touch();
                  Task<Integer> nested = c -> engine.submit(one).join() + touched(1);
                  int inner = engine.submit(nested).join();
                  Task<Integer> two = c -> touched(1);
                  int group = engine.submitAll(List.of(two, two)).join().size();
                  int first = engine.submitAll(List.of(two, two)).first();
                  int viewed = view.submit(one).get() + view.invokeAny(List.of(one));
                  assertThat(PLAIN.get()).as("its own").isEqualTo("foreign");
                  return inner + group + first + viewed;
                })
            .join();

    assertThat(sum).isEqualTo(7);
    assertThat(foreign).hasValue(0);
  }

  @Test
  void join_deepChainOfOneWorker_ends() {
    TaskEngine engine = engines.start(builder(1));

    assertThat(engine.submit(context -> chain(engine, 300)).join()).isEqualTo(300);
  }

  private static int chain(TaskEngine engine, int depth) {
    return depth == 0 ? 0 : 1 + engine.submit(context -> chain(engine, depth - 1)).join();
  }

  @Test
  void join_ofATaskBelow_isADeadlockThatIsReported() {
    TaskEngine engine = engines.start(builder(1));
    AtomicReference<@Nullable TaskHandle<Integer>> outer = new AtomicReference<>();
    CountDownLatch known = new CountDownLatch(1);
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              Gate.await(known);
              return engine.submit(inner -> requireNonNull(outer.get()).join()).join();
            });
    outer.set(handle);
    known.countDown();

    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(handle::join)
        .withRootCauseInstanceOf(DeadlockException.class);
  }

  @Test
  void submit_fullAndRunInCaller_callersThreadLocalsAreNotSeen() {
    TaskEngine engine =
        engines.start(builder(1).queueCapacity(1).overflow(OverflowPolicy.callerRuns()));
    PLAIN.set("the caller's");
    try (Gate gate = Gate.holding(engine, 1)) {
      engine.execute(() -> {});
      engine.submit(this::touch).join();
      engine.asExecutorService().execute(this::touch);
      engine.execute(this::touch);

      assertThat(foreign).hasValue(0);
      assertThat(PLAIN.get()).isEqualTo("the caller's");
    } finally {
      PLAIN.remove();
    }
  }

  @Test
  void compute_inIsolation_isRightAndRunsOnOneThread() {
    TaskEngine engine = engines.start(builder(2));
    Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    engine
        .parallel()
        .range(0, 100_000)
        .forEach(
            i -> {
              if (i % 1_000 == 0 && !threads.contains(Thread.currentThread())) {
                threads.add(Thread.currentThread());
              }
            });

    assertThat(threads).hasSizeLessThanOrEqualTo(2); // the caller may begin
    assertThat(engine.computeLong((scope, n) -> n + 1, 41)).isEqualTo(42);
  }

  @Test
  void execute_bodyThrows_uncaughtHandlerIsTold() {
    TaskEngine engine = engines.start(builder(1));
    IllegalStateException no = new IllegalStateException("no");
    engine.execute(
        () -> {
          throw no;
        });
    EngineProbe.awaitIdle(engine);

    assertThat(uncaught).containsExactly(no);
  }

  @Test
  void workers_manyTasks_atMostSoManyAtATime() throws Exception {
    TaskEngine engine = engines.start(builder(2));
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<TaskHandle<?>> handles = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      handles.add(
          engine.submit(
              () -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                Thread.onSpinWait();
                now.decrementAndGet();
              }));
    }
    for (TaskHandle<?> handle : handles) {
      handle.join();
    }

    assertThat(most.get()).isLessThanOrEqualTo(2);
  }

  @Test
  void cancel_runningTask_isInterruptedAndTheEngineIsUsable() throws Exception {
    TaskEngine engine = engines.start(builder(1));
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(
                context -> {
                  started.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    interrupted.countDown();
                  }
                }));
    Gate.await(started);

    assertThat(handle.cancel(true)).isTrue();
    Gate.await(interrupted);
  }

  @Test
  void close_atOnce_interruptsWhatRunsAndCancelsTheRest() throws Exception {
    TaskEngine engine = builder(1).build();
    CountDownLatch started = new CountDownLatch(1);
    TaskHandle<@Nullable Void> running =
        engine.submit(
            Task.action(
                context -> {
                  started.countDown();
                  new CountDownLatch(1).await();
                }));
    TaskHandle<Integer> queued = engine.submit(context -> 1);
    Gate.await(started);

    CloseReport report = engine.close(Duration.ZERO);

    assertThat(report.neverStarted()).isEqualTo(1);
    assertThat(running.isCancelled() && queued.isCancelled()).isTrue();
    assertThat(engine.close(Duration.ofMinutes(1)).terminated()).isTrue();
  }

  @Test
  void thread_cannotBeHad_isTriedAgainAndNothingIsLost() throws Exception {
    TaskEngine engine = engines.start(builder(1));
    AtomicInteger refusals = new AtomicInteger();
    TaskHandle<Integer> handle;
    try (TestSeam.Change change =
        TestSeam.makeThreads(
            body -> {
              refusals.incrementAndGet();
              throw new OutOfMemoryError("for a test");
            })) {
      handle = engine.submit(context -> touched(42));
      org.awaitility.Awaitility.await().until(() -> refusals.get() > 1);
    }

    assertThat(handle.join()).isEqualTo(42);
    assertThat(uncaught).as("told once").hasSize(1);
  }

  @Test
  void thread_cannotBeHadAndTheEngineIsStopped_tasksAreCancelled() throws Exception {
    TaskEngine engine = builder(1).build();
    AtomicInteger refusals = new AtomicInteger();
    TaskLane lane = engine.openLane(4);
    try (TestSeam.Change change =
        TestSeam.makeThreads(
            body -> {
              refusals.incrementAndGet();
              throw new OutOfMemoryError("for a test");
            })) {
      TaskHandle<Integer> handle = engine.submit(context -> touched(42));
      lane.execute(this::touch);
      engine.execute(this::touch);
      org.awaitility.Awaitility.await().until(() -> refusals.get() > 1);
      engine.close(Duration.ZERO);
      assertThat(engine.close(Duration.ofMinutes(1)).terminated()).isTrue();

      assertThat(handle.isCancelled()).isTrue();
    }
    assertThat(EngineProbe.awaitIdle(engine).cancelled()).isEqualTo(3);
  }

  @Test
  void contextLoader_ofATask_isTheEnginesOwn() {
    ClassLoader own = Thread.currentThread().getContextClassLoader();
    ClassLoader other = new ClassLoader(own) {};
    TaskEngine engine = engines.start(builder(1));
    engine.submit(() -> Thread.currentThread().setContextClassLoader(other)).join();

    assertThat(engine.submit(c -> Thread.currentThread().getContextClassLoader()).join())
        .isSameAs(own);
  }
}
