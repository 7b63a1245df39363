// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.SegmentReleasedException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.memory.OwnedSegment;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NativeTaskTest {

  private final TaskEngine engine = TaskEngine.builder().workers(1).memoryChecks(true).build();

  @AfterEach
  void close_everyPayload_wasFreed() {
    assertThat(engine.memory().usedBytes()).isZero();
    engine.close();
    assertThat(engine.memory().leaks()).isZero();
  }

  private OwnedSegment payload(double... values) {
    OwnedSegment payload = engine.allocate(8L * values.length);
    for (int i = 0; i < values.length; i++) {
      payload.segment().setAtIndex(JAVA_DOUBLE, i, values[i]);
    }
    return payload;
  }

  @Test
  void run_payload_goesToTheOperation_andIsFreed() {
    OwnedSegment payload = payload(1, 2, 3);
    NativeTask<Double> task =
        NativeTask.of(payload, (values, context) -> NativeOps.get().math().dot(values, values));
    assertThatExceptionOfType(SegmentReleasedException.class).isThrownBy(payload::segment);

    assertThat(engine.submit(task).join()).isEqualTo(14.0);
    task.close(); // does nothing
  }

  @Test
  void run_bodyThrows_payloadIsFreed() {
    NativeTask<Void> task =
        NativeTask.of(
            payload(1),
            (values, context) -> {
              throw new IllegalStateException("body");
            });
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(() -> engine.submit(task).join())
        .withCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void submit_again_fails() {
    NativeTask<Integer> task = NativeTask.of(payload(1), (values, context) -> 1);
    engine.submit(task).join();
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(() -> engine.submit(task).join())
        .withCauseInstanceOf(SegmentReleasedException.class);
  }

  @Test
  void close_cancelledBeforeItStarted_freesThePayload() throws InterruptedException {
    CountDownLatch mayEnd = new CountDownLatch(1);
    TaskHandle<Object> first =
        engine.submit(
            context -> {
              mayEnd.await();
              return null;
            });
    try (NativeTask<Integer> task = NativeTask.of(payload(1), (values, context) -> 1)) {
      assertThat(engine.submit(task).cancel()).isTrue();
    }
    mayEnd.countDown();
    first.join();
  }

  @Test
  void cancel_longOperation_isStoppedByItsFlag_payloadIsFreed() throws InterruptedException {
    CountDownLatch runs = new CountDownLatch(1);
    NativeTask<Long> task =
        NativeTask.of(
            payload(1),
            (values, context) -> {
              runs.countDown();
              return NativeOps.get()
                  .math()
                  .monteCarlo(Long.MAX_VALUE, 1, NativeControl.of(context));
            });
    TaskHandle<Long> handle = engine.submit(task);
    runs.await();
    assertThat(handle.cancel()).isTrue();
    engine.submit(() -> {}).join(); // the worker is free again
  }
}
