// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.DeadlockException;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.spi.ExecutionStrategy;
import dev.heddle.spi.ExecutionStrategy.TaskExecution;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future.State;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On which thread a task runs, and that the promises of handles and books hold on each. */
class ExecutionStrategyTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  // @start region="own-strategy"
  /** Runs tasks on the one thread that may touch the screen. */
  static ExecutionStrategy onScreenThread(Executor screenThread) {
    return execution -> screenThread.execute(execution::run);
  }

  // @end

  private static TaskOptions with(ExecutionStrategy strategy) {
    return TaskOptions.defaults().name("job").strategy(strategy);
  }

  static Stream<Arguments> all() {
    return Stream.concat(
        asynchronous(), Stream.of(Arguments.argumentSet("caller", ExecutionStrategy.caller())));
  }

  static Stream<Arguments> asynchronous() {
    ExecutionStrategy ownThread = execution -> new Thread(execution::run).start();
    ExecutionStrategy enqueues = TaskExecution::enqueue;
    ExecutionStrategy enqueuesLater = execution -> new Thread(execution::enqueue).start();
    return Stream.of(
        Arguments.argumentSet("workStealing", ExecutionStrategy.workStealing()),
        Arguments.argumentSet("dedicatedThread", ExecutionStrategy.dedicatedThread()),
        Arguments.argumentSet("virtualThreads", ExecutionStrategy.virtualThreads(3)),
        Arguments.argumentSet("own thread", ownThread),
        Arguments.argumentSet("enqueues", enqueues),
        Arguments.argumentSet("enqueues later", enqueuesLater));
  }

  // ---- what holds for each

  @ParameterizedTest
  @MethodSource("all")
  void submit_anyStrategy_handleAndBooksAreKept(ExecutionStrategy strategy) throws Exception {
    TaskEngine engine = engines.start(2);
    IllegalStateException error = new IllegalStateException("expected");
    AtomicReference<@Nullable Outcome<String>> heard = new AtomicReference<>();

    TaskHandle<String> good =
        engine.submit(context -> context.taskName() + context.taskId(), with(strategy));
    good.onComplete(heard::set);
    TaskHandle<String> bad =
        engine.submit(
            context -> {
              throw error;
            },
            with(strategy));

    assertThat(good.join()).isEqualTo("job" + good.id());
    assertThat(good.get(1, TimeUnit.MINUTES)).isEqualTo("job" + good.id());
    await().until(() -> heard.get() != null);
    assertThat(bad.outcome()).isEqualTo(new Outcome.Failure<>(error));
    assertThat(good.state()).isEqualTo(State.SUCCESS);
    assertThat(good.cancel(true)).isFalse();
    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.accepted()).isEqualTo(2);
    assertThat(books.completed()).isEqualTo(1);
    assertThat(books.failed()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("all")
  void submit_anyStrategy_bodyHasMemoryAndJoins(ExecutionStrategy strategy) {
    TaskEngine engine = engines.start(1);
    AtomicReference<@Nullable MemorySegment> kept = new AtomicReference<>();

    TaskHandle<Long> task =
        engine.submit(
            context -> {
              MemorySegment segment = context.arena().allocate(ValueLayout.JAVA_LONG);
              kept.set(segment);
              segment.set(ValueLayout.JAVA_LONG, 0, 40);
              long nested = engine.submit(inner -> 1L, with(strategy)).join();
              long queued = engine.submit(() -> 1L).join();
              return segment.get(ValueLayout.JAVA_LONG, 0) + nested + queued;
            },
            with(strategy));

    assertThat(task.join()).isEqualTo(42);
    assertThat(kept.get()).isNotNull();
    assertThat(requireNonNull(kept.get()).scope().isAlive()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("all")
  void join_byTheTaskItself_isADeadlock(ExecutionStrategy strategy) {
    TaskEngine engine = engines.start(1);
    TaskHandle<Integer> task =
        engine.submit(
            context -> {
              TaskHandle<?> self = (TaskHandle<?>) context; // as a handle that was passed on
              self.join();
              return 1;
            },
            with(strategy));

    assertThat(task.outcome())
        .isInstanceOfSatisfying(
            Outcome.Failure.class,
            failure -> assertThat(failure.error()).isInstanceOf(DeadlockException.class));
  }

  @ParameterizedTest
  @MethodSource("asynchronous")
  void cancel_whileItRuns_bodyIsInterrupted(ExecutionStrategy strategy) {
    TaskEngine engine = engines.start(1);
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    AtomicReference<@Nullable Throwable> seen = new AtomicReference<>();
    TaskHandle<Integer> task =
        engine.submit(
            context -> {
              running.countDown();
              seen.set(catchThrowable(() -> new CountDownLatch(1).await()));
              ended.countDown();
              return 1;
            },
            with(strategy));
    Gate.await(running);

    assertThat(task.cancel(true)).isTrue();

    Gate.await(ended);
    assertThat(seen.get()).isInstanceOf(InterruptedException.class);
    assertThat(task.isCancelled()).isTrue();
    assertThat(EngineProbe.awaitIdle(engine).cancelled()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("all")
  void close_tasksOnTheWay_waitsForThem(ExecutionStrategy strategy) {
    TaskEngine engine = engines.start(2);
    AtomicInteger ran = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      engine.submit(
          context -> {
            Thread.onSpinWait();
            return ran.incrementAndGet();
          },
          with(strategy));
    }

    engine.close();

    assertThat(ran).hasValue(100);
    assertThat(engine.metrics().completed()).isEqualTo(100);
    assertThat(engine.metrics().live()).isZero();
  }

  @ParameterizedTest
  @MethodSource("all")
  void submitEach_anyStrategy_runsEachOnce(ExecutionStrategy strategy) {
    TaskEngine engine = engines.start(2);
    List<Integer> items = IntStream.range(0, 50).boxed().toList();

    assertThat(engine.submitEach(items, (item, context) -> -item, with(strategy)).join())
        .isEqualTo(items.stream().map(item -> -item).toList());
  }

  // ---- each of them

  @Test
  void workStealing_isTheDefault_runsOnAWorker() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).name("looms"));

    assertThat(
            engine
                .submit(
                    context -> Thread.currentThread().getName(),
                    with(ExecutionStrategy.workStealing()))
                .join())
        .isEqualTo("heddle-looms-worker-0");
    assertThat(TaskOptions.defaults().strategy()).isEmpty();
  }

  @Test
  void caller_runsBeforeSubmitReturns() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Thread> task =
          engine.submit(context -> Thread.currentThread(), with(ExecutionStrategy.caller()));

      assertThat(task.resultNow()).isSameAs(Thread.currentThread());
      gate.open();
    }
  }

  @Test
  void dedicatedThread_isANewPlatformThread() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).name("looms"));

    Thread first =
        engine
            .submit(context -> Thread.currentThread(), with(ExecutionStrategy.dedicatedThread()))
            .join();
    Thread second =
        engine
            .submit(context -> Thread.currentThread(), with(ExecutionStrategy.dedicatedThread()))
            .join();

    assertThat(first.getName()).isEqualTo("heddle-looms-job");
    assertThat(first.isVirtual()).isFalse();
    assertThat(first.isDaemon()).isFalse();
    assertThat(second).isNotSameAs(first);
  }

  @Test
  void virtualThreads_limit_isKeptAndWaitingOnesStartInOrder() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).name("looms"));
    ExecutionStrategy strategy = ExecutionStrategy.virtualThreads(3);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<String> threads = Collections.synchronizedList(new ArrayList<>());
    List<TaskHandle<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      tasks.add(
          engine.submit(
              context -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                threads.add(Thread.currentThread().getName());
                assertThat(Thread.currentThread().isVirtual()).isTrue();
                Thread.onSpinWait();
                return running.decrementAndGet();
              },
              with(strategy)));
    }
    tasks.forEach(TaskHandle::join);
    assertThat(most.get()).isBetween(1, 3);
    assertThat(threads).hasSize(300).containsOnly("heddle-looms-job");

    ExecutionStrategy one = ExecutionStrategy.virtualThreads(1);
    Gate gate = Gate.closed();
    List<Integer> order = new ArrayList<>();
    engine.submit(Task.action(context -> gate.pass()), with(one));
    List<TaskHandle<Boolean>> waiting = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      waiting.add(engine.submit(context -> order.add(number), with(one)));
    }
    assertThat(waiting.get(50).cancel()).isTrue();
    gate.open();

    EngineProbe.awaitIdle(engine);
    assertThat(waiting.get(99).join()).isTrue();
    assertThat(order).isEqualTo(IntStream.range(0, 100).filter(i -> i != 50).boxed().toList());
    assertThat(engine.metrics().cancelled()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void virtualThreads_badLimit_isRefused(int atMost) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExecutionStrategy.virtualThreads(atMost))
        .withMessage("atMost must be at least 1: atMost=" + atMost);
  }

  @Test
  void blocking_underItsLimit_keepsNoWorker() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).blockingLimit(2));
    Gate gate = Gate.closed();
    AtomicInteger running = new AtomicInteger();
    List<TaskHandle<Boolean>> blocked = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      blocked.add(
          engine.submit(
              Task.blocking(
                  context -> {
                    running.incrementAndGet();
                    gate.pass();
                    return Thread.currentThread().isVirtual();
                  })));
    }
    await().pollInterval(Duration.ofMillis(1)).until(() -> running.get() == 2);

    for (int i = 0; i < 1_000; i++) {
      assertThat(engine.submit(() -> 1).join()).isEqualTo(1);
    }
    assertThat(running).hasValue(2);
    assertThat(engine.metrics().live()).isEqualTo(10);
    gate.open();

    assertThat(blocked).allMatch(TaskHandle::join);
    assertThat(running).hasValue(10);
  }

  @Test
  void blocking_withAStrategyInItsOptions_usesThat() {
    TaskEngine engine = engines.start(1);
    assertThat(
            engine
                .submit(
                    Task.blocking(context -> Thread.currentThread()),
                    with(ExecutionStrategy.caller()))
                .join())
        .isSameAs(Thread.currentThread());
  }

  // ---- a user's own

  @Test
  void ownStrategy_screenThread_runsThereInOrder() {
    TaskEngine engine = engines.start(2);
    try (ExecutorService screen =
        Executors.newSingleThreadExecutor(body -> new Thread(body, "screen"))) {
      List<String> painted = new ArrayList<>();
      TaskOptions onScreen = with(onScreenThread(screen));
      for (int i = 0; i < 100; i++) {
        int number = i;
        engine.submit(context -> painted.add(Thread.currentThread().getName() + number), onScreen);
      }
      engine.close();

      assertThat(painted).isEqualTo(IntStream.range(0, 100).mapToObj(i -> "screen" + i).toList());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void start_throws_submitThrowsAndTheTaskIsNotAccepted(boolean error) {
    TaskEngine engine = engines.start(1);
    AtomicInteger ran = new AtomicInteger();
    AtomicReference<@Nullable TaskExecution> kept = new AtomicReference<>();
    ExecutionStrategy broken =
        execution -> {
          kept.set(execution);
          if (error) {
            throw new AssertionError("broken");
          }
          throw new IllegalStateException("broken");
        };

    assertThatExceptionOfType(error ? AssertionError.class : IllegalStateException.class)
        .isThrownBy(() -> engine.submit(context -> ran.incrementAndGet(), with(broken)));

    assertThat(kept.get()).isNotNull();
    requireNonNull(kept.get()).run();
    requireNonNull(kept.get()).enqueue();
    EngineProbe.assertStillUsable(engine);
    assertThat(ran).hasValue(0);
    assertThat(engine.metrics().rejected()).isEqualTo(1);
    assertThat(engine.metrics().accepted()).isEqualTo(1_000);
    engine.close();
    assertThat(engine.metrics().live()).isZero();
  }

  @Test
  void submitEach_strategyThrowsAtTheSecond_allOrNone() {
    TaskEngine engine = engines.start(1);
    AtomicInteger ran = new AtomicInteger();
    AtomicInteger started = new AtomicInteger();
    ExecutionStrategy breaks =
        execution -> {
          if (started.incrementAndGet() == 2) {
            throw new IllegalStateException("broken");
          }
          execution.enqueue();
        };

    try (Gate gate =
        Gate.holding(engine, 1)) { // else the first may run, and be cancelled meanwhile
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(
              () ->
                  engine.submitEach(
                      List.of(1, 2, 3), (item, context) -> ran.addAndGet(item), with(breaks)));
    }

    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.offered()).isEqualTo(4);
    assertThat(books.completed()).isEqualTo(1);
    assertThat(ran).hasValue(0);
  }

  @Test
  void run_calledTwiceAndAfterEnqueue_runsOnce() {
    TaskEngine engine = engines.start(1);
    AtomicInteger ran = new AtomicInteger();
    ExecutionStrategy twice =
        execution -> {
          execution.run();
          execution.run();
          execution.enqueue();
        };
    ExecutionStrategy queuedTwice =
        execution -> {
          execution.enqueue();
          execution.enqueue();
          execution.run();
        };

    engine.submit(context -> ran.incrementAndGet(), with(twice)).join();
    engine.submit(context -> ran.incrementAndGet(), with(queuedTwice)).join();

    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(ran).hasValue(2);
    assertThat(books.accepted()).isEqualTo(2);
    assertThat(books.completed()).isEqualTo(2);
  }

  @Test
  void start_keepsTheTask_runsLaterUnlessCancelled() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).name("looms"));
    List<TaskExecution> kept = new ArrayList<>();
    AtomicInteger ran = new AtomicInteger();
    TaskHandle<Integer> later = engine.submit(context -> ran.incrementAndGet(), with(kept::add));
    TaskHandle<Integer> queued = engine.submit(context -> ran.incrementAndGet(), with(kept::add));
    TaskHandle<Integer> never = engine.submit(context -> ran.addAndGet(100), with(kept::add));
    assertThat(kept).extracting(TaskExecution::engine).containsOnly("looms");
    assertThat(kept).extracting(TaskExecution::task).containsOnly("job");
    assertThat(never.cancel()).isTrue();
    FutureTask<String> closer =
        new FutureTask<>(
            () -> {
              engine.close();
              return "closed";
            });
    new Thread(closer, "closer").start();
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> engine.toString().contains("closing=true"));

    kept.get(2).run();
    kept.get(2).enqueue();
    assertThat(closer.isDone()).isFalse();
    kept.get(0).run();
    assertThat(later.join()).isEqualTo(1);
    assertThat(closer.isDone()).isFalse();
    kept.get(1).enqueue();

    assertThat(closer.get()).isEqualTo("closed");
    assertThat(queued.join()).isEqualTo(2);
    assertThat(ran).hasValue(2);
    EngineMetrics books = engine.metrics();
    assertThat(books.accepted()).isEqualTo(3);
    assertThat(books.completed()).isEqualTo(2);
    assertThat(books.cancelled()).isEqualTo(1);
  }

  @Test
  void close_timeIsUp_cancelsWhatNoStrategyHasStarted() {
    TaskEngine engine = engines.start(1);
    List<TaskExecution> kept = new ArrayList<>();
    AtomicInteger ran = new AtomicInteger();
    TaskHandle<Integer> task = engine.submit(context -> ran.incrementAndGet(), with(kept::add));

    CloseReport report = engine.close(Duration.ZERO);
    kept.getFirst().run();
    kept.getFirst().enqueue();

    assertThat(report).isEqualTo(new CloseReport(true, 0, 0, 1, 1, List.of()));
    assertThat(task.outcome()).isEqualTo(new Outcome.Cancelled<>("its engine was closed"));
    assertThat(ran).hasValue(0);
  }

  // ---- two engines on one thread

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void join_belowATaskOfAnotherEngine_workerStillHelps(boolean ownThreads) throws Exception {
    TaskEngine.Builder settings = TaskEngine.builder().workers(1);
    if (ownThreads) {
      settings.threadFactory(Thread::new);
    }
    TaskEngine outer = engines.start(settings);
    TaskEngine other = engines.start(1);
    TaskOptions caller = with(ExecutionStrategy.caller());

    TaskHandle<Integer> task =
        outer.submit(
            context -> other.submit(inner -> outer.submit(() -> 42).join(), caller).join());

    assertThat(task.get(10, TimeUnit.SECONDS)).isEqualTo(42);
  }

  @Test
  void close_belowATaskOfAnotherEngine_onlyBegins() throws Exception {
    TaskEngine outer = engines.start(1);
    TaskEngine other = engines.start(1);
    TaskOptions caller = with(ExecutionStrategy.caller());
    FutureTask<Integer> submitter =
        new FutureTask<>(
            () ->
                outer
                    .submit(
                        context ->
                            other
                                .submit(
                                    inner -> {
                                      outer.close(); // a task of this engine is below on the stack
                                      return 42;
                                    },
                                    caller)
                                .join(),
                        caller)
                    .join());
    Thread thread = new Thread(submitter, "submitter");
    thread.setDaemon(true);
    thread.start();

    assertThat(submitter.get(10, TimeUnit.SECONDS)).isEqualTo(42);
  }

  @Test
  void blocking_submittedAndCancelledForEver_isForgotten() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).blockingLimit(1));
    ExecutionStrategy strategy = ExecutionStrategy.virtualThreads(1);
    CountDownLatch started = new CountDownLatch(1);
    try (Gate gate = Gate.closed()) {
      engine.submit(
          context -> {
            started.countDown();
            gate.pass();
            return 1;
          },
          with(strategy));
      Gate.await(started);
      for (int i = 0; i < 10_000; i++) {
        engine.submit(context -> 1, with(strategy)).cancel();
      }

      Field waiting = strategy.getClass().getDeclaredField("waiting");
      waiting.setAccessible(true);
      assertThat((Collection<?>) waiting.get(strategy)).hasSizeLessThan(200);
    }
  }

  @Test
  void caller_periodicOrDelayedTask_runsOnAWorkerAndNotOnTheTimers() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).name("looms"));
    AtomicReference<String> thread = new AtomicReference<>();
    CountDownLatch ran = new CountDownLatch(1);

    ScheduledHandle periodic =
        engine.schedule(
            context -> {
              thread.set(Thread.currentThread().getName());
              ran.countDown();
              return null;
            },
            Schedule.fixedRate(Duration.ofHours(1)),
            with(ExecutionStrategy.caller()));
    Gate.await(ran);

    assertThat(thread.get()).isEqualTo("heddle-looms-worker-0");
    periodic.cancel();
  }

  @Test
  void start_throwsWhenAPeriodicRunIsDue_nextRunIsTriedAndClosingEnds() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    CountDownLatch ran = new CountDownLatch(1);
    ExecutionStrategy secondTime =
        execution -> {
          if (tries.incrementAndGet() == 1) {
            throw new IllegalStateException("not yet");
          }
          execution.enqueue();
        };
    AtomicReference<Throwable> heard = new AtomicReference<>();
    TaskEngine engine =
        engines.start(
            TaskEngine.builder().workers(1).uncaughtHandler((thread, error) -> heard.set(error)));

    ScheduledHandle periodic =
        engine.schedule(
            context -> {
              ran.countDown();
              return null;
            },
            Schedule.fixedRate(Duration.ofMillis(1)),
            with(secondTime));
    Gate.await(ran);

    assertThat(heard.get()).hasMessage("not yet");
    periodic.cancel();
  }
}
