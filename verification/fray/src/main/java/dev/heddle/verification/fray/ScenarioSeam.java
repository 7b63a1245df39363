// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.fray;

import dev.heddle.internal.util.Seam;
import java.util.concurrent.atomic.AtomicBoolean;

/** What the scenarios need of the machine: one seed for all runs, and a worker that dies. */
public class ScenarioSeam extends Seam {

  /** Kills the next worker that is between two tasks. */
  static final AtomicBoolean DEATH_ORDERED = new AtomicBoolean();

  /** For the class that loads the seam. */
  public ScenarioSeam() {}

  @Override
  protected void pass(Point point) {
    if (point == Point.BETWEEN_TASKS && DEATH_ORDERED.compareAndSet(true, false)) {
      throw new OutOfMemoryError("simulated, between two tasks");
    }
  }

  @Override
  protected long randomSeed() {
    return 1; // what varies is the schedule
  }
}
