// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.spi.ExecutionStrategy;
import dev.heddle.spi.ExecutionStrategy.TaskExecution;
import java.util.Collection;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Tasks that run on threads which are no workers: in a submitter, or where an {@link
 * ExecutionStrategy} says. Safe for use by any thread.
 */
/*
 * Roles.        idle, all: the runners for foreign threads; one is borrowed for the time of a task, so that its
 *               counters have one writer at a time. started: accepted tasks of strategies that nobody has
 *               run, cancelled or queued yet.
 * Counting.     Each accepted task is counted in LifeCycle, which closes when there are none left, and is
 *               taken off once: by who removes it from started (it was cancelled or queued) or by who has run
 *               it.
 */
final class Guests {

  /** A runner that a foreign thread borrows. */
  private static final class Guest extends TaskRunner {
    Guest(TaskEngineImpl engine) {
      super(engine);
    }
  }

  private final TaskEngineImpl engine;
  private final LifeCycle lifeCycle;
  private final Queue<Guest> idle = new ConcurrentLinkedQueue<>();
  private final Queue<Guest> all = new ConcurrentLinkedQueue<>();
  private final Set<TaskHandleImpl<?>> started = ConcurrentHashMap.newKeySet();

  Guests(TaskEngineImpl engine, LifeCycle lifeCycle) {
    this.engine = engine;
    this.lifeCycle = lifeCycle;
  }

  /**
   * Every runner that was ever needed; as many as tasks have run on foreign threads at one time.
   */
  Collection<? extends TaskRunner> runners() {
    return all;
  }

  /** Runs an accepted task on the calling thread, whose interrupt status stays as it is. */
  void runHere(Object task) {
    Guest guest = idle.poll();
    if (guest == null) {
      guest = new Guest(engine);
      all.add(guest);
    }
    boolean interrupted = Thread.interrupted();
    guest.attach();
    if (lifeCycle.isStopped() && task instanceof TaskHandleImpl<?> handle) {
      handle.cancelUnstarted(LifeCycle.CANCELLED_BY_CLOSE);
    }
    try {
      guest.run(task);
    } finally {
      guest.detach();
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
    handle.isGuest = true;
    started.add(handle);
    strategy.start(new Execution(handle));
    if (lifeCycle.isStopped()) { // who stops the engine may have looked before it was in the set
      handle.cancelUnstarted(LifeCycle.CANCELLED_BY_CLOSE);
    }
  }

  /** Takes a task out of the hands of its strategy; {@code false} if somebody else has. */
  boolean withdraw(TaskHandleImpl<?> handle) {
    return started.remove(handle);
  }

  /** Cancels what strategies have not started; returns how many tasks that were. */
  long cancelUnstarted(String reason) {
    long cancelled = 0;
    for (TaskHandleImpl<?> handle : started) {
      if (handle.cancelUnstarted(reason)) {
        cancelled++;
      }
    }
    return cancelled;
  }

  private final class Execution implements TaskExecution {
    private final TaskHandleImpl<?> handle;

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
    public void run() {
      if (withdraw(handle)) {
        runHere(handle);
      }
    }

    @Override
    public void enqueue() {
      if (withdraw(handle)) {
        engine.enqueueAccepted(handle);
        lifeCycle.guestEnded();
      }
    }
  }
}
