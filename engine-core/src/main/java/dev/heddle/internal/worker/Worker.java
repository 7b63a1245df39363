// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static java.util.Objects.requireNonNull;

import dev.heddle.internal.fork.ForkStack;
import dev.heddle.internal.fork.Offer;
import dev.heddle.internal.park.IdleWorkers;
import dev.heddle.internal.util.Seam;
import dev.heddle.spi.IdleStrategy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * One worker: its inbox and the loop that its thread runs.
 *
 * <p>A queue carries {@link TaskHandleImpl}s and plain {@link Runnable}s (of {@code execute}).
 */
/*
 * Roles.        inbox: filled by any thread, emptied by this worker and, with stealing, by others. spinning,
 *               misses, tick, rotation, random: this worker's own.
 * States.       of its post: WORKING <--> IDLING, by itself; WORKING -> RELIEVED, by itself or the watch (CAS, since the
 *               worker may be on its way to IDLING); RELIEVED -> STANDING_BY -> WORKING, under the lock of
 *               WorkerThreads. Only who is IDLING is in IdleWorkers, so a post has one sleeper.
 * Where a worker looks, in this order: lanes, if there are any, in turn with the rest; its inbox; the overflow
 *               queue; with stealing, the other inboxes in turn from a random start (see Thief), then the
 *               branches that computations of others offer (see ForkStack). Every 64th
 *               time it looks the other way round, the victims in a fixed rotation, so that a task in a queue
 *               whose owner is stuck, or behind inboxes that never run dry, waits for a bounded number of
 *               tasks only.
 * Suspended producers. A task whose producer has claimed its slot in an inbox and not filled it makes the
 *               inbox not empty, but cannot be had. A worker that finds such an inbox again and again
 *               naps, for 50 us to 1 ms: it must not park (see IdleWorkers), and should not burn a core.
 * Stale entries. A task that was run inside one that waits for it stays in its queue. A worker whose one task
 *               submits and waits for ever would fill the memory with them; so, when it has run as many
 *               as are queued, it takes them out and puts back what has not started. That is in proportion.
 * Wrapping.     tick, turn and all counters may wrap. An inbox's indices may not, since JCTools compares them by
 *               their order: they end after 2^63 tasks, at 10^9 a second after 292 years.
 * Evidence.     NothingLostTest, StarvationTest, StalledProducerTest, InterruptTest, CounterWrapTest.
 */
final class Worker extends TaskRunner implements Runnable {

  /**
   * The largest inbox, of 1.5 MiB; what does not fit goes to the overflow queue, which allocates.
   */
  private static final int MAX_INBOX_CAPACITY = 1 << 17;

  /** Every so many looks for a task, others come first. */
  private static final int FAIRNESS_MASK = 63;

  /** How often a worker may find nothing in queues that are not empty before it naps. */
  private static final int MISSES_BEFORE_NAP = 64;

  /** How many tasks a worker runs inside others, at least, before it looks for their entries. */
  private static final int MIN_RAN_INSIDE = 1024;

  /** How often a nap is doubled at the most. */
  private static final int MAX_DOUBLINGS = 5;

  private static final int SPINS_PER_HESITATION = 64; // a microsecond or two

  /** How often a worker without work looks whether the others are quick enough. */
  private static final long WATCH_NANOS = 200_000;

  /** How many tasks others must have started meanwhile to be watched on. */
  private static final int WATCHED_TASKS = 32;

  private static final long MIN_NAP_NANOS = 50_000;
  private static final long MAX_NAP_NANOS = 1_000_000;

  /** The worker holds its post and runs a task, or looks for one: it may be relieved. */
  private static final int WORKING = 0;

  /** It holds its post and has nothing to do: it may not be relieved. */
  private static final int IDLING = 1;

  /** Its post was given to another; it ends its task. */
  private static final int RELIEVED = 2;

  /** It waits for a post. */
  private static final int STANDING_BY = 3;

  /** What it is called by; the same as the number of its first post, if it began with one. */
  final int number;

  final Watch.Sightings sightings = new Watch.Sightings();

  private volatile int state;
  int index; // of its post; this and the next are written by takeOver, before state
  MpmcVarHandleArrayQueue<Object> inbox;

  private final IdleWorkers idle;

  private final IdleStrategy.Idler idler;

