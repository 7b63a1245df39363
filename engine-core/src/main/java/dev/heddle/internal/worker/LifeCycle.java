// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.CloseReport;
import dev.heddle.error.ThreadStartException;
import dev.heddle.internal.park.IdleWorkers;
import dev.heddle.internal.util.Durations;
import dev.heddle.observe.EngineDump;
import dev.heddle.observe.EngineMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** How an engine starts and ends. */
/*
 * States.       running --close--> closing --all workers idle, all queues empty--> sealed
 *                                    |
 *                                    '--time is up: stopped (queued tasks are cancelled)
 *               Closing refuses tasks from outside; running tasks may go on submitting, since that is part of
 *               their end, until the engine is stopped.
 * The end.      A worker that is about to park while the engine closes asks here, after it has announced
 *               itself (see IdleWorkers). Under the lock: if no task runs or waits elsewhere (Guests) and no queue's
 *               index shows a task, the engine is sealed by a CAS on the idle word, which succeeds only if all
 *               workers have announced themselves: then nothing runs that could submit. A worker that was
 *               woken before is off the count when it takes a task, and will come by again; one that is
 *               woken later finds the seal and takes nothing. The last worker to announce itself finds all
 *               others announced, unless one has been woken; close wakes all, so that those parked before
 *               it come by too.
 * The race.     A submitter from outside looks at the CLOSING bit, publishes its task and looks at the bit
 *               again. If it is clear the second time, the task was published before the bit was set, hence
 *               before the look at the queues that seals, and will be run. If it is set, the submitter asks
 *               here, under the lock. Not sealed: sealing will look at the queues' indices; so the task is
 *               accepted. Sealed: what is in the queues came too late. The submitter takes it all out; if its
 *               own task is among it, the task is refused, otherwise a worker has had it and it is accepted.
 *               Several late submitters leave each other's tasks in the list tooLateTasks. Submitting costs
 *               nothing for it.
 * Stopped.      Workers may be stuck for ever in user code. Who stops the engine cancels what is queued, and is counted
 *               as a guest meanwhile, so that the engine is not sealed; a late submitter that finds it stopped and not
 *               sealed does so again, so that its task has an outcome in any case. Workers of a stopped engine have no
 *               work and sleep, also while an index shows a task that is still being put in; its submitter wakes them.
 * Evidence.     CloseRaceTest; its control does not ask, and is seen to strand a task.
 */
final class LifeCycle {

  static final String CANCELLED_BY_CLOSE = "its engine was closed";

  /** How long a stopped engine waits for bodies that have just been interrupted. */
  private static final long GRACE_NANOS = 100_000_000;

  private final TaskEngineImpl engine;
  private final IdleWorkers idle;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final ReentrantLock lock = new ReentrantLock();

  // Under the lock:
  private final List<Object> tooLateTasks = new ArrayList<>();
  private int alive;
  private long guests;
  private @Nullable Thread exitHook;

  LifeCycle(TaskEngineImpl engine, IdleWorkers idle) {
    this.engine = engine;
    this.idle = idle;
  }

  // ---- starting

  void start() {
    engine.config().closeOnExit().ifPresent(this::closeOnExit);
    for (Worker worker : engine.workers) {
      countWorker(1);
      try {
        engine.threads.start(worker);
      } catch (ThreadStartException e) {
        countWorker(-1);
        close();
        throw e;
      }
    }
  }

  private void countWorker(int change) {
    lock.lock();
    try {
      alive += change;
    } finally {
      lock.unlock();
    }
  }

