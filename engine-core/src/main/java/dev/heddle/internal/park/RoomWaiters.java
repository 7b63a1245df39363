// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.park;

import dev.heddle.internal.util.Seam;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Submitters that wait for room in a full engine, the longest waiting first.
 *
 * <p>A worker pays one volatile read for each task that it takes.
 */
/*
 * Roles.        count, threads: added to and removed from by each waiting thread itself; read by workers.
 * Waiter.       (1) add itself: atomic step on count  Worker. (a) take a task: atomic step on a queue's
 *               (2) look at the queues' indices               consumer index
 *               (3) park if there is no room          (b) read count; if not 0, unpark the first
 * Happens-before. (1), (2), (a), (b) are volatile accesses and have one order. If (a) comes before (2), the
 *               waiter sees the room. Otherwise (1) comes before (b), and the worker unparks somebody.
 * Allowed races. The worker unparks the first although another would do, or one that leaves just now; so
 *               who leaves unparks the next, which looks for itself.
 * Evidence.     OverflowPolicyTest.
 */
public final class RoomWaiters {

  private final AtomicInteger count = new AtomicInteger();
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

  /** Makes a place to wait. */
  public RoomWaiters() {}

  /**
   * Waits for room.
   *
   * @param room whether there is room, or no sense in waiting any more; reads queue indices
   * @param nanos for how long; {@link Long#MAX_VALUE} for ever
   * @return whether there was room
   * @throws InterruptedException if interrupted
   */
  public boolean await(BooleanSupplier room, long nanos) throws InterruptedException {
    long deadline = Seam.nanoTime() + nanos;
    Thread self = Thread.currentThread();
    count.incrementAndGet();
    threads.add(self);
    try {
      while (!room.getAsBoolean()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (nanos == Long.MAX_VALUE) {
          Seam.park(this);
        } else {
          long left = deadline - Seam.nanoTime();
          if (left <= 0) {
            return false;
          }
          Seam.parkNanos(this, left);
        }
      }
      return true;
    } finally {
      threads.remove(self);
      count.decrementAndGet();
      placeTaken();
    }
  }

  /** Called when a task has been taken out of a queue, after the queue's atomic step. */
  public void placeTaken() {
    if (count.get() != 0) {
      Thread first = threads.peek();
      if (first != null) {
        Seam.unpark(first);
      }
    }
  }

  /** Lets everybody look again: the engine closes. */
  public void wakeAll() {
    threads.forEach(Seam::unpark);
  }
}
