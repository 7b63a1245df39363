// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import dev.heddle.error.LaneException;
import dev.heddle.error.RejectedTaskException;
import org.jspecify.annotations.Nullable;

/**
 * A way into an engine for one thread, with a queue of its own: cheaper than the engine's inboxes,
 * which any thread may use. Made by {@link TaskEngine#openLane(int)}.
 *
 * {@snippet class="dev.heddle.EngineSnippets" region="lane"}
 *
 * <p>A lane belongs to the first thread that submits through it; every other thread gets a {@link
 * LaneException}. Its tasks run on the workers of the engine like all others: several at a time, in
 * no promised order. They take no place of the engine's capacity, for the lane has one of its own;
 * no overflow policy is asked, and a task of the engine that has a lane may be refused by it.
 *
 * <p>Memory consistency: what the thread did before it submitted happens-before the body.
 */
public interface TaskLane extends AutoCloseable {

  /**
   * Runs a body for which nobody waits, as {@link TaskEngine#execute} does. Allocates nothing,
   * never waits.
   *
   * @param body the body
   * @throws RejectedTaskException if the lane is full, or it or the engine is closed
   * @throws LaneException if called by a second thread
   */
  void execute(Runnable body);

  /**
   * Runs a body for which nobody waits, unless the lane is full.
   *
   * @param body the body
   * @return {@code false} if the lane is full
   * @throws RejectedTaskException if the lane or the engine is closed
   * @throws LaneException if called by a second thread
   */
  boolean tryExecute(Runnable body);

  /**
   * Submits a task.
   *
   * @param task the task
   * @param <R> the type of its result
   * @return its handle
   * @throws RejectedTaskException if the lane is full, or it or the engine is closed
   * @throws LaneException if called by a second thread
   */
  <R extends @Nullable Object> TaskHandle<R> submit(Task<R> task);

  /**
   * Returns how many accepted tasks may wait in the lane.
   *
   * @return the capacity asked for, rounded up to a power of two, at least 4
   */
  int capacity();

  /**
   * Refuses further tasks; those that were accepted run. Closing again does nothing. An engine that
   * is closed needs no lane to be closed before.
   *
   * @throws LaneException if called by another thread than the one that has submitted
   */
  @Override
  void close();
}