  private void closeOnExit(Duration atMost) {
    Thread hook =
        new Thread(
            null,
            () -> engine.close(atMost),
            "heddle-" + engine.config().name() + "-exit",
            0,
            false);
    lock.lock();
    try {
      exitHook = hook;
    } finally {
      lock.unlock();
    }
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      String name = engine.config().name();
      throw new ThreadStartException(
          "engine must not be started while the JVM exits, since closeOnExit is set: engine="
              + name,
          e);
    }
  }

  private void forgetExitHook() {
    Thread hook;
    lock.lock();
    try {
      hook = exitHook;
      exitHook = null;
    } finally {
      lock.unlock();
    }
    if (hook != null && hook != Thread.currentThread()) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        return; // the JVM is exiting: the hook runs, and finds an engine that closes already
      }
    }
  }

  // ---- what an idle worker and a late submitter ask

  /**
   * Seals the engine if nothing runs and nothing is queued. Called by a worker that has announced
   * itself.
   */
  void endIfAllIdle() {
    lock.lock();
    try {
      if (idle.isSealed() || guests > 0 || engine.hasWork() || !idle.sealIfParked(alive)) {
        return;
      }
    } finally {
      lock.unlock();
    }
    try {
      engine.threads.close();
      engine.endTimers();
      engine.failures.reportAll();
      engine.memory.close();
    } finally {
      ended.countDown();
    }
  }

  /**
   * Accepts tasks that will not go through a queue, unless the engine closes (for a task: is
   * stopped).
   */
  boolean admitGuests(boolean fromTask, int tasks) {
    lock.lock();
    try {
      if (fromTask ? idle.isStopped() : idle.isClosing()) {
        return false;
      }
      guests += tasks;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Counts something that runs without a queue, and that must not be refused any more. */
  void addGuest() {
    lock.lock();
    try {
      guests++;
    } finally {
      lock.unlock();
    }
  }

  boolean isStopped() {
    return idle.isStopped();
  }

  /**
   * Cancels what is queued in an engine that was stopped and has not ended: without the lock, since
   * users' code is called back, but counted like a guest, so that the engine does not end
   * meanwhile.
   *
   * @return how many tasks had not started
   */
  long cancelQueuedIfStopped() {
    lock.lock();
    try {
      if (!idle.isStopped() || idle.isSealed()) {
        return 0;
      }
      guests++;
    } finally {
      lock.unlock();
    }
    try {
      return cancelQueued();
    } finally {
      guestEnded(); // and the workers look again whether all is done
    }
  }

  private long cancelQueued() {
    long unstarted = 0;
    Object task;
    while ((task = engine.pollAny()) != null) {
      unstarted += cancelTaken(task, engine.books.takenByClose);
    }
    while ((task = engine.lanes.pollAny()) != null) {
      unstarted += cancelTaken(task, engine.books.takenFromLanesByClose);
    }
    return unstarted;
  }

  /**
   * Called when an accepted task without a queue has run, was cancelled, or has been queued after
   * all.
   */
  void guestEnded() {
    lock.lock();
    try {
      guests--;
    } finally {
      lock.unlock();
    }
    if (idle.isClosing()) {
      idle.close(); // the workers look again whether all is done
    }
  }

  /** Tells a submitter that has published a task into a closing engine whether it is refused. */
  boolean cameTooLate(Object task) {
    cancelQueuedIfStopped();
    lock.lock();
    try {
      if (!idle.isSealed()) {
        return false;
      }
      Object left;
      while ((left = engine.pollAny()) != null || (left = engine.lanes.pollAny()) != null) {
        tooLateTasks.add(left);
      }
      for (Iterator<Object> late = tooLateTasks.iterator(); late.hasNext(); ) {
        if (late.next() == task) {
          late.remove();
          engine.books.notAccepted.incrementAndGet();
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  // ---- ending

  void close() {
    beginClose();
    if (engine.guests.isWaitedFor()) {
      return;
    }
    boolean interrupted = false;
    for (; ; ) {
      try {
        awaitEnd(Durations.FOR_EVER);
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        stop();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  CloseReport close(long nanos) {
    beginClose();
    if (engine.guests.isWaitedFor()) {
      return report(0);
    }
    long neverStarted = 0;
    try {
      if (!awaitEnd(nanos)) {
        neverStarted = stop();
        awaitEnd(GRACE_NANOS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      neverStarted += stop();
    }
    engine.failures.reportAll();
    return report(neverStarted);
  }

  private void beginClose() {
    idle.close();
    engine.endPeriodicTasks();
    engine.room.wakeAll();
    forgetExitHook();
    if (noWorkerStarted()) {
      endIfAllIdle();
    }
  }

  private boolean noWorkerStarted() {
    lock.lock();
    try {
      return alive == 0;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the workers and, shortly after, for their threads. */
  private boolean awaitEnd(long nanos) throws InterruptedException {
    if (!ended.await(nanos, TimeUnit.NANOSECONDS)) {
      return false;
    }
    for (Worker worker : engine.threads.all()) {
      worker.joinThread();
    }
    return true;
  }

  /**
   * Cancels what has not started, cancels and interrupts what runs; returns how many never started.
   */
  private long stop() {
    lock.lock();
    try {
      idle.stop();
    } finally {
      lock.unlock();
    }
    long neverStarted = cancelQueuedIfStopped();
    neverStarted += engine.guests.cancelUnstarted(CANCELLED_BY_CLOSE);
    engine.forEachRunner(TaskRunner::stopBody);
    return neverStarted;
  }

  /** Cancels what a worker has taken out of a queue and could not start. */
  void cancelTaken(Object task, int home) {
    AtomicLong none = new AtomicLong(); // places of what had none
    cancelTaken(
        task,
        switch (home) {
          case TaskHandleImpl.IN_QUEUE -> engine.books.takenByClose;
          case TaskHandleImpl.IN_LANE -> engine.books.takenFromLanesByClose;
          default -> none;
        });
  }

  /** Cancels what was in a queue; returns 1 if nobody had started or cancelled it before. */
  private int cancelTaken(Object task, AtomicLong taken) {
    if (task instanceof TaskHandleImpl<?> handle) {
      boolean first = handle.cancelUnstarted(CANCELLED_BY_CLOSE);
      if (handle.keptItsPlace()) {
        taken.incrementAndGet();
      }
      return first ? 1 : 0;
    }
    if (task instanceof ExecutorView.Entry entry) {
      entry.dropped();
    }
    taken.incrementAndGet();
    engine.books.cancelled.increment();
    return 1;
  }

  private CloseReport report(long neverStarted) {
    List<String> stillRunning = new ArrayList<>();
    engine.forEachRunner(
        runner -> {
          List<EngineDump.Run> runs = engine.dumps.runs(runner);
          if (!runs.isEmpty()) { // the innermost keeps it
            stillRunning.add(runs.getLast() + ", worker=" + runner.threadName());
          }
        });
    EngineMetrics books = engine.metrics();
    return new CloseReport(
        ended.getCount() == 0,
        books.completed(),
        books.failed(),
        books.cancelled(),
        neverStarted,
        stillRunning);
  }
}
