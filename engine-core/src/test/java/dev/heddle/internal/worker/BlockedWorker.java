// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps one worker of an engine in a body until it is closed. */
final class BlockedWorker implements AutoCloseable {

  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger index = new AtomicInteger();

  BlockedWorker(TaskEngineImpl engine) throws InterruptedException {
    CountDownLatch blocked = new CountDownLatch(1);
    engine.submit(
        context -> {
          index.set(((Worker) engine.currentRunner()).index);
          blocked.countDown();
          return release.await(5, TimeUnit.MINUTES);
        });
    blocked.await();
  }

  /** The number of the worker. */
  int index() {
    return index.get();
  }

  @Override
  public void close() {
    release.countDown();
  }
}
