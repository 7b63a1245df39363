// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.error.WaitDepthException;
import dev.heddle.internal.memory.TaskArena;
import dev.heddle.internal.park.IdleWorkers;
import dev.heddle.internal.util.Seam;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * One worker: its inbox, its counters, and the loop that its thread runs.
 *
 * <p>A queue carries {@link TaskHandleImpl}s and plain {@link Runnable}s (of {@code execute}).
 */
/*
 * Roles.        inbox: filled by any thread, emptied by this worker and, with stealing, by others.
 *               counters: written by this worker. current: written by this worker, read by who cancels or
 *               reports. spinning, misses, tick, random, arena, depth: this worker's own.
 * Where a worker looks, in this order: its inbox; the overflow queue; with stealing, the other inboxes in
 *               turn from a random start, one task at a time. Every 64th time it looks the other way
 *               round, the victims in a fixed rotation, so that a task in a queue whose owner is stuck, or
 *               behind inboxes that never run dry, waits for a bounded number of tasks only.
 * Interrupts.   An interrupt meant for one task must never reach another. current changes from one handle to
 *               another (a task that waits runs the one it waits for) or away from a cancelled one only
 *               under interruptLock; a canceller interrupts under the same lock, and only if current is
 *               its task. The interrupt status is cleared after each task.
 * Suspended producers. A task whose producer has claimed its slot in an inbox and not filled it makes the
 *               inbox not empty, but cannot be had. A worker that finds such an inbox again and again
 *               naps, for 50 us to 1 ms: it must not park (see IdleWorkers), and should not burn a core.
 * Evidence.     TaskEngineTest, StarvationTest, StalledProducerTest, InterruptTest.
 */
final class Worker implements Runnable {

  /** The largest inbox; what does not fit goes to the overflow queue. */
  private static final int MAX_INBOX_CAPACITY = 4096;

  /** Every so many looks for a task, others come first. */
  private static final int FAIRNESS_MASK = 63;

  /** How often the spinner looks at the queues before it gives up: a few tens of microseconds. */
  private static final int SPINS = 1000;

  /** How often a worker may find nothing in queues that are not empty before it naps. */
  private static final int MISSES_BEFORE_NAP = 64;

  /**
   * How deep tasks may wait inside each other on one thread: a tenth of what a default stack bears,
   * even when all of it is interpreted.
   */
  private static final int MAX_DEPTH = 100;

  private static final long MIN_NAP_NANOS = 50_000;
  private static final long MAX_NAP_NANOS = 1_000_000;

  /** Worker threads that a user's factory made, which are not {@link WorkerThread}s. */
  private static final ThreadLocal<Worker> OF_FOREIGN_THREAD = new ThreadLocal<>();

  final TaskEngineImpl engine;
  final int index;
  final MpmcVarHandleArrayQueue<Object> inbox;
  final WorkerCounters counters = new WorkerCounters();

  private final IdleWorkers idle;
  private final ReentrantLock interruptLock = new ReentrantLock();
  private volatile @Nullable Thread thread;
  private @Nullable TaskHandleImpl<?> current; // by CURRENT

  private boolean spinning;
  private int misses;
  private int tick;
  private int rotation;
  private long random = Seam.seed();
  private @Nullable TaskArena arena;
  private int depth;

  Worker(TaskEngineImpl engine, int index, int queueCapacity, IdleWorkers idle) {
    this.engine = engine;
    this.index = index;
    this.idle = idle;
    this.inbox = new MpmcVarHandleArrayQueue<>(Math.clamp(queueCapacity, 2, MAX_INBOX_CAPACITY));
  }

  /** Returns the worker that the calling thread is, of whatever engine. */
  static @Nullable Worker current(boolean foreignThreads) {
    if (Thread.currentThread() instanceof WorkerThread own) {
      return own.worker;
    }
    return foreignThreads ? OF_FOREIGN_THREAD.get() : null;
  }

  String threadName() {
    Thread thread = this.thread;
    return thread == null ? "none" : thread.getName();
  }

  @Nullable TaskHandleImpl<?> currentAcquire() {
    return (TaskHandleImpl<?>) CURRENT.getAcquire(this);
  }

