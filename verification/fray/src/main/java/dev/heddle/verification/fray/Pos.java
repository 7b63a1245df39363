// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.fray;

import java.util.Collection;
import java.util.List;
import org.pastalab.fray.core.ThreadContext;
import org.pastalab.fray.core.randomness.Randomness;
import org.pastalab.fray.core.scheduler.POSScheduler;
import org.pastalab.fray.core.scheduler.Scheduler;

/** POS, partial order sampling. */
public final class Pos extends BoundedScheduler {

  private final POSScheduler pos;

  /**
   * Makes one for one schedule. Called by Fray.
   *
   * @param random where the choices come from
   */
  public Pos(Randomness random) {
    super(random);
    this.pos = new POSScheduler(random);
  }

  @Override
  ThreadContext choose(List<ThreadContext> threads, Collection<ThreadContext> allThreads) {
    return pos.scheduleNextOperation(threads, allThreads);
  }

  @Override
  public Scheduler nextIteration(Randomness random) {
    return new Pos(random);
  }
}