  private boolean spinning;
  private int home; // where the last task came from, of those that have no handle to say it
  private boolean besideLanes;
  private int nextLane;
  private long ranInside;
  private int misses;
  private int tick;
  private int rotation;
  private int hesitations;
  private int looks; // of the last time this worker has spun; 0 if it has been woken since
  private long startedByOthers;
  private long computationsOfOthers;
  private boolean watched; // since the last task
  private long random = Seam.seed();
  private final Thief thief;
  private @Nullable ForkStack forkStack; // of the thread that runs

  Worker(
      TaskEngineImpl engine,
      int index,
      int workers,
      int queueCapacity,
      IdleWorkers idle,
      IdleStrategy.Idler idler) {
    this(engine, index, workers, idle, idler, newInbox(queueCapacity), WORKING);
  }

  /** Makes a worker without a post. */
  static Worker spare(
      TaskEngineImpl engine, int number, int workers, IdleWorkers idle, IdleStrategy.Idler idler) {
    return new Worker(engine, number, workers, idle, idler, engine.workers[0].inbox, STANDING_BY);
  }

  private Worker(
      TaskEngineImpl engine,
      int number,
      int workers,
      IdleWorkers idle,
      IdleStrategy.Idler idler,
      MpmcVarHandleArrayQueue<Object> inbox,
      int state) {
    super(engine, number);
    this.number = number;
    this.idler = idler;
    this.thief = new Thief(engine, this, workers);
    this.index = state == WORKING ? number : 0;
    this.idle = idle;
    this.inbox = inbox;
    this.state = state;
  }

  private static MpmcVarHandleArrayQueue<Object> newInbox(int queueCapacity) {
    return new MpmcVarHandleArrayQueue<>(Math.clamp(queueCapacity, 2, MAX_INBOX_CAPACITY));
  }

  // ---- its post; see WorkerThreads

  int post() {
    return index;
  }

  boolean isWorking() {
    return state == WORKING;
  }

  boolean isRelieved() {
    return state == RELIEVED;
  }

  boolean isStandingBy() {
    return state == STANDING_BY;
  }

  boolean tryRelieve() {
    return STATE.compareAndSet(this, WORKING, RELIEVED);
  }

  /** Takes the post of another over; called before its thread looks at it. */
  void takeOver(Worker other) {
    index = other.index;
    inbox = other.inbox;
    state = WORKING;
  }

  void standBy() {
    state = STANDING_BY;
  }

  Thread startedThread() {
    return requireNonNull(thread());
  }

  @Override
  void willBlock() {
    engine.threads.relieve(this, false);
  }

  /** Undoes what an error has left, or a thread that is gone: the worker is awake. */
  void recover() {
    abandon();
    if (state != RELIEVED && (idle.recover(index) || spinning)) {
      spinning = false;
      idle.stopSpinning(index, true);
    }
    STATE.compareAndSet(this, IDLING, WORKING);
  }

  /** Gives up roles that others rely on: another has the post now. */
  private void leave() {
    if (spinning) {
      spinning = false;
      idle.stopSpinning(index, true);
    } else if (watched) {
      idle.wakeIfThereIsWork(index);
    }
    watched = false;
  }

  @Override
  public void run() {
    attach();
    try {
      boolean alive = true;
      while (alive) {
        alive = runUntilClosedOrReplaced();
      }
    } finally {
      detach();
    }
  }

  /**
   * Returns whether this thread must go on, because it should have been replaced and could not be.
   */
  private boolean runUntilClosedOrReplaced() {
    try {
      leaveForkStack();
      if (!engine.threads.awaitPost(this)) {
        return false;
      }
      if (!idle.isSealed()) { // meanwhile, if this thread is a replacement
        loop();
      }
    } catch (Throwable e) {
      // No task throws into the loop: this is the JVM's (no memory, no stack) or ours.
      recover();
      if (!isRelieved()) {
        return !engine.threads.replace(this, e);
      }
      engine.uncaught(e);
    }
    if (isRelieved()) {
      engine.threads.endRelief(this);
      return true;
    }
    return false;
  }

