// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.heddle.error.TaskFailedException;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.internal.util.TestSeam.VirtualClock;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.spi.ContextPropagation;
import dev.heddle.spi.ContextPropagation.Captured;
import dev.heddle.spi.ExecutionStrategy;
import dev.heddle.spi.OverflowPolicy;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What tasks take along, by a propagation of this test's own. */
@Timeout(60)
class ContextPropagationTest {

  // @start region="own-propagation"
  static final ThreadLocal<@Nullable String> USER = new ThreadLocal<>();

  static final class OfUser implements ContextPropagation {
    @Override
    public Captured capture() {
      String captured = USER.get();
      return () -> {
        String before = USER.get();
        USER.set(captured);
        return () -> USER.set(before);
      };
    }
  }

  // @end

  private static final ContextPropagation OF_USER = new OfUser();

  private static final Task<@Nullable String> WHO = context -> USER.get();

  @SuppressWarnings("UnnecessaryLambda") // one object, to be recognised
  private static final Runnable NOTHING = () -> {};

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
  private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();

  private TaskEngine start(int workers, ContextPropagation propagation) {
    return engines.start(builder(workers, propagation));
  }

  private TaskEngine.Builder builder(int workers, ContextPropagation propagation) {
    return TaskEngine.builder()
        .workers(workers)
        .contextPropagation(propagation)
        .uncaughtHandler((thread, error) -> uncaught.add(error));
  }

  private void see() {
    seen.add(String.valueOf(USER.get()));
  }

  private String next() throws InterruptedException {
    return requireNonNull(seen.poll(1, TimeUnit.MINUTES), "nothing was seen");
  }

  @AfterEach
  void forget() {
    USER.remove();
  }

  // ---- what is seen where

  @Test
  void submit_anyForm_bodySeesWhatItsSubmitterHad() throws Exception {
    TaskEngine engine = start(1, OF_USER);
    for (String user : List.of("ann", "bob")) {
      USER.set(user);
      Callable<@Nullable String> callable = USER::get;
      Runnable runnable = this::see;

      assertThat(engine.submit(WHO).join()).isEqualTo(user);
      assertThat(engine.submit(WHO, TaskOptions.defaults().name("named")).join()).isEqualTo(user);
      assertThat(engine.submit(callable).join()).isEqualTo(user);
      assertThat(engine.trySubmit(WHO, TaskOptions.defaults()).orElseThrow().join())
          .isEqualTo(user);
      assertThat(engine.submit(Task.blocking(WHO)).join()).isEqualTo(user);
      engine.submit(runnable).join();
      assertThat(next()).isEqualTo(user);
      engine.execute(runnable);
      assertThat(next()).isEqualTo(user);
    }
  }

  @Test
  void submit_strategies_bodySeesWhatItsSubmitterHad() {
    TaskEngine engine = start(1, OF_USER);
    USER.set("ann");
    for (ExecutionStrategy strategy :
        List.of(
            ExecutionStrategy.caller(),
            ExecutionStrategy.dedicatedThread(),
            ExecutionStrategy.virtualThreads(1))) {
      assertThat(engine.submit(WHO, TaskOptions.defaults().strategy(strategy)).join())
          .isEqualTo("ann");
    }
    assertThat(USER.get()).isEqualTo("ann");
  }

  @Test
  void group_itsTasks_seeWhatTheirSubmitterHadByOneLook() {
    AtomicInteger looks = new AtomicInteger();
    TaskEngine engine =
        start(
            2,
            () -> {
              looks.incrementAndGet();
              return OF_USER.capture();
            });
    USER.set("ann");

    assertThat(engine.submitAll(List.of(WHO, Task.blocking(WHO), WHO)).join()).containsOnly("ann");
    assertThat(
            engine.submitEach(List.of(1, 2, 3), (item, context) -> USER.get() + item, NAMED).join())
        .containsExactly("ann1", "ann2", "ann3");
    assertThat(looks).hasValue(2);
  }

  private static final TaskOptions NAMED = TaskOptions.defaults().name("named");

