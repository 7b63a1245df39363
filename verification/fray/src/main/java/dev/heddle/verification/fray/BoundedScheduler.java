// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.fray;

import java.util.Collection;
import java.util.List;
import org.pastalab.fray.core.ThreadContext;
import org.pastalab.fray.core.randomness.Randomness;
import org.pastalab.fray.core.scheduler.Scheduler;

/**
 * A scheduler that reports a schedule which does not come to its end; Fray's own limit ends such a
 * schedule and says nothing.
 */
abstract class BoundedScheduler extends Scheduler {

  /** Many times what a scenario takes. */
  private static final int MOST_STEPS = 200_000;

  private int steps;

  BoundedScheduler(Randomness random) {
    super(random);
  }

  abstract ThreadContext choose(List<ThreadContext> threads, Collection<ThreadContext> allThreads);

  @Override
  public final ThreadContext scheduleNextOperation(
      List<ThreadContext> threads, Collection<ThreadContext> allThreads) {
    if (++steps == MOST_STEPS) {
      // Fray takes what a scheduler throws for a finding, and goes on.
      throw new IllegalStateException("no end after " + MOST_STEPS + " steps");
    }
    return steps < MOST_STEPS
        ? choose(threads, allThreads)
        : threads.get(getRand().nextInt() % threads.size());
  }
}
