// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package consumer;

import java.util.Objects;

/** What the programs expect. */
final class Check {

  /** What a worker's name begins with, if the engine is called "clients". */
  private static final String WORKER = "heddle-clients-worker-";

  private Check() {}

  static void same(Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) {
      throw new AssertionError("expected=" + expected + ", actual=" + actual);
    }
  }

  /** Checks that the calling thread is a worker of the engine. */
  static void onWorker() {
    String name = Thread.currentThread().getName();
    if (!name.startsWith(WORKER)) {
      throw new AssertionError("expected=a worker, actual=" + name);
    }
  }
}
