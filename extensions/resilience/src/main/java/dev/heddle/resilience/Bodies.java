// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resilience;

import dev.heddle.TaskContext;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskInterruptedException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;

/** What the adapters of all libraries do around a body. */
final class Bodies {

  /** How long a waiting body may take to see that it was cancelled, which wakes nobody. */
  private static final long LOOK_NANOS = Duration.ofMillis(5).toNanos();

  private Bodies() {}

  /**
   * Tells whether a body ended because its result was not wanted any more, which says nothing about
   * what it called.
   */
  static boolean wasCancelled(TaskContext context, Throwable failure) {
    return context.isCancelled()
        || Thread.currentThread().isInterrupted()
        || failure instanceof InterruptedException
        || failure instanceof TaskCancelledException
        || failure instanceof TaskInterruptedException
        || failure instanceof CancellationException;
  }

  /**
   * Tells a library how a body failed. What the user's predicates throw there comes with the
   * failure, not instead of it.
   */
  static void tell(Throwable failure, Runnable library) {
    try {
      library.run();
    } catch (RuntimeException e) {
      if (e != failure) {
        failure.addSuppressed(e);
      }
    }
  }

  /**
   * Waits for the time of a permission. Keeps the thread.
   *
   * @throws TaskCancelledException if the task is cancelled meanwhile
   * @throws InterruptedException if the thread is interrupted
   */
  static void await(TaskContext context, long waitNanos) throws InterruptedException {
    long start = System.nanoTime();
    long left = waitNanos;
    while (left > 0) {
      LockSupport.parkNanos(context, Math.min(left, LOOK_NANOS));
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      context.checkCancelled();
      left = waitNanos - (System.nanoTime() - start);
    }
  }
}
