// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.TaskContext;
import dev.heddle.error.WaitDepthException;
import dev.heddle.internal.fork.ForkStack;
import dev.heddle.internal.memory.TaskArena;
import dev.heddle.internal.memory.TaskMemory;
import dev.heddle.internal.record.BodyKinds;
import dev.heddle.internal.record.TaskRecord;
import dev.heddle.internal.resource.HeldLeases;
import dev.heddle.internal.util.Seam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What runs tasks on one thread at a time: a {@link Worker}, or a guest of {@link Guests} for a
 * thread that is not a worker.
 */
/*
 * Roles.        counters: written by the thread that runs. current: written by that thread, read by who cancels
 *               or reports. thread: written before anything runs. arena, depth, clock, kinds: that thread's own.
 *               before, contextLoader: written by the thread that attaches. waiting: by who lends a thread, before it starts. record: by the thread that runs, read by who reports.
 * Clock.        Reading it takes 21 ns, half of what a task may cost. As long as tasks take less than a microsecond,
 *               one in 64 is told when it starts, the others get the same time, marked as not exact.
 * Interrupts.   An interrupt meant for one task must never reach another. current changes from one handle to
 *               another (a task that waits runs the one it waits for) or away from a cancelled one only
 *               under interruptLock; a canceller interrupts under the same lock, and only if current is
 *               its task. The interrupt status is cleared after each task.
 * Cancel flag.  Of the record, for native code. Like an interrupt, it is set under interruptLock, and a cancelled task goes
 *               away under it: so it never reaches the next task. A task that asks for it (1) clears what one before it has left,
 *               (2) looks whether it is cancelled; who cancels (3) decides the state, (4) sets the flag. All four are volatile:
 *               if (1) comes after (4), (2) sees (3) and sets it again.
 * Evidence.     InterruptTest, CancelFlagTest.
 */
abstract class TaskRunner {

  /**
   * How deep tasks may wait inside each other on one thread: a tenth of what a default stack bears,
   * even when all of it is interpreted.
   */
  private static final int MAX_DEPTH = 100;

  /** Tasks that take less do not have the clock read for each. */
  private static final long SHORT_NANOS = 1_000;

  private static final int STARTS_BETWEEN_CLOCKS = 64;

  /** How long who waits for the end of a body waits at most before it looks again. */
  private static final long MAX_NAP_NANOS = 5_000_000;

  /** The runner of a thread that is not a {@link Worker.WorkerThread}. */
  private static final ThreadLocal<TaskRunner> OF_FOREIGN_THREAD = new ThreadLocal<>();

  final TaskEngineImpl engine;
  final WorkerCounters counters = new WorkerCounters();

  private final ReentrantLock interruptLock = new ReentrantLock();
  private final Condition bodyEnded = interruptLock.newCondition();
  private int awaitingEnd; // threads that wait for bodyEnded; under interruptLock
  private volatile TaskRunner outermost = this; // on its thread; by attach
  private volatile @Nullable TaskHandleImpl<?> waitsFor; // of the outermost one: see Waits
  private volatile @Nullable Thread thread;
  private @Nullable TaskRunner before; // what ran on a foreign thread before this; its own
  private @Nullable ClassLoader contextLoader; // of the thread, without a task; its own
  private volatile @Nullable TaskRunner waiting; // whose task waits for what runs here, apart
  private @Nullable TaskHandleImpl<?> current; // by CURRENT
  private volatile boolean interruptSent; // by who cancels; cleared by the thread that runs
  private @Nullable TaskArena arena;
  private @Nullable TaskMemory memory; // of the running task, or of the next one
  private @Nullable TaskMemory firstMemory; // has the cache of the thread
  private volatile @Nullable HeldLeases leases; // of the running task; also for who cancels it
  private int depth;

  final TaskRecord outermostRecord;
  private TaskRecord record;
  private long clock; // when it was last read
  private int startsSinceClock;
  private int startsBetweenClocks = 1;
  private final BodyKinds.Cache kinds;

  TaskRunner(TaskEngineImpl engine, int number) {
    this.engine = engine;
    this.outermostRecord = engine.records.newRecord(number);
    this.record = outermostRecord;
    this.kinds = new BodyKinds.Cache(engine.kinds);
  }

