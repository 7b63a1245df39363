// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.EngineProbe;
import dev.heddle.Task;
import dev.heddle.TaskHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Posts that change hands at awkward moments. */
class WorkerThreadsTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int SPARES = 4;
  private static final int MAX_ROUNDS = 100;

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  /**
   * The watch may act on what it has seen of the task before: on a worker that has a post again,
   * and whose thread does not know it yet.
   */
  @Test
  void relieve_workerThatHasJustBeenGivenAPost_comesBack() {
    TaskEngineImpl engine = (TaskEngineImpl) engines.start(1);
    makeSpares(engine);
    int most = 0;
    for (int round = 0; round < MAX_ROUNDS && most < 2; round++) { // this thread may be too slow
      AtomicBoolean open = new AtomicBoolean();
      TaskHandle<@Nullable Void> held = hold(engine, open);
      int given = 0;
      for (int i = 0; i < SPARES; i++) { // each before the thread of the one before has woken up
        given += engine.threads.relieve(engine.workers[0], /* always= */ true) ? 1 : 0;
      }
      open.set(true);
      held.join(LIMIT);
      await().atMost(LIMIT).until(() -> engine.threads.standIns() == 0);
      most = Math.max(most, given);
    }

    assertThat(most).as("posts given away by who had just got them").isGreaterThan(1);
    assertThat(engine.submit(context -> 1).join(LIMIT)).isEqualTo(1);
  }

  /** Lets threads stand by, which need only be woken. */
  private static void makeSpares(TaskEngineImpl engine) {
    AtomicBoolean open = new AtomicBoolean();
    List<TaskHandle<@Nullable Void>> held = new ArrayList<>();
    for (int i = 0; i < SPARES; i++) {
      held.add(hold(engine, open));
      assertThat(engine.threads.relieve(engine.workers[0], /* always= */ true)).isTrue();
    }
    open.set(true);
    held.forEach(each -> each.join(LIMIT));
    await().atMost(LIMIT).until(() -> engine.threads.standIns() == 0);
  }

  /** Keeps the worker busy; returns when it is. */
  private static TaskHandle<@Nullable Void> hold(TaskEngineImpl engine, AtomicBoolean open) {
    CountDownLatch runs = new CountDownLatch(1);
    TaskHandle<@Nullable Void> held =
        engine.submit(
            Task.action(
                context -> {
                  runs.countDown();
                  while (!open.get()) {
                    Thread.onSpinWait();
                  }
                }));
    try {
      assertThat(runs.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return held;
  }
}
