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
 * @param holders the tasks that run now and own segments
 */
public record MemoryReport(
    long budgetBytes,
    long reservedBytes,
    long usedBytes,
    long leaks,
    boolean checks,
    long overwritten,
    List<SizeClass> classes,
    List<Holder> holders) {

  /** Makes a report with copies of the lists. */
  public MemoryReport {
    classes = List.copyOf(classes);
    holders = List.copyOf(holders);
  }

  /**
   * A task that owns segments.
   *
   * @param task its name, number and worker
   * @param segments how many
   */
  public record Holder(String task, long segments) {}

  /**
   * Blocks of one size.
   *
   * @param blockBytes the size of each
   * @param usedBytes the size of those in use together
   */
  public record SizeClass(long blockBytes, long usedBytes) {}
}
