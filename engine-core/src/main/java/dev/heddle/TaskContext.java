// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import dev.heddle.error.MemoryLimitException;
import dev.heddle.error.ResourceException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskContextException;
import dev.heddle.error.TaskInterruptedException;
import dev.heddle.resource.Lease;
import dev.heddle.resource.Limit;
import dev.heddle.resource.Resource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What the engine offers to a running task.
 *
 * <p>A context belongs to one run. The informative methods may be called from any thread and stay
 * valid; {@link #acquire(Resource, Duration) acquire}, {@link #arena()}, {@link #blocking}, {@link
 * #cancelFlag()}, {@link #lease} and {@link #progress} are for the thread that runs the task, while
 * it runs.
 */
public interface TaskContext {

  /**
   * Returns the number of this task.
   *
   * @return the same number as {@link TaskHandle#id()}
   */
  long taskId();

  /**
   * Returns the name of this task.
   *
   * @return the name given in {@link TaskOptions}, or {@code "task"}
   */
  String taskName();

  /**
   * Tells whether this run should end, since nobody wants its result. A long body should look now
   * and then.
   *
   * @return {@code true} once the task was cancelled, a timeout is over, or the other attempt of a
   *     hedge was quicker. Its handle then says what has become of the task: after a timeout that
   *     it has failed, or goes on with a further attempt, not that it was cancelled
   */
  boolean isCancelled();

  /**
   * Leaves the body if this task has been cancelled.
   *
   * @throws TaskCancelledException if {@link #isCancelled()}
   */
  void checkCancelled();

  /**
   * Has something done when this run is cancelled, or its time is over: for what does not look at
   * {@link #isCancelled}, such as a socket that is to be closed.
   *
   * @param action called at most once: by the thread that cancels, after a timeout by a virtual
   *     thread, or by this call if {@link #isCancelled} already; never after the run has ended by
   *     itself. Should be short. What it throws goes to the engine's uncaught handler
   * @return ends the registration
   */
  Registration onCancel(Runnable action);

  /**
   * Runs something that blocks: on a worker, another thread takes its place meanwhile, so that
   * other tasks go on. Costs a wake-up of a thread, some microseconds, the first time in a run. If
   * there are {@link EngineConfig#compensationLimit() too many} such threads, the worker is missed
   * while the body blocks, and the log says so: at most one line a second, which all such warnings
   * of the engine share. A task that does nothing but block is better made by {@link
   * Task#blocking}.
   *
   * @param body what blocks; runs on the calling thread
   * @param <T> the type of its result
   * @return what the body returns
   * @throws Exception what the body throws
   * @throws TaskContextException if called after the run or from another thread
   */
  <T extends @Nullable Object> T blocking(Callable<T> body) throws Exception;

  /**
   * Returns what this run holds of a resource: by {@link TaskOptions#uses(Resource)}, or by {@link
   * #acquire}, the latest if there are several.
   *
   * @param resource of what
   * @param <T> the type of what a lease holds
   * @return an open lease; given back at the end of the run, if it is not closed before
   * @throws ResourceException if there is none ({@code RESOURCE_NOT_HELD})
   * @throws TaskContextException if called after the run or from another thread
   */
  <T extends @Nullable Object> Lease<T> lease(Resource<T> resource);

  /**
   * Takes something of a resource while this run goes on; waits for its turn as {@link #blocking}
   * does. What is held must be taken in the order of names, so that two tasks never wait for each
   * other; that is checked by each call, whether it has to wait or not. It comes back when the
   * lease is closed, or else at the end of the run, and then the log says so: at most one line a
   * second, which all such warnings of the engine share.
   *
   * @param resource of what
   * @param atMost how long to wait, zero or more
   * @param <T> the type of what a lease holds
   * @return what is held now, to be closed
   * @throws ResourceException if the time passes ({@code RESOURCE_TIMEOUT}), or if the run holds
   *     something whose name is not before this one's ({@code RESOURCE_ORDER})
   * @throws TaskCancelledException if this run is cancelled, or its time is over, before or while
   *     it waits
   * @throws TaskInterruptedException if the thread is interrupted while it waits; its interrupt
   *     status stays set. A run that is cancelled with an interrupt gets this or the one above
   * @throws TaskContextException if called after the run or from another thread
   * @throws IllegalArgumentException if {@code atMost} is negative
   */
  <T extends @Nullable Object> Lease<T> acquire(Resource<T> resource, Duration atMost);

  /**
   * As {@link #acquire(Resource, Duration)}, with one permit.
   *
   * @param limit of what
   * @param atMost how long to wait, zero or more
   * @return what is held now, to be closed
   * @throws ResourceException as {@link #acquire(Resource, Duration)}
   * @throws TaskCancelledException as {@link #acquire(Resource, Duration)}
   * @throws TaskInterruptedException as {@link #acquire(Resource, Duration)}
   * @throws TaskContextException as {@link #acquire(Resource, Duration)}
   * @throws IllegalArgumentException if {@code atMost} is negative
   */
  default Lease<@Nullable Void> acquire(Limit limit, Duration atMost) {
    return acquire(limit, 1, atMost);
  }

  /**
   * As {@link #acquire(Resource, Duration)}, with several permits.
   *
   * @param limit of what
   * @param permits how many, 1 to the capacity of the limit
   * @param atMost how long to wait, zero or more
   * @return what is held now, to be closed
   * @throws ResourceException as {@link #acquire(Resource, Duration)}
   * @throws TaskCancelledException as {@link #acquire(Resource, Duration)}
   * @throws TaskInterruptedException as {@link #acquire(Resource, Duration)}
   * @throws TaskContextException as {@link #acquire(Resource, Duration)}
   * @throws IllegalArgumentException if {@code permits} is out of range, or {@code atMost} negative
   */
  Lease<@Nullable Void> acquire(Limit limit, int permits, Duration atMost);

  /**
   * Returns the number of this attempt: more than 1 if the task was tried before.
   *
   * @return a number from 1
   */
  int attempt();

  /**
   * Says how far this run is, for who looks: {@link TaskEngine#dump()} shows the last of these.
   * Costs some nanoseconds.
   *
   * @param done how much is done, 0 to {@code total}
   * @param total of how much
   * @throws IllegalArgumentException if {@code done} is negative or more than {@code total}
   * @throws TaskContextException if called after the run or from another thread
   */
  void progress(long done, long total);

  /**
   * Returns where native code may see that this run is not wanted any more: four bytes, aligned to
   * four, that are 0 until the task is cancelled, and then another number. Costs some nanoseconds.
   *
   * @return the same read-only memory at each call of one run; any thread may read it at any time,
   *     but it says nothing about this run once that has ended
   * @throws TaskContextException if called after the run or from another thread
   * @throws MemoryLimitException if the machine had no memory for the record of this thread
   */
  MemorySegment cancelFlag();

  /**
   * Returns off-heap memory that lives as long as this run.
   *
   * <p>The arena is made at the first call and freed when the body returns or throws; nothing is
   * paid by tasks that do not ask. Its segments are confined to the thread that runs the task: use
   * after the end and use from another thread are refused by the JDK. Every byte counts against
   * {@link EngineConfig#memory()} until the run ends; small segments are cut from pieces of 1 to 64
   * KiB, which count as a whole where the budget allows it; a segment that is aligned to more than
   * 16 bytes takes, and counts, as many bytes more as its alignment, less one. The arena must not
   * be closed by the task.
   *
   * @return the same arena at each call of one run
   * @throws TaskContextException if called after the run or from another thread
   * @throws MemoryLimitException by the arena's {@code allocate}, if the engine's budget is spent,
   *     or if the JVM has not got the memory (its {@link OutOfMemoryError} is the cause then)
   */
  Arena arena();

  /**
   * Returns the engine that runs this task.
   *
   * @return the engine
   */
  TaskEngine engine();
}
