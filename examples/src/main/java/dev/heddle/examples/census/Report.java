// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.util.List;

/**
 * The result of a census as it is written, as text or as JSON.
 *
 * @param source what was counted
 * @param packages number of packages
 * @param totals the sums
 * @param opcodes all instructions that occur, the most frequent first
 * @param longestMethods the methods with the most instructions
 * @param mostCalledMethods the methods that are named by the most call instructions
 * @param order in which order the runs were made
 * @param rounds how often the timed runs were made, in turn
 * @param sequential the fastest run without the engine
 * @param engine the fastest run on the engine
 * @param equal whether both runs counted the same
 * @param speedUp how many times faster the engine was
 */
record Report(
    String source,
    int packages,
    Totals totals,
    List<OpcodeCount> opcodes,
    List<MethodCount> longestMethods,
    List<MethodCount> mostCalledMethods,
    List<String> order,
    int rounds,
    RunReport sequential,
    RunReport engine,
    boolean equal,
    double speedUp) {

  /**
   * A run.
   *
   * @param threads threads that counted
   * @param seconds wall time
   * @param totals its own sums
   */
  record RunReport(int threads, double seconds, Totals totals) {

    static RunReport of(Run run, int threads) {
      return new RunReport(threads, run.seconds(), run.tally().totals());
    }

    double megabytesPerSecond() {
      return totals.bytes() / seconds / 1e6;
    }
  }
}
