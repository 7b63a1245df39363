// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.EngineProbe;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.internal.util.TestSeam.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A task that waits for another runs it inside itself, if a queue has it and nobody started it. */
@Timeout(60)
class WaitingInsideTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  @Test
  void join_oneTaskAfterTheOther_keepsNoPlaceAndNoMemory() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).queueCapacity(10));
    CountDownLatch joined = new CountDownLatch(1);
    CountDownLatch looked = new CountDownLatch(1);
    TaskHandle<Long> driver =
        engine.submit(
            context -> {
              long sum = 0;
              for (int i = 0; i < 100_000; i++) {
                int number = i;
                sum += engine.submit(() -> number).join();
              }
              joined.countDown();
              looked.await();
              return sum;
            });
    joined.await();
    TaskEngineImpl inside = (TaskEngineImpl) engine;

    assertThat(engine.metrics().queued()).isZero();
    assertThat(inside.overflow.size() + inside.workers[0].inbox.size()).isLessThan(2_100);
    List<TaskHandle<Integer>> accepted = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      Optional<TaskHandle<Integer>> one =
          engine.trySubmit(context -> 1, TaskOptions.defaults().name("outside"));
      one.ifPresent(accepted::add);
    }
    assertThat(accepted).as("as many as the capacity").hasSize(10);
    looked.countDown();
    assertThat(driver.join()).isEqualTo(100_000L * 99_999 / 2);
    accepted.forEach(TaskHandle::join);
    assertThat(EngineProbe.awaitIdle(engine).completed()).isEqualTo(100_000 + 11);
  }

  @Test
  void join_othersAreQueuedBetween_eachRunsOnce() {
    int tasks = 50_000;
    AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
    for (boolean stealing : new boolean[] {true, false}) {
      TaskEngine engine =
          engines.start(TaskEngine.builder().workers(2).queueCapacity(8).workStealing(stealing));
      int round = stealing ? 1 : 2;

      engine
          .submit(
              context -> {
                for (int i = 0; i < tasks; i++) {
                  int number = i;
                  if (i % 7 == 0) {
                    engine.execute(() -> runs.incrementAndGet(number));
                  } else if (i % 7 == 1) {
                    engine.submit(() -> runs.incrementAndGet(number));
                  } else if (i % 7 == 2) {
                    engine.submit(() -> runs.addAndGet(number, 100)).cancel();
                    runs.updateAndGet(number, count -> round); // may have run before the cancel
                  } else {
                    assertThat(engine.submit(() -> runs.incrementAndGet(number)).join())
                        .isEqualTo(round);
                  }
                }
                return null;
              })
          .join();

      EngineProbe.awaitIdle(engine);
      for (int i = 0; i < tasks; i++) {
        if (i % 7 != 2) {
          assertThat(runs.get(i)).as("task %s", i).isEqualTo(round);
        }
      }
    }
  }

  @Test
  void join_delayedTaskOnTheOnlyWorker_runsItWhenItIsTime() throws Exception {
    try (VirtualClock clock = TestSeam.stopClock()) {
      TaskEngine engine = TaskEngine.builder().workers(1).build();
      CountDownLatch waits = new CountDownLatch(1);
      CountDownLatch ran = new CountDownLatch(1);
      TaskHandle<Integer> outer =
          engine.submit(
              context -> {
                TaskHandle<Integer> later =
                    engine.schedule(
                        inner -> {
                          ran.countDown();
                          return 7;
                        },
                        Duration.ofHours(1));
                waits.countDown();
                return later.join();
              });
      waits.await();
      clock.advance(Duration.ofMinutes(59));
      assertThat(ran.await(20, TimeUnit.MILLISECONDS)).as("ran before its time").isFalse();
      clock.advance(Duration.ofMinutes(1));

      assertThat(outer.join()).isEqualTo(7);
      engine.close();
    }
  }

  @Test
  void join_blockingTask_runsOnAVirtualThreadAllTheSame() {
    TaskEngine engine = engines.start(1);

    boolean virtual =
        engine
            .submit(
                context ->
                    engine
                        .submit(Task.blocking(inner -> Thread.currentThread().isVirtual()))
                        .join())
            .join();

    assertThat(virtual).isTrue();
  }

  @Test
  void join_decidedTask_interruptedCallerGetsTheResultAndKeepsItsStatus() throws Exception {
    TaskEngine engine = engines.start(1);
    TaskHandle<Integer> task = engine.submit(() -> 5);
    task.join();
    Thread.currentThread().interrupt();

    assertThat(task.join()).isEqualTo(5);
    assertThat(task.get()).isEqualTo(5);
    assertThat(task.join(Duration.ZERO)).isEqualTo(5);
    assertThat(task.outcome().orThrow()).isEqualTo(5);
    assertThat(Thread.interrupted()).isTrue();
  }
}
