// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Keeps what comes before the counters off their cache line. */
abstract class WorkerCountersPadBefore {
  long p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;
}

/** The counters themselves; a superclass of their own keeps the JVM from moving them. */
abstract class WorkerCountersFields extends WorkerCountersPadBefore {
  long taken;
  long started;
  long ended;
  long completed;
  long failed;
  long stolen;
  long takenFromLanes;
}

/**
 * What one worker has done. Written by the worker alone, with release stores on a cache line of its
 * own (0.1 ns each), read by anybody; each counter only grows and wraps, so that readers compare by
 * difference.
 *
 * <p>Two cache lines of padding on each side, since x86 prefetches lines in pairs.
 */
final class WorkerCounters extends WorkerCountersFields {
  long q00, q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14, q15;

  /** Counts a task that gives its place back: in the queues or in a lane, if it has one. */
  void addTaken(int home) {
    if (home == TaskHandleImpl.IN_QUEUE) {
      TAKEN.setRelease(this, taken + 1);
    } else if (home == TaskHandleImpl.IN_LANE) {
      TAKEN_FROM_LANES.setRelease(this, takenFromLanes + 1);
    }
  }

  void addStarted() {
    STARTED.setRelease(this, started + 1);
  }

  void addEnded() {
    ENDED.setRelease(this, ended + 1);
  }

  void addCompleted() {
    COMPLETED.setRelease(this, completed + 1);
  }

  void addFailed() {
    FAILED.setRelease(this, failed + 1);
  }

  /** How many bodies have started and not ended; for the writer only. */
  long running() {
    return started - ended;
  }

  /** Corrects the count of ended bodies after an error between a body's end and its count. */
  void setRunning(long running) {
    ENDED.setRelease(this, started - running);
  }

  void addStolen() {
    STOLEN.setRelease(this, stolen + 1);
  }

  long takenAcquire() {
    return (long) TAKEN.getAcquire(this);
  }

  long takenFromLanesAcquire() {
    return (long) TAKEN_FROM_LANES.getAcquire(this);
  }

  long startedAcquire() {
    return (long) STARTED.getAcquire(this);
  }

  long endedAcquire() {
    return (long) ENDED.getAcquire(this);
  }

  long completedAcquire() {
    return (long) COMPLETED.getAcquire(this);
  }

  long failedAcquire() {
    return (long) FAILED.getAcquire(this);
  }

  long stolenAcquire() {
    return (long) STOLEN.getAcquire(this);
  }

  private static final VarHandle TAKEN;
  private static final VarHandle TAKEN_FROM_LANES;
  private static final VarHandle STARTED;
  private static final VarHandle ENDED;
  private static final VarHandle COMPLETED;
  private static final VarHandle FAILED;
  private static final VarHandle STOLEN;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TAKEN = lookup.findVarHandle(WorkerCountersFields.class, "taken", long.class);
      TAKEN_FROM_LANES =
          lookup.findVarHandle(WorkerCountersFields.class, "takenFromLanes", long.class);
      STARTED = lookup.findVarHandle(WorkerCountersFields.class, "started", long.class);
      ENDED = lookup.findVarHandle(WorkerCountersFields.class, "ended", long.class);
      COMPLETED = lookup.findVarHandle(WorkerCountersFields.class, "completed", long.class);
      FAILED = lookup.findVarHandle(WorkerCountersFields.class, "failed", long.class);
      STOLEN = lookup.findVarHandle(WorkerCountersFields.class, "stolen", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
