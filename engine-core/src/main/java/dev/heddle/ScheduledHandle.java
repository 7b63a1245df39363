// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import java.time.Duration;
import java.util.Optional;

/**
 * A periodic task. Safe for use by any thread. Its runs are tasks of their own; a run that fails is
 * reported like any failure that nobody looks at, and the next one comes all the same.
 */
public interface ScheduledHandle {

  /**
   * Returns the name of the task.
   *
   * @return the name given in {@link TaskOptions}
   */
  String name();

  /**
   * Returns how long it is until the next run.
   *
   * @return zero or more; empty if it is cancelled or waits for the end of a run
   */
  Optional<Duration> nextRun();

  /**
   * Returns how many runs have been submitted.
   *
   * @return zero or more
   */
  long runs();

  /**
   * Returns how many runs were left out, because the one before had not ended.
   *
   * @return zero or more
   */
  long skipped();

  /**
   * Ends it: there will be no further run. A run that has not started never will; one that is
   * running is told through its context.
   *
   * @return {@code true} if this call ended it
   */
  boolean cancel();

  /**
   * Tells whether it was ended, by {@link #cancel()} or by the closing of its engine.
   *
   * @return whether there will be no further run
   */
  boolean isCancelled();
}
