// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.internal.record.TaskRecord;
import dev.heddle.internal.util.Seam;
import dev.heddle.observe.EngineDump;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the workers a hundred times a second while something runs: for those that wait inside a
 * task while others are queued, for tasks that go on though they were cancelled, and for threads
 * that are gone.
 */
/*
 * Roles.        armed: set by the worker that finds it false, cleared by the timer thread. Everything else is the
 *               timer thread's own, also the fields in Sightings.
 * Stopping.     Worker: (1) has left its sleep, (2) looks at armed. Timer thread: (a) armed = false, (b) looks whether all
 *               workers sleep, and arms again if not. All are volatile: either (2) sees false, or (b) sees the worker. So the
 *               watch stops, after a second, when nothing runs, and never while something does.
 * Allowed races. What is seen may be over when it is acted on: relieving a worker between two tasks does no harm, see WorkerThreads.
 * Evidence.     WatchTest, BlockingTest.
 */
final class Watch {

  private static final Logger LOGGER = System.getLogger("dev.heddle");

  private static final long PERIOD_NANOS = 10_000_000;
  private static final int MAX_DOUBLINGS = 3;

  /** Looks at an engine that sleeps, before there are no more. */
  private static final int LOOKS_AT_SLEEPERS = 12;

  /** How many looks in a row must find a worker waiting: it may wait for a moment only. */
  private static final int LOOKS_AT_WAITERS = 2;

  /** How long not to try again when there was no thread for timers. */
  private static final long RETRY_NANOS = 1_000_000_000;

  /** How long a task may go on after it was cancelled. */
  private static final long GRACE_NANOS = 1_000_000_000;

  private final TaskEngineImpl engine;
  private volatile boolean armed;
  private volatile @Nullable Long failedNanos; // when there was no thread for timers
  private int looksAtSleepers;

  Watch(TaskEngineImpl engine) {
    this.engine = engine;
  }

  /** What was seen of one worker at the last looks. */
  static final class Sightings {
    private int waiting;
    private long generation; // of the record, at the look before
    private @Nullable TaskHandleImpl<?> cancelled;
    private long cancelledNanos;
  }

  /** Called by a worker that has been asleep. */
  void wake() {
    if (!armed && mayTry() && ARMED.compareAndSet(this, false, true)) {
      lookLater(PERIOD_NANOS);
    }
  }

  private boolean mayTry() {
    Long failed = failedNanos;
    return failed == null || Seam.nanoTime() - failed >= RETRY_NANOS;
  }

  private void lookLater(long nanos) {
    try {
      engine.timers.after(nanos, this::look);
    } catch (Throwable e) { // there is no thread for timers
      failedNanos = Seam.nanoTime();
      armed = false;
      engine.threads.complain("workers are not watched for tasks that block: " + e);
    }
  }

  private void look() {
    try {
      for (Worker worker : engine.workers) {
        look(worker);
      }
    } finally {
      lookAgain();
    }
  }

  private void lookAgain() {
    boolean asleep = engine.allAsleep();
    looksAtSleepers = asleep ? looksAtSleepers + 1 : 0;
    if (looksAtSleepers < LOOKS_AT_SLEEPERS) {
      lookLater(PERIOD_NANOS << Math.min(looksAtSleepers, MAX_DOUBLINGS));
      return;
    }
    looksAtSleepers = 0;
    armed = false;
    if (!engine.allAsleep()) {
      wake();
    }
  }

  private void look(Worker worker) {
    Thread thread = worker.thread();
    if (thread == null) {
      return;
    }
    Thread.State state = thread.getState();
    if (state == Thread.State.TERMINATED) {
      engine.threads.revive(worker);
      return;
    }
    TaskRecord.Contents seen = worker.outermostRecord.read();
    Sightings sightings = worker.sightings;
    if (seen == null || !worker.isWorking()) {
      sightings.waiting = 0;
      sightings.cancelled = null;
      return;
    }
    boolean waits =
        (state == Thread.State.WAITING
                || state == Thread.State.TIMED_WAITING
                || state == Thread.State.BLOCKED)
            && !worker.waitsForABranch(); // of its own computation, which others run
    sightings.waiting = waits ? sightings.waiting + 1 : 0;
    if (sightings.waiting >= LOOKS_AT_WAITERS && engine.hasTaskFor(worker.post())) {
      relieve(worker, state, sightings.generation == seen.generation());
    }
    sightings.generation = seen.generation();
    lookAtCancelled(worker, sightings);
  }

  private void relieve(Worker worker, Thread.State state, boolean sameTask) {
    List<EngineDump.Run> runs = engine.dumps.runs(worker);
    boolean declared =
        !sameTask || runs.isEmpty() || runs.getLast().waitsFor() != 0 || worker.waitsFor() != null;
    if (engine.threads.relieve(worker, false) && !declared) {
      List<StackTraceElement> stack = worker.stack();
      engine.threads.complain(
          "task blocks a worker without saying so: "
              + runs.getLast()
              + ", worker="
              + worker.threadName()
              + ", state="
              + state
              + ", at="
              + (stack.isEmpty() ? "unknown" : stack.getFirst())
              + " (use context.blocking or Task.blocking)");
    }
  }

  private void lookAtCancelled(Worker worker, Sightings sightings) {
    TaskHandleImpl<?> task = worker.currentAcquire();
    if (task == null || !task.isToStop()) {
      sightings.cancelled = null;
    } else if (sightings.cancelled != task) {
      sightings.cancelled = task;
      sightings.cancelledNanos = Seam.nanoTime();
    } else if (Seam.nanoTime() - sightings.cancelledNanos >= GRACE_NANOS) {
      quarantine(worker, task);
    }
  }

  /**
   * Relieves a worker of a task that was cancelled and goes on; says which, and where it is.
   *
   * @return whether the worker has been relieved by this call
   */
  boolean quarantine(Worker worker, TaskHandleImpl<?> task) {
    List<StackTraceElement> stack = worker.stack();
    if (engine.isStopped() || worker.isRelieved() || worker.currentAcquire() != task) {
      return false;
    }
    if (!engine.threads.relieve(worker, true)) {
      return false;
    }
    engine.books.quarantined.increment();
    Throwable where = new Throwable("the task is here");
    where.setStackTrace(stack.toArray(StackTraceElement[]::new));
    try {
      LOGGER.log(
          Level.ERROR,
          "task was cancelled and goes on, its worker is replaced: "
              + task.describe()
              + ", site="
              + task.site()
              + ", worker="
              + worker.threadName()
              + ", engine="
              + engine.config().name(),
          where);
    } catch (RuntimeException e) { // of the log
      engine.uncaught(e);
    }
    return true;
  }

  private static final VarHandle ARMED;

  static {
    try {
      ARMED = MethodHandles.lookup().findVarHandle(Watch.class, "armed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
