// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.DeadlockException;
import dev.heddle.error.TaskContextException;
import dev.heddle.error.TaskTimedOutException;
import dev.heddle.internal.util.TestSeam;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Workers whose tasks block, say so or not, or do not end: others take their place. */
class BlockingTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  @RegisterExtension final EngineProbe engines = new EngineProbe();
  @RegisterExtension final EngineLog log = new EngineLog();

  private static void pass(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitMessage(Predicate<String> isIt) {
    await().atMost(LIMIT).until(() -> log.messages().stream().anyMatch(isIt));
  }

  private static void awaitOneQuarantined(TaskEngine engine) {
    await().atMost(LIMIT).until(() -> engine.metrics().quarantined() == 1);
  }

  private static Task<@Nullable Void> blockingAt(CountDownLatch latch, CountDownLatch running) {
    return Task.action(
        context ->
            context.blocking(
                () -> {
                  running.countDown();
                  pass(latch);
                  return 1;
                }));
  }

  @Test
  void blocking_everyWorker_othersTasksGoOn_andThreadsComeBack() {
    TaskEngine engine = engines.start(2);
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(6);
    List<TaskHandle<@Nullable Void>> blocked = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      blocked.add(engine.submit(blockingAt(open, running)));
    }
    pass(running); // more than there are workers
    assertThat(engine.submit(() -> 5).join(LIMIT)).isEqualTo(5);
    assertThat(engine.metrics().standIns()).isEqualTo(6);
    open.countDown();
    blocked.forEach(handle -> handle.join(LIMIT));
    await().atMost(LIMIT).until(() -> engine.metrics().standIns() == 0);
  }

  @Test
  void blocking_bodyThrows_orReturns_isPassedOn() throws Exception {
    TaskEngine engine = engines.start(1);
    assertThat(engine.submit(context -> context.blocking(() -> "value")).join()).isEqualTo("value");
    IOException thrown = new IOException("by the body");
    assertThatThrownBy(
            () ->
                engine
                    .submit(
                        context ->
                            context.blocking(
                                () -> {
                                  throw thrown;
                                }))
                    .join())
        .cause()
        .isSameAs(thrown);
  }

  @Test
  void blocking_byAnotherThread_isRefused() {
    TaskEngine engine = engines.start(1);
    AtomicReference<@Nullable TaskContext> kept = new AtomicReference<>();
    engine
        .submit(
            context -> {
              kept.set(context);
              return 1;
            })
        .join();
    assertThatExceptionOfType(TaskContextException.class)
        .isThrownBy(() -> requireNonNull(kept.get()).blocking(() -> 1));
  }

  @Test
  void blocking_onAVirtualThread_needsNoOther() {
    TaskEngine engine = engines.start(1);
    assertThat(
            engine
                .submit(
                    Task.blocking(context -> context.blocking(() -> engine.metrics().standIns())))
                .join())
        .isZero();
  }

  /** The books of an engine whose posts change hands all the time. */
  @Test
  void blocking_manyTasks_nothingIsLost_everyThreadSubmits() {
    TaskEngine engine = engines.start(2);
    AtomicInteger ran = new AtomicInteger();
    List<TaskHandle<?>> handles =
        IntStream.range(0, 300)
            .<TaskHandle<?>>mapToObj(
                i ->
                    engine.submit(
                        Task.action(
                            context -> {
                              context.blocking(
                                  () -> {
                                    Thread.onSpinWait();
                                    return 1;
                                  });
                              engine.execute(ran::incrementAndGet); // into its post's inbox
                            })))
            .toList();
    handles.forEach(handle -> handle.join(LIMIT));
    EngineProbe.awaitIdle(engine);
    assertThat(ran).hasValue(300);
  }

  @Test
  void blocking_withoutStealing_tasksOfTheBlockedWorkerGoOn() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(2).workStealing(false));
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(4);
    for (int i = 0; i < 4; i++) {
      engine.submit(blockingAt(open, running));
    }
    pass(running);
    open.countDown();
  }

  // ---- the limit

  /** EvitaDB's issue 1117: at the limit of such threads, ForkJoinPool throws. */
  @Test
  void blocking_atTheLimit_waits_saysSo_andGoesOnAfterwards() {
    TaskEngine engine =
        engines.start(TaskEngine.builder().name("few").workers(1).compensationLimit(1));
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(2);
    engine.submit(blockingAt(open, running));
    engine.submit(blockingAt(open, running));
    pass(running);
    TaskHandle<Integer> waits = engine.submit(() -> 5);
    awaitMessage(
        line ->
            line.startsWith(
                "workers are blocked and not relieved: compensationLimit=1, engine=few"));
    open.countDown();
    assertThat(waits.join(LIMIT)).isEqualTo(5);
  }

  @Test
  void blocking_noThreadToBeHad_goesOnWithoutOne() {
    TaskEngine engine = engines.start(1);
    assertThat(engine.submit(() -> 1).join(LIMIT)).isEqualTo(1);
    try (TestSeam.Change none = TestSeam.makeThreads(body -> null)) {
      assertThat(engine.submit(context -> context.blocking(() -> 7)).join(LIMIT)).isEqualTo(7);
    }
    assertThat(engine.metrics().standIns()).isZero();
  }

  // ---- without saying so

  @Test
  void watch_workerWaitsAndOthersAreQueued_isRelieved_andNamed() {
    TaskEngine engine = engines.start(1);
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    TaskHandle<@Nullable Void> silent =
        engine.submit(
            Task.action(
                context -> {
                  running.countDown();
                  pass(open);
                }),
            TaskOptions.defaults().name("silent"));
    pass(running);
    assertThat(engine.submit(() -> 5).join(LIMIT)).isEqualTo(5); // else it would wait for ever
    awaitMessage(
        line ->
            line.contains("task blocks a worker without saying so: name=silent")
                && line.contains("site=dev.heddle.BlockingTest")
                && line.contains("state=TIMED_WAITING"));
    open.countDown();
    silent.join(LIMIT);
  }

  @Test
  void watch_workerWaitsForATaskElsewhere_othersGoOn() {
    TaskEngine engine = engines.start(1);
    CountDownLatch open = new CountDownLatch(1);
    TaskHandle<Integer> elsewhere =
        engine.submit(
            Task.blocking(
                context -> {
                  pass(open);
                  return 3;
                }));
    TaskHandle<Integer> waits = engine.submit(context -> elsewhere.join());
    assertThat(engine.submit(() -> 5).join(LIMIT)).isEqualTo(5);
    open.countDown();
    assertThat(waits.join(LIMIT)).isEqualTo(3);
  }

  @Test
  void watch_twoEnginesWaitForEachOther_bothGoOn() {
    TaskEngine left = engines.start(TaskEngine.builder().name("left").workers(1));
    TaskEngine right = engines.start(TaskEngine.builder().name("right").workers(1));
    TaskHandle<Integer> ping =
        left.submit(
            outer ->
                right
                    .submit(middle -> left.submit(inner -> right.submit(() -> 4).join()).join())
                    .join());
    assertThat(ping.join(LIMIT)).isEqualTo(4);
  }

  // ---- tasks that do not end

  @Test
  void cancelWithABound_bodyLooks_hasEnded() {
    TaskEngine engine = engines.start(1);
    CountDownLatch running = new CountDownLatch(1);
    TaskHandle<@Nullable Void> handle =
        engine.submit(
            Task.action(
                context -> {
                  running.countDown();
                  while (!context.isCancelled()) {
                    Thread.onSpinWait();
                  }
                }));
    pass(running);
    CancelReport report = handle.cancel(LIMIT);
    assertThat(report.decided()).isTrue();
    assertThat(report.end()).isEqualTo(CancelReport.End.ENDED);
    assertThat(report.stack()).isEmpty();
    assertThat(handle.cancel(LIMIT).decided()).isFalse();
  }

  @Test
  void cancelWithABound_neverStarted_orEndedBefore_saysSo() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> queued = engine.submit(() -> 1);
      CancelReport report = queued.cancel(Duration.ZERO);
      assertThat(report.end()).isEqualTo(CancelReport.End.NEVER_STARTED);
      assertThat(report.decided()).isTrue();
    }
    TaskHandle<Integer> ended = engine.submit(() -> 2);
    ended.join(LIMIT);
    assertThat(ended.cancel(Duration.ZERO).end()).isEqualTo(CancelReport.End.ENDED);
    assertThat(ended.cancel(Duration.ZERO).decided()).isFalse();
  }

  @Test
  void cancelWithABound_bodyIgnoresIt_isReported_andItsWorkerReplaced() {
    TaskEngine engine = engines.start(1);
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    TaskHandle<Integer> deaf =
        engine.submit(
            context -> {
              running.countDown();
              while (open.getCount() > 0) {
                Thread.onSpinWait();
              }
              return 1;
            },
            TaskOptions.defaults().name("deaf"));
    pass(running);
    CancelReport report = deaf.cancel(Duration.ofMillis(20));
    assertThat(report.end()).isEqualTo(CancelReport.End.IGNORED);
    assertThat(report.after()).isGreaterThanOrEqualTo(Duration.ofMillis(20));
    assertThat(report.stack())
        .anyMatch(frame -> frame.getClassName().equals(BlockingTest.class.getName()));
    assertThat(engine.submit(() -> 5).join(LIMIT)).isEqualTo(5); // by another thread
    awaitOneQuarantined(engine);
    awaitMessage( // the watch may have been quicker, and tells last
        line ->
            line.startsWith("task was cancelled and goes on, its worker is replaced: name=deaf"));
    open.countDown();
    await().atMost(LIMIT).until(() -> engine.metrics().standIns() == 0);
  }

  @Test
  void watch_timedOutBodyGoesOn_itsWorkerIsReplaced() {
    TaskEngine engine = engines.start(1);
    CountDownLatch open = new CountDownLatch(1);
    TaskHandle<Integer> deaf =
        engine.submit(
            context -> {
              while (open.getCount() > 0) {
                Thread.onSpinWait();
              }
              return 1;
            },
            TaskOptions.defaults().timeout(Duration.ofMillis(5)));
    assertThatThrownBy(() -> deaf.join(LIMIT)).cause().isInstanceOf(TaskTimedOutException.class);
    assertThat(engine.submit(() -> 5).join(LIMIT)).isEqualTo(5);
    awaitOneQuarantined(engine); // counted when another thread has its place
    assertThat(deaf.cancel(Duration.ZERO).end()).isEqualTo(CancelReport.End.IGNORED);
    open.countDown();
    assertThat(deaf.cancel(LIMIT).end()).isEqualTo(CancelReport.End.ENDED);
  }

  @Test
  void cancelWithABound_byTheTaskItself_isRefused() {
    TaskEngine engine = engines.start(1);
    AtomicReference<@Nullable TaskHandle<Integer>> self = new AtomicReference<>();
    CountDownLatch known = new CountDownLatch(1);
    self.set(
        engine.submit(
            context -> {
              pass(known);
              requireNonNull(self.get()).cancel(Duration.ofDays(1));
              return 1;
            }));
    known.countDown();
    assertThatThrownBy(() -> requireNonNull(self.get()).join(LIMIT))
        .cause()
        .isInstanceOf(DeadlockException.class);
  }

  // ---- a thread that is gone

  @Test
  void watch_threadOfAWorkerIsGone_anotherOneIsStarted() {
    AtomicInteger made = new AtomicInteger();
    TaskEngine engine =
        engines.start(
            TaskEngine.builder()
                .workers(2)
                .workStealing(false)
                .threadFactory(
                    body -> made.incrementAndGet() == 2 ? new Thread(() -> {}) : new Thread(body)));
    List<TaskHandle<Integer>> handles =
        IntStream.range(0, 10).mapToObj(i -> engine.submit(() -> i)).toList(); // dealt in turn
    handles.forEach(handle -> handle.join(LIMIT));
    assertThat(engine.metrics().workersReplaced()).isEqualTo(1);
  }
}
