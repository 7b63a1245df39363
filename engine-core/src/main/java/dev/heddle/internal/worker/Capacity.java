// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.RejectedTaskException;
import dev.heddle.internal.park.IdleWorkers;
import dev.heddle.internal.util.Durations;
import dev.heddle.internal.util.Seam;
import dev.heddle.spi.OverflowPolicy;
import dev.heddle.spi.OverflowPolicy.Decision;
import java.time.Duration;

/** How many tasks an engine may hold, and what the overflow policy says when they are more. */
/*
 * Capacity.     put into queues - taken + waiting in strategies < queueCapacity. taken only grows, so a sum of
 *               it that was read before is a bound on the safe side: it is read again only when the bound
 *               says full. Who starts a queued task counts it as taken, see TaskHandleImpl.
 * Allowed races. Submitters that find room at one time may take more than there is: one place each.
 * Evidence.     RejectionTest, OverflowPolicyTest, EngineModelTest.
 */
final class Capacity {

  private final TaskEngineImpl engine;
  private final IdleWorkers idle;
  private final OverflowPolicy policy;
  private final int limit;

  /** A sum of the taken counters, perhaps an old one. Written by any submitter, in any order. */
  private volatile long takenBefore;

  Capacity(TaskEngineImpl engine, IdleWorkers idle, OverflowPolicy policy) {
    this.engine = engine;
    this.idle = idle;
    this.policy = policy;
    this.limit = engine.config().queueCapacity();
  }

  boolean hasRoom(int tasks) {
    if (waitingAfter(takenBefore) + tasks <= limit) {
      return true;
    }
    long taken = engine.books.taken();
    takenBefore = taken;
    return waitingAfter(taken) + tasks <= limit;
  }

  /** How many accepted tasks have not started, when so many have been taken from the queues. */
  private long waitingAfter(long taken) {
    return engine.books.inQueues() - taken + engine.guests.waiting();
  }

  RejectedTaskException full() {
    return RejectedTaskException.queueFull(engine.config().name(), limit);
  }

  /**
   * Asks the overflow policy about tasks from outside until it is clear what becomes of them.
   *
   * @return {@link Decision#RETRY} if there is room now
   */
  Decision resolve(String name, int tasks) {
    FullEngine full = new FullEngine(name, tasks);
    for (; ; ) {
      Decision decision = decide(full, tasks);
      if (decision != Decision.RETRY) {
        return decision;
      }
      engine.refuseIfClosing(null, tasks);
      if (tasks > limit) { // there will never be room
        return Decision.REJECT;
      }
      if (hasRoom(tasks)) {
        return decision;
      }
    }
  }

  private Decision decide(OverflowPolicy.Overflow full, int tasks) {
    try {
      return requireNonNull(policy.onFull(full), "decision of the overflow policy");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Decision.REJECT;
    } catch (RuntimeException | Error e) {
      engine.books.rejected.add(tasks);
      throw e;
    }
  }

  /** A full engine, for the overflow policy. */
  private final class FullEngine implements OverflowPolicy.Overflow {
    private final String task;
    private final int tasks;
    private final long since = Seam.nanoTime();

    FullEngine(String task, int tasks) {
      this.task = task;
      this.tasks = tasks;
    }

    @Override
    public String engine() {
      return engine.config().name();
    }

    @Override
    public String task() {
      return task;
    }

    @Override
    public boolean awaitRoom(Duration atMost) throws InterruptedException {
      long nanos = Durations.waitNanos("atMost", atMost);
      if (tasks > limit) {
        return idle.isClosing(); // there will never be room
      }
      long waited = nanos == Durations.FOR_EVER ? 0 : Seam.nanoTime() - since;
      return engine.room.await(() -> idle.isClosing() || mayHaveRoom(), nanos - waited);
    }

    /**
     * By the queues' indices, as the protocol of RoomWaiters needs it, or by what was started while
     * a queue still carries it.
     */
    private boolean mayHaveRoom() {
      long queued = engine.overflow.size() + engine.guests.waiting();
      for (Worker worker : engine.workers) {
        queued += worker.inbox.size();
      }
      return queued + tasks <= limit || hasRoom(tasks);
    }
  }
}
