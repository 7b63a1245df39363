// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.TaskContextException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
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

/** The flag for native code is set for the task that was cancelled and for no other. */
class CancelFlagTest {

  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  private static int read(MemorySegment flag) {
    return (int) INT.getVolatile(flag, 0L);
  }

  /** As native code does: ends only by the flag. */
  private static void awaitCancel(MemorySegment flag) {
    while (read(flag) == 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void cancelFlag_taskIsWanted_isReadOnlyAlignedZero_andTheSameAgain() {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      engine
          .submit(
              context -> {
                MemorySegment flag = context.cancelFlag();
                assertThat(flag.byteSize()).isEqualTo(4);
                assertThat(flag.isReadOnly()).isTrue();
                assertThat(flag.address() % 4).isZero();
                assertThat(read(flag)).isZero();
                assertThat(context.cancelFlag().address()).isEqualTo(flag.address());
                return null;
              })
          .join();
    }
  }

  @Test
  void cancel_taskLooksAtItsFlag_ends_nextTaskHasACleanOne() throws InterruptedException {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      for (int round = 0; round < 1_000; round++) {
        CountDownLatch runs = new CountDownLatch(1);
        TaskHandle<Object> endless =
            engine.submit(
                context -> {
                  MemorySegment flag = context.cancelFlag();
                  runs.countDown();
                  awaitCancel(flag);
                  return null;
                });
        runs.await();
        assertThat(endless.cancel()).isTrue();
        assertThat(engine.submit(context -> read(context.cancelFlag())).join()).isZero();
      }
    }
  }

  @Test
  void cancel_beforeTheTaskAsksForItsFlag_isSeen() throws InterruptedException {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      CountDownLatch runs = new CountDownLatch(1);
      CountDownLatch mayAsk = new CountDownLatch(1);
      CountDownLatch ended = new CountDownLatch(1);
      TaskHandle<Object> late =
          engine.submit(
              context -> {
                runs.countDown();
                mayAsk.await();
                awaitCancel(context.cancelFlag());
                ended.countDown();
                return null;
              });
      runs.await();
      late.cancel();
      mayAsk.countDown();
      ended.await();
    }
  }

  /** The outer one waits, and runs the inner one inside itself. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cancel_oneOfTwoNestedTasks_setsItsFlagOnly(boolean outer) throws InterruptedException {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      AtomicReference<MemorySegment> outerFlag = new AtomicReference<>();
      AtomicReference<MemorySegment> innerFlag = new AtomicReference<>();
      CompletableFuture<TaskHandle<Object>> submitted = new CompletableFuture<>();
      CountDownLatch innerRuns = new CountDownLatch(1);
      CountDownLatch mayEnd = new CountDownLatch(1);
      TaskHandle<Object> outerHandle =
          engine.submit(
              context -> {
                outerFlag.set(context.cancelFlag());
                return submitted.get().outcome();
              });
      TaskHandle<Object> inner =
          engine.submit( // here, so that it is not cancelled as a child
              nested -> {
                innerFlag.set(nested.cancelFlag());
                innerRuns.countDown();
                mayEnd.await();
                return null;
              });
      submitted.complete(inner);
      innerRuns.await();
      (outer ? outerHandle : inner).cancel();
      int outerSays = read(outerFlag.get());
      int innerSays = read(innerFlag.get());
      mayEnd.countDown();
      assertThat(outerSays).isEqualTo(outer ? 1 : 0);
      assertThat(innerSays).isEqualTo(outer ? 0 : 1);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void cancelStorm_noTaskSeesTheFlagOfAnother(long seed) {
    AtomicInteger wrong = new AtomicInteger();
    try (TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int round = 0; round < 300; round++) {
        List<TaskHandle<?>> handles = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          handles.add(engine.submit(context -> look(context, wrong)));
        }
        for (TaskHandle<?> handle : handles) {
          if (random.nextBoolean()) {
            handle.cancel();
          }
        }
        handles.forEach(TaskHandle::outcome);
      }
    }
    assertThat(wrong).as("seed %d", seed).hasValue(0);
  }

  private static boolean look(TaskContext context, AtomicInteger wrong) {
    MemorySegment flag = context.cancelFlag();
    for (int spin = 0; spin < 200; spin++) {
      if (read(flag) != 0) {
        wrong.addAndGet(context.isCancelled() ? 0 : 1);
        return true;
      }
    }
    return false;
  }

  @Test
  void cancelFlag_afterTheRunOrElsewhere_isRefused() {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      AtomicReference<TaskContext> kept = new AtomicReference<>();
      engine
          .submit(
              context -> {
                kept.set(context);
                return null;
              })
          .join();
      assertThatExceptionOfType(TaskContextException.class)
          .isThrownBy(() -> kept.get().cancelFlag())
          .withMessageStartingWith("the cancel flag is for the thread that runs the task");
    }
  }
}