  @Test
  void lane_itsTasks_seeWhatTheirSubmitterHad() throws Exception {
    TaskEngine engine = start(1, OF_USER);
    try (TaskLane lane = engine.openLane(8)) {
      USER.set("ann");
      lane.execute(this::see);
      USER.set("bob");
      assertThat(lane.tryExecute(this::see)).isTrue();
      USER.set("cid");
      TaskHandle<@Nullable String> handle = lane.submit(WHO);
      USER.set("dan");

      assertThat(handle.join()).isEqualTo("cid");
      assertThat(List.of(next(), next())).containsExactly("ann", "bob");
    }
  }

  @Test
  void schedule_once_bodySeesWhatWasThereThen() {
    try (VirtualClock clock = TestSeam.stopClock()) {
      TaskEngine engine = builder(1, OF_USER).build();
      USER.set("ann");
      TaskHandle<@Nullable String> handle = engine.schedule(WHO, Duration.ofHours(1));
      USER.set("bob");
      clock.advance(Duration.ofHours(1));

      assertThat(handle.join()).isEqualTo("ann");
      engine.close();
    }
  }

  @Test
  void schedule_periodic_everyRunSeesWhatWasThereThen() throws Exception {
    try (VirtualClock clock = TestSeam.stopClock()) {
      TaskEngine engine = builder(1, OF_USER).build();
      USER.set("ann");
      engine.schedule(
          Task.action(
              context -> {
                see();
                USER.set("mess");
              }),
          Schedule.fixedRate(Duration.ofHours(1)),
          NAMED);
      USER.set("bob");
      for (int i = 0; i < 3; i++) {
        assertThat(next()).isEqualTo("ann");
        EngineProbe.awaitIdle(engine);
        clock.advance(Duration.ofHours(1));
      }
      engine.close();
    }
  }

  @Test
  void executorView_anyForm_bodySeesWhatItsSubmitterHad() throws Exception {
    TaskEngine engine = start(1, OF_USER);
    ScheduledExecutorService view = engine.asExecutorService();
    Callable<@Nullable String> who = USER::get;
    USER.set("ann");

    view.execute(this::see);
    assertThat(next()).isEqualTo("ann");
    assertThat(view.submit(who).get()).isEqualTo("ann");
    view.submit(this::see).get();
    assertThat(next()).isEqualTo("ann");
    assertThat(view.invokeAll(List.of(who)).getFirst().get()).isEqualTo("ann");
    assertThat(view.schedule(who, 1, TimeUnit.NANOSECONDS).get()).isEqualTo("ann");
    assertThat(CompletableFuture.supplyAsync(() -> USER.get(), view).get()).isEqualTo("ann");
    ExecutorCompletionService<@Nullable String> service = new ExecutorCompletionService<>(view);
    service.submit(who);
    assertThat(service.take().get()).isEqualTo("ann");
    assertThat(engine.submit(() -> view.submit(who).get()).join()).as("helped").isEqualTo("ann");
    view.scheduleAtFixedRate(this::see, 0, 1, TimeUnit.MILLISECONDS);
    USER.set("bob");
    assertThat(next()).isEqualTo("ann");
    assertThat(next()).isEqualTo("ann");
    view.close();
  }

  @Test
  void executorView_shutdownNow_givesTheBodiesThatWereSubmitted() {
    TaskEngine engine = start(1, OF_USER);
    ScheduledExecutorService view = engine.asExecutorService();
    try (Gate gate = Gate.holding(engine, 1)) {
      view.execute(NOTHING);

      assertThat(view.shutdownNow()).containsExactly(NOTHING);
    }
  }

  @Test
  void submit_fullAndRunInCaller_callerKeepsItsOwn() {
    TaskEngine engine =
        engines.start(builder(1, OF_USER).queueCapacity(1).overflow(OverflowPolicy.callerRuns()));
    USER.set("ann");
    try (Gate gate = Gate.holding(engine, 1)) {
      engine.execute(NOTHING);
      TaskHandle<@Nullable String> here =
          engine.submit(
              context -> {
                String user = USER.get();
                USER.set("mess");
                return user;
              });

      assertThat(here.join()).isEqualTo("ann");
      assertThat(USER.get()).isEqualTo("ann");
    }
  }

