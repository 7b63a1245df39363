// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An interrupt reaches the task it is meant for and no other. */
class InterruptTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void cancelStorm_noTaskStartsInterrupted(long seed) {
    AtomicInteger leaks = new AtomicInteger();
    AtomicInteger ran = new AtomicInteger();
    try (TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int round = 0; round < 300; round++) {
        List<TaskHandle<?>> handles = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          handles.add(
              engine.submit(
                  context -> {
                    if (Thread.currentThread().isInterrupted() && !context.isCancelled()) {
                      leaks.incrementAndGet();
                    }
                    ran.incrementAndGet();
                    for (int spin = 0; spin < 50; spin++) {
                      Thread.onSpinWait();
                    }
                    if (ran.get() % 7 == 0) {
                      Thread.currentThread().interrupt(); // leaves its own mess
                    }
                    return null;
                  }));
        }
        for (TaskHandle<?> handle : handles) {
          if (random.nextBoolean()) {
            handle.cancel(true);
          }
        }
        handles.forEach(TaskHandle::outcome);
      }
    }
    assertThat(ran.get()).isPositive();
    assertThat(leaks).as("seed %d", seed).hasValue(0);
  }

  @Test
  void cancelTrue_blockedBody_isInterrupted_nextTaskIsNot() throws InterruptedException {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      CountDownLatch runs = new CountDownLatch(1);
      AtomicReference<Throwable> seen = new AtomicReference<>();
      TaskHandle<Object> blocked =
          engine.submit(
              context -> {
                runs.countDown();
                try {
                  new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                  seen.set(e);
                  throw e;
                }
                return null;
              });
      runs.await();

      assertThat(blocked.cancel(true)).isTrue();
      assertThat(engine.submit(() -> Thread.currentThread().isInterrupted()).join()).isFalse();
      assertThat(seen.get()).isInstanceOf(InterruptedException.class);
      assertThat(blocked.isCancelled()).isTrue();
    }
  }

  /**
   * A task that waits runs the other inside itself; the interrupt for the outer one waits for its
   * turn.
   */
  @Test
  void cancelTrue_outerTask_innerUndisturbed_outerInterruptedAfterwards()
      throws InterruptedException {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      CountDownLatch innerRuns = new CountDownLatch(1);
      CountDownLatch outerCancelled = new CountDownLatch(1);
      AtomicReference<Boolean> innerSaw = new AtomicReference<>();
      AtomicReference<Boolean> outerSaw = new AtomicReference<>();
      CountDownLatch done = new CountDownLatch(1);
      CompletableFuture<TaskHandle<Object>> submitted = new CompletableFuture<>();
      TaskHandle<Object> outer =
          engine.submit(
              context -> {
                submitted.get().join();
                outerSaw.set(Thread.interrupted());
                done.countDown();
                return null;
              });
      submitted.complete(
          engine.submit( // here, so that it is not cancelled as a child
              nested -> {
                innerRuns.countDown();
                outerCancelled.await();
                innerSaw.set(Thread.currentThread().isInterrupted());
                return null;
              }));
      innerRuns.await();
      assertThat(outer.cancel(true)).isTrue();
      outerCancelled.countDown();
      done.await();

      assertThat(innerSaw).hasValue(false);
      assertThat(outerSaw).hasValue(true);
    }
  }
}