  private void loop() {
    boolean unwatched = true; // nobody may have been awake to look
    for (; ; ) {
      Seam.reached(Seam.Point.BETWEEN_TASKS);
      if (isRelieved()) {
        leave();
        return;
      }
      Object task = next();
      if (task != null) {
        misses = 0;
        hesitations = 0;
        if (spinning) {
          spinning = false;
          workFound();
          idle.stopSpinning(index, true);
        } else if (watched) {
          idle.wakeIfThereIsWork(index); // submitters may have relied on this one
        }
        watched = false;
        if (unwatched) {
          unwatched = false;
          engine.watch.wake();
        }
        runTaken(task);
        putBackContextLoader();
        forkStack().forget();
        Thread.interrupted(); // of this task, or a mess that its body has left
      } else {
        if (!STATE.compareAndSet(this, WORKING, IDLING)) {
          continue; // it is relieved
        }
        boolean hesitates = thief.hasHesitated() && !idle.isClosing();
        boolean goesOn = hesitates ? hesitate() : awaitWork();
        state = WORKING;
        if (!goesOn) {
          return;
        }
        unwatched = true;
      }
    }
  }

  /** Lets go of what belongs to the post before. */
  private void leaveForkStack() {
    ForkStack known = forkStack;
    if (known != null) {
      forkStack = null;
      engine.forks.leave(known);
    }
  }

  /** Tells whether it sleeps in a join of a computation. Called by any thread. */
  boolean waitsForABranch() {
    ForkStack known = forkStack;
    return known != null && known.isWaiting();
  }

  @Override
  ForkStack forkStack() {
    ForkStack known = forkStack;
    if (known == null) {
      known = engine.forks.attach(index, () -> !isRelieved()); // the loop survives a want of memory
      forkStack = known;
    }
    return known;
  }

  /** Runs what a queue carried, or a branch that another worker has offered. */
  private void runTaken(Object task) {
    if (task instanceof Offer branch) {
      startBranchRecord();
      forkStack().run(branch);
      record().release();
      endMemory("name=branch");
    } else if (engine.isolates) {
      runApart(task);
    } else {
      runQueued(task, home);
    }
  }

  private void runApart(Object task) {
    boolean stale = task instanceof TaskHandleImpl<?> handle && handle.isStale();
    int from = home;
    if (stale) {
      runQueued(task, from); // does not run it
    } else if (!engine.guests.runApart(null, guest -> guest.runQueued(task, from))) {
      engine.dropStopped(task, from);
    }
  }

  @Override
  void ranInside() {
    super.ranInside();
    ranInside++;
    if (ranInside >= MIN_RAN_INSIDE && ranInside >= inbox.size() + engine.overflow.size()) {
      ranInside = 0;
      dropStale(inbox::relaxedPoll, inbox.size());
      dropStale(engine.overflow::poll, engine.overflow.size());
    }
  }

  private void dropStale(Supplier<@Nullable Object> queue, long atMost) {
    for (long i = 0; i < atMost; i++) {
      Object task = queue.get();
      if (task == null) {
        return;
      }
      if (!(task instanceof TaskHandleImpl<?> handle) || !handle.isStale()) {
        engine.enqueueAgain(this, 0, task);
      } else if (handle.keptItsPlace()) {
        counters.addTaken(handle.home);
      }
    }
  }

  // ---- finding a task

  private @Nullable Object next() {
    Lane[] lanes = engine.lanes.open();
    if (lanes.length > 0) {
      Object task = nextBesideLanes(lanes);
      if (task != null) {
        return task;
      }
    }
    Object task;
    if ((++tick & FAIRNESS_MASK) == 0) {
      task = takeFromOthersFirst();
    } else {
      task = inbox.relaxedPoll();
      if (task == null) {
        task = engine.overflow.poll();
      }
      if (task == null && engine.stealing) {
        task = thief.steal(randomIndex());
      }
    }
    if (task != null) {
      engine.room.placeTaken();
      home = TaskHandleImpl.IN_QUEUE;
    } else if (engine.stealing) {
      task = forkStack().steal();
    }
    return task;
  }

  /** Takes a task from a lane, every second time only: neither lanes nor queues wait for ever. */
  private @Nullable Object nextBesideLanes(Lane[] lanes) {
    besideLanes = !besideLanes && engine.hasQueuedWorkFor(index);
    if (besideLanes) {
      return null;
    }
    for (int i = 0; i < lanes.length; i++) {
      nextLane = nextLane + 1 < lanes.length ? nextLane + 1 : 0;
      Object task = lanes[nextLane].poll();
      if (task != null) {
        home = TaskHandleImpl.IN_LANE;
        return task;
      }
    }
    return null;
  }