  private void setCurrentRelease(@Nullable TaskHandleImpl<?> handle) {
    CURRENT.setRelease(this, handle);
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    if (!(thread instanceof WorkerThread)) {
      OF_FOREIGN_THREAD.set(this);
    }
    try {
      boolean alive = true;
      while (alive) {
        alive = runUntilClosedOrReplaced();
      }
    } finally {
      OF_FOREIGN_THREAD.remove();
    }
  }

  /**
   * Returns whether this thread must go on, because it should have been replaced and could not be.
   */
  private boolean runUntilClosedOrReplaced() {
    try {
      loop();
      return false;
    } catch (Throwable e) {
      // No task throws into the loop: this is the JVM's (no memory, no stack) or ours.
      setCurrentRelease(null);
      if (idle.recover(index) || spinning) {
        spinning = false;
        idle.stopSpinning(index, true);
      }
      return !engine.replace(this, e);
    }
  }

  private void loop() {
    for (; ; ) {
      Seam.reached(Seam.Point.BETWEEN_TASKS);
      Object task = next();
      if (task != null) {
        misses = 0;
        if (spinning) {
          spinning = false;
          idle.stopSpinning(index, true);
        }
        run(task);
      } else if (!awaitWork()) {
        return;
      }
    }
  }

  // ---- finding a task

  private @Nullable Object next() {
    Object task;
    if ((++tick & FAIRNESS_MASK) == 0) {
      task = takeFromOthersFirst();
    } else {
      task = inbox.relaxedPoll();
      if (task == null) {
        task = engine.overflow.poll();
      }
      if (task == null && engine.stealing) {
        task = steal(randomIndex());
      }
    }
    if (task != null) {
      counters.addTaken();
    }
    return task;
  }

  private @Nullable Object takeFromOthersFirst() {
    Object task = (tick & (FAIRNESS_MASK + 1)) == 0 ? engine.overflow.poll() : null;
    if (task == null && engine.stealing) {
      rotation = (rotation + 1) % engine.workers.length;
      task = steal(rotation);
    }
    if (task == null) {
      task = engine.overflow.poll();
    }
    return task == null ? inbox.relaxedPoll() : task;
  }

  /** Takes one task from another worker's inbox, looking at each once, the given one first. */
  private @Nullable Object steal(int start) {
    Worker[] workers = engine.workers;
    for (int i = 0; i < workers.length; i++) {
      Worker victim = workers[(start + i) % workers.length];
      if (victim != this) {
        Object task = victim.inbox.relaxedPoll();
        if (task != null) {
          counters.addStolen();
          return task;
        }
      }
    }
    return null;
  }

  /** Marsaglia's xorshift; scaled to the number of workers by multiplication. */
  private int randomIndex() {
    long x = random;
    x ^= x << 13;
    x ^= x >>> 7;
    x ^= x << 17;
    random = x;
    return (int) (((x >>> 32) * engine.workers.length) >>> 32);
  }

  // ---- having none

  /** Waits until there may be work; {@code false} if the worker has to end. */
  private boolean awaitWork() {
    if (idle.isSealed()) {
      return false;
    }
    if (++misses > MISSES_BEFORE_NAP) {
      if (engine.hasWorkFor(index)) {
        nap();
        return true;
      }
      misses = 0; // others were quicker: the queues are empty after all
    }
    if (engine.stealing && (spinning || idle.trySpin())) {
      spinning = true;
      for (int i = 0; i < SPINS; i++) {
        if (engine.hasWorkFor(index)) {
          return true;
        }
        Thread.onSpinWait();
      }
    }
    if (spinning) { // also without stealing: a waker may have handed the role over
      spinning = false;
      idle.stopSpinning(index, true);
    }
    engine.failures.reportCollected();
    switch (idle.park(index)) {
      case AT_ONCE -> {}
      case WOKEN -> misses = 0;
      case AS_SPINNER -> {
        misses = 0;
        spinning = true;
      }
    }
    return true;
  }

  private void nap() {
    if (spinning) {
      spinning = false;
      idle.stopSpinning(index, true);
    }
    int doublings = Math.min(misses - MISSES_BEFORE_NAP, 5);
    Seam.parkNanos(this, Math.min(MIN_NAP_NANOS << doublings, MAX_NAP_NANOS));
    Thread.interrupted();
  }

  // ---- running it

  private void run(Object task) {
    if (task instanceof TaskHandleImpl<?> handle) {
      try {
        handle.runOn(this);
      } catch (Throwable e) { // not the body's: no stack or memory for the engine's own steps
        handle.fail(this, e);
        throw e;
      }
    } else {
      runBody((Runnable) task);
    }
    Thread.interrupted();
  }

