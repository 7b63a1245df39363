// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import dev.heddle.error.DeadlockException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.error.TaskInterruptedException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that were submitted together. Safe for use by any thread.
 *
 * @param <R> the type of the results
 */
public interface TaskGroup<R extends @Nullable Object> {

  /**
   * Waits for all tasks.
   *
   * @return the results in the order of submission
   * @throws TaskFailedException if a task failed: of the first one in the order of submission, the
   *     other failures suppressed in it. All tasks have ended by then
   * @throws TaskCancelledException if none failed and one was cancelled
   * @throws DeadlockException if called by a task of the group
   * @throws TaskInterruptedException if the caller is interrupted while it waits
   */
  List<R> join();

  /**
   * Waits for all tasks, and returns how each ended.
   *
   * @return the outcomes in the order of submission
   * @throws DeadlockException if called by a task of the group
   * @throws TaskInterruptedException if the caller is interrupted while it waits
   */
  List<Outcome<R>> outcomes();

  /**
   * Waits for the first task to succeed and cancels the others.
   *
   * @return the result of the first success; of several that the call finds ended, of the one that
   *     was submitted first
   * @throws TaskFailedException if no task can succeed any more and one failed; the other failures
   *     are suppressed in it
   * @throws TaskCancelledException if all tasks were cancelled
   * @throws IllegalArgumentException if the group is empty
   * @throws DeadlockException if called by a task of the group; nothing is cancelled then
   * @throws TaskInterruptedException if the caller is interrupted while it waits
   */
  R first();

  /**
   * Waits for {@code k} tasks to succeed and cancels the others.
   *
   * @param k how many, 1 to {@link #size()}
   * @return {@code k} results: of the tasks that the call finds ended in the order of submission,
   *     then of the others as they end
   * @throws TaskFailedException if fewer than {@code k} tasks can succeed and one failed; the other
   *     failures are suppressed in it
   * @throws TaskCancelledException if fewer than {@code k} tasks can succeed and none failed
   * @throws IllegalArgumentException if {@code k} is out of range
   * @throws DeadlockException if called by a task of the group; nothing is cancelled then
   * @throws TaskInterruptedException if the caller is interrupted while it waits
   */
  List<R> first(int k);

  /** Cancels every task that has not ended, as {@link TaskHandle#cancel()} does. */
  void cancel();

  /**
   * Returns the number of tasks.
   *
   * @return zero or more
   */
  int size();
}
