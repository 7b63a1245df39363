// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.spi.ExecutionStrategy;
import dev.heddle.spi.OverflowPolicy;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How engines end, what they say about it, and that nothing of them is left. */
class LifeCycleTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  @RegisterExtension final EngineProbe engines = new EngineProbe();
  @RegisterExtension final EngineLog log = new EngineLog();

  private static <T> FutureTask<T> async(Callable<T> body) {
    FutureTask<T> future = new FutureTask<>(body);
    new Thread(future, "life").start();
    return future;
  }

  private static void awaitClosing(TaskEngine engine) {
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> engine.toString().contains("closing=true"));
  }

  static Stream<Arguments> strategies() {
    return Stream.of(
        Arguments.argumentSet("workStealing", ExecutionStrategy.workStealing()),
        Arguments.argumentSet("caller", ExecutionStrategy.caller()),
        Arguments.argumentSet("dedicatedThread", ExecutionStrategy.dedicatedThread()),
        Arguments.argumentSet("virtualThreads", ExecutionStrategy.virtualThreads(2)));
  }

  // ---- close

  @ParameterizedTest
  @MethodSource("strategies")
  void close_fromInsideATask_onlyBegins(ExecutionStrategy strategy) {
    TaskEngine engine = engines.start(2);
    TaskHandle<CloseReport> closer =
        engine.submit(
            context -> {
              context.engine().close();
              return context.engine().close(MINUTE);
            },
            TaskOptions.defaults().strategy(strategy));

    CloseReport inside = closer.join();

    assertThat(inside.terminated()).isFalse();
    assertThat(inside.stillRunning()).singleElement().asString().startsWith("name=task");
    assertThat(engine.close(MINUTE)).isEqualTo(new CloseReport(true, 1, 0, 0, 0, List.of()));
  }

  @RepeatedTest(20)
  void close_fromTwoThreads_bothWaitForTheEnd() throws Exception {
    TaskEngine engine = engines.start(2);
    AtomicInteger ran = new AtomicInteger();
    Gate gate = Gate.holding(engine, 2);
    for (int i = 0; i < 50; i++) {
      engine.execute(ran::incrementAndGet);
    }
    List<FutureTask<CloseReport>> closers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      closers.add(async(() -> engine.close(MINUTE)));
    }
    awaitClosing(engine);
    gate.open();

    for (FutureTask<CloseReport> closer : closers) {
      assertThat(closer.get()).isEqualTo(new CloseReport(true, 52, 0, 0, 0, List.of()));
    }
    engine.close();
    assertThat(engine.close(Duration.ZERO).terminated()).isTrue();
    assertThat(ran).hasValue(50);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void close_taskInFlight_waitsAndReportsIt(ExecutionStrategy strategy) throws Exception {
    TaskEngine engine = engines.start(1);
    Gate gate = Gate.closed();
    CountDownLatch running = new CountDownLatch(1);
    FutureTask<TaskHandle<Integer>> submitter =
        async(
            () ->
                engine.submit(
                    context -> {
                      running.countDown();
                      gate.pass();
                      return 42;
                    },
                    TaskOptions.defaults().name("flying").strategy(strategy)));
    Gate.await(running);
    FutureTask<CloseReport> closer = async(() -> engine.close(MINUTE));
    awaitClosing(engine);
    assertThat(closer.isDone()).isFalse();

    gate.open();

    assertThat(closer.get()).isEqualTo(new CloseReport(true, 1, 0, 0, 0, List.of()));
    assertThat(submitter.get().resultNow()).isEqualTo(42);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void closeNow_taskInFlight_interruptsIt(ExecutionStrategy strategy) throws Exception {
    TaskEngine engine = engines.start(1);
    CountDownLatch running = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    FutureTask<TaskHandle<Integer>> submitter =
        async(
            () ->
                engine.submit(
                    context -> {
                      running.countDown();
                      try {
                        new CountDownLatch(1).await();
                      } catch (InterruptedException e) {
                        interrupted.set(true);
                      }
                      return 42;
                    },
                    TaskOptions.defaults().strategy(strategy)));
    Gate.await(running);

    CloseReport report = engine.close(Duration.ZERO);

    assertThat(report.cancelled()).isEqualTo(1);
    assertThat(report.neverStarted()).isZero();
    assertThat(submitter.get().outcome())
        .isEqualTo(new Outcome.Cancelled<>("its engine was closed"));
    assertThat(engine.close(MINUTE)).isEqualTo(new CloseReport(true, 0, 0, 1, 0, List.of()));
    assertThat(interrupted).isTrue();
  }

  @Test
  void close_blockedTasksAboveTheLimit_allRun() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).blockingLimit(1));
    Gate gate = Gate.closed();
    AtomicInteger ran = new AtomicInteger();
    for (int i = 0; i < 10; i++) {
      engine.submit(
          Task.blocking(
              context -> {
                gate.pass();
                return ran.incrementAndGet();
              }));
    }
    FutureTask<CloseReport> closer = async(() -> engine.close(MINUTE));
    awaitClosing(engine);
    gate.open();

    assertThat(closer.get()).isEqualTo(new CloseReport(true, 10, 0, 0, 0, List.of()));
    assertThat(ran).hasValue(10);
  }

  @Test
  void close_periodicAndDelayedTasks_endsAndRunsThem() {
    TaskEngine engine = engines.start(2);
    AtomicInteger ran = new AtomicInteger();
    ScheduledHandle periodic =
        engine.schedule(
            context -> 1, Schedule.fixedRate(Duration.ofMillis(1)), TaskOptions.defaults());
    for (int i = 0; i < 50; i++) {
      engine.schedule(context -> ran.incrementAndGet(), Duration.ofMillis(i % 7));
    }

    engine.close();

    assertThat(periodic.isCancelled()).isTrue();
    assertThat(ran).hasValue(50);
    EngineMetrics books = engine.metrics();
    assertThat(books.completed()).isEqualTo(50 + periodic.runs());
    assertThat(books.live()).isZero();
  }

  @Test
  void close_report_addsUp() {
    TaskEngine engine = engines.start(1);
    List<ExecutionStrategy.TaskExecution> kept = new ArrayList<>();
    engine.submit(() -> 1).join();
    engine
        .submit(
            () -> {
              throw new IllegalStateException("observed");
            })
        .outcome();
    Gate gate = Gate.holding(engine, 1);
    TaskHandle<Integer> cancelled = engine.submit(() -> 1);
    cancelled.cancel();
    engine.submit(() -> 1);
    engine.execute(() -> {});
    engine.schedule(context -> 1, Duration.ofDays(1));
    engine.schedule(
        context -> 1,
        new Schedule.FixedDelay(Duration.ofDays(1), Duration.ofDays(1)),
        TaskOptions.defaults());
    engine.submit(context -> 1, TaskOptions.defaults().strategy(kept::add));

    CloseReport report = engine.close(Duration.ZERO);

    assertThat(gate.holders()).allMatch(TaskHandle::isCancelled);
    assertThat(kept).hasSize(1);
    assertThat(report.completed()).isEqualTo(1);
    assertThat(report.failed()).isEqualTo(1);
    assertThat(report.cancelled()).as("held, cancelled, four that wait").isEqualTo(6);
    assertThat(report.neverStarted()).isEqualTo(4);
    assertThat(engine.close(MINUTE)).isEqualTo(new CloseReport(true, 1, 1, 6, 0, List.of()));
  }

  // ---- submitting races closing

  /** One of the ways to submit. */
  private static void submitSomehow(
      TaskEngine engine, Random random, List<TaskHandle<?>> handles, LongAdder ran) {
    Task<Integer> task =
        context -> {
          ran.increment();
          return 1;
        };
    switch (random.nextInt(6)) {
      case 0 -> handles.add(engine.submit(task));
      case 1 ->
          handles.add(
              engine.submit(task, TaskOptions.defaults().strategy(ExecutionStrategy.caller())));
      case 2 -> handles.add(engine.submit(Task.blocking(task)));
      case 3 -> handles.add(engine.schedule(task, Duration.ofNanos(random.nextInt(100_000))));
      case 4 -> {
        TaskHandle<Integer> first = engine.submit(task);
        handles.add(engine.submit(context -> first.join()));
      }
      default -> engine.trySubmit(task, TaskOptions.defaults()).ifPresent(handles::add);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void close_racesFourSubmitters_accountsForEveryTask(boolean orderly) throws Exception {
    for (int life = 0; life < 100; life++) {
      int seed = life;
      TaskEngine engine =
          TaskEngine.builder().workers(1 + life % 3).overflow(OverflowPolicy.callerRuns()).build();
      LongAdder ran = new LongAdder();
      CountDownLatch started = new CountDownLatch(4);
      List<FutureTask<List<TaskHandle<?>>>> submitters = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Random random = new Random(seed * 4L + i);
        submitters.add(
            async(
                () -> {
                  List<TaskHandle<?>> handles = new ArrayList<>();
                  try {
                    for (int task = 0; task < 2_000; task++) {
                      submitSomehow(engine, random, handles, ran);
                      started.countDown();
                    }
                  } catch (RejectedTaskException e) {
                    assertThat(e.code()).isEqualTo(ErrorCode.ENGINE_CLOSED);
                  }
                  started.countDown();
                  return handles;
                }));
      }
      Gate.await(started);
      if (orderly) {
        engine.close();
      } else {
        engine.close(Duration.ZERO);
      }
      List<TaskHandle<?>> handles = new ArrayList<>();
      for (FutureTask<List<TaskHandle<?>>> submitter : submitters) {
        handles.addAll(submitter.get(1, TimeUnit.MINUTES));
      }
      CloseReport report = engine.close(MINUTE);
      assertThat(report.terminated()).isTrue();
      assertThat(handles).allMatch(TaskHandle::isDone);
      assertThat(!orderly || handles.stream().noneMatch(TaskHandle::isCancelled)).isTrue();
      EngineMetrics books = engine.metrics();
      assertThat(books.live()).as("%s", books).isZero();
      assertThat(books.queued()).isZero();
      assertThat(books.running()).isZero();
      assertThat(books.accepted())
          .isEqualTo(books.completed() + books.failed() + books.cancelled());
    }
  }

  @Test
  void closeNow_racesSchedule_leavesNoTaskBehind() throws Exception {
    for (int life = 0; life < 300; life++) {
      TaskEngine engine = TaskEngine.builder().workers(1).build();
      CountDownLatch started = new CountDownLatch(1);
      FutureTask<List<TaskHandle<Integer>>> submitter =
          async(
              () -> {
                List<TaskHandle<Integer>> handles = new ArrayList<>();
                try {
                  while (true) {
                    handles.add(engine.schedule(context -> 1, Duration.ofDays(1)));
                    started.countDown();
                  }
                } catch (RejectedTaskException e) {
                  return handles;
                }
              });
      Gate.await(started);

      engine.close(Duration.ZERO);

      List<TaskHandle<Integer>> left =
          submitter.get().stream().filter(handle -> !handle.isDone()).toList();
      left.forEach(TaskHandle::cancel);
      assertThat(left).as("tasks of a closed engine that wait for tomorrow").isEmpty();
      assertThat(engine.close(MINUTE).terminated()).isTrue();
    }
  }

  // ---- nothing is left

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void close_leavesNoThread(boolean orderly) throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(4).name("leaves-none"));
    Redeployed.useEverything(engine);
    if (orderly) {
      engine.close();
    } else {
      engine.close(Duration.ZERO);
    }

    await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.contains("leaves-none")));
  }

  /** What runs inside each throw-away class loader. */
  public static final class Redeployed implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      TaskEngine engine =
          TaskEngine.builder().workers(2).name("redeployed").closeOnExit(MINUTE).build();
      try (engine) {
        useEverything(engine);
      }
      return (int) engine.metrics().failed();
    }

    /** Uses whatever has threads, timers or thread locals. */
    static void useEverything(TaskEngine engine) throws Exception {
      engine.submit(context -> context.arena().allocate(64).byteSize()).join();
      engine.submit(Task.blocking(context -> 1)).join();
      for (ExecutionStrategy strategy :
          List.of(
              ExecutionStrategy.caller(),
              ExecutionStrategy.dedicatedThread(),
              ExecutionStrategy.virtualThreads(1))) {
        engine.submit(context -> 1, TaskOptions.defaults().strategy(strategy)).join();
      }
      engine.schedule(context -> 1, Duration.ofNanos(1)).join();
      engine.schedule(context -> 1, Duration.ofDays(1)).cancel();
      CountDownLatch runs = new CountDownLatch(3);
      ScheduledHandle periodic =
          engine.schedule(
              Task.action(context -> runs.countDown()),
              Schedule.fixedRate(Duration.ofMillis(1)),
              TaskOptions.defaults());
      runs.await();
      periodic.cancel();
      ScheduledExecutorService view = engine.asExecutorService();
      view.submit(() -> 1).get();
      view.schedule(() -> 1, 1, TimeUnit.NANOSECONDS).get();
      view.scheduleWithFixedDelay(() -> {}, 1, 1, TimeUnit.MILLISECONDS);
      view.invokeAll(List.of(() -> 1, () -> 2));
      view.shutdownNow();
      engine.submit(() -> Integer.parseInt("fails")).outcome();
      engine.submit(() -> 1).toCompletableFuture().thenApplyAsync(x -> x, engine::execute).join();
    }
  }

  @Test
  void close_engineOfAnUndeployedApplication_letsItsClassesGo() throws Exception {
    URL[] path = {
      rootOf(TaskEngine.class),
      rootOf(Redeployed.class),
      rootOf(Class.forName("org.jctools.queues.varhandle.MpmcVarHandleArrayQueue")),
      rootOf(Class.forName("org.jctools.queues.MessagePassingQueue"))
    };
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int round = 0; round < 101; round++) {
      loaders.add(redeploy(path));
    }
    loaders.removeLast(); // the JDK may hold on to what it saw last; that does not add up

    await()
        .atMost(MINUTE)
        .until(
            () -> {
              System.gc();
              return loaders.stream().allMatch(loader -> loader.get() == null);
            });
  }

  private static WeakReference<ClassLoader> redeploy(URL[] path) throws Exception {
    try (URLClassLoader loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
      Class<?> application = loader.loadClass(Redeployed.class.getName());
      assertThat(application.getClassLoader()).isSameAs(loader);
      Callable<?> body = (Callable<?>) application.getDeclaredConstructor().newInstance();
      assertThat(body.call()).isEqualTo(1);
      return new WeakReference<>(loader);
    }
  }

  /** The folder or jar that a class is in. */
  private static URL rootOf(Class<?> type) throws IOException {
    String file = type.getName().replace('.', '/') + ".class";
    URL found = type.getResource("/" + file);
    if (found == null) {
      throw new IOException("no class file: " + type);
    }
    String root = found.toString();
    return url(root.substring(0, root.length() - file.length()));
  }

  private static URL url(String text) throws MalformedURLException {
    return URI.create(text).toURL();
  }

  @Test
  void callerRuns_usersThread_keepsNoThreadLocalOfOurs() throws Exception {
    WeakReference<TaskEngine> engine = runInCallerAndClose();

    await() // a thread local of this thread would hold the engine
        .until(
            () -> {
              System.gc();
              return engine.get() == null;
            });
  }

  private static WeakReference<TaskEngine> runInCallerAndClose() throws Exception {
    TaskEngine engine =
        TaskEngine.builder()
            .workers(1)
            .queueCapacity(1)
            .overflow(OverflowPolicy.callerRuns())
            .build();
    try (Gate gate = Gate.holding(engine, 1)) {
      engine.execute(() -> {});
      engine.execute(() -> {});
      engine.submit(
          context -> engine.submit(() -> 1).join(),
          TaskOptions.defaults().strategy(ExecutionStrategy.caller()));
      assertThat(engine.metrics().completed()).isEqualTo(3);
      gate.open();
    }
    engine.close();
    return new WeakReference<>(engine);
  }

  @Test
  void schedule_aMillionCancelled_holdNoMemory() {
    TaskEngine engine = engines.start(1);
    for (int i = 0; i < 10_000; i++) { // whatever is made once is made now
      engine.schedule(context -> 1, Duration.ofHours(1)).cancel();
    }
    System.gc();
    long before = usedBytes();

    for (int i = 0; i < 1_000_000; i++) {
      engine.schedule(context -> 1, Duration.ofHours(1)).cancel();
    }

    await()
        .atMost(MINUTE)
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(usedBytes() - before).isLessThan(5_000_000);
            });
    assertThat(EngineProbe.awaitIdle(engine).cancelled()).isEqualTo(1_010_000);
  }

  private static long usedBytes() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  // ---- bounded memory

  static Stream<Arguments> policies() {
    return Stream.of(
        Arguments.argumentSet("reject", OverflowPolicy.reject()),
        Arguments.argumentSet("block", OverflowPolicy.block(MINUTE)),
        Arguments.argumentSet("callerRuns", OverflowPolicy.callerRuns()),
        Arguments.argumentSet("discard", OverflowPolicy.discard()));
  }

  @ParameterizedTest
  @MethodSource("policies")
  void submit_fasterThanTheWorker_queueStaysWithinItsCapacity(OverflowPolicy policy) {
    int capacity = 100;
    int tasks = 50_000;
    TaskEngine engine =
        engines.start(TaskEngine.builder().workers(1).queueCapacity(capacity).overflow(policy));
    LongAdder ran = new LongAdder();
    LongAdder refused = new LongAdder();
    AtomicInteger depth = new AtomicInteger();
    AtomicInteger deepest = new AtomicInteger();
    Thread producer = Thread.currentThread();
    long mostQueued = 0;
    for (int i = 0; i < tasks; i++) {
      try {
        engine.execute(
            () -> {
              boolean inCaller = Thread.currentThread() == producer;
              if (inCaller) {
                deepest.accumulateAndGet(depth.incrementAndGet(), Math::max);
              }
              for (int spin = 0; spin < 20; spin++) {
                Thread.onSpinWait();
              }
              ran.increment();
              if (inCaller) {
                depth.decrementAndGet();
              }
            });
      } catch (RejectedTaskException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.QUEUE_FULL);
        refused.increment();
      }
      mostQueued = Math.max(mostQueued, engine.metrics().queued());
    }

    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(mostQueued).isBetween(1L, (long) capacity);
    assertThat(deepest.get()).isLessThanOrEqualTo(1);
    assertThat(books.rejected()).isEqualTo(refused.sum());
    assertThat(ran.sum() + refused.sum() + books.discarded()).isEqualTo(tasks);
    assertThat(books.failed()).isZero();
  }
}
