// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.CloseReport;
import dev.heddle.Outcome;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskInterruptedException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** An engine of two workers, and bodies that end in all ways. */
final class Runs implements AfterEachCallback {

  /** A limit against hanging builds, never a measurement. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  final TaskEngine engine = TaskEngine.builder().workers(2).build();

  /** How often a body of {@link #ok} has run. */
  final AtomicInteger bodies = new AtomicInteger();

  @Override
  public void afterEach(ExtensionContext context) {
    assertThat(engine.submit(() -> 42).join(LIMIT)).isEqualTo(42);
    CloseReport report = engine.close(LIMIT);
    assertThat(report.terminated()).as("engine has ended: %s", report).isTrue();
  }

  /** A body that counts, and returns its number. */
  Task<Integer> ok() {
    return context -> bodies.incrementAndGet();
  }

  static Task<Integer> failing(Throwable failure) {
    return context -> {
      throw Runs.<RuntimeException>unchecked(failure);
    };
  }

  /** Errors too, which a body cannot declare. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> E unchecked(Throwable failure) throws E {
    throw (E) failure;
  }

  /** What ends bodies whose result is not wanted. */
  static List<Throwable> cancellations() {
    return List.of(
        new InterruptedException("interrupted"),
        new TaskCancelledException("cancelled"),
        new TaskInterruptedException("interrupted", new InterruptedException()),
        new CancellationException("cancelled"));
  }

  /** A task whose thread is interrupted when it begins. */
  static Task<Integer> interrupted(Task<Integer> task) {
    return context -> {
      Thread.currentThread().interrupt();
      return task.run(context);
    };
  }

  int run(Task<Integer> task) {
    return engine.submit(task).join(LIMIT);
  }

  Throwable failureOf(Task<Integer> task) {
    if (engine.submit(task).outcome() instanceof Outcome.Failure<Integer>(var error)) {
      return error;
    }
    throw new AssertionError("did not fail");
  }

  CallRefusedException refusalOf(Task<Integer> task) {
    int before = bodies.get();
    CallRefusedException refusal = (CallRefusedException) failureOf(task);
    assertThat(bodies).as("a refused body runs").hasValue(before);
    return refusal;
  }

  /** Lets one run begin, which ends in the given way when it is told to. */
  Held hold(UnaryOperator<Task<Integer>> adapter, Task<Integer> end) {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Task<Integer> adapted =
        adapter.apply(
            context -> {
              begun.countDown();
              mayEnd.await();
              return end.run(context);
            });
    TaskHandle<Integer> handle =
        engine.submit(
            context -> {
              try {
                return adapted.run(context);
              } finally {
                ended.countDown();
              }
            });
    await(begun);
    return new Held(handle, mayEnd, ended);
  }

  static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).as("latch was released").isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted while waiting for a latch", e);
    }
  }

  /** A run that has begun. */
  record Held(TaskHandle<Integer> handle, CountDownLatch mayEnd, CountDownLatch ended) {

    void end() {
      mayEnd.countDown();
      Runs.await(ended);
    }

    void interrupt() {
      handle.cancel(true);
      Runs.await(ended);
    }
  }
}
