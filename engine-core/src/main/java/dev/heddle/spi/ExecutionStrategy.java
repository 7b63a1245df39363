// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

/**
 * Decides on which thread a task runs. Every strategy keeps the promises of handles, outcomes,
 * books and closing; the engine's own queues are one strategy among others.
 *
 * {@snippet class="dev.heddle.ExecutionStrategyTest" region="own-strategy"}
 */
@FunctionalInterface
public interface ExecutionStrategy {

  /** One accepted task, waiting for a thread. */
  interface TaskExecution {
    /**
     * Returns the name of the engine.
     *
     * @return the name
     */
    String engine();

    /**
     * Returns the name of the task.
     *
     * @return the name
     */
    String task();

    /**
     * Tells whether the task still waits: a strategy that keeps tasks may forget the others.
     *
     * @return {@code false} from the moment it was run, enqueued or cancelled
     */
    boolean isPending();

    /**
     * Runs the task on the calling thread and decides its outcome. A task that was cancelled or has
     * run already is not run: calling this again does nothing. A task that was delayed, or is
     * periodic, is given to the workers instead if its strategy calls this before {@link #start}
     * returns: the calling thread is then that of all timers.
     */
    void run();

    /** Gives the task to the workers of the engine. */
    void enqueue();
  }

  /**
   * Arranges that {@link TaskExecution#run()} or {@link TaskExecution#enqueue()} is called once,
   * now or later. The engine waits for that when it is closed. Until then the task takes a place of
   * the engine's capacity: a strategy need not limit how many it keeps. Must not block: of a task
   * that is delayed or periodic, and of a further attempt, the caller may be the thread of all
   * timers.
   *
   * @param execution the task
   * @throws RuntimeException to refuse the task: submitting throws it, and the task is not
   *     accepted; one that was accepted for later becomes {@link dev.heddle.Outcome.Rejected}
   */
  void start(TaskExecution execution);

  /**
   * The default: the workers of the engine, which share their work by stealing.
   *
   * @return the strategy
   */
  static ExecutionStrategy workStealing() {
    return BuiltInStrategy.WORK_STEALING;
  }

  /**
   * The submitting thread, before it goes on; for tasks that are delayed or periodic, the workers.
   *
   * @return the strategy
   */
  static ExecutionStrategy caller() {
    return BuiltInStrategy.CALLER;
  }

  /**
   * A new platform thread for each task, called {@code heddle-<engine>-<task>}; not a daemon.
   *
   * @return the strategy
   */
  static ExecutionStrategy dedicatedThread() {
    return BuiltInStrategy.DEDICATED_THREAD;
  }

  /**
   * A new virtual thread for each task, up to a limit; tasks above it wait in the order of
   * submission.
   *
   * @param atMost how many run at a time, at least 1; over all engines that share the strategy
   * @return a new strategy
   */
  static ExecutionStrategy virtualThreads(int atMost) {
    return new VirtualThreadStrategy(atMost);
  }
}
