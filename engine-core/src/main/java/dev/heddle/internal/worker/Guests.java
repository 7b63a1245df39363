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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
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
 * Due.          A delayed task becomes a waiting one in one step with being found in held, so that whoever
 *               removes it knows whether it was counted.
 */
final class Guests {

  /** A runner that a foreign thread borrows. */
  private static final class Guest extends TaskRunner {
    Guest(TaskEngineImpl engine, int number) {
      super(engine, number);
    }

    /** A stack from which no worker takes: it lives as long as the computation. */
    @Override
    ForkStack forkStack() {
      return engine.forks.alone();
    }
  }

  private final TaskEngineImpl engine;
  private final LifeCycle lifeCycle;
  private final Timers timers;
  private final Queue<Guest> idle = new ConcurrentLinkedQueue<>();
  private final Queue<Guest> all = new ConcurrentLinkedQueue<>();
  private final Map<TaskHandleImpl<?>, Execution> held = new ConcurrentHashMap<>();
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
      guarded.begin(ExecutionStrategy.caller());
      return;
    }
    TaskHandleImpl<?> handle = task instanceof TaskHandleImpl<?> known ? known : null;
    if (handle != null) {
      handle.home = TaskHandleImpl.HELD;
    }
    Guest guest = idle.poll();
    if (guest == null) {
      guest = new Guest(engine, nextNumber.getAndIncrement());
      all.add(guest);
    }
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
      guest.drainMemory();
      guest.forgetLast();
      guest.detach();
      guest.forgetThread();
      if (guest.takeInterruptSent()) {
        Thread.interrupted(); // was meant for the task; others are the thread's own
      }
      idle.add(guest);
      lifeCycle.guestEnded();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

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
                try {
                  action.run();
                } catch (Throwable e) {
                  engine.uncaught(e);
                } finally {
                  lifeCycle.guestEnded();
                }
              })
          .start();
    } catch (Throwable e) {
      lifeCycle.guestEnded();
      throw e;
    }
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
