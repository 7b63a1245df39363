// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps workers busy until it is opened. */
@SuppressWarnings("ThreadPriorityCheck") // there may be one processor for gate and opener
final class Gate implements AutoCloseable {

  private final CountDownLatch opened = new CountDownLatch(1);
  private final List<TaskHandle<@Nullable Void>> holders = new ArrayList<>();

  private Gate() {}

  /** Returns a gate that holds nobody yet. */
  static Gate closed() {
    return new Gate();
  }

  /** Returns a gate at which so many workers of an engine are waiting. */
  static Gate holding(TaskEngine engine, int workers) {
    Gate gate = new Gate();
    for (int i = 0; i < workers; i++) {
      CountDownLatch started = new CountDownLatch(1);
      gate.holders.add(
          engine.submit(
              Task.action(
                  context -> {
                    started.countDown();
                    gate.pass();
                  })));
      await(started);
    }
    return gate;
  }

  /** Returns the tasks that wait at the gate. */
  List<TaskHandle<@Nullable Void>> holders() {
    return holders;
  }

  /**
   * Waits until the gate is open, and is busy meanwhile: a worker that is seen to block would be
   * relieved. A virtual thread waits: busy ones would keep their carriers from new ones.
   */
  void pass() throws InterruptedException {
    if (Thread.currentThread().isVirtual()) {
      opened.await();
    }
    while (opened.getCount() > 0) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      Thread.yield();
    }
  }

  void open() {
    opened.countDown();
  }

  @Override
  public void close() {
    open();
  }

  /** Waits for a latch, with a limit against hanging builds. */
  static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).as("latch was released").isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted while waiting for a latch", e);
    }
  }
}
