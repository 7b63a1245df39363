// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.CloseReport;
import dev.heddle.Schedule;
import dev.heddle.ScheduledHandle;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskTimeoutException;
import dev.heddle.internal.timer.Timers;
import dev.heddle.internal.util.Seam;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.spi.OverflowPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Counters, sequences, queue indices and the clock pass the ends of their ranges and nothing is
 * lost: what an engine would meet after weeks or centuries. RELIABILITY R05; at 10^7 the soak
 * program CounterWrap.
 */
class CounterWrapTest {

  /** How far before the end of a range the counters begin. */
  private static final int BEFORE = 1_000;

  private static final int SUBMITTERS = 2;
  private static final int CAPACITY = 8;

  /** Tasks of a family: one from outside, the others submitted by it, most of them too many. */
  private static final int FAMILY = 32;

  private static final long SECOND = 1_000_000_000;

  private final LongAdder sum = new LongAdder();

  /** The R02 oracle: a mark for each task, a sum, and books that reconcile. */
  @ParameterizedTest
  @CsvSource({
    "15, true", "15, false",
    "16, true", "16, false",
    "31, true", "31, false",
    "63, true", "63, false",
  })
  void mixedLoad_countersPassPowerOfTwo_everyTaskOnce(int power, boolean stealing)
      throws InterruptedException {
    int tasks = 500_000 / (SUBMITTERS * FAMILY) * SUBMITTERS * FAMILY;
    long first = (1L << power) - BEFORE; // for 2^63 the sign changes
    AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
    AtomicIntegerArray ids = new AtomicIntegerArray(tasks / FAMILY);
    TaskEngineImpl engine =
        OldEngine.start(
            TaskEngine.builder()
                .workers(2)
                .workStealing(stealing)
                .queueCapacity(CAPACITY)
                .overflow(OverflowPolicy.block(Duration.ofMinutes(1))),
            first);
    EngineMetrics before = engine.metrics();
    assertThat(before.accepted()).isEqualTo(first);
    assertThat(before.queued()).isZero();
    List<Thread> submitters = new ArrayList<>();
    for (int s = 0; s < SUBMITTERS; s++) {
      int from = tasks / SUBMITTERS * s;
      int to = tasks / SUBMITTERS * (s + 1);
      submitters.add(forInbox(s, () -> submitFamilies(engine, runs, number(ids, first), from, to)));
    }
    submitters.forEach(Thread::start);
    for (Thread submitter : submitters) {
      submitter.join();
    }
    engine.close();

    for (int i = 0; i < tasks; i++) {
      if (runs.get(i) != 1) {
        throw new AssertionError("task " + i + " ran " + runs.get(i) + " times");
      }
    }
    assertThat(sum.sum()).isEqualTo((long) tasks * (tasks - 1L) / 2);
    int handles = 0;
    for (int i = 0; i < ids.length(); i++) {
      assertThat(ids.get(i)).as("handles with id %d", first + 1 + i).isIn(0, 1);
      handles += ids.get(i);
    }
    assertThat(handles).isEqualTo(ids.length() / 2);
    EngineMetrics after = engine.metrics();
    assertThat(after.accepted() - before.accepted()).isEqualTo(tasks);
    assertThat(after.completed() - before.completed()).isEqualTo(tasks);
    assertThat(after.failed()).isEqualTo(before.failed());
    assertThat(after.cancelled()).isEqualTo(before.cancelled());
    assertThat(after.discarded()).isEqualTo(before.discarded());
    assertThat(after.rejected()).isEqualTo(before.rejected());
    assertThat(after.live()).isEqualTo(before.live());
    assertThat(after.queued()).isZero();
    assertThat(after.running()).isZero();
    assertAllHavePassed(engine, first, tasks);
  }

  /** A thread whose number makes it submit to a given inbox. */
  private static Thread forInbox(int inbox, Runnable body) {
    Thread thread;
    do {
      thread = new Thread(body);
    } while (Math.floorMod(thread.threadId(), 2) != inbox);
    return thread;
  }