  @Test
  void join_taskRunsInsideItsWaiter_eachSeesItsOwn() {
    TaskEngine engine = start(1, OF_USER);
    USER.set("outer");
    TaskHandle<String> outer =
        engine.submit(
            context -> {
              String before = USER.get();
              USER.set("inner");
              TaskHandle<@Nullable String> inner = engine.submit(WHO);
              USER.set("meanwhile");
              String inside = inner.join();
              return before + ", " + inside + ", " + USER.get();
            });

    assertThat(outer.join()).isEqualTo("outer, inner, meanwhile");
  }

  @Test
  void onComplete_callback_seesWhatWasThereWhenItWasRegistered() throws Exception {
    TaskEngine engine = start(1, OF_USER);
    Gate gate = Gate.holding(engine, 1);
    TaskHandle<@Nullable String> handle = engine.submit(WHO);
    USER.set("ann");
    handle.onComplete(outcome -> see());
    USER.set("bob");
    handle.onComplete(outcome -> see());
    CompletableFuture<Void> dependent = handle.toCompletableFuture().thenAccept(value -> see());
    gate.open();

    assertThat(List.of(next(), next(), next())).containsExactly("ann", "bob", "bob");
    dependent.join();
    USER.set("cid");
    handle.onComplete(outcome -> see()); // at once
    assertThat(next()).isEqualTo("cid");
  }

  @Test
  void onCancel_action_seesWhatItsTaskHad() throws Exception {
    TaskEngine engine = start(1, OF_USER);
    USER.set("ann");
    CountDownLatch registered = new CountDownLatch(1);
    Gate gate = Gate.closed();
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(
                context -> {
                  context.onCancel(this::see);
                  registered.countDown();
                  gate.pass();
                }));
    Gate.await(registered);
    USER.set("bob");
    handle.cancel();

