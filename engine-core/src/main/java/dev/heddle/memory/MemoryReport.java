// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.memory;

import java.util.List;

/**
 * Off-heap memory of an engine at one moment. What tasks allocate and free meanwhile may be counted
 * or not.
 *
 * @param budgetBytes how much the engine may take
 * @param reservedBytes how much it has taken from the operating system: slabs, large segments, and
 *     the arenas of running tasks
 * @param usedBytes how much of that is in use as segments, rounded to the size of their blocks
 * @param leaks segments that a task had left open when it ended, since the engine was started
 * @param checks whether the memory checks are on: red zones, and a quarantine for what was closed
 * @param overwritten closed blocks that somebody has written into, found out by the checks
 * @param classes what is used of the slabs, by size of the blocks; without those of which nothing
 *     is
 * @param workers free blocks that each worker keeps for itself
 * @param holders the tasks that run now and hold memory
 */
public record MemoryReport(
    long budgetBytes,
    long reservedBytes,
    long usedBytes,
    long leaks,
    boolean checks,
    long overwritten,
    List<SizeClass> classes,
    List<Kept> workers,
    List<Holder> holders) {

  /** Makes a report with copies of the lists. */
  public MemoryReport {
    classes = List.copyOf(classes);
    workers = List.copyOf(workers);
    holders = List.copyOf(holders);
  }

  /**
   * A task that holds memory.
   *
   * @param worker the name of the thread that runs it
   * @param task its name, number and more
   * @param segments how many it owns; 0 while it waits for a task that runs inside it
   * @param arenaBytes what its arena has taken
   */
  public record Holder(String worker, String task, long segments, long arenaBytes) {}

  /**
   * A worker's own free blocks. It gives them to the others when it falls asleep and memory is
   * scarce.
   *
   * @param worker the name of its thread
   * @param freeBytes the size of the blocks
   */
  public record Kept(String worker, long freeBytes) {}

  /**
   * Blocks of one size.
   *
   * @param blockBytes the size of each
   * @param usedBytes the size of those in use together
   */
  public record SizeClass(long blockBytes, long usedBytes) {}
}