  /** Returns what runs on the calling thread for an engine. */
  static @Nullable TaskRunner currentOf(TaskEngineImpl engine) {
    if (Thread.currentThread() instanceof Worker.WorkerThread own && own.worker.engine == engine) {
      return own.worker;
    }
    if (!engine.hasForeignThreads()) {
      return null;
    }
    TaskRunner runner = OF_FOREIGN_THREAD.get();
    while (runner != null && runner.engine != engine) {
      runner = runner.before; // a task of this engine may be below one of another
    }
    return runner;
  }

  /** Makes the calling thread the one that runs. */
  final void attach() {
    Thread caller = Thread.currentThread();
    thread = caller;
    TaskRunner below = outermostOfThread();
    TaskRunner apart = waiting; // its thread stands for this one, too: it waits for it
    if (apart != null) {
      outermost = apart.outermost;
    } else {
      outermost = below == null ? this : below;
    }
    contextLoader = caller.getContextClassLoader();
    if (!(caller instanceof Worker.WorkerThread own && own.worker == this)) {
      engine.foreignThreadRuns();
      before = OF_FOREIGN_THREAD.get();
      OF_FOREIGN_THREAD.set(this);
    }
  }

  /** What stands for the calling thread if it runs a task of some engine. */
  static @Nullable TaskRunner outermostOfThread() {
    if (Thread.currentThread() instanceof Worker.WorkerThread own) {
      return own.worker;
    }
    TaskRunner innermost = OF_FOREIGN_THREAD.get();
    return innermost == null ? null : innermost.outermost;
  }

  /** What stands for the thread that this runs on. */
  final TaskRunner outermost() {
    return outermost;
  }

  /** What the thread of this, the outermost one, waits for without a limit of time. */
  final @Nullable TaskHandleImpl<?> waitsFor() {
    return waitsFor;
  }

  final void setWaitsFor(@Nullable TaskHandleImpl<?> task) {
    waitsFor = task;
  }

  final @Nullable Thread thread() {
    return thread;
  }

  /** Says which thread will run this. */
  final void setThread(@Nullable Thread thread) {
    this.thread = thread;
  }

  /** Ends what {@link #attach} began. */
  final void detach() {
    TaskRunner below = before;
    before = null;
    if (below == null) {
      OF_FOREIGN_THREAD.remove();
    } else {
      OF_FOREIGN_THREAD.set(below);
    }
  }

  /** Gives the thread the context class loader it had before a task has changed it. */
  final void putBackContextLoader() {
    useContextLoader(contextLoader);
  }

  static void useContextLoader(@Nullable ClassLoader loader) {
    Thread caller = Thread.currentThread();
    if (caller.getContextClassLoader() != loader) {
      caller.setContextClassLoader(loader);
    }
  }

  /** The context class loader of the thread without a task. Called by that thread. */
  final @Nullable ClassLoader contextLoader() {
    return contextLoader;
  }

  /** Says whose task waits for what runs here, if one does. Called before the thread starts. */
  final void runFor(@Nullable TaskRunner waiting) {
    this.waiting = waiting;
  }

  /** Whether what runs here is what a runner runs, or what that waits for, apart. */
  final boolean isBelow(@Nullable TaskRunner other) {
    TaskRunner each = this;
    while (each != null && each != other) {
      each = each.waiting;
    }
    return each != null;
  }

  /** Lets go of a thread that was borrowed; a worker's is waited for at the end. */
  final void forgetThread() {
    thread = null;
    contextLoader = null;
  }

  final String threadName() {
    Thread thread = this.thread;
    return thread == null ? "none" : thread.getName();
  }

  /** What the thread executes, nothing if it runs no task. */
  final List<StackTraceElement> stack() {
    Thread thread = this.thread;
    return thread == null ? List.of() : List.of(thread.getStackTrace());
  }

  final @Nullable TaskHandleImpl<?> currentAcquire() {
    return (TaskHandleImpl<?>) CURRENT.getAcquire(this);
  }

  /** What the body sees of the task that runs here. */
  final @Nullable TaskContext currentContext() {
    TaskHandleImpl<?> running = currentAcquire();
    return running == null ? null : running.context();
  }

  private void setCurrentRelease(@Nullable TaskHandleImpl<?> handle) {
    CURRENT.setRelease(this, handle);
  }

  /** Forgets what was running when an error came out of the engine's own code. */
  final void abandon() {
    switchCurrent(null);
  }

