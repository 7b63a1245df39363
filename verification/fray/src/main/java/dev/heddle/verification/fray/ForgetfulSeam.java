// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.fray;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The weakened control: an unpark that comes before the park is forgotten. Few schedules have one.
 */
public final class ForgetfulSeam extends ScenarioSeam {

  private final Set<Thread> parked = ConcurrentHashMap.newKeySet();

  /** For the class that loads the seam. */
  public ForgetfulSeam() {}

  @Override
  protected void sleep(Object blocker) {
    parked.add(Thread.currentThread());
    super.sleep(blocker);
    parked.remove(Thread.currentThread());
  }

  @Override
  protected void wake(Thread thread) {
    if (parked.contains(thread)) {
      super.wake(thread);
    }
  }
}
