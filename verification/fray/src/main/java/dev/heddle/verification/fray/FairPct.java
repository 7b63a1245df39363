// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.fray;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pastalab.fray.core.ThreadContext;
import org.pastalab.fray.core.randomness.Randomness;
import org.pastalab.fray.core.scheduler.PCTScheduler;
import org.pastalab.fray.core.scheduler.Scheduler;

/**
 * PCT, probabilistic concurrency testing, for code that spins: a thread that has had its way for
 * many steps in a row becomes the last one, or whom it waits for would never run.
 */
public final class FairPct extends BoundedScheduler {

  private static final int SWITCHES = 3;

  /** Among so many first steps the switches are: about what a scenario takes. */
  private static final int STEPS_WITH_SWITCHES = 2_000;

  private static final int MOST_IN_A_ROW = 1_000;

  private final PCTScheduler pct;
  private @Nullable ThreadContext last;
  private int inARow;

  /**
   * Makes one for one schedule. Called by Fray.
   *
   * @param random where the choices come from
   */
  public FairPct(Randomness random) {
    super(random);
    this.pct = new PCTScheduler(random, SWITCHES, STEPS_WITH_SWITCHES);
  }

  @Override
  ThreadContext choose(List<ThreadContext> threads, Collection<ThreadContext> allThreads) {
    ThreadContext next = pct.scheduleNextOperation(threads, allThreads);
    inARow = next == last ? inARow + 1 : 0;
    if (inARow > MOST_IN_A_ROW && threads.size() > 1) {
      pct.getThreadPriorityQueue().remove(next);
      pct.getThreadPriorityQueue().add(next);
      inARow = 0;
      next = pct.scheduleNextOperation(threads, allThreads);
    }
    last = next;
    return next;
  }

  @Override
  public Scheduler nextIteration(Randomness random) {
    return new FairPct(random);
  }
}
