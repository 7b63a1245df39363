// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.WaitDepthException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * No task waits for ever beside a worker that could run it. RELIABILITY R04: the scenario of
 * OpenJDK's test Starvation for its fork/join pool, on two workers.
 */
class StarvationTest {

  private static final int ROUNDS = 100_000;

  private final AtomicInteger round = new AtomicInteger();

  /** Each round needs both workers: one task ends only after the other one has. */
  @Test
  void rounds_oneTaskSpinsForTheOther_allComplete() throws Exception {
    try (TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      playRounds(engine);
      assertThat(engine.submit(() -> round.get()).join()).isEqualTo(ROUNDS);
      assertThat(engine.metrics().completed()).isEqualTo(2 * ROUNDS + 1);
    }
  }

  /** A blocking task has a virtual thread and takes no worker from the rounds. */
  @Test
  void rounds_blockingTaskBlockedAllTheTime_allComplete() throws Exception {
    try (TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      CountDownLatch blocked = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      TaskHandle<Boolean> blocking =
          engine.submit(
              Task.blocking(
                  context -> {
                    blocked.countDown();
                    release.await();
                    return Thread.currentThread().isVirtual();
                  }));
      blocked.await();
      try {
        playRounds(engine);
        assertThat(blocking.isDone()).isFalse();
      } finally {
        release.countDown();
      }
      assertThat(blocking.join()).isTrue();
      assertThat(engine.metrics().completed()).isEqualTo(2 * ROUNDS + 1);
    }
  }

