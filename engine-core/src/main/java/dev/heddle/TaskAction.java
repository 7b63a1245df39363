// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

/** The body of a task without a result; see {@link Task#action}. */
@FunctionalInterface
public interface TaskAction {

  /**
   * Does the work. Called as {@link Task#run} is.
   *
   * @param context what the engine offers to this run; valid only until this method returns
   * @throws Exception any failure; it becomes the {@link Outcome.Failure} of the handle
   */
  void run(TaskContext context) throws Exception;
}