  private void runBody(Runnable body) {
    counters.addStarted();
    try {
      body.run();
      counters.addCompleted();
    } catch (Throwable e) {
      counters.addFailed();
      engine.uncaught(e);
    } finally {
      counters.addEnded();
    }
  }

  /**
   * Runs a task inside the one that waits for it. Returns {@code false} if it has started already.
   */
  boolean runInside(TaskHandleImpl<?> handle) {
    if (depth == MAX_DEPTH) {
      throw new WaitDepthException(
          "tasks wait inside each other too deep: depth="
              + depth
              + ", "
              + handle.describe()
              + " (wait for tasks outside of tasks, or for fewer at a time)");
    }
    TaskHandleImpl<?> outer = current;
    TaskArena outerArena = arena;
    arena = null;
    boolean interrupted = switchCurrent(handle);
    depth++;
    try {
      return handle.runOn(this);
    } catch (Throwable e) { // not the body's: no stack or memory for the engine's own steps
      handle.fail(this, e);
      throw e;
    } finally {
      depth--;
      switchCurrent(outer);
      arena = outerArena;
      if (interrupted || (outer != null && outer.interruptMissed)) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Makes another task the target of interrupts; returns and clears the interrupt status. */
  private boolean switchCurrent(@Nullable TaskHandleImpl<?> to) {
    interruptLock.lock();
    try {
      setCurrentRelease(to);
      return Thread.interrupted();
    } finally {
      interruptLock.unlock();
    }
  }

  /** Called by {@link TaskHandleImpl#runOn} before the body. */
  void begin(TaskHandleImpl<?> handle) {
    setCurrentRelease(handle);
  }

  /** Called by {@link TaskHandleImpl#runOn} after the body, before the outcome is decided. */
  void releaseMemory() {
    TaskArena used = arena;
    if (used != null) {
      arena = null;
      used.release();
    }
  }

  /** Called by {@link TaskHandleImpl#runOn} at the end. */
  void end(boolean cancelled) {
    if (cancelled) {
      switchCurrent(null); // waits for an interrupt that is being sent, and clears it
    } else {
      setCurrentRelease(null);
    }
  }

  /**
   * Interrupts the thread if it runs this task, now or, below a nested task, when that has ended.
   */
  void interrupt(TaskHandleImpl<?> handle) {
    interruptLock.lock();
    try {
      Thread thread = this.thread;
      if (current == handle && thread != null) {
        thread.interrupt();
      } else {
        handle.interruptMissed = true;
      }
    } finally {
      interruptLock.unlock();
    }
  }

  // ---- the end of the engine

  private boolean isRunning() {
    return counters.endedAcquire() < counters.startedAcquire();
  }

  /** Cancels and interrupts what is running, if anything. The engine closes: no task follows. */
  void stopBody() {
    TaskHandleImpl<?> handle = currentAcquire();
    Thread thread = this.thread;
    if (handle != null) {
      handle.cancel(LifeCycle.CANCELLED_BY_CLOSE, true);
    } else if (isRunning() && thread != null) {
      thread.interrupt();
    }
  }

  /** Says what is running, or {@code null} if nothing is. */
  @Nullable String describeRunning() {
    TaskHandleImpl<?> handle = currentAcquire();
    if (!isRunning()) {
      return null;
    }
    String what = handle == null ? "name=execute" : handle.describe();
    return what + ", worker=" + threadName();
  }

  /** Waits until the thread of a worker that has ended is gone. */
  void joinThread() throws InterruptedException {
    Thread thread = this.thread;
    if (thread != null) {
      thread.join();
    }
  }

  /** The arena of the running task, made when first asked for. */
  Arena arena() {
    TaskArena made = arena;
    if (made == null) {
      made = new TaskArena(engine.memory);
      arena = made;
    }
    return made;
  }

  private static final VarHandle CURRENT;

  static {
    try {
      CURRENT = MethodHandles.lookup().findVarHandle(Worker.class, "current", TaskHandleImpl.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** A thread that the default factory made; knows its worker without a look-up. */
  static final class WorkerThread extends Thread {
    final Worker worker;

    WorkerThread(Worker worker, String name) {
      super(null, worker, name, 0, false);
      this.worker = worker;
      setDaemon(false);
    }
  }
}
