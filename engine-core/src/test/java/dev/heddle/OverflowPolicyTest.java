// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.internal.park.RoomWaiters;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.spi.OverflowPolicy;
import dev.heddle.spi.OverflowPolicy.Decision;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future.State;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of tasks that are submitted while the engine is full. */
class OverflowPolicyTest {

  private static final Duration LONG = Duration.ofDays(1);

  @RegisterExtension final EngineProbe engines = new EngineProbe();
  @RegisterExtension final EngineLog log = new EngineLog();

  // @start region="own-policy"
  /** Drops statistics, which can be missed; everything else may wait for a second. */
  static final OverflowPolicy STATISTICS_CAN_BE_MISSED =
      overflow -> {
        if (overflow.task().equals("statistics")) {
          return Decision.DISCARD;
        }
        return overflow.awaitRoom(Duration.ofSeconds(1)) ? Decision.RETRY : Decision.REJECT;
      };

  // @end

  /** A policy that counts how often it was asked. */
  private static final class Counting implements OverflowPolicy {
    final AtomicInteger asked = new AtomicInteger();
    private final OverflowPolicy policy;

    Counting(OverflowPolicy policy) {
      this.policy = policy;
    }

    @Override
    public Decision onFull(Overflow overflow) throws InterruptedException {
      asked.incrementAndGet();
      return policy.onFull(overflow);
    }
  }

  static Stream<Arguments> policies() {
    return Stream.of(
        Arguments.argumentSet("reject", OverflowPolicy.reject()),
        Arguments.argumentSet("block", OverflowPolicy.block(LONG)),
        Arguments.argumentSet("callerRuns", OverflowPolicy.callerRuns()),
        Arguments.argumentSet("discard", OverflowPolicy.discard()));
  }

  private TaskEngine engine(OverflowPolicy policy, int capacity) {
    return engines.start(
        TaskEngine.builder().name("small").workers(1).queueCapacity(capacity).overflow(policy));
  }

