// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.error.ErrorText;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.internal.fork.ForkStack;
import dev.heddle.internal.timer.Timers;
import dev.heddle.internal.timer.Timers.Timer;
import dev.heddle.internal.util.Seam;
import dev.heddle.spi.ExecutionStrategy;
import dev.heddle.spi.ExecutionStrategy.TaskExecution;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that run on threads which are no workers: in a submitter, or where an {@link
 * ExecutionStrategy} says. Safe for use by any thread.
 */
/*
 * Roles.        idle, all: the runners for foreign threads; one is borrowed for the time of a task, so that its
 *               counters have one writer at a time. held: accepted tasks that a strategy or a timer has and
 *               nobody has run, cancelled or queued yet. waiting: those of them that are due; they take a place
 *               of the engine's capacity.
 * Counting.     Each accepted task is counted in LifeCycle, which closes when there are none left, and is
 *               taken off once: by who removes it from held (it was cancelled or queued) or by who has run it.
 * Apart.        With isolated thread-locals, a worker lends its turn to a guest on a new virtual thread and waits for its
 *               end; so does a task that runs what it waits for. So queues, order, places, closing and helping are as
 *               without, and whoever waits for a task can always run it: there is no limit of threads to be stuck at.
 *               waiting of a guest says whose task waits, for who looks whether a task waits for itself.
 * Due.          A delayed task becomes a waiting one in one step with being found in held, so that whoever
 *               removes it knows whether it was counted.
 */
final class Guests {

  /** A runner that a foreign thread borrows. */
  private static final class Guest extends TaskRunner {
    private volatile @Nullable TaskRunner lender; // waits for what runs here, apart
    private @Nullable ForkStack forkStack; // of the thread that it has

    Guest(TaskEngineImpl engine, int number) {
      super(engine, number);
    }

    /** A worker that waits for this one's task is blocked with it. */
    @Override
    void willBlock() {
      TaskRunner waits = lender;
      if (waits != null) {
        waits.willBlock();
      }
    }

    /** A stack from which no worker takes: it lives as long as the guest has the thread. */
    @Override
    ForkStack forkStack() {
      ForkStack known = forkStack;
      if (known == null) {
        known = engine.forks.alone();
        forkStack = known;
      }
      return known;
    }

    void leaveForkStack() {
      ForkStack known = forkStack;
      if (known != null) {
        forkStack = null;
        engine.forks.leave(known);
      }
    }
  }

  /** Makes threads that have no thread-locals, inheritable ones included. */
  private static final ThreadFactory FRESH =
      Thread.ofVirtual().name("heddle-isolated").inheritInheritableThreadLocals(false).factory();

  /** How long to wait for memory for a thread. */
  private static final long RETRY_NANOS = 1_000_000;

  private final TaskEngineImpl engine;
  private final LifeCycle lifeCycle;
  private final Timers timers;
  private final Queue<Guest> idle = new ConcurrentLinkedQueue<>();
  private final Queue<Guest> all = new ConcurrentLinkedQueue<>();
  private final Map<TaskHandleImpl<?>, Execution> held = new ConcurrentHashMap<>();
  private final Set<Thread> callbackThreads = ConcurrentHashMap.newKeySet();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger nextNumber;

  Guests(TaskEngineImpl engine, LifeCycle lifeCycle, Timers timers) {
    this.engine = engine;
    this.lifeCycle = lifeCycle;
    this.timers = timers;
    this.nextNumber = new AtomicInteger(engine.workers.length);
  }

  /** How many tasks strategies hold that are due and have not started. */
  int waiting() {
    return waiting.get();
  }

  /**
   * Every runner that was ever needed; as many as tasks have run on foreign threads at one time.
   */
  Collection<? extends TaskRunner> runners() {
    return all;
  }

