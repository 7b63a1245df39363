// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.heddle.EngineProbe;
import dev.heddle.Outcome;
import dev.heddle.Registration;
import dev.heddle.Task;
import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.TaskCancelledException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Exchanger;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Cancelling a task cancels what it has submitted, and tells who has registered for that. */
class CancelChildrenTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private static @Nullable Void untilCancelled(TaskContext context) {
    while (!context.isCancelled()) {
      Thread.onSpinWait();
    }
    return null;
  }

  private static void await(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  void cancel_childRuns_isCancelledToo_andGrandchild() throws InterruptedException {
    TaskEngine engine = engines.start(3);
    CountDownLatch running = new CountDownLatch(3);
    AtomicReference<@Nullable TaskHandle<?>> child = new AtomicReference<>();
    AtomicReference<@Nullable TaskHandle<?>> grandchild = new AtomicReference<>();
    TaskHandle<?> parent =
        engine.submit(
            Task.action(
                outer -> {
                  child.set(
                      engine.submit(
                          Task.action(
                              inner -> {
                                grandchild.set(
                                    engine.submit(
                                        Task.action(
                                            leaf -> {
                                              running.countDown();
                                              untilCancelled(leaf);
                                            })));
                                running.countDown();
                                untilCancelled(inner);
                              })));
                  running.countDown();
                  untilCancelled(outer);
                }));
    await(running);
    assertThat(parent.cancel()).isTrue();
    assertThat(child.get().isCancelled()).isTrue();
    assertThat(grandchild.get().outcome())
        .isEqualTo(new Outcome.Cancelled<>(TaskHandleImpl.PARENT_CANCELLED));
  }

  @Test
  void cancel_childIsQueued_neverRuns() throws InterruptedException {
    TaskEngine engine = engines.start(1);
    CountDownLatch submitted = new CountDownLatch(1);
    AtomicBoolean ran = new AtomicBoolean();
    AtomicReference<@Nullable TaskHandle<?>> child = new AtomicReference<>();
    TaskHandle<?> parent =
        engine.submit(
            Task.action(
                context -> {
                  child.set(engine.submit(() -> ran.set(true)));
                  submitted.countDown();
                  untilCancelled(context);
                }));
    await(submitted);
    parent.cancel();
    assertThat(child.get().outcome()).isInstanceOf(Outcome.Cancelled.class);
    assertThat(ran).isFalse();
  }

  @Test
  void cancel_parentWaitsForAQueuedChild_bothEnd() throws InterruptedException {
    TaskEngine engine = engines.start(1);
    CountDownLatch submitted = new CountDownLatch(1);
    AtomicReference<@Nullable Throwable> seen = new AtomicReference<>();
    TaskHandle<?> parent =
        engine.submit(
            Task.action(
                context -> {
                  TaskHandle<Integer> child = engine.submit(() -> 1);
                  submitted.countDown();
                  untilCancelled(context);
                  try {
                    child.join();
                  } catch (TaskCancelledException e) {
                    seen.set(e);
                  }
                }));
    await(submitted);
    parent.cancel();
    EngineProbe.awaitIdle(engine);
    assertThat(seen.get()).isInstanceOf(TaskCancelledException.class);
  }

  @Test
  void cancel_parentHasEnded_childGoesOn() throws Exception {
    TaskEngine engine = engines.start(2);
    Exchanger<TaskHandle<Integer>> handOver = new Exchanger<>();
    CountDownLatch goOn = new CountDownLatch(1);
    TaskHandle<?> parent =
        engine.submit(
            Task.action(
                context ->
                    handOver.exchange(
                        engine.submit(
                            () -> {
                              await(goOn);
                              return 7;
                            }))));
    TaskHandle<Integer> child = handOver.exchange(null);
    parent.join();
    assertThat(parent.cancel()).isFalse();
    goOn.countDown();
    assertThat(child.join()).isEqualTo(7);
  }

  /** Each child is either cancelled or was submitted to an end that nobody cancelled. */
  @Test
  void cancel_racesSubmittingAndStarting_noChildIsLeftRunning() {
    TaskEngine engine = engines.start(2);
    for (int round = 0; round < 500; round++) {
      ConcurrentLinkedQueue<TaskHandle<?>> children = new ConcurrentLinkedQueue<>();
      TaskHandle<?> parent =
          engine.submit(
              Task.action(
                  context -> {
                    for (int i = 0; i < 3; i++) {
                      children.add(engine.submit(Task.action(CancelChildrenTest::untilCancelled)));
                    }
                    untilCancelled(context);
                  }));
      for (int spin = round % 50; spin > 0 || children.isEmpty(); spin--) {
        Thread.onSpinWait();
      }
      assertThat(parent.cancel()).isTrue();
      EngineProbe.awaitIdle(engine);
      assertThat(children).allSatisfy(child -> assertThat(child.isCancelled()).isTrue());
    }
  }

  // ---- onCancel

  @Test
  void onCancel_taskIsCancelled_actionsRunOnceInOrder() throws InterruptedException {
    TaskEngine engine = engines.start(1);
    List<String> calls = new ArrayList<>();
    CountDownLatch registered = new CountDownLatch(1);
    TaskHandle<?> task =
        engine.submit(
            Task.action(
                context -> {
                  context.onCancel(() -> calls.add("first"));
                  context.onCancel(() -> calls.add("removed")).close();
                  context.onCancel(() -> calls.add("last"));
                  registered.countDown();
                  untilCancelled(context);
                }));
    await(registered);
    task.cancel();
    task.cancel();
    assertThat(calls).containsExactly("first", "last");
  }

  @Test
  void onCancel_taskWasCancelled_runsAtOnce() throws InterruptedException {
    TaskEngine engine = engines.start(1);
    CountDownLatch running = new CountDownLatch(1);
    AtomicReference<@Nullable Thread> ranOn = new AtomicReference<>();
    AtomicReference<@Nullable Thread> worker = new AtomicReference<>();
    TaskHandle<?> task =
        engine.submit(
            Task.action(
                context -> {
                  worker.set(Thread.currentThread());
                  running.countDown();
                  untilCancelled(context);
                  context.onCancel(() -> ranOn.set(Thread.currentThread()));
                }));
    await(running);
    task.cancel();
    EngineProbe.awaitIdle(engine);
    assertThat(ranOn.get()).isNotNull().isSameAs(worker.get());
  }

  @Test
  void onCancel_taskSucceeds_isNeverCalled() {
    TaskEngine engine = engines.start(1);
    AtomicInteger calls = new AtomicInteger();
    AtomicReference<@Nullable Registration> kept = new AtomicReference<>();
    TaskHandle<Integer> task =
        engine.submit(
            context -> {
              kept.set(context.onCancel(calls::incrementAndGet));
              return 1;
            });
    assertThat(task.join(Duration.ofMinutes(1))).isEqualTo(1);
    assertThat(task.cancel()).isFalse();
    kept.get().close();
    assertThat(calls).hasValue(0);
  }

  @Test
  void onCancel_actionThrows_othersRun_handlerHears() throws InterruptedException {
    ConcurrentLinkedQueue<Throwable> heard = new ConcurrentLinkedQueue<>();
    TaskEngine engine =
        engines.start(TaskEngine.builder().workers(1).uncaughtHandler((thread, e) -> heard.add(e)));
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch registered = new CountDownLatch(1);
    IllegalStateException thrown = new IllegalStateException("by an action");
    TaskHandle<?> task =
        engine.submit(
            Task.action(
                context -> {
                  context.onCancel(
                      () -> {
                        throw thrown;
                      });
                  context.onCancel(calls::incrementAndGet);
                  registered.countDown();
                  untilCancelled(context);
                }));
    await(registered);
    assertThat(task.cancel()).isTrue();
    assertThat(heard).containsExactly(thrown);
    assertThat(calls).hasValue(1);
    assertThatExceptionOfType(TaskCancelledException.class).isThrownBy(task::join);
  }
}