  /** Fills the queues of an engine whose worker is held. */
  private static List<TaskHandle<Integer>> fill(TaskEngine engine, int tasks) {
    List<TaskHandle<Integer>> handles = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      handles.add(engine.submit(() -> 1));
    }
    return handles;
  }

  /** Runs something on a thread of its own. */
  private static <T> FutureTask<T> async(java.util.concurrent.Callable<T> body) {
    FutureTask<T> future = new FutureTask<>(body);
    new Thread(future, "submitter").start();
    return future;
  }

  private static void awaitWaiting(Thread thread) {
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> LockSupport.getBlocker(thread) instanceof RoomWaiters);
  }

  // ---- reject

  @Test
  void reject_engineFull_throwsAndCounts() {
    TaskEngine engine = engine(OverflowPolicy.reject(), 2);
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 2);

      RejectedTaskException e =
          catchThrowableOfType(RejectedTaskException.class, () -> engine.submit(() -> 1));

      assertThat(e.code()).isEqualTo(ErrorCode.QUEUE_FULL);
      assertThat(engine.metrics().rejected()).isEqualTo(1);
      assertThat(engine.metrics().accepted()).isEqualTo(3);
      assertThat(gate.holders()).hasSize(1);
    }
  }

  // ---- block

  @Test
  void block_roomComes_isAccepted() throws Exception {
    TaskEngine engine = engine(OverflowPolicy.block(LONG), 1);
    Thread submitter;
    FutureTask<TaskHandle<Integer>> late;
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);
      late = new FutureTask<>(() -> engine.submit(() -> 42));
      submitter = new Thread(late, "submitter");
      submitter.start();
      awaitWaiting(submitter);
      assertThat(engine.metrics().accepted()).isEqualTo(2);
      gate.open();
    }

    assertThat(late.get().join()).isEqualTo(42);
    assertThat(engine.metrics().rejected()).isZero();
  }

  @Test
  void block_manySubmittersOnePlace_allGetThrough() throws Exception {
    TaskEngine engine = engine(OverflowPolicy.block(LONG), 1);
    List<FutureTask<Integer>> submitters = new ArrayList<>();
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);
      for (int i = 0; i < 8; i++) {
        submitters.add(
            async(
                () -> {
                  int sum = 0;
                  for (int task = 0; task < 500; task++) {
                    sum += engine.submit(() -> 1).join();
                  }
                  return sum;
                }));
      }
      gate.open();
    }

    int sum = 0;
    for (FutureTask<Integer> submitter : submitters) {
      sum += submitter.get();
    }
    assertThat(sum).isEqualTo(8 * 500);
    assertThat(engine.metrics().rejected()).isZero();
  }

  @Test
  void block_timePasses_isRejected() throws Exception {
    try (TestSeam.VirtualClock clock = TestSeam.stopClock()) {
      TaskEngine engine = engine(OverflowPolicy.block(Duration.ofHours(1)), 1);
      try (Gate gate = Gate.holding(engine, 1)) {
        fill(engine, 1);
        FutureTask<@Nullable Throwable> late =
            new FutureTask<>(() -> catchThrowable(() -> engine.submit(() -> 42)));
        Thread submitter = new Thread(late, "submitter");
        submitter.start();
        awaitWaiting(submitter);
        clock.advance(Duration.ofHours(1).minusNanos(1));
        awaitWaiting(submitter);
        assertThat(late.isDone()).isFalse();

        clock.advance(Duration.ofNanos(1));

        assertThat(late.get())
            .isInstanceOfSatisfying(
                RejectedTaskException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.QUEUE_FULL));
        assertThat(engine.metrics().rejected()).isEqualTo(1);
        gate.open();
      }
      EngineProbe.assertStillUsable(engine);
    }
  }

  @Test
  void block_zero_looksOnce() {
    TaskEngine engine = engine(OverflowPolicy.block(Duration.ZERO), 1);
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);

      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> engine.submit(() -> 42));
      assertThat(gate.holders()).noneMatch(TaskHandle::isDone);
    }
  }

  @Test
  void block_submitterInterrupted_isRejectedAndKeepsItsStatus() throws Exception {
    TaskEngine engine = engine(OverflowPolicy.block(LONG), 1);
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);
      AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
      FutureTask<Boolean> late =
          new FutureTask<>(
              () -> {
                thrown.set(catchThrowable(() -> engine.submit(() -> 42)));
                return Thread.interrupted();
              });
      Thread submitter = new Thread(late, "submitter");
      submitter.start();
      awaitWaiting(submitter);

      submitter.interrupt();

      assertThat(late.get()).as("interrupt status").isTrue();
      assertThat(thrown.get()).isInstanceOf(RejectedTaskException.class);
      assertThat(engine.metrics().rejected()).isEqualTo(1);
      gate.open();
    }
  }

  @Test
  void block_engineClosesMeanwhile_isRejectedAsClosed() throws Exception {
    TaskEngine engine = engine(OverflowPolicy.block(LONG), 1);
    FutureTask<@Nullable Throwable> late =
        new FutureTask<>(() -> catchThrowable(() -> engine.submit(() -> 42)));
    Thread submitter = new Thread(late, "submitter");
    FutureTask<String> closer;
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);
      submitter.start();
      awaitWaiting(submitter);

      closer =
          async(
              () -> {
                engine.close();
                return "closed";
              });

      assertThat(late.get()) // while the worker is still held
          .isInstanceOfSatisfying(
              RejectedTaskException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.ENGINE_CLOSED));
      assertThat(closer.isDone()).isFalse();
      gate.open();
    }
    assertThat(closer.get()).isEqualTo("closed");
    assertThat(engine.metrics().completed()).isEqualTo(2);
    assertThat(engine.metrics().rejected()).isEqualTo(1);
  }

  @Test
  void block_group_waitsForRoomForAll() throws Exception {
    TaskEngine engine = engine(OverflowPolicy.block(LONG), 3);
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);
      FutureTask<TaskGroup<Integer>> late =
          new FutureTask<>(
              () -> engine.submitAll(List.of(context -> 1, context -> 2, context -> 3)));
      Thread submitter = new Thread(late, "submitter");
      submitter.start();
      awaitWaiting(submitter);
      assertThat(engine.metrics().accepted()).as("none of them yet").isEqualTo(2);

      gate.open();

      assertThat(late.get().join()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void block_badTime_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OverflowPolicy.block(Duration.ofNanos(-1)))
        .withMessageContaining("atMost=PT-0.000000001S");
  }

  // ---- caller runs

  @Test
  void callerRuns_engineFull_runsOnTheSubmittingThread() {
    TaskEngine engine = engine(OverflowPolicy.callerRuns(), 1);
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);
      AtomicReference<@Nullable Thread> ranOn = new AtomicReference<>();

      TaskHandle<Thread> task = engine.submit(context -> Thread.currentThread());
      engine.execute(() -> ranOn.set(Thread.currentThread()));

      assertThat(task.state()).isEqualTo(State.SUCCESS);
      assertThat(task.join()).isSameAs(Thread.currentThread());
      assertThat(ranOn.get()).isSameAs(Thread.currentThread());
      EngineMetrics books = engine.metrics();
      assertThat(books.accepted()).isEqualTo(4);
      assertThat(books.completed()).isEqualTo(2);
      assertThat(books.queued()).isEqualTo(1);
      assertThat(books.running()).isEqualTo(1);
      assertThat(books.rejected()).isZero();
      gate.open();
    }
  }

  @Test
  void callerRuns_bodyThrows_handleOrHandlerHears() {
    List<Throwable> uncaught = Collections.synchronizedList(new ArrayList<>());
    TaskEngine engine =
        engines.start(
            TaskEngine.builder()
                .workers(1)
                .queueCapacity(1)
                .overflow(OverflowPolicy.callerRuns())
                .uncaughtHandler((thread, error) -> uncaught.add(error)));
    IllegalStateException error = new IllegalStateException("expected");
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);

      TaskHandle<?> failed =
          engine.submit(
              () -> {
                throw error;
              });
      engine.execute(
          () -> {
            throw error;
          });

      assertThat(failed.outcome()).isEqualTo(new Outcome.Failure<>(error));
      assertThat(uncaught).containsExactly(error);
      assertThat(engine.metrics().failed()).isEqualTo(2);
      gate.open();
    }
  }

  @Test
  void callerRuns_submitterInterruptedBefore_keepsItsStatusAndHidesItFromTheBody() {
    TaskEngine engine = engine(OverflowPolicy.callerRuns(), 1);
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);
      Thread.currentThread().interrupt();

      TaskHandle<Boolean> task = engine.submit(() -> Thread.currentThread().isInterrupted());

      assertThat(Thread.interrupted()).as("the submitter's status").isTrue();
      assertThat(task.resultNow()).as("the body's status").isFalse();
      gate.open();
    }
  }

  @Test
  void callerRuns_interruptedWhileTheBodyRuns_submitterKeepsIt() {
    TaskEngine engine = engine(OverflowPolicy.callerRuns(), 1);
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);

      engine.execute(() -> Thread.currentThread().interrupt()); // as from another thread
      boolean kept = Thread.interrupted();

      assertThat(kept).as("an interrupt that was meant for the submitter").isTrue();
      gate.open();
    }
  }

  @Test
  void callerRuns_bodySubmits_doesNotNest() {
    TaskEngine engine = engine(OverflowPolicy.callerRuns(), 1);
    Thread submitter = Thread.currentThread();
    List<TaskHandle<Thread>> inner = new ArrayList<>();
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);

      TaskHandle<?> outer =
          engine.submit(
              () -> {
                for (int i = 0; i < 100; i++) {
                  inner.add(engine.submit(Thread::currentThread));
                }
              });

      assertThat(outer.isDone()).isTrue();
      assertThat(inner).hasSize(100).noneMatch(TaskHandle::isDone);
      gate.open();
    }
    assertThat(inner).allSatisfy(task -> assertThat(task.join()).isNotSameAs(submitter));
  }

  @Test
  void callerRuns_bodyJoins_runsTheTaskInside() {
    TaskEngine engine = engine(OverflowPolicy.callerRuns(), 1);
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);

      TaskHandle<Integer> outer =
          engine.submit(context -> context.engine().submit(() -> 41).join() + 1);

      assertThat(outer.join()).isEqualTo(42);
      gate.open();
    }
  }

  @Test
  void callerRuns_bodyWantsMemory_hasAnArenaUntilItsEnd() {
    TaskEngine engine = engine(OverflowPolicy.callerRuns(), 1);
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);
      AtomicReference<@Nullable MemorySegment> kept = new AtomicReference<>();

      TaskHandle<Long> task =
          engine.submit(
              context -> {
                MemorySegment segment = context.arena().allocate(ValueLayout.JAVA_LONG);
                kept.set(segment);
                segment.set(ValueLayout.JAVA_LONG, 0, 42);
                return segment.get(ValueLayout.JAVA_LONG, 0);
              });

      assertThat(task.join()).isEqualTo(42);
      assertThat(kept.get()).isNotNull();
      assertThat(requireNonNull(kept.get()).scope().isAlive()).isFalse();
      gate.open();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void callerRuns_engineStopped_bodyIsInterruptedAndItsThreadIsNotAfterwards(boolean withHandle)
      throws Exception {
    TaskEngine engine = engine(OverflowPolicy.callerRuns(), 1);
    CountDownLatch running = new CountDownLatch(1);
    AtomicReference<@Nullable Throwable> seen = new AtomicReference<>();
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);
      Runnable body =
          () -> {
            running.countDown();
            seen.set(catchThrowable(() -> new CountDownLatch(1).await()));
          };
      FutureTask<Boolean> submitter =
          async(
              () -> {
                if (withHandle) {
                  assertThat(engine.submit(body).isCancelled()).isTrue();
                } else {
                  engine.execute(body);
                }
                return Thread.interrupted();
              });
      Gate.await(running);

      CloseReport report = engine.close(Duration.ZERO);

      assertThat(submitter.get()).as("interrupt status left").isFalse();
      assertThat(seen.get()).isInstanceOf(InterruptedException.class);
      assertThat(report.neverStarted()).isEqualTo(1);
      gate.open();
    }
    CloseReport end = engine.close(Duration.ofMinutes(1));
    assertThat(end.terminated()).isTrue();
    assertThat(end.completed() + end.cancelled()).isEqualTo(3);
  }

  // ---- discard

  @Test
  void discard_engineFull_handleSaysSo() throws Exception {
    TaskEngine engine = engine(OverflowPolicy.discard(), 1);
    AtomicInteger ran = new AtomicInteger();
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);

      TaskHandle<Integer> dropped = engine.submit(ran::incrementAndGet);
      engine.execute(ran::incrementAndGet);

      assertThat(dropped.isDone()).isTrue();
      assertThat(dropped.isCancelled()).isFalse();
      assertThat(dropped.state()).isEqualTo(State.FAILED);
      assertThat(dropped.cancel()).isFalse();
      RejectedTaskException why = catchThrowableOfType(RejectedTaskException.class, dropped::join);
      assertThat(why.code()).isEqualTo(ErrorCode.QUEUE_FULL);
      assertThat(dropped.outcome()).isEqualTo(new Outcome.Rejected<>(why));
      assertThat(dropped.exceptionNow()).isSameAs(why);
      assertThat(catchThrowableOfType(ExecutionException.class, dropped::get)).hasCause(why);
      assertThat(dropped.toCompletableFuture().exceptionNow()).isSameAs(why);
      AtomicReference<@Nullable Outcome<Integer>> heard = new AtomicReference<>();
      dropped.onComplete(heard::set);
      assertThat(heard.get()).isEqualTo(new Outcome.Rejected<>(why));

      EngineMetrics books = engine.metrics();
      assertThat(books.discarded()).isEqualTo(2);
      assertThat(books.accepted()).isEqualTo(4);
      assertThat(books.rejected()).isZero();
      assertThat(books.cancelled()).isZero();
      assertThat(books.failed()).isZero();
      assertThat(books.live()).isEqualTo(2);
      gate.open();
    }
    EngineProbe.awaitIdle(engine);
    assertThat(ran).hasValue(0);
    assertThat(engine.close(Duration.ofMinutes(1)).completed()).isEqualTo(2);
    assertThat(log.messages()).as("nothing of it is logged").isEmpty();
  }

  // ---- a user's own

  @Test
  void ownPolicy_decidesByName() {
    TaskEngine engine = engine(STATISTICS_CAN_BE_MISSED, 1);
    TaskHandle<Integer> statistics;
    TaskHandle<Integer> order;
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> queued = fill(engine, 1).getFirst();
      statistics = engine.submit(context -> 1, TaskOptions.defaults().name("statistics"));
      gate.open();
      queued.join();
      order = engine.submit(context -> 2, TaskOptions.defaults().name("order"));
    }

    assertThat(statistics.outcome()).isInstanceOf(Outcome.Rejected.class);
    assertThat(order.join()).isEqualTo(2);
  }

  @Test
  void onFull_engineFull_knowsNamesAndRoom() {
    List<String> asked = new ArrayList<>();
    TaskEngine engine =
        engine(
            overflow -> {
              asked.add(overflow.engine() + "/" + overflow.task());
              asked.add("room=" + overflow.awaitRoom(Duration.ZERO));
              assertThatIllegalArgumentException()
                  .isThrownBy(() -> overflow.awaitRoom(Duration.ofNanos(-1)));
              assertThatNullPointerException().isThrownBy(() -> overflow.awaitRoom(nothing()));
              return Decision.REJECT;
            },
            1);
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);

      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> engine.submit(context -> 1, TaskOptions.defaults().name("order")));
      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> engine.execute(() -> {}));

      assertThat(asked).containsExactly("small/order", "room=false", "small/execute", "room=false");
      gate.open();
    }
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // passes null where it is refused
  private static <T> T nothing() {
    return null;
  }

  @Test
  void onFull_saysRetryThenReject_isAskedAgain() {
    AtomicInteger asked = new AtomicInteger();
    TaskEngine engine =
        engine(overflow -> asked.incrementAndGet() < 5 ? Decision.RETRY : Decision.REJECT, 1);
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);

      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> engine.submit(() -> 1));

      assertThat(asked).hasValue(5);
      assertThat(engine.metrics().rejected()).isEqualTo(1);
      gate.open();
    }
  }

  static Stream<Arguments> brokenPolicies() {
    return Stream.of(
        Arguments.argumentSet(
            "throws a RuntimeException",
            (OverflowPolicy)
                overflow -> {
                  throw new IllegalStateException("broken");
                },
            IllegalStateException.class),
        Arguments.argumentSet(
            "throws an Error",
            (OverflowPolicy)
                overflow -> {
                  throw new AssertionError("broken");
                },
            AssertionError.class),
        Arguments.argumentSet(
            "returns null", (OverflowPolicy) overflow -> nothing(), NullPointerException.class));
  }

  @ParameterizedTest
  @MethodSource("brokenPolicies")
  void onFull_broken_submitThrowsItAndTheTaskIsRejected(
      OverflowPolicy broken, Class<? extends Throwable> expected) {
    TaskEngine engine = engine(broken, 1);
    AtomicInteger ran = new AtomicInteger();
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);

      assertThatExceptionOfType(expected).isThrownBy(() -> engine.submit(ran::incrementAndGet));
      assertThatExceptionOfType(expected).isThrownBy(() -> engine.execute(ran::incrementAndGet));

      assertThat(engine.metrics().rejected()).isEqualTo(2);
      assertThat(engine.metrics().accepted()).isEqualTo(2);
      gate.open();
    }
    EngineProbe.assertStillUsable(engine);
    assertThat(ran).hasValue(0);
  }

  // ---- who is asked

  @ParameterizedTest
  @MethodSource("policies")
  void trySubmit_engineFull_neverAsks(OverflowPolicy policy) {
    Counting counting = new Counting(policy);
    TaskEngine engine = engine(counting, 1);
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);

      assertThat(engine.trySubmit(context -> 1, TaskOptions.defaults())).isEmpty();

      assertThat(counting.asked).hasValue(0);
      assertThat(engine.metrics().rejected()).isEqualTo(1);
      gate.open();
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void submit_byAWorkerOfTheFullEngine_findsRoom(OverflowPolicy policy) {
    Counting counting = new Counting(policy);
    TaskEngine engine = engine(counting, 1);
    Queue<Integer> ran = new ConcurrentLinkedQueue<>();

    engine
        .submit(
            () -> {
              for (int i = 0; i < 100; i++) {
                int number = i;
                if (i % 2 == 0) {
                  engine.submit(() -> ran.add(number));
                } else {
                  engine.execute(() -> ran.add(number));
                }
              }
              engine.submitAll(List.of(context -> ran.add(100), context -> ran.add(101)));
            })
        .join();

    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(ran).hasSize(102).doesNotHaveDuplicates();
    assertThat(books.completed()).isEqualTo(103);
    assertThat(counting.asked).hasValue(0);
  }

  // ---- groups

  @ParameterizedTest
  @MethodSource("policies")
  void submitAll_noRoomForAll_allOrNone(OverflowPolicy policy) {
    TaskEngine engine = engine(policy, 3);
    AtomicInteger ran = new AtomicInteger();
    Task<Integer> task = context -> ran.incrementAndGet();
    FutureTask<TaskGroup<Integer>> late =
        new FutureTask<>(() -> engine.submitAll(List.of(task, task, task)));
    Thread submitter = new Thread(late, "submitter");
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 2);
      submitter.start();
      await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> late.isDone() || LockSupport.getBlocker(submitter) instanceof RoomWaiters);
      gate.open();
    }

    Throwable thrown = catchThrowable(() -> late.get().outcomes());

    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.offered()).isEqualTo(6);
    assertThat(books.completed()).isEqualTo(3 + ran.get());
    assertThat(books.discarded()).isIn(0L, 3L);
    if (thrown == null) {
      assertThat(books.completed() + books.discarded()).isEqualTo(6);
    } else {
      assertThat(thrown).hasCauseInstanceOf(RejectedTaskException.class);
      assertThat(books.rejected()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void submitAll_moreThanTheCapacity_allOrNone(OverflowPolicy policy) {
    TaskEngine engine = engine(policy, 2);
    AtomicInteger ran = new AtomicInteger();
    Task<Integer> task = context -> ran.incrementAndGet();

    Throwable thrown =
        catchThrowable(() -> engine.submitAll(Collections.nCopies(5, task)).outcomes());

    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.offered()).isEqualTo(5);
    assertThat(ran.get()).isEqualTo((int) books.completed());
    Decision decision = decisionOf(policy);
    if (decision == Decision.RUN_IN_CALLER) {
      assertThat(books.completed()).isEqualTo(5);
    } else if (decision == Decision.DISCARD) {
      assertThat(books.discarded()).isEqualTo(5);
    } else {
      assertThat(thrown).isInstanceOf(RejectedTaskException.class);
      assertThat(books.accepted()).isZero();
    }
  }

  @Test
  void submitAll_callerRunsAndTheFirstCloses_allOrNone() {
    TaskEngine engine = engine(OverflowPolicy.callerRuns(), 3);
    AtomicInteger ran = new AtomicInteger();
    Task<Integer> closes =
        context -> {
          context.engine().close(); // by a task of the engine: only begins
          return ran.incrementAndGet();
        };
    Task<Integer> counts = context -> ran.incrementAndGet();
    try (Gate gate = Gate.holding(engine, 1)) {
      fill(engine, 1);

      TaskGroup<Integer> group = engine.submitAll(List.of(closes, counts, counts));

      assertThat(group.join()).containsExactly(1, 2, 3);
      gate.open();
    }
    engine.close();
    assertThat(engine.metrics().offered()).isEqualTo(5);
    assertThat(engine.metrics().completed()).isEqualTo(5);
  }

  // ---- all together

  @Provide
  Arbitrary<OverflowPolicy> anyPolicy() {
    return Arbitraries.of(
        OverflowPolicy.reject(),
        OverflowPolicy.block(LONG),
        OverflowPolicy.callerRuns(),
        OverflowPolicy.discard());
  }

  @Property(tries = 60)
  void submit_anyPolicyManyProducers_nothingLostNothingTwice(
      @ForAll("anyPolicy") OverflowPolicy policy,
      @ForAll @IntRange(min = 1, max = 4) int producers,
      @ForAll @IntRange(min = 1, max = 3) int workers,
      @ForAll @IntRange(min = 1, max = 40) int capacity)
      throws Exception {
    int tasks = 300;
    AtomicIntegerArray ran = new AtomicIntegerArray(producers * tasks);
    AtomicIntegerArray refused = new AtomicIntegerArray(producers * tasks);
    TaskEngine engine =
        TaskEngine.builder().workers(workers).queueCapacity(capacity).overflow(policy).build();
    List<FutureTask<List<TaskHandle<Integer>>>> threads = new ArrayList<>();
    for (int p = 0; p < producers; p++) {
      int first = p * tasks;
      threads.add(
          async(
              () -> {
                List<TaskHandle<Integer>> handles = new ArrayList<>();
                for (int i = first; i < first + tasks; i++) {
                  int number = i;
                  try {
                    handles.add(engine.submit(() -> ran.incrementAndGet(number)));
                  } catch (RejectedTaskException e) {
                    refused.incrementAndGet(number);
                  }
                }
                return handles;
              }));
    }
    int succeeded = 0;
    int dropped = 0;
    for (FutureTask<List<TaskHandle<Integer>>> thread : threads) {
      for (TaskHandle<Integer> handle : thread.get()) {
        switch (handle.outcome()) {
          case Outcome.Success<Integer>(Integer times) -> {
            assertThat(times).isEqualTo(1);
            succeeded++;
          }
          case Outcome.Rejected<Integer> rejected -> dropped++;
          default -> throw new AssertionError(handle);
        }
      }
    }
    engine.close();

    int refusals = 0;
    int runs = 0;
    for (int i = 0; i < producers * tasks; i++) {
      assertThat(ran.get(i) + refused.get(i)).isLessThanOrEqualTo(1);
      refusals += refused.get(i);
      runs += ran.get(i);
    }
    assertThat(runs).isEqualTo(succeeded);
    assertThat(refusals + dropped + succeeded).isEqualTo(producers * tasks);
    EngineMetrics books = engine.metrics();
    assertThat(books.offered()).isEqualTo((long) producers * tasks);
    assertThat(books.rejected()).isEqualTo(refusals);
    assertThat(books.discarded()).isEqualTo(dropped);
    assertThat(books.completed()).isEqualTo(succeeded);
    assertThat(books.failed() + books.cancelled() + books.live() + books.queued()).isZero();
  }

  /** What a policy says when there is no room. */
  private static @Nullable Decision decisionOf(OverflowPolicy policy) {
    OverflowPolicy.Overflow noRoom =
        new OverflowPolicy.Overflow() {
          @Override
          public String engine() {
            return "full";
          }

          @Override
          public String task() {
            return "task";
          }

          @Override
          public boolean awaitRoom(Duration atMost) {
            return false;
          }
        };
    try {
      return policy.onFull(noRoom);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void awaitRoom_askedAgain_countsFromTheMomentTheEngineWasFull() {
    AtomicInteger asked = new AtomicInteger();
    List<Boolean> room = new ArrayList<>();
    try (TestSeam.VirtualClock clock = TestSeam.stopClock()) {
      TaskEngine engine =
          TaskEngine.builder()
              .workers(1)
              .queueCapacity(1)
              .overflow(
                  overflow -> {
                    clock.advance(Duration.ofSeconds(2)); // as if it had waited, in vain
                    room.add(overflow.awaitRoom(Duration.ofSeconds(1)));
                    return asked.incrementAndGet() < 3 ? Decision.RETRY : Decision.REJECT;
                  })
              .build();
      try (Gate gate = Gate.holding(engine, 1)) {
        engine.submit(() -> 1);

        assertThatExceptionOfType(RejectedTaskException.class)
            .isThrownBy(() -> engine.submit(() -> 2));
        assertThat(room).containsExactly(false, false, false);
        assertThat(gate.holders()).hasSize(1);
      }
      engine.close();
    }
  }

  @Test
  void submit_blockingTasksAboveTheCapacity_arePolicedLikeOthers() {
    TaskEngine engine =
        engines.start(TaskEngine.builder().workers(1).queueCapacity(3).blockingLimit(1));
    CountDownLatch started = new CountDownLatch(1);
    try (Gate gate = Gate.closed()) {
      engine.submit(
          Task.blocking(
              context -> {
                started.countDown();
                gate.pass();
                return 1;
              }));
      Gate.await(started);
      List<TaskHandle<Integer>> waiting = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        waiting.add(engine.submit(Task.blocking(context -> 1)));
      }

      assertThat(engine.metrics().queued()).isEqualTo(3);
      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> engine.submit(Task.blocking(context -> 1)))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.QUEUE_FULL));
      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> engine.submit(() -> 1));
      assertThat(engine.trySubmit(Task.blocking(context -> 1), TaskOptions.defaults())).isEmpty();
      waiting.get(1).cancel();
      TaskHandle<Integer> last = engine.submit(Task.blocking(context -> 4));
      gate.open();
      assertThat(last.join()).isEqualTo(4);
    }
  }
}
