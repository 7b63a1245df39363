// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import dev.heddle.error.DeadlockException;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.error.TaskInterruptedException;
import dev.heddle.error.TaskTimedOutException;
import dev.heddle.error.TaskTimeoutException;
import dev.heddle.error.WaitDepthException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One submission of a task: its identity, its outcome, and the means to wait for it or to cancel
 * it.
 *
 * <p>Safe for use by any thread. A task has exactly one outcome, decided once. A worker that waits
 * without a time limit for a task which has not started runs that task itself; it never runs any
 * other, so a lock that is held while waiting cannot be taken by strangers on the same stack.
 *
 * <p>A failure that nobody looks at is logged once: when its handle is collected, or when the
 * engine is closed. Any method that returns or throws the outcome, and any callback, counts as a
 * look.
 *
 * @param <R> the type of the result
 */
public interface TaskHandle<R extends @Nullable Object> extends Future<R> {

  /**
   * Returns the number of this task, unique in its engine and given at the first call.
   *
   * @return a number from 1
   */
  long id();

  /**
   * Returns the name of this task.
   *
   * @return the name given in {@link TaskOptions}, or {@code "task"}
   */
  String name();

  /**
   * Waits for the result.
   *
   * @return the result
   * @throws TaskFailedException if the task has failed; the cause is what its body threw, or a
   *     {@link TaskTimedOutException} if its timeout was over
   * @throws TaskCancelledException if the task was cancelled
   * @throws RejectedTaskException if the task was accepted and then dropped: by the overflow
   *     policy, or since its strategy could not start it
   * @throws DeadlockException if called by the task itself, or if the wait would close a circle of
   *     tasks that wait for each other
   * @throws WaitDepthException if called by a task inside 100 others that wait like this
   * @throws TaskInterruptedException if the caller is interrupted while it waits; the task goes on
   *     and the caller's interrupt status stays set
   */
  R join();

  /**
   * Waits for the result for at most the given time. A circle of tasks that wait for each other is
   * not looked for, since the limit ends it.
   *
   * @param atMost how long to wait, zero or more; more than 292 years is as good as for ever
   * @return the result
   * @throws TaskTimeoutException if the time passes; the task goes on
   * @throws IllegalArgumentException if {@code atMost} is negative
   * @throws TaskFailedException as {@link #join()}
   * @throws TaskCancelledException as {@link #join()}
   * @throws RejectedTaskException as {@link #join()}
   * @throws DeadlockException if called by the task itself, or inside it
   * @throws TaskInterruptedException as {@link #join()}
   */
  R join(Duration atMost);

  /**
   * Waits for the outcome, and returns it also where {@link #join()} would throw it.
   *
   * @return the outcome
   * @throws DeadlockException as {@link #join()}
   * @throws TaskInterruptedException as {@link #join()}
   */
  Outcome<R> outcome();

  /**
   * Cancels the task. If it has not started, its body never runs. If it runs, waiters are released
   * at once and the body is told through {@link TaskContext#isCancelled()}; its thread is not
   * interrupted ({@link #cancel(boolean) cancel(true)} does that).
   *
   * @return {@code true} if this call decided the outcome; {@code false} if it was decided before
   */
  boolean cancel();

  /**
   * Cancels the task as {@link #cancel()} does and, if asked, interrupts the thread that runs its
   * body. The interrupt never reaches another task.
   *
   * @param mayInterruptIfRunning whether to interrupt a running body
   * @return {@code true} if this call decided the outcome
   */
  @Override
  boolean cancel(boolean mayInterruptIfRunning);

  /**
   * Cancels the task as {@link #cancel()} does, and waits for its body to end. If it has not by
   * then, a worker that runs it is replaced by another thread, and a line in the log names the task
   * and shows where it is; not so with {@link EngineConfig#isolateThreadLocals()}.
   *
   * @param bound how long to wait for the body, zero or more
   * @return how it went
   * @throws IllegalArgumentException if {@code bound} is negative
   * @throws DeadlockException if called by the task itself
   * @throws TaskInterruptedException if the caller is interrupted while it waits; the task is
   *     cancelled all the same
   */
  CancelReport cancel(Duration bound);

  /**
   * Calls back with the outcome: on the thread that decides it, after a timeout on a virtual
   * thread, or in this call if it is decided already. Callbacks of one handle that are registered
   * before its end run in the order of registration. What a callback throws goes to the engine's
   * uncaught handler and does not keep the others from running.
   *
   * @param callback the callback; should be short
   * @return this handle
   */
  TaskHandle<R> onComplete(Consumer<? super Outcome<R>> callback);

  /**
   * Returns a new future that completes with this task: with its result, with what the body threw
   * or a {@link TaskTimedOutException}, with a {@link RejectedTaskException} if it was dropped, or
   * with a {@link java.util.concurrent.CancellationException}. Cancelling the future does not
   * cancel the task.
   *
   * @return a new future
   */
  CompletableFuture<R> toCompletableFuture();
}
