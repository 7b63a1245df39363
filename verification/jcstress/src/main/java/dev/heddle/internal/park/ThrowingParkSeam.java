// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.park;

import dev.heddle.internal.util.Seam;

/**
 * Makes {@link IdleWorkers#park} throw where it would park, so that a test sees a stranded worker
 * as an outcome instead of hanging. A thread named "stage", the worker of a real engine, parks.
 */
public final class ThrowingParkSeam extends Seam {

  /** Thrown in place of parking. */
  static final class WouldPark extends RuntimeException {
    static final WouldPark INSTANCE = new WouldPark();

    private WouldPark() {
      super("would park", null, false, false);
    }
  }

  /** For the class that loads the seam. */
  public ThrowingParkSeam() {}

  /** Fails unless the JVM was started with this seam, without which a stranded worker hangs. */
  static void require() {
    if (!ThrowingParkSeam.class.getName().equals(System.getProperty("dev.heddle.seam"))) {
      throw new IllegalStateException(
          "seam must be set: use verification/run, or -Ddev.heddle.seam="
              + ThrowingParkSeam.class.getName());
    }
  }

  @Override
  protected void sleep(Object blocker) {
    if (blocker instanceof IdleWorkers && !Thread.currentThread().getName().equals("stage")) {
      throw WouldPark.INSTANCE;
    }
    super.sleep(blocker);
  }
}
