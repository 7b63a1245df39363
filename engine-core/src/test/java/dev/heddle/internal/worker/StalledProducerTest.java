// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.internal.util.Seam;
import dev.heddle.internal.util.TestSeam;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A producer that is suspended between claiming a slot and filling it. */
class StalledProducerTest {

  private static <R> TaskHandleImpl<R> handle(TaskEngineImpl engine, dev.heddle.Task<R> task) {
    return new Handles.OfTask<>(engine, TaskOptions.defaults().name(), task);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void stalledInInbox_otherQueuesGoOn_andTheTaskRunsOnceItIsThere(int workers) throws Throwable {
    try (TaskEngine engine = TaskEngine.builder().workers(workers).build()) {
      TaskEngineImpl impl = (TaskEngineImpl) engine;
      TaskHandleImpl<Integer> stalled = handle(impl, context -> 3);
      StalledProducer producer = new StalledProducer(impl.workers[0].inbox);
      TaskHandleImpl<Integer> behind = handle(impl, context -> 2);
      try {
        assertThat(impl.workers[0].inbox.offer(behind)).isTrue();
        List<TaskHandleImpl<Integer>> others = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
          TaskHandleImpl<Integer> other = handle(impl, context -> 1);
          others.add(other);
          impl.overflow.offer(other);
        }
        for (int i = 1; i < workers; i++) {
          TaskHandleImpl<Integer> other = handle(impl, context -> 1);
          others.add(other);
          assertThat(impl.workers[i].inbox.offer(other)).isTrue();
        }
        engine.execute(() -> {}); // wakes a worker; it does not sleep while an inbox is not empty
        for (TaskHandleImpl<Integer> other : others) {
          assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        }
        assertThat(behind.isDone()).as("its inbox is first in, first out").isFalse();
      } finally {
        producer.resume(stalled); // and wakes nobody: it looked for parked workers before
      }
      assertThat(stalled.get(30, TimeUnit.SECONDS)).isEqualTo(3);
      assertThat(behind.get(30, TimeUnit.SECONDS)).isEqualTo(2);
    }
  }

  /**
   * One worker is blocked, so the other one steals what is in its inbox; its own inbox has a
   * suspended producer, behind which nothing of that may get.
   */
  @Test
  void stalledInInboxOfAThief_whatItSteals_doesNotWaitForTheProducer() throws Throwable {
    try (TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      TaskEngineImpl impl = (TaskEngineImpl) engine;
      BlockedWorker blocked = new BlockedWorker(impl);
      int thief = 1 - blocked.index();
      StalledProducer producer = new StalledProducer(impl.workers[thief].inbox);
      try {
        List<TaskHandleImpl<Integer>> others = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
          TaskHandleImpl<Integer> other = handle(impl, context -> 1);
          others.add(other);
          assertThat(impl.workers[blocked.index()].inbox.offer(other)).isTrue();
        }
        engine.execute(() -> {}); // wakes the thief
        for (TaskHandleImpl<Integer> other : others) {
          assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        }
      } finally {
        producer.resume((Runnable) () -> {});
        blocked.close();
      }
    }
  }

  /**
   * Waiting for the slot must not burn a core: the worker's CPU time is compared with the clock.
   */
  @Test
  void stalledInInbox_workerNaps() throws Throwable {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      TaskEngineImpl impl = (TaskEngineImpl) engine;
      long worker = engine.submit(() -> Thread.currentThread().threadId()).join();
      StalledProducer producer = new StalledProducer(impl.workers[0].inbox);
      try {
        CountDownLatch settled = new CountDownLatch(200);
        CountDownLatch looks = new CountDownLatch(700);
        try (TestSeam.Change change =
            TestSeam.atPoints(
                point -> {
                  if (point == Seam.Point.BETWEEN_TASKS
                      && Thread.currentThread().threadId() == worker) {
                    settled.countDown();
                    looks.countDown();
                  }
                })) {
          engine.execute(() -> {}); // behind the stalled slot
          settled.await();
          long wallBefore = System.nanoTime();
          long cpuBefore = threads.getThreadCpuTime(worker);
          looks.await();
          long cpu = threads.getThreadCpuTime(worker) - cpuBefore;
          long wall = System.nanoTime() - wallBefore;
          assertThat(cpu).as("CPU of the worker in %d ns", wall).isLessThan(wall / 5);
        }
      } finally {
        producer.resume((Runnable) () -> {});
      }
    }
  }

  @Test
  void stalledInOverflowQueue_close_waitsForIt() throws Exception {
    CountDownLatch suspended = new CountDownLatch(1);
    CountDownLatch resume = new CountDownLatch(1);
    TaskEngine engine = TaskEngine.builder().workers(2).build();
    TaskEngineImpl impl = (TaskEngineImpl) engine;
    TaskHandleImpl<Integer> late = handle(impl, context -> 7);
    Thread slow = new Thread(() -> impl.overflow.offer(late), "slow");
    try (TestSeam.Change change =
        TestSeam.atPoints(
            point -> {
              if (point == Seam.Point.OVERFLOW_SLOT_CLAIMED && Thread.currentThread() == slow) {
                suspended.countDown();
                try {
                  resume.await();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              }
            })) {
      slow.start();
      suspended.await();
      TaskHandle<Integer> quick = engine.submit(() -> 8);
      assertThat(quick.join()).isEqualTo(8);
      resume.countDown();
      slow.join();
    }
    engine.close();
    assertThat(late.get(10, TimeUnit.SECONDS)).isEqualTo(7);
  }
}