  /**
   * Starts a task, unless somebody has before; {@code false} then. The caller deals with the
   * interrupt status that is left.
   */
  final boolean run(TaskHandleImpl<?> handle) {
    long running = counters.running();
    try {
      return handle.runOn(this);
    } catch (Throwable e) { // not the body's: no stack or memory for the engine's own steps
      record.release();
      counters.setRunning(running);
      releaseLeases(handle);
      handle.fail(this, e);
      throw e;
    }
  }

  /** Runs what a queue carried; what is not run gives its place back, too. */
  final void runQueued(Object task, int home) {
    if (!(task instanceof TaskHandleImpl<?> handle)) {
      counters.addTaken(home);
      run((Runnable) task);
    } else if (!run(handle) && handle.keptItsPlace()) {
      counters.addTaken(handle.home);
    }
  }

  /** Runs a body without a handle. */
  final void run(Runnable body) {
    counters.addStarted();
    try {
      startRecord(body);
      body.run();
      counters.addCompleted();
    } catch (Throwable e) {
      counters.addFailed();
      engine.uncaught(e);
    } finally {
      record.release();
      counters.addEnded();
      endMemory("name=execute");
    }
  }

  /**
   * Runs a task inside the one that waits for it. Returns {@code false} if it has started already.
   */
  final boolean runInside(TaskHandleImpl<?> handle) {
    if (depth == MAX_DEPTH) {
      throw new WaitDepthException(
          "tasks wait inside each other too deep: depth="
              + depth
              + ", "
              + handle.describe()
              + " (wait for tasks outside of tasks, or for fewer at a time)");
    }
    if (engine.isolates) {
      return runApart(handle);
    }
    TaskHandleImpl<?> outer = current;
    TaskRecord outerRecord = record;
    record = outerRecord.suspend(outer);
    TaskArena outerArena = arena;
    arena = null;
    TaskMemory outerMemory = memory;
    memory = null;
    HeldLeases outerLeases = leases;
    leases = null;
    ClassLoader outerLoader = Thread.currentThread().getContextClassLoader();
    putBackContextLoader();
    boolean interrupted = switchCurrent(handle);
    depth++;
    boolean ran;
    try {
      ran = run(handle);
    } finally {
      depth--;
      switchCurrent(outer);
      useContextLoader(outerLoader);
      record = outerRecord;
      outerRecord.resume();
      arena = outerArena;
      memory = outerMemory;
      leases = outerLeases;
      if (interrupted || (outer != null && outer.interruptMissed)) {
        Thread.currentThread().interrupt();
      }
    }
    if (ran) {
      ranInside();
    }
    return ran;
  }

  /** As {@link #runInside}, on a thread that no task has used. */
  private boolean runApart(TaskHandleImpl<?> handle) {
    AtomicBoolean ran = new AtomicBoolean();
    record.waitsFor(handle.id());
    try {
      engine.guests.runApart(this, guest -> ran.set(guest.run(handle)));
    } finally {
      record.waitsFor(0);
    }
    if (ran.get()) {
      ranInside();
    }
    return ran.get();
  }

  /** Where the running task forks. Called by the thread that runs. */
  abstract ForkStack forkStack();

  /** Called when a task that a queue still carries has run here. */
  void ranInside() {
    engine.placeGivenBack();
  }

  /** Tells whether the engine has interrupted this thread since the last call. */
  final boolean takeInterruptSent() {
    boolean sent = interruptSent;
    interruptSent = false;
    return sent;
  }

  /** Makes another task the target of interrupts; returns and clears the interrupt status. */
  private boolean switchCurrent(@Nullable TaskHandleImpl<?> to) {
    interruptLock.lock();
    try {
      setCurrentRelease(to);
      if (awaitingEnd > 0) {
        bodyEnded.signalAll();
      }
      return Thread.interrupted();
    } finally {
      interruptLock.unlock();
    }
  }

  /** Says in the record that a body without a handle starts. */
  private void startRecord(Runnable body) {
    boolean exact = isClockDue();
    record.bind(kinds.numberOf(Samples.classOf(Contexts.bodyOf(body))), clock, exact);
  }

  /**
   * Says in the record that a body starts.
   *
   * @param timed whether it must be exact when
   * @return when
   */
  final long startRecord(long id, long parentId, Object body, boolean timed) {
    if (timed) {
      startsSinceClock = startsBetweenClocks;
    }
    boolean exact = isClockDue();
    record.bind(id, parentId, kinds.numberOf(Samples.classOf(body)), clock, exact);
    return clock;
  }