  /** Marks the id of a handle, by its distance from the first one. */
  private static LongConsumer number(AtomicIntegerArray ids, long first) {
    return id -> ids.incrementAndGet((int) (id - first - 1));
  }

  private void submitFamilies(
      TaskEngine engine, AtomicIntegerArray runs, LongConsumer ids, int from, int to) {
    for (int i = from; i < to; i += FAMILY) {
      int first = i;
      Runnable family =
          () -> {
            for (int member = first + 1; member < first + FAMILY; member++) {
              int number = member;
              if ((number & 1) == 0) {
                engine.execute(() -> mark(runs, number));
              } else {
                engine.submit(() -> mark(runs, number));
              }
            }
            mark(runs, first);
          };
      if ((i / FAMILY & 1) == 0) {
        engine.execute(family);
      } else {
        ids.accept(engine.submit(family).id());
      }
    }
  }

  private void mark(AtomicIntegerArray runs, int task) {
    runs.incrementAndGet(task);
    sum.add(task);
  }

  private static void assertAllHavePassed(TaskEngineImpl engine, long first, int tasks) {
    long taken = 0;
    long mostTaken = 0;
    for (Worker worker : engine.workers) {
      long takenByIt = worker.counters.takenAcquire() - worker.counters.movedAcquire() - first;
      taken += takenByIt;
      mostTaken = Math.max(mostTaken, takenByIt);
      assertThat(worker.inbox.currentProducerIndex() - OldEngine.inboxIndex(first))
          .as("tasks that went through inbox %d", worker.index)
          .isGreaterThan(BEFORE);
    }
    assertThat(taken).isEqualTo(tasks);
    assertThat(mostTaken).isGreaterThan(BEFORE);
    assertThat(engine.overflow.enqueued() - first)
        .as("tasks that went through the overflow queue")
        .isGreaterThan(BEFORE);
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 16, 31, 63})
  void trySubmit_indicesPassPowerOfTwo_capacityIsExact(int power) {
    try (TaskEngine engine =
        OldEngine.start(TaskEngine.builder().workers(1).queueCapacity(4), (1L << power) - 20)) {
      for (int round = 0; round < 20; round++) {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        List<TaskHandle<Integer>> accepted = new ArrayList<>();
        accepted.add(
            engine.submit(
                context -> {
                  started.countDown();
                  release.await();
                  return 1;
                }));
        awaitRelease(started);
        try {
          Optional<TaskHandle<Integer>> next = trySubmit(engine);
          while (next.isPresent() && accepted.size() < 100) { // one that is wrong has no end
            accepted.add(next.get());
            next = trySubmit(engine);
          }
          assertThat(accepted).as("one that runs and four that are queued").hasSize(5);
          assertThat(engine.metrics().queued()).isEqualTo(4);
        } finally {
          release.countDown();
        }
        assertThat(accepted).allSatisfy(handle -> assertThat(handle.join()).isEqualTo(1));
      }
    }
  }

  private static Optional<TaskHandle<Integer>> trySubmit(TaskEngine engine) {
    return engine.trySubmit(context -> 1, TaskOptions.defaults());
  }

  @Test
  void close_countOfStartedBodiesHasWrapped_runningBodyIsInterruptedAndReported() {
    TaskEngineImpl engine =
        OldEngine.start(TaskEngine.builder().workers(1), Long.MAX_VALUE); // one wraps, one not yet
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    engine.execute(
        () -> {
          started.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
          awaitRelease(release);
        });
    awaitRelease(started);

    CloseReport report = engine.close(Duration.ZERO);

    try {
      assertThat(report.terminated()).isFalse();
      assertThat(report.stillRunning()).hasSize(1);
      awaitRelease(interrupted);
    } finally {
      release.countDown();
    }
    assertThat(engine.close(Duration.ofMinutes(1)).terminated()).isTrue();
    assertThat(engine.metrics().running()).isZero();
  }

  /** A worker that has met a suspended producer for weeks naps as on the first day. */
  @Test
  void stalledProducer_countOfMissesAtItsEnd_workerGoesOnNapping() throws Throwable {
    AtomicInteger parks = new AtomicInteger();
    CountDownLatch looks = new CountDownLatch(50);
    List<StalledProducer> producers = new ArrayList<>();
    CountDownLatch ran = new CountDownLatch(1);
    try (TestSeam.Change points =
            TestSeam.atPoints(
                point -> {
                  if (point == Seam.Point.PARK_ANNOUNCED) {
                    parks.incrementAndGet();
                  } else if (point == Seam.Point.BETWEEN_TASKS) {
                    looks.countDown();
                  }
                });
        TestSeam.Change threads =
            TestSeam.makeThreads(
                body -> {
                  if (!(body instanceof Worker worker)) { // of the timers, or of a guest
                    return new Thread(body);
                  }
                  try {
                    OldEngine.field(worker, "misses").setInt(worker, Integer.MAX_VALUE - 10);
                    producers.add(new StalledProducer(worker.inbox));
                  } catch (Throwable e) {
                    throw new AssertionError(e);
                  }
                  return new Worker.WorkerThread(worker, "stalled");
                });
        TaskEngine engine = TaskEngine.builder().workers(1).workStealing(false).build()) {
      awaitRelease(looks);
      int parksWhileStalled = parks.get();
      producers.getFirst().resume((Runnable) ran::countDown);
      awaitRelease(ran);
      assertThat(parksWhileStalled).isZero();
    }
  }

  @Test
  void timers_numbersWrap_thoseOfOneTimeFireInTheirOrder() throws ReflectiveOperationException {
    List<Integer> fired = Collections.synchronizedList(new ArrayList<>());
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    Timers timers = new Timers(Thread::new, failures::add);
    OldEngine.field(timers, "timersMade").setLong(timers, Long.MAX_VALUE - 4);
    try (TestSeam.VirtualClock clock = TestSeam.stopClock(0)) {
      CountDownLatch last = new CountDownLatch(1);
      for (int i = 0; i < 10; i++) {
        int number = i;
        timers.after(SECOND, () -> fired.add(number));
      }
      timers.after(SECOND, last::countDown);
      clock.advance(Duration.ofSeconds(1));
      awaitRelease(last);
    } finally {
      timers.close();
    }
    assertThat(fired).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(failures).isEmpty();
  }

  // ---- the clock

  /** Ten seconds before the end of the clock, second by second until ten seconds after it. */
  @Test
  void schedule_clockWraps_everyRunAtItsSecond() {
    long start = Long.MAX_VALUE - 10 * SECOND;
    List<Long> delayed = Collections.synchronizedList(new ArrayList<>());
    List<Long> atRate = Collections.synchronizedList(new ArrayList<>());
    List<Long> withDelay = Collections.synchronizedList(new ArrayList<>());
    try (TestSeam.VirtualClock clock = TestSeam.stopClock(start);
        TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      List<Long> delays = List.of(3L, 9L, 10L, 11L, 20L);
      for (long delay : delays) {
        engine.schedule(second(start, delayed), Duration.ofSeconds(delay));
      }
      ScheduledHandle rate =
          engine.schedule(
              second(start, atRate),
              new Schedule.FixedRate(
                  Duration.ofSeconds(1), Duration.ofSeconds(3), Schedule.Overlap.ALLOW),
              TaskOptions.defaults());
      ScheduledHandle pause =
          engine.schedule(
              second(start, withDelay),
              new Schedule.FixedDelay(Duration.ofSeconds(2), Duration.ofSeconds(4)),
              TaskOptions.defaults());
      for (int second = 1; second <= 20; second++) {
        int now = second;
        clock.advance(Duration.ofSeconds(1));
        await()
            .pollInterval(Duration.ofMillis(1))
            .atMost(Duration.ofMinutes(1))
            .until(
                () ->
                    delayed.size() == delays.stream().filter(delay -> delay <= now).count()
                        && atRate.size() == (now + 2) / 3
                        && withDelay.size() == (now + 2) / 4
                        && pause.nextRun().isPresent());
        assertThat(rate.nextRun()).hasValue(Duration.ofSeconds(3 - (now + 2) % 3));
        assertThat(pause.nextRun()).hasValue(Duration.ofSeconds(4 - (now + 2) % 4));
      }
      rate.cancel();
      pause.cancel();
    }
    assertThat(delayed).containsExactly(3L, 9L, 10L, 11L, 20L);
    assertThat(atRate).containsExactly(1L, 4L, 7L, 10L, 13L, 16L, 19L);
    assertThat(withDelay).containsExactly(2L, 6L, 10L, 14L, 18L);
  }

  private static Task<@Nullable Void> second(long start, List<Long> seconds) {
    return Task.action(context -> seconds.add((Seam.nanoTime() - start) / SECOND));
  }

  /** A thing that waits with a limit and ends with an error when it has passed. */
  @FunctionalInterface
  private interface TimedWait {
    void await(TaskEngine engine, TaskHandle<Integer> neverDone) throws Exception;
  }

  @Test
  void join_clockWrapsMeanwhile_endsNeverEarly() {
    assertThat(
            secondsOf(
                (engine, neverDone) ->
                    assertThatThrownBy(() -> neverDone.join(Duration.ofSeconds(15)))
                        .isInstanceOf(TaskTimeoutException.class)))
        .isEqualTo(15);
  }

  @Test
  void get_clockWrapsMeanwhile_endsNeverEarly() {
    assertThat(
            secondsOf(
                (engine, neverDone) ->
                    assertThatThrownBy(() -> neverDone.get(15, TimeUnit.SECONDS))
                        .isInstanceOf(TimeoutException.class)))
        .isEqualTo(15);
  }

  @Test
  void submitToFullEngine_clockWrapsMeanwhile_waitsForItsTime() {
    assertThat(
            secondsOf(
                (engine, neverDone) -> {
                  engine.execute(() -> {}); // takes the only place
                  assertThatThrownBy(() -> engine.execute(() -> {}))
                      .isInstanceOf(RejectedTaskException.class);
                }))
        .isEqualTo(15);
  }

  /** Returns how many seconds of the virtual clock a wait has taken, 15 at the most. */
  private static long secondsOf(TimedWait wait) {
    long start = Long.MAX_VALUE - 10 * SECOND;
    CountDownLatch release = new CountDownLatch(1);
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    try (TestSeam.VirtualClock clock = TestSeam.stopClock(start);
        TaskEngine engine =
            TaskEngine.builder()
                .workers(1)
                .queueCapacity(1)
                .overflow(OverflowPolicy.block(Duration.ofSeconds(15)))
                .build()) {
      CountDownLatch started = new CountDownLatch(1);
      TaskHandle<Integer> neverDone =
          engine.submit(
              context -> {
                started.countDown();
                release.await();
                return 1;
              });
      awaitRelease(started);
      long[] end = {start};
      Thread waiter =
          new Thread(
              () -> {
                try {
                  wait.await(engine, neverDone);
                } catch (Throwable e) {
                  failures.add(e);
                }
                end[0] = Seam.nanoTime();
              });
      waiter.start();
      await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING || !waiter.isAlive());
      for (int second = 0; second < 15; second++) {
        clock.advance(Duration.ofSeconds(1));
      }
      waiter.join(Duration.ofMinutes(1));
      release.countDown();
      assertThat(waiter.isAlive()).as("still waiting").isFalse();
      assertThat(failures).isEmpty();
      return (end[0] - start) / SECOND;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      release.countDown();
    }
  }

  private static void awaitRelease(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