    assertThat(next()).isEqualTo("ann");
    assertThat(USER.get()).isEqualTo("bob");
    gate.open();
  }

  @Test
  void compute_fromOutside_theTaskOfTheComputationSeesIt() {
    TaskEngine engine = start(1, OF_USER);
    USER.set("ann");

    assertThat(engine.<@Nullable String>compute(scope -> USER.get())).isEqualTo("ann");
  }

  @Test
  void submit_inATask_takesAlongWhatTheTaskHas() {
    TaskEngine engine = start(2, OF_USER);
    USER.set("ann");

    assertThat(engine.submit(context -> engine.submit(WHO).join()).join()).isEqualTo("ann");
  }

  @Test
  void nextTask_afterOneThatChangesWhatItHas_seesNothingOfIt() {
    TaskEngine engine = start(1, OF_USER);
    for (int i = 0; i < 100; i++) {
      USER.set("ann");
      Runnable messy = () -> USER.set("mess");
      engine.execute(messy);
      engine.submit(messy).join();
      USER.remove();

      assertThat(engine.submit(WHO).join()).isNull();
    }
  }

  @Test
  void body_ofAWorker_findsNothingPutBackByOthers() {
    AtomicReference<@Nullable String> onWorker = new AtomicReference<>("unset");
    AtomicInteger calls = new AtomicInteger();
    TaskEngine engine = start(1, () -> calls.get() == 0 ? OF_USER.capture() : Captured.nothing());
    USER.set("ann");
    assertThat(engine.submit(WHO).join()).isEqualTo("ann");
    calls.incrementAndGet();
    engine.submit(() -> onWorker.set(USER.get())).join();

    assertThat(onWorker).as("the worker's own").hasValue(null);
  }

  @Test
  void exactSamples_andAPropagation_siteAndContextAreBothKept() {
    TaskEngine engine = engines.start(builder(1, OF_USER).exactSamples(true));
    USER.set("ann");

    assertThat(engine.submit(WHO).join()).isEqualTo("ann");
    TaskHandle<?> failing = engine.submit(ContextPropagationTest::fail);
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(failing::join)
        .withMessageContaining("exactSamples_andAPropagation")
        .withStackTraceContaining("ann failed");
  }

  private static void fail() {
    throw new IllegalStateException(USER.get() + " failed");
  }

  @Test
  void failure_withAPropagation_namesTheSiteOfTheBodysClass() {
    TaskEngine engine = start(1, OF_USER);

    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(() -> engine.submit(ContextPropagationTest::fail).join())
        .withMessageContaining("site=")
        .withMessageContaining("ContextPropagationTest");
  }

  @Test
  void dump_executeWithAPropagation_showsTheBodysClass() throws Exception {
    TaskEngine engine = start(1, OF_USER);
    CountDownLatch started = new CountDownLatch(1);
    Gate gate = Gate.closed();
    Runnable body =
        () -> {
          started.countDown();
          try {
            gate.pass();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        };
    engine.execute(body);
    Gate.await(started);

    assertThat(engine.dump().toString()).contains(body.getClass().getName());
    gate.open();
  }

  // ---- free when unused

  private static Object keptBy(TaskHandle<?> handle) throws Exception {
    Field body = handle.getClass().getSuperclass().getDeclaredField("body");
    body.setAccessible(true);
    return body.get(handle);
  }

  @Test
  void handle_nothingToTakeAlong_keepsTheBodyItself() throws Exception {
    Task<Integer> body = context -> 42;
    for (ContextPropagation unused :
        List.of(
            ContextPropagation.none(),
            ContextPropagation.of(),
            ContextPropagation.of(ContextPropagation.none(), ContextPropagation.none()),
            Captured::nothing,
            ContextPropagation.of(Captured::nothing, Captured::nothing))) {
      TaskEngine engine = start(1, unused);
      try (Gate gate = Gate.holding(engine, 1)) {
        assertThat(keptBy(engine.submit(body))).isSameAs(body);
        assertThat(keptBy(engine.submit(NOTHING))).isSameAs(NOTHING);
      }
    }
    TaskEngine used = start(1, OF_USER);
    try (Gate gate = Gate.holding(used, 1)) {
      assertThat(keptBy(used.submit(body))).isNotSameAs(body);
    }
  }

  // ---- errors

  private final IllegalStateException no = new IllegalStateException("no");

  @Test
  void capture_throws_submissionThrowsAndNothingHasHappened() {
    TaskEngine engine =
        builder(
                1,
                () -> {
                  throw no;
                })
            .build();
    ScheduledExecutorService view = engine.asExecutorService();
    TaskLane lane = engine.openLane(4);
    Task<Integer> answer = context -> 42;
    for (Runnable submission :
        List.<Runnable>of(
            () -> engine.execute(NOTHING),
            () -> engine.submit(answer),
            () -> engine.submit(NOTHING),
            () -> engine.submit(Task.blocking(answer)),
            () -> engine.trySubmit(answer, NAMED),
            () -> engine.submitAll(List.of(answer)),
            () -> engine.submitEach(List.of(1), (item, context) -> item, NAMED),
            () -> engine.schedule(answer, Duration.ZERO),
            () -> engine.schedule(answer, Schedule.fixedRate(Duration.ofHours(1)), NAMED),
            () -> lane.execute(NOTHING),
            () -> lane.tryExecute(NOTHING),
            () -> lane.submit(answer),
            () -> view.execute(NOTHING),
            () -> view.submit(NOTHING),
            () -> view.schedule(NOTHING, 0, TimeUnit.SECONDS),
            () -> view.scheduleAtFixedRate(NOTHING, 0, 1, TimeUnit.HOURS))) {
      assertThat(catchThrowableOfType(IllegalStateException.class, submission::run)).isSameAs(no);
    }
    EngineMetrics books = engine.metrics();
    assertThat(books.offered()).isZero();
    assertThat(view.shutdownNow()).isEmpty();
    engine.close();
  }

  @Test
  void capture_null_isRefused() {
    @SuppressWarnings("NullAway") // breaks the contract on purpose
    TaskEngine engine = builder(1, () -> null).build();

    assertThatNullPointerException()
        .isThrownBy(() -> engine.submit(WHO))
        .withMessage("captured context");
    engine.close();
  }

  /** Works for the probe's tasks, too. */
  private static ContextPropagation failing(Captured captured) {
    return () -> USER.get() == null ? Captured.nothing() : captured;
  }

  @Test
  void restore_throws_bodyDoesNotRunAndTheTaskFails() throws Exception {
    TaskEngine engine =
        start(
            1,
            failing(
                () -> {
                  throw no;
                }));
    USER.set("ann");
    TaskHandle<?> handle = engine.submit(this::see);
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(handle::join)
        .havingCause()
        .isSameAs(no);
    engine.execute(this::see);
    ScheduledExecutorService view = engine.asExecutorService();
    assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
        .isThrownBy(() -> view.submit(this::see).get())
        .havingCause()
        .isSameAs(no);
    handle.onComplete(outcome -> see());
    USER.remove();
    engine.submit(NOTHING).join();

    assertThat(seen).isEmpty();
    assertThat(uncaught).as("of execute, of the callback").containsExactly(no, no);
  }

  @Test
  void restore_null_taskFails() {
    @SuppressWarnings("NullAway") // breaks the contract on purpose
    TaskEngine engine = start(1, failing(() -> null));
    USER.set("ann");

    TaskHandle<?> handle = engine.submit(this::see);
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(handle::join)
        .havingCause()
        .isInstanceOf(NullPointerException.class)
        .withMessage("restored context");
    USER.remove();
  }

  @Test
  void close_throws_outcomeStaysAndTheHandlerIsTold() throws Exception {
    TaskEngine engine =
        start(
            1,
            failing(
                () ->
                    () -> {
                      throw no;
                    }));
    USER.set("ann");
    Callable<Integer> answer = () -> 42;

    assertThat(engine.submit(answer).join()).isEqualTo(42);
    assertThat(engine.asExecutorService().submit(answer).get()).isEqualTo(42);
    engine.execute(this::see);
    next();
    TaskHandle<?> failed = engine.submit(ContextPropagationTest::fail);
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(failed::join)
        .havingCause()
        .withMessage("null failed");
    USER.remove();
    EngineProbe.awaitIdle(engine);
    assertThat(uncaught).containsExactly(no, no, no, no);
    assertThat(engine.metrics().failed()).isEqualTo(1);
  }

  // ---- several together

  private static ContextPropagation noting(String name, List<String> notes) {
    return () -> {
      notes.add("capture " + name);
      return () -> {
        notes.add("restore " + name);
        return () -> notes.add("close " + name);
      };
    };
  }

  private static ContextPropagation failing(Captured captured, List<String> notes) {
    return () -> {
      notes.add("capture failing");
      return captured;
    };
  }

  @Test
  void of_several_areRestoredInOrderAndPutBackInReverse() {
    List<String> notes = new ArrayList<>();
    ContextPropagation both =
        ContextPropagation.of(
            noting("a", notes), ContextPropagation.none(), Captured::nothing, noting("b", notes));

    both.capture().restore().close();

    assertThat(notes)
        .containsExactly("capture a", "capture b", "restore a", "restore b", "close b", "close a");
    ContextPropagation one = noting("c", notes);
    assertThat(ContextPropagation.of(one, ContextPropagation.none())).isSameAs(one);
  }

  @Test
  void of_oneCannotBeRestored_thoseBeforeArePutBack() {
    List<String> notes = new ArrayList<>();
    Captured captured =
        ContextPropagation.of(
                noting("a", notes),
                failing(
                    () -> {
                      throw no;
                    },
                    notes),
                noting("b", notes))
            .capture();
    notes.clear();

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(captured::restore)
        .isSameAs(no);
    assertThat(notes).containsExactly("restore a", "close a");
  }

  @Test
  void of_oneCannotBePutBack_theOthersAre() {
    List<String> notes = new ArrayList<>();
    IllegalStateException first = new IllegalStateException("first");
    IllegalStateException second = new IllegalStateException("second");
    ContextPropagation.Restored restored =
        ContextPropagation.of(
                noting("a", notes),
                failing(
                    () ->
                        () -> {
                          throw second;
                        },
                    notes),
                failing(
                    () ->
                        () -> {
                          throw first;
                        },
                    notes))
            .capture()
            .restore();
    notes.clear();

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(restored::close)
        .isSameAs(first);
    assertThat(first).hasSuppressedException(second);
    assertThat(notes).containsExactly("close a");
  }

  @Test
  @SuppressWarnings("NullAway") // breaks the contract on purpose
  void of_null_isRefused() {
    assertThatNullPointerException()
        .isThrownBy(() -> ContextPropagation.of((ContextPropagation[]) null))
        .withMessage("propagations");
    assertThatNullPointerException()
        .isThrownBy(() -> ContextPropagation.of(OF_USER, null))
        .withMessage("propagation");
  }
}
