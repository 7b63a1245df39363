// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import org.jspecify.annotations.Nullable;

/**
 * The body of a task that is run for each item of a collection; see {@link TaskEngine#submitEach}.
 *
 * @param <T> the type of the items
 * @param <R> the type of the results
 */
@FunctionalInterface
public interface TaskFunction<T extends @Nullable Object, R extends @Nullable Object> {

  /**
   * Computes the result for one item. Called as {@link Task#run} is, for several items at a time.
   *
   * @param item the item
   * @param context what the engine offers to this run; valid only until this method returns
   * @return the result
   * @throws Exception any failure; it becomes the {@link Outcome.Failure} of the item's task
   */
  R apply(T item, TaskContext context) throws Exception;
}
