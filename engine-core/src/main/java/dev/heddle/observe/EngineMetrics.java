// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.observe;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * The books of an engine at one moment. Immutable.
 *
 * <p>Two equations hold in every snapshot, since the totals are read in an order that cannot break
 * them: {@code offered = accepted + rejected} and {@code accepted = completed + failed + cancelled
 * + discarded + live}. While tasks are submitted and run, each number may be behind by what
 * happened during the reading. Once nothing is being submitted and {@code live} is 0, every number
 * is exact; after {@code close} it stays so.
 *
 * @param engine the name of the engine
 * @param workers worker threads
 * @param accepted tasks that the engine took
 * @param rejected tasks that it refused, because it was full or closed
 * @param completed tasks whose body returned
 * @param failed tasks whose body threw, or whose timeout was over
 * @param cancelled tasks that were cancelled before their body returned
 * @param discarded tasks that were dropped by the overflow policy
 * @param live tasks without an outcome yet: queued or running
 * @param queued places taken in the queues, those of cancelled tasks included
 * @param running bodies that are running now
 * @param longest for how long the one of them that was started first has run; for how exact that
 *     is, see {@link EngineDump.Run#exact}
 * @param stolen tasks that a worker took from another worker's queue
 * @param unobservedFailures failures that nobody looked at, found so far
 * @param workersReplaced worker threads that ended by an error and were replaced
 * @param retries attempts of tasks after their first
 * @param timeouts attempts, and tasks as a whole, that took longer than their options allow
 * @param standIns threads that stand in now for workers whose tasks block, or do not end
 * @param quarantined workers that were replaced since their task went on though it was cancelled
 * @param waited from submission to start, of tasks with a handle that were not delayed
 * @param ran from start to end of the body; of tasks with a handle
 */
public record EngineMetrics(
    String engine,
    int workers,
    long accepted,
    long rejected,
    long completed,
    long failed,
    long cancelled,
    long discarded,
    long live,
    long queued,
    long running,
    Duration longest,
    long stolen,
    long unobservedFailures,
    long workersReplaced,
    long retries,
    long timeouts,
    long standIns,
    long quarantined,
    TaskTimes waited,
    TaskTimes ran) {

  /** Refuses {@code null}. */
  public EngineMetrics {
    requireNonNull(engine, "engine");
    requireNonNull(longest, "longest");
    requireNonNull(waited, "waited");
    requireNonNull(ran, "ran");
  }

  /**
   * Returns how many tasks were submitted, whether the engine took them or not.
   *
   * @return {@code accepted + rejected}
   */
  public long offered() {
    return accepted + rejected;
  }
}
