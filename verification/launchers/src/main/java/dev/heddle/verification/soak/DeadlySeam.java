// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.internal.util.Seam;
import java.util.concurrent.atomic.AtomicInteger;

/** Kills workers between two tasks: each order is carried out by the next worker that comes by. */
public final class DeadlySeam extends Seam {

  private static final AtomicInteger ORDERS = new AtomicInteger();

  /** For the class that loads the seam. */
  public DeadlySeam() {}

  /** Orders the death of one worker. */
  static void killOne() {
    ORDERS.incrementAndGet();
  }

  /** Tells whether every order has been carried out. */
  static boolean allDead() {
    return ORDERS.get() == 0;
  }

  @Override
  protected void pass(Point point) {
    if (point != Point.BETWEEN_TASKS) {
      return;
    }
    for (int orders = ORDERS.get(); orders > 0; orders = ORDERS.get()) {
      if (ORDERS.compareAndSet(orders, orders - 1)) {
        throw new OutOfMemoryError("simulated, between two tasks");
      }
    }
  }
}
