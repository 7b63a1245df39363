// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.Outcome;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.ErrorCode;
import dev.heddle.error.ThreadStartException;
import dev.heddle.internal.util.Seam;
import dev.heddle.internal.util.TestSeam;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a body throws, only its own task fails; whatever kills a worker, another takes its
 * place.
 */
class WorkerDeathTest {

  private static final int INJECTIONS = 20_000;

  @Test
  void body_throwsAnything_onlyItsTaskFails() {
    Throwable suppressed = new IllegalStateException("kept");
    List<Throwable> errors =
        List.of(
            new OutOfMemoryError("simulated"),
            new StackOverflowError("simulated"),
            new NoClassDefFoundError("simulated"),
            new ExceptionInInitializerError("simulated"),
            new AssertionError("simulated"),
            new IOException("sneaky"),
            new RuntimeException("plain"),
            new Error("bare"));
    errors.forEach(error -> error.addSuppressed(suppressed));
    try (TaskEngine engine =
        TaskEngine.builder().workers(2).queueCapacity(INJECTIONS * 2).build()) {
      List<TaskHandle<?>> guilty = new ArrayList<>();
      List<TaskHandle<Integer>> innocent = new ArrayList<>();
      for (int i = 0; i < INJECTIONS; i++) {
        Throwable error = errors.get(i % errors.size());
        guilty.add(engine.submit(context -> throwAny(error)));
        int value = i;
        innocent.add(engine.submit(() -> value));
      }
      for (int i = 0; i < INJECTIONS; i++) {
        assertThat(innocent.get(i).join()).isEqualTo(i);
        Outcome<?> outcome = guilty.get(i).outcome();
        assertThat(outcome).isInstanceOf(Outcome.Failure.class);
        Throwable error = ((Outcome.Failure<?>) outcome).error();
        assertThat(error).isSameAs(errors.get(i % errors.size()));
      }
      assertThat(errors).allSatisfy(e -> assertThat(e.getSuppressed()).containsExactly(suppressed));
      assertParallel(engine, 2);
      assertThat(engine.metrics().failed()).isEqualTo(INJECTIONS);
    }
  }

  @Test
  void body_realStackOverflow_onlyItsTaskFails() {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      for (int i = 0; i < 50; i++) {
        assertThat(engine.submit(() -> endless(0)).outcome())
            .isInstanceOfSatisfying(
                Outcome.Failure.class,
                failure -> assertThat(failure.error()).isInstanceOf(StackOverflowError.class));
        assertThat(engine.submit(() -> 1).join()).isEqualTo(1);
      }
    }
  }

  private static int endless(int depth) {
    return depth < 0 ? 0 : endless(depth + 1) + 1;
  }

  /** An error between two tasks, in the worker's own loop. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void loop_killed_workerIsReplaced_nothingIsLost(boolean factoryWorks) throws Exception {
    AtomicInteger kills = new AtomicInteger(200);
    AtomicInteger made = new AtomicInteger();
    ThreadFactory factory =
        body -> {
          if (made.incrementAndGet() > 2 && !factoryWorks) {
            throw new OutOfMemoryError("no thread, simulated");
          }
          return new Thread(body);
        };
    try (TaskEngine engine = TaskEngine.builder().workers(2).threadFactory(factory).build()) {
      List<TaskHandle<Integer>> handles = new ArrayList<>();
      try (QuietLog quiet = new QuietLog();
          TestSeam.Change change =
              TestSeam.atPoints(
                  point -> {
                    if (point == Seam.Point.BETWEEN_TASKS && kills.getAndDecrement() > 0) {
                      throw new OutOfMemoryError("simulated");
                    }
                  })) {
        for (int i = 0; i < 10_000; i++) {
          int value = i;
          handles.add(engine.submit(() -> value));
        }
        for (int i = 0; i < handles.size(); i++) {
          assertThat(handles.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(i);
        }
        while (kills.get() > 0) {
          engine.submit(() -> 0).join();
        }
      }
      assertParallel(engine, 2);
      assertThat(engine.metrics().workersReplaced()).isEqualTo(200);
    }
  }

  @Test
  void uncaughtHandler_hearsOfExecuteFailures_andMayThrow() throws Exception {
    AtomicInteger heard = new AtomicInteger();
    try (QuietLog quiet = new QuietLog();
        TaskEngine engine =
            TaskEngine.builder()
                .workers(1)
                .uncaughtHandler(
                    (thread, error) -> {
                      heard.incrementAndGet();
                      throw new IllegalStateException("handler", error);
                    })
                .build()) {
      for (int i = 0; i < 100; i++) {
        engine.execute(
            () -> {
              throw new IllegalArgumentException("body");
            });
      }
      assertThat(engine.submit(() -> 1).join()).isEqualTo(1);
      engine.close();
      assertThat(heard).hasValue(100);
      assertThat(engine.metrics().failed()).isEqualTo(100);
      assertThat(engine.metrics().workersReplaced()).isZero();
      assertThat(quiet.messages()).hasSize(200);
    }
  }

  @Test
  void build_factoryFails_typedErrorAndNothingLeft() {
    IllegalStateException broken = new IllegalStateException("factory");
    assertStartFails(
        body -> {
          throw broken;
        },
        "thread factory threw: engine=broken, worker=0",
        broken);
    assertStartFails(
        body -> null, "thread factory must return a thread: engine=broken, worker=0", null);
    AtomicInteger made = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    assertStartFails(
        body -> {
          if (made.incrementAndGet() == 3) {
            throw broken;
          }
          Thread thread = new Thread(body);
          threads.add(thread);
          return thread;
        },
        "thread factory threw: engine=broken, worker=2",
        broken);
    assertThat(threads).hasSize(2).noneMatch(Thread::isAlive);
    AtomicReference<Thread> reused = new AtomicReference<>();
    assertStartFails(
        body -> reused.updateAndGet(thread -> thread == null ? new Thread(body) : thread),
        "thread could not be started: engine=broken, worker=1",
        null);
  }

  private static void assertStartFails(
      ThreadFactory factory, String message, @Nullable Throwable cause) {
    assertThatThrownBy(
            () -> TaskEngine.builder().name("broken").workers(3).threadFactory(factory).build())
        .isInstanceOfSatisfying(
            ThreadStartException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.THREAD_START);
              assertThat(e).hasMessage(message);
              if (cause != null) {
                assertThat(e).hasCause(cause);
              }
            });
  }

  /** As many tasks at a time as there are workers. */
  private static void assertParallel(TaskEngine engine, int workers) {
    CyclicBarrier together = new CyclicBarrier(workers);
    for (int round = 0; round < 10; round++) {
      List<TaskHandle<Integer>> handles = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        handles.add(engine.submit(context -> together.await(30, TimeUnit.SECONDS)));
      }
      handles.forEach(TaskHandle::join);
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> Object throwAny(Throwable error) throws E {
    throw (E) error;
  }
}