  private @Nullable Object takeFromOthersFirst() {
    Object task = (tick & (FAIRNESS_MASK + 1)) == 0 ? engine.overflow.poll() : null;
    if (task == null && engine.stealing) {
      rotation = (rotation + 1) % engine.workers.length;
      task = thief.steal(rotation);
    }
    if (task == null) {
      task = engine.overflow.poll();
    }
    return task == null ? inbox.relaxedPoll() : task;
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
    if (engine.stealing) {
      forkStack().raiseNeedOfOthers();
    }
    misses = Math.min(misses + 1, MISSES_BEFORE_NAP + MAX_DOUBLINGS);
    if (misses > MISSES_BEFORE_NAP) {
      if (engine.hasWorkFor(index)) {
        nap();
        return true;
      }
      misses = 0; // others were quicker: the queues are empty after all
    }
    if (engine.stealing && othersGoOn() && watch()) {
      return true;
    }
    if (engine.stealing && (spinning || idle.trySpin())) {
      spinning = true;
      if (spinUntilThereIsWork()) {
        return true;
      }
    }
    return park();
  }

  /**
   * Whether other workers have started many tasks since the last time: short ones, that is; or
   * compute, and may have branches to offer.
   */
  private boolean othersGoOn() {
    long started = engine.startedByOthers(this);
    boolean goOn = started - startedByOthers >= WATCHED_TASKS;
    startedByOthers = started;
    long computations = engine.forks.startedByOthers(index);
    goOn |= computations != computationsOfOthers || engine.forks.othersCompute(index);
    computationsOfOthers = computations;
    return goOn && !idle.isClosing();
  }

  /**
   * Waits a moment, since other workers are quicker with the tasks there are: the first time by
   * spinning, to see how quick they are. Returns {@code false} if the worker has to end.
   */
  private boolean hesitate() {
    hesitations++;
    if (hesitations > 1 && watch()) {
      return true;
    }
    for (int i = 0; i < SPINS_PER_HESITATION; i++) {
      Thread.onSpinWait();
    }
    return hesitations == 1 || park();
  }

  /**
   * Naps as the watcher, unless there is one: submitters need not wake this worker for each task
   * that others are quick enough for, and it comes to see when they are not.
   */
  private boolean watch() {
    if (!idle.tryWatch()) {
      return false;
    }
    if (spinning) {
      spinning = false;
      idle.stopSpinning(index, false); // the watch has begun before
    }
    forkStack().raiseNeedOfOthers();
    idle.watch(forkStack().napNanos(WATCH_NANOS));
    misses = 0;
    watched = true;
    return true;
  }

  /** Sleeps until there may be work; {@code false} if the worker has to end. */
  private boolean park() {
    if (spinning) { // also without stealing: a waker may have handed the role over
      spinning = false;
      idle.stopSpinning(index, true);
    }
    forgetLast();
    forkStack().letGo();
    engine.failures.reportCollected();
    if (engine.memory.hasSurplus()) {
      drainMemory();
      engine.memory.trimSurplus();
    }
    switch (idle.park(index, engine.stealing)) {
      case AT_ONCE -> {}
      case WOKEN -> misses = 0;
      case AS_SPINNER -> {
        misses = 0;
        spinning = true;
        looks = 0;
      }
    }
    return !idle.isSealed(); // what is queued by then came too late: its submitter takes it out
  }

  private boolean spinUntilThereIsWork() {
    looks = 0;
    try {
      do {
        looks++;
        if (engine.hasTaskFor(index)
            || engine.forks.startedByOthers(index) != computationsOfOthers) {
          return true;
        }
      } while (!idle.isClosing() && idler.pause(looks)); // closing waits for workers that sleep
    } catch (RuntimeException e) { // of a user's strategy
      engine.uncaught(e);
    }
    return false;
  }

  private void workFound() {
    if (looks == 0) {
      return; // a submitter has found this worker
    }
    try {
      idler.found(looks);
    } catch (Throwable e) {
      engine.uncaught(e);
    }
  }

  private void nap() {
    if (spinning) {
      spinning = false;
      idle.stopSpinning(index, true);
    }
    int doublings = misses - MISSES_BEFORE_NAP;
    Seam.parkNanos(this, Math.min(MIN_NAP_NANOS << doublings, MAX_NAP_NANOS));
    Thread.interrupted();
  }

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Worker.class, "state", int.class);
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