  private void playRounds(TaskEngine engine) throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      int now = i;
      TaskHandle<?> spinning = engine.submit(() -> spinWhileRoundIs(now));
      TaskHandle<Integer> other = engine.submit(() -> now);
      assertThat(other.get()).isEqualTo(i);
      round.set(i + 1);
      spinning.get();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // yields: there may be one processor for two workers
  private void spinWhileRoundIs(int now) {
    for (int looks = 0; round.get() == now; looks++) {
      if (looks < 1_000) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  /**
   * A task blocks one of the two workers by itself, and all other tasks go to the inbox of that
   * worker: the other one steals each of them.
   */
  @Test
  void rounds_oneWorkerBlockedByALatch_otherWorkerRunsAll() throws Exception {
    try (TaskEngine engine = TaskEngine.builder().workers(2).compensationLimit(0).build()) {
      TaskEngineImpl impl = (TaskEngineImpl) engine;
      BlockedWorker blocked = new BlockedWorker(impl);
      AtomicInteger completed = new AtomicInteger();
      Thread submitter = submitterTo(blocked.index(), () -> playPlainRounds(engine, completed));
      submitter.start();
      submitter.join();
      blocked.close();
      assertThat(completed).hasValue(2 * ROUNDS);
      assertThat(engine.metrics().stolen()).isBetween(2L * ROUNDS, 2L * ROUNDS + 1);
    }
  }

  /** A thread whose number makes it submit to a given inbox of two. */
  private static Thread submitterTo(int inbox, Runnable body) {
    Thread thread;
    do {
      thread = new Thread(body);
    } while (TaskEngineImpl.inboxOf(thread, 2) != inbox);
    return thread;
  }

  private static void playPlainRounds(TaskEngine engine, AtomicInteger completed) {
    for (int i = 0; i < ROUNDS; i++) {
      TaskHandle<Integer> first = engine.submit(completed::incrementAndGet);
      TaskHandle<Integer> second = engine.submit(completed::incrementAndGet);
      second.join();
      first.join();
    }
  }

  /** One submitter feeds one inbox; all workers take part, since each waits for the others. */
  @Test
  void skewedExternalLoad_isShared() throws Exception {
    int workers = 3;
    CyclicBarrier together = new CyclicBarrier(workers);
    Set<String> threads = ConcurrentHashMap.newKeySet();
    TaskEngine.Builder builder = TaskEngine.builder().workers(workers).compensationLimit(0);
    try (TaskEngine engine = builder.build()) {
      for (int i = 0; i < 100 * workers; i++) {
        engine.submit(
            context -> {
              threads.add(Thread.currentThread().getName());
              return together.await();
            });
      }
    }
    assertThat(threads).hasSize(workers);
  }

  /** The inbox of a stuck worker is served although the other worker's own inbox never runs dry. */
  @Test
  void taskBehindStuckWorker_otherInboxNeverDry_runs() throws Exception {
    try (TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      TaskEngineImpl impl = (TaskEngineImpl) engine;
      CountDownLatch stuck = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      int[] stuckIndex = {-1};
      engine.execute(
          () -> {
            stuckIndex[0] = ((Worker) impl.currentRunner()).index;
            stuck.countDown();
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
      stuck.await();
      AtomicBoolean stop = new AtomicBoolean();
      CountDownLatch stopped = new CountDownLatch(2);
      feed(
          engine, stop, stopped); // two that follow themselves keep the other worker's inbox filled
      feed(engine, stop, stopped);
      TaskHandleImpl<Integer> behind =
          new Handles.OfTask<>(impl, TaskOptions.defaults().name(), context -> 5);
      assertThat(impl.workers[stuckIndex[0]].inbox.offer(behind)).isTrue();
      TaskHandleImpl<Integer> overflowed =
          new Handles.OfTask<>(impl, TaskOptions.defaults().name(), context -> 6);
      impl.overflow.offer(overflowed);

      assertThat(behind.get(30, TimeUnit.SECONDS)).isEqualTo(5);
      assertThat(overflowed.get(30, TimeUnit.SECONDS)).isEqualTo(6);
      stop.set(true);
      stopped.await();
      release.countDown();
    }
  }

  private static void feed(TaskEngine engine, AtomicBoolean stop, CountDownLatch stopped) {
    if (stop.get()) {
      stopped.countDown();
    } else {
      engine.execute(() -> feed(engine, stop, stopped));
    }
  }

  @Test
  void withoutStealing_tasksAreDealtInTurn_andStay() throws Exception {
    Set<String> threads = ConcurrentHashMap.newKeySet();
    try (TaskEngine engine = TaskEngine.builder().workers(4).workStealing(false).build()) {
      for (int i = 0; i < 4; i++) {
        TaskHandle<Boolean> handle =
            engine.submit(() -> threads.add(Thread.currentThread().getName()));
        assertThat(handle.join()).as("each task has another worker").isTrue();
      }
      assertThat(engine.metrics().stolen()).isZero();
    }
    assertThat(threads).hasSize(4);
  }

  /**
   * Without stealing, a worker woken for the overflow queue that finds it empty must not keep
   * others asleep.
   */
  @Test
  void withoutStealing_overflowQueue_strandsNothing() {
    for (int round = 0; round < 300; round++) {
      try (TaskEngine engine =
          TaskEngine.builder().workers(3).queueCapacity(2).workStealing(false).build()) {
        TaskHandle<Integer> outer =
            engine.submit(
                context -> {
                  for (int i = 0; i < 20; i++) {
                    engine.execute(() -> {}); // most do not fit the inbox of this worker
                  }
                  return 1;
                });
        assertThat(outer.join()).isEqualTo(1);
        await()
            .pollInSameThread()
            .pollInterval(Duration.ofMillis(1))
            .atMost(Duration.ofSeconds(30))
            .until(() -> engine.metrics().completed() == 21);
      }
    }
  }

  /**
   * Waits inside waits end with a typed error before they end the stack, and no task stays without
   * outcome.
   */
  @Test
  void joinChain_tooDeep_typedErrorAndEveryTaskHasAnOutcome() {
    int length = 5_000;
    try (QuietLog log = new QuietLog();
        TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      List<TaskHandle<Integer>> chain = new ArrayList<>();
      CountDownLatch built = new CountDownLatch(1);
      for (int i = 0; i < length; i++) {
        int next = i + 1;
        chain.add(
            engine.submit(
                context -> {
                  built.await();
                  return next == length ? 0 : chain.get(next).join() + 1;
                }));
      }
      built.countDown();

      assertThat(chain).allSatisfy(handle -> assertThat(handle.outcome()).isNotNull());
      assertThatThrownBy(() -> chain.getFirst().join())
          .hasRootCauseInstanceOf(WaitDepthException.class);
      assertThat(chain.getLast().join()).isZero();
      assertThat(engine.submit(() -> 7).join()).isEqualTo(7);
    }
  }
}