  /** Runs an accepted task on the calling thread, whose interrupt status stays as it is. */
  void runHere(Object task) {
    if (task instanceof GuardedTask<?> guarded) {
      hold(guarded);
      try {
        guarded.begin(ExecutionStrategy.caller());
      } catch (Throwable e) {
        engine.refuseHeld(guarded, "it could not be started");
        throw e;
      }
      return;
    }
    TaskHandleImpl<?> handle = task instanceof TaskHandleImpl<?> known ? known : null;
    if (handle != null) {
      handle.home = TaskHandleImpl.HELD;
    }
    Guest guest = borrow();
    boolean interrupted = Thread.interrupted();
    guest.attach();
    if (handle != null && lifeCycle.isStopped()) {
      handle.cancelUnstarted(LifeCycle.CANCELLED_BY_CLOSE);
    }
    try {
      if (handle == null) {
        guest.run((Runnable) task);
      } else {
        guest.run(handle);
      }
    } finally {
      if (giveBack(guest)) {
        Thread.interrupted(); // was meant for the task; others are the thread's own
      }
      lifeCycle.guestEnded();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Guest borrow() {
    Guest guest = idle.poll();
    if (guest == null) {
      guest = new Guest(engine, nextNumber.getAndIncrement());
      all.add(guest);
    }
    return guest;
  }

  /** Ends what {@link TaskRunner#attach} began; returns whether the engine has interrupted it. */
  private boolean giveBack(Guest guest) {
    guest.leaveForkStack();
    guest.drainMemory();
    guest.forgetLast();
    guest.putBackContextLoader();
    guest.detach();
    guest.forgetThread();
    guest.lender = null;
    guest.runFor(null);
    boolean interrupted = guest.takeInterruptSent();
    idle.add(guest);
    return interrupted;
  }

  /** Runs an accepted task for the submitter that waits here, as an overflow policy has said. */
  void runForCaller(Object task) {
    if (!engine.isolates || task instanceof GuardedTask) {
      runHere(task);
      return;
    }
    if (task instanceof TaskHandleImpl<?> handle) {
      handle.home = TaskHandleImpl.HELD;
    }
    try {
      if (!runApart(null, guest -> guest.runQueued(task, TaskHandleImpl.HELD))) {
        engine.dropStopped(task, TaskHandleImpl.HELD);
      }
    } finally {
      lifeCycle.guestEnded();
    }
  }

  // ---- on a thread of its own

  /**
   * Runs something on a thread that no task has used, and waits for its end. While there is no such
   * thread to be had, for want of memory, it tries again and again.
   *
   * @param waiting whose task waits here, if one does
   * @param body what to do there
   * @return {@code false} if the engine was stopped before, and the body has not been called
   */
  boolean runApart(@Nullable TaskRunner waiting, Consumer<TaskRunner> body) {
    TaskRunner lender = engine.currentRunner();
    ClassLoader loader =
        lender == null ? Thread.currentThread().getContextClassLoader() : lender.contextLoader();
    AtomicBoolean ran = new AtomicBoolean();
    Consumer<TaskRunner> unlessStopped =
        guest -> {
          if (!lifeCycle.isStopped()) { // who stops the engine may have looked before
            ran.set(true);
            body.accept(guest);
          }
        };
    boolean told = false;
    while (!lifeCycle.isStopped()) {
      Thread thread;
      try {
        thread = startFreshThread(lender, waiting, loader, unlessStopped);
      } catch (Throwable e) {
        if (!told) {
          told = true;
          engine.uncaught(e);
        }
        Seam.parkNanos(this, RETRY_NANOS);
        continue;
      }
      awaitEnd(thread);
      break;
    }
    return ran.get();
  }

  private Thread startFreshThread(
      @Nullable TaskRunner lender,
      @Nullable TaskRunner waiting,
      @Nullable ClassLoader loader,
      Consumer<TaskRunner> body) {
    Guest guest = borrow();
    guest.lender = lender;
    guest.runFor(waiting);
    try {
      Thread thread = Seam.newThread(FRESH, () -> runOnFreshThread(guest, loader, body));
      thread.start();
      return thread;
    } catch (Throwable e) {
      guest.runFor(null);
      idle.add(guest);
      throw e;
    }
  }

  private void runOnFreshThread(
      Guest guest, @Nullable ClassLoader loader, Consumer<TaskRunner> body) {
    try {
      TaskRunner.useContextLoader(loader);
      guest.attach();
      body.accept(guest);
    } catch (Throwable e) { // not the body's: no stack or memory for the engine's own steps
      engine.uncaught(e);
    } finally {
      giveBack(guest);
    }
  }

  private static void awaitEnd(Thread thread) {
    boolean interrupted = false;
    for (; ; ) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- with a strategy

  /** Gives an accepted task to a strategy. */
  void start(TaskHandleImpl<?> handle, ExecutionStrategy strategy) {
    Execution execution = hold(handle);
    execution.strategy = strategy;
    if (handle instanceof GuardedTask<?> guarded) {
      guarded.begin();
    } else {
      becomeDue(handle);
      strategy.start(execution);
    }
    cancelIfStopped(handle);
  }

  /** Runs users' code that the timer thread must not run; closing waits for it. */
  void callBack(Runnable action) {
    lifeCycle.addGuest();
    ThreadFactory threads =
        Thread.ofVirtual().name("heddle-" + engine.config().name() + "-callback").factory();
    try {
      Seam.newThread(
              threads,
              () -> {
                Thread self = Thread.currentThread();
                callbackThreads.add(self);
                try {
                  action.run();
                } catch (Throwable e) {
                  engine.uncaught(e);
                } finally {
                  callbackThreads.remove(self);
                  lifeCycle.guestEnded();
                }
              })
          .start();
    } catch (Throwable e) {
      lifeCycle.guestEnded();
      throw e;
    }
  }

  /** Tells whether closing waits for what the calling thread does: it must not wait for closing. */
  boolean isWaitedFor() {
    return engine.currentRunner() != null
        || timers.isTimerThread()
        || callbackThreads.contains(Thread.currentThread());
  }

  /** Gives an accepted task to a strategy when it is time. */
  void startLater(TaskHandleImpl<?> handle, long nanos, ExecutionStrategy strategy) {
    handle.forgetSubmission();
    Execution execution = hold(handle);
    execution.strategy = strategy;
    Timer timer = timers.after(nanos, () -> startDue(execution, strategy));
    execution.timer = timer;
    handle.onEnd(timer::cancel); // a cancelled task should not be held until its time has come
    cancelIfStopped(handle);
  }

  private Execution hold(TaskHandleImpl<?> handle) {
    Execution execution = new Execution(handle);
    handle.home = TaskHandleImpl.HELD;
    held.put(handle, execution);
    return execution;
  }

  private void becomeDue(TaskHandleImpl<?> handle) {
    held.computeIfPresent(
        handle,
        (key, execution) -> {
          execution.waits = true;
          waiting.incrementAndGet();
          return execution;
        });
  }

  private void startDue(Execution execution, ExecutionStrategy strategy) {
    TaskHandleImpl<?> handle = execution.handle;
    try {
      if (handle instanceof GuardedTask<?> guarded) {
        guarded.begin();
      } else {
        becomeDue(handle);
        strategy.start(execution);
      }
    } catch (Throwable e) { // nobody is there to throw it to
      handle.discard(
          RejectedTaskException.strategyFailed(engine.config().name(), handle.name(), e));
      withdraw(handle);
    }
  }

  private void cancelIfStopped(TaskHandleImpl<?> handle) {
    if (lifeCycle.isStopped()) { // who stops the engine may have looked before it was held
      handle.cancelUnstarted(LifeCycle.CANCELLED_BY_CLOSE);
    }
  }

  /**
   * Takes a task that will not run as a guest out of the hands of its strategy; {@code false} if
   * somebody else has.
   */
  boolean withdraw(TaskHandleImpl<?> handle) {
    boolean withdrawn = take(handle);
    if (withdrawn) {
      lifeCycle.guestEnded();
    }
    return withdrawn;
  }

  private boolean take(TaskHandleImpl<?> handle) {
    Execution execution = held.remove(handle);
    if (execution == null) {
      return false;
    }
    if (execution.waits) {
      waiting.decrementAndGet();
      engine.room.placeTaken();
    }
    return true;
  }

  /** How long it is until a delayed task is due; empty if it is, or not held. */
  Optional<Duration> untilDue(TaskHandleImpl<?> handle) {
    Execution execution = held.get(handle);
    Timer timer = execution == null ? null : execution.timer;
    return timer == null || timer.leftNanos() <= 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(timer.leftNanos()));
  }

  /** Which strategy holds a task, for people. */
  String strategyOf(TaskHandleImpl<?> handle) {
    Execution execution = held.get(handle);
    return execution == null ? "none any more" : ErrorText.quote(execution.strategy);
  }

  /** Cancels what strategies have not started; returns how many tasks that were. */
  long cancelUnstarted(String reason) {
    long cancelled = 0;
    for (TaskHandleImpl<?> handle : held.keySet()) {
      boolean hasRun = handle.hasRun();
      if (handle.cancelUnstarted(reason) && !hasRun) {
        cancelled++;
      }
    }
    return cancelled;
  }

  private final class Execution implements TaskExecution {
    private final TaskHandleImpl<?> handle;
    private boolean waits; // written and read in one step with held
    private volatile @Nullable Timer timer; // until it is due
    private volatile @Nullable ExecutionStrategy strategy;

    Execution(TaskHandleImpl<?> handle) {
      this.handle = handle;
    }

    @Override
    public String engine() {
      return engine.config().name();
    }

    @Override
    public String task() {
      return handle.name();
    }

    @Override
    public boolean isPending() {
      return held.containsKey(handle);
    }

    @Override
    public void run() {
      if (timers.isTimerThread()) {
        enqueue(); // timers must not wait for a body
      } else if (take(handle)) {
        runHere(handle);
      }
    }

    @Override
    public void enqueue() {
      if (take(handle)) {
        engine.enqueueAccepted(handle);
        lifeCycle.guestEnded();
      }
    }
  }
}
