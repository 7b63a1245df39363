// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.observe.EngineMetrics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Starts the engines of a test and looks at them when it has passed: each one that is still open
 * must run 1,000 ordinary tasks and have books that reconcile; then it is closed and must end.
 */
public final class EngineProbe implements AfterEachCallback {

  private static final int TASKS = 1_000;
  private static final TaskOptions NAMED = TaskOptions.defaults().name("probe");

  /** A limit against hanging builds, never a measurement. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final List<TaskEngine> engines = new ArrayList<>();
  private long leakedBytes;
  private TestSeam.@Nullable VirtualClock clock;

  /** Says how much the test leaves open on purpose, in bytes of blocks. */
  public void expectLeak(long bytes) {
    leakedBytes = bytes;
  }

  /** Stops the clock for engines that are started from now on, until they have ended. */
  public TestSeam.VirtualClock stopClock() {
    TestSeam.VirtualClock stopped = TestSeam.stopClock();
    clock = stopped;
    return stopped;
  }

  /** Starts an engine with a number of workers and the other settings at their defaults. */
  public TaskEngine start(int workers) {
    return start(TaskEngine.builder().workers(workers));
  }

  /** Starts an engine. */
  public TaskEngine start(TaskEngine.Builder builder) {
    TaskEngine engine = builder.build();
    engines.add(engine);
    return engine;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    try {
      endEngines(context);
    } finally {
      if (clock != null) {
        clock.close();
      }
    }
  }

  private void endEngines(ExtensionContext context) {
    boolean failed = context.getExecutionException().isPresent();
    for (TaskEngine engine : engines) {
      try {
        if (!failed && isOpen(engine)) {
          assertStillUsable(engine);
          assertThat(engine.memory().usedBytes()).as("segments left open").isEqualTo(leakedBytes);
        }
      } finally {
        CloseReport report = engine.close(failed ? Duration.ZERO : LIMIT);
        assertThat(failed || report.terminated()).as("engine has ended: %s", report).isTrue();
      }
    }
  }

  private static boolean isOpen(TaskEngine engine) {
    try {
      engine.submitAll(List.of());
      return true;
    } catch (RejectedTaskException e) {
      return e.code() != ErrorCode.ENGINE_CLOSED;
    }
  }

  /** Runs 1,000 ordinary tasks, as many at a time as the engine takes, and checks its books. */
  public static void assertStillUsable(TaskEngine engine) {
    assertThat(Thread.currentThread().isInterrupted()).as("test left an interrupt").isFalse();
    EngineMetrics before = awaitIdle(engine);
    Deque<TaskHandle<Integer>> open = new ArrayDeque<>();
    long sum = 0;
    for (int i = 0; i < TASKS; i++) {
      int number = i;
      Optional<TaskHandle<Integer>> handle = engine.trySubmit(context -> number, NAMED);
      while (handle.isEmpty()) {
        sum += open.removeFirst().join(LIMIT);
        handle = engine.trySubmit(context -> number, NAMED);
      }
      open.addLast(handle.get());
    }
    for (TaskHandle<Integer> handle : open) {
      sum += handle.join(LIMIT);
    }
    assertThat(sum).isEqualTo(TASKS * (TASKS - 1L) / 2);
    EngineMetrics after = awaitIdle(engine);
    assertThat(after.completed() - before.completed()).isEqualTo(TASKS);
    assertThat(after.accepted() - before.accepted()).isEqualTo(TASKS);
    assertThat(after.failed()).isEqualTo(before.failed());
    assertThat(after.cancelled()).isEqualTo(before.cancelled());
  }

  /**
   * Waits for the outcome of a task; the limit is one of the real clock, also if that of the engine
   * stands.
   */
  public static <R extends @Nullable Object> Outcome<R> awaitOutcome(TaskHandle<R> handle) {
    await()
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(handle::isDone);
    return handle.outcome();
  }

  /** Returns when attempts of the only task have failed, and the timer of the next one is set. */
  public static void awaitPauseAfter(int attempts, TaskEngine engine, TaskHandle<?> handle) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () ->
                engine.metrics().retries() == attempts
                    && engine.explain(handle).reasons().getFirst().startsWith("its next attempt"));
  }

  /** Waits until nothing is queued or running; returns the books, which must reconcile. */
  public static EngineMetrics awaitIdle(TaskEngine engine) {
    EngineMetrics books =
        await()
            .atMost(LIMIT)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(1))
            .until(engine::metrics, EngineProbe::isIdle);
    assertThat(books.accepted())
        .isEqualTo(
            books.completed()
                + books.failed()
                + books.cancelled()
                + books.discarded()
                + books.live());
    assertThat(books.offered()).isEqualTo(books.accepted() + books.rejected());
    return books;
  }

  /** Then the books are exact; the next ones need not be, while workers move stale entries. */
  private static boolean isIdle(EngineMetrics books) {
    return books.live() == 0 && books.queued() == 0 && books.running() == 0;
  }
}
