// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.internal.park.IdleWorkers;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What the stress tests of handles play on: one engine a JVM, whose own worker sleeps all the time,
 * and workers that are played by the test's threads.
 */
final class Stage {

  static final TaskEngineImpl ENGINE =
      (TaskEngineImpl)
          TaskEngine.builder()
              .workers(1)
              .queueCapacity(2)
              .threadFactory(
                  body -> {
                    Thread thread = new Thread(body, "stage");
                    thread.setDaemon(true);
                    return thread;
                  })
              .build();

  private static final IdleWorkers NOBODY_SLEEPS = new IdleWorkers(1, worker -> false);

  private static final VarHandle THREAD;

  static {
    try {
      THREAD =
          MethodHandles.privateLookupIn(TaskRunner.class, MethodHandles.lookup())
              .findVarHandle(TaskRunner.class, "thread", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Stage() {}

  /** A number in a box, written without any ordering. */
  static final class Box {
    int value;
  }

  static <R> TaskHandleImpl<R> handle(Task<R> body) {
    return new Handles.OfTask<>(ENGINE, "stress", body);
  }

  static Worker worker() {
    return new Worker(ENGINE, 0, 1, 2, NOBODY_SLEEPS, looks -> false);
  }

  /** Makes the calling thread the one that interrupts for this worker go to. */
  static void enter(Worker worker) {
    THREAD.setVolatile(worker, Thread.currentThread());
  }

  /** The outcome as a number: 0 none, 1 success, 2 failure, 3 cancelled. */
  static int outcome(TaskHandle<?> handle) {
    return switch (handle.state()) {
      case RUNNING -> 0;
      case SUCCESS -> 1;
      case FAILED -> 2;
      case CANCELLED -> 3;
    };
  }
}
