// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.internal.util.Seam;
import java.util.concurrent.CountDownLatch;

/**
 * Suspends the threads that ask for it between claiming a slot of an overflow queue and filling it.
 */
public final class StallingSeam extends Seam {

  /** Where the calling thread is to be suspended next, and until when. */
  static final ThreadLocal<CountDownLatch> SUSPEND = new ThreadLocal<>();

  /** For the class that loads the seam. */
  public StallingSeam() {}

  @Override
  protected void pass(Point point) {
    if (point == Point.OVERFLOW_SLOT_CLAIMED) {
      CountDownLatch until = SUSPEND.get();
      if (until != null) {
        SUSPEND.remove();
        try {
          until.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }
  }
}
