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
 * @param classes what is used of the slabs, by size of the blocks; without those of which nothing
 *     is
 */
public record MemoryReport(
    long budgetBytes, long reservedBytes, long usedBytes, long leaks, List<SizeClass> classes) {

  /** Makes a report with a copy of the list. */
  public MemoryReport {
    classes = List.copyOf(classes);
  }

  /**
   * Blocks of one size.
   *
   * @param blockBytes the size of each
   * @param usedBytes the size of those in use together
   */
  public record SizeClass(long blockBytes, long usedBytes) {}
}