  /** Reads the clock if it is time for that. */
  private boolean isClockDue() {
    boolean due = ++startsSinceClock >= startsBetweenClocks;
    if (due) {
      readClock();
    }
    return due;
  }

  private void readClock() {
    long now = Seam.nanoTime();
    boolean shortOnes = now - clock < SHORT_NANOS * startsSinceClock;
    startsBetweenClocks = shortOnes && !engine.samples.areExact() ? STARTS_BETWEEN_CLOCKS : 1;
    startsSinceClock = 0;
    clock = now;
  }

  /** Says in the record which attempt of its task has started; returns when. */
  final long startAttempt(int number) {
    if (number > 1) {
      record.attempt(number);
    }
    readClock();
    return clock;
  }

  /** Says in the record that a branch of another worker's computation starts. */
  final void startBranchRecord() {
    readClock();
    record.bind(BodyKinds.BRANCH, clock, true);
  }

  /** The record of what runs here now. */
  final TaskRecord record() {
    return record;
  }

  /** Forgets what it has run last: nothing runs here for a while. */
  final void forgetLast() {
    kinds.clear();
    startsBetweenClocks = 1;
  }

  /** Called by {@link TaskHandleImpl#runOn} before the body. */
  final void begin(TaskHandleImpl<?> handle) {
    setCurrentRelease(handle);
  }

  /** Called by {@link TaskHandleImpl#runOn} after the body, before the outcome is decided. */
  final void releaseMemory(TaskHandleImpl<?> handle) {
    releaseLeases(handle);
    endMemory(handle);
    TaskArena used = arena;
    if (used != null) {
      arena = null;
      used.release();
    }
  }

  /** Gives back what a task holds; says so if it should have itself. */
  private void releaseLeases(TaskHandleImpl<?> handle) {
    HeldLeases held = leases;
    if (held != null) {
      leases = null;
      int open = held.releaseAll();
      if (open > 0) {
        engine.threads.complain(
            "task has ended with open leases, which are given back: open="
                + open
                + ", "
                + handle.describe()
                + " (close them, for example by try)");
      }
    }
  }

  /** What the running task holds; made when first asked for. */
  final HeldLeases leases() {
    HeldLeases made = leases;
    if (made == null) {
      made = new HeldLeases();
      leases = made;
    }
    return made;
  }

  /** Says what the running task holds from its beginning. */
  final void setLeases(HeldLeases held) {
    leases = held;
  }

  /** What the running task waits for, if it is a permit. */
  final Optional<String> waitsForResources() {
    HeldLeases held = leases;
    return held == null ? Optional.empty() : held.waitsFor();
  }

  /** Ends what has been allocated by what has run, and not closed. */
  final void endMemory(Object what) {
    TaskMemory used = memory;
    if (used != null && used.isInUse()) {
      String name =
          what instanceof TaskHandleImpl<?> handle
              ? handle.describe() + ", site=" + handle.site()
              : what.toString();
      engine.memory.leaked(used.endRun(), name);
    }
  }

  /** The memory of what runs here, made when first asked for. */
  final TaskMemory memory() {
    TaskMemory made = memory;
    if (made == null) {
      TaskMemory first = firstMemory;
      made = first == null ? engine.memory.newTaskMemory() : first.inner();
      firstMemory = first == null ? made : first;
      memory = made;
    }
    return made;
  }

  /** How many segments the running task owns. May be stale. */
  final long segments() {
    TaskMemory used = memory;
    return used == null ? 0 : used.open();
  }

  /** How many bytes of free blocks are kept here. May be stale. */
  final long keptMemory() {
    TaskMemory used = firstMemory;
    return used == null ? 0 : used.keptBytes();
  }

  /** Gives free blocks to other threads. */
  final void drainMemory() {
    TaskMemory used = firstMemory;
    if (used != null) {
      used.drain();
    }
  }

  /** Called by {@link TaskHandleImpl#runOn} at the end. */
  final void end(boolean cancelled) {
    if (cancelled) {
      switchCurrent(null); // waits for an interrupt that is being sent, and clears it
    } else {
      setCurrentRelease(null);
    }
  }

