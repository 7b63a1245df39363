// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.internal.util.Seam;
import org.jspecify.annotations.Nullable;

/**
 * The way in which one worker takes tasks from the inboxes of the others. Used by that worker
 * alone.
 */
/*
 * Hesitation.   Taking from an inbox costs its owner more than its own taking: the line of the consumer index
 *               moves to another core and back. So a thief leaves an inbox alone whose owner is awake and will
 *               have emptied it in some hundred microseconds, going by what it did since the thief's last look.
 *               An owner that has taken nothing in between is stuck in a body: then the thief takes at once.
 *               A first look has nothing to go by and only remembers. Whoever hesitates looks again soon, see
 *               Worker.hesitate: a task waits that much longer, no more.
 * Batches.      A thief takes half of what is there, 32 at most: one to run, the others into its own inbox, where
 *               anybody may take them again, if that is empty: not behind a producer that is suspended there.
 *               They were accepted once: moved counts them, see WorkerCounters.
 * Evidence.     StarvationTest, NothingLostTest, soaks PairUp and NothingLost.
 */
final class Thief {

  /** A backlog that its owner works off in this time is the owner's. */
  private static final long OWNERS_NANOS = 200_000;

  /** Looks that are further apart say nothing about the speed of now. */
  private static final long MAX_LOOK_NANOS = 16 * OWNERS_NANOS;

  private static final int MAX_BATCH = 32;

  private final TaskEngineImpl engine;
  private final Worker self;
  private final long[] seenIndex;
  private final long[] seenNanos;
  private boolean hesitated;

  Thief(TaskEngineImpl engine, Worker self, int workers) {
    this.engine = engine;
    this.self = self;
    this.seenIndex = new long[workers];
    this.seenNanos = new long[workers];
  }

  /** Whether the last pass has left tasks where they were. */
  boolean hasHesitated() {
    return hesitated;
  }

  /** Takes a task from another worker, looking at each once, the given one first. */
  @Nullable Object steal(int start) {
    hesitated = false;
    Worker[] workers = engine.workers;
    for (int i = 0; i < workers.length; i++) {
      int post = (start + i) % workers.length;
      Worker victim = workers[post];
      if (victim != self) {
        long taken = victim.inbox.currentConsumerIndex();
        long queued = victim.inbox.currentProducerIndex() - taken;
        if (queued > 0 && !isOwners(post, taken, queued)) {
          Object task = take(victim, queued);
          if (task != null) {
            return task;
          }
        }
      }
    }
    return null;
  }

  private boolean isOwners(int victim, long taken, long queued) {
    if (engine.isAsleep(victim)) {
      return false;
    }
    long progress = taken - seenIndex[victim];
    if (progress == 0) {
      return false;
    }
    long now = Seam.nanoTime();
    long nanos = now - seenNanos[victim];
    seenIndex[victim] = taken;
    seenNanos[victim] = now;
    boolean slow = nanos < MAX_LOOK_NANOS && queued * nanos / progress > OWNERS_NANOS;
    return !slow && hesitate();
  }

  private boolean hesitate() {
    hesitated = true;
    return true;
  }

  private @Nullable Object take(Worker victim, long queued) {
    Object first = victim.inbox.relaxedPoll();
    if (first == null) {
      return null;
    }
    self.counters.addStolen();
    long more = self.inbox.isEmpty() ? Math.min(MAX_BATCH, queued / 2) - 1 : 0;
    for (long moved = 0; moved < more; moved++) {
      Object task = victim.inbox.relaxedPoll();
      if (task == null) {
        break;
      }
      self.counters.addStolen();
      engine.enqueueAgain(self, moved, task);
    }
    return first;
  }
}