  /** Where native code sees that a task, which runs here, was cancelled. */
  final MemorySegment cancelFlag(TaskHandleImpl<?> handle) {
    MemorySegment flag = record.cancelFlag();
    if (handle.isToStop()) { // who has cancelled it may have been here before
      record.cancel();
    }
    return flag;
  }

  /**
   * Tells a task that runs here that it has been cancelled: by its flag and, if it is asked for, by
   * an interrupt, now or, below a nested task, when that has ended.
   */
  final void cancelled(TaskHandleImpl<?> handle, boolean interrupt) {
    HeldLeases waiting = null;
    interruptLock.lock();
    try {
      if (current == handle) {
        waiting = leases;
      }
      TaskRecord its = recordOf(handle);
      if (its != null) {
        its.cancel();
      }
      if (interrupt) {
        interrupt(handle);
      }
    } finally {
      interruptLock.unlock();
    }
    if (waiting != null) {
      waiting.cancelWaits();
    }
  }

  /**
   * The record of a task that runs here, or waits here for one that runs inside it. Called under
   * interruptLock.
   */
  private @Nullable TaskRecord recordOf(TaskHandleImpl<?> handle) {
    TaskRecord each = outermostRecord;
    for (; ; ) {
      Object waiting = each.suspended();
      TaskRecord inner = each.inner();
      if (waiting == handle) {
        return each;
      }
      if (waiting == null || inner == null) { // what runs, or is about to be suspended
        return current == handle ? each : null;
      }
      each = inner;
    }
  }

  /**
   * Waits until a task that was cancelled does not run here any more.
   *
   * @return {@code false} if the time passes
   */
  final boolean awaitEnd(TaskHandleImpl<?> handle, long nanos) throws InterruptedException {
    long left = nanos;
    interruptLock.lockInterruptibly();
    try {
      awaitingEnd++;
      while (recordOf(handle) != null) {
        if (left <= 0) {
          return false;
        }
        // A body that ends by itself tells nobody: that would cost each task a fence.
        long nap = Math.min(left, MAX_NAP_NANOS);
        left -= nap - bodyEnded.awaitNanos(nap);
      }
      return true;
    } finally {
      awaitingEnd--;
      interruptLock.unlock();
    }
  }

  /** Called when the running task is about to block. */
  void willBlock() {}

  /** Adds the tasks that this runs: those that wait for another inside, then that one. */
  final void addTasks(List<TaskHandleImpl<?>> tasks) {
    interruptLock.lock();
    try {
      TaskRecord each = outermostRecord;
      Object waiting;
      while (each != null && (waiting = each.suspended()) != null) {
        if (waiting instanceof TaskHandleImpl<?> handle) {
          tasks.add(handle);
        }
        each = each.inner();
      }
      TaskHandleImpl<?> innermost = current;
      if (innermost != null) {
        tasks.add(innermost);
      }
    } finally {
      interruptLock.unlock();
    }
  }

  private void interrupt(TaskHandleImpl<?> handle) {
    Thread thread = this.thread;
    if (current == handle && thread != null) {
      interruptSent = true;
      thread.interrupt();
    } else {
      handle.interruptMissed = true;
    }
  }

  // ---- the end of the engine

  private boolean isRunning() {
    return counters.endedAcquire() - counters.startedAcquire() < 0; // they may have wrapped
  }

  /** Cancels and interrupts what is running, if anything. The engine closes: no task follows. */
  final void stopBody() {
    TaskHandleImpl<?> handle = currentAcquire();
    Thread thread = this.thread;
    if (handle != null) {
      if (!handle.cancel(LifeCycle.CANCELLED_BY_CLOSE, true)) { // it was, or its time is over
        cancelled(handle, true);
      }
    } else if (isRunning() && thread != null) {
      interruptSent = true;
      thread.interrupt();
    }
  }

  /** Waits until the thread of a worker that has ended is gone. */
  final void joinThread() throws InterruptedException {
    Thread thread = this.thread;
    if (thread != null) {
      thread.join();
    }
  }

  /** The arena of the running task, made when first asked for. */
  final Arena arena() {
    TaskArena made = arena;
    if (made == null) {
      made = new TaskArena(engine.memory.budget(), bytes -> record.arena(bytes));
      arena = made;
    }
    return made;
  }

  private static final VarHandle CURRENT;

  static {
    try {
      CURRENT =
          MethodHandles.lookup().findVarHandle(TaskRunner.class, "current", TaskHandleImpl.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
