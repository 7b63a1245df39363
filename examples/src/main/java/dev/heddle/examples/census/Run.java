// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import dev.heddle.Outcome;
import dev.heddle.TaskEngine;
import dev.heddle.TaskGroup;
import dev.heddle.TaskOptions;
import dev.heddle.examples.progress.Progress;
import java.time.Duration;
import java.util.List;

/**
 * One pass over all packages. Both kinds read every class file anew, count it by the same code and
 * add the packages up.
 *
 * @param tally what was counted
 * @param time from the first package to the sums
 */
record Run(Tally tally, Duration time) {

  private static final TaskOptions COUNT_PACKAGE = TaskOptions.defaults().name("count-package");

  /**
   * Counts one package after the other, on the calling thread.
   *
   * @throws InputException if a class file cannot be read
   */
  static Run sequential(List<ClassPackage> packages, PackageCounter counter, Progress progress)
      throws InputException {
    long start = System.nanoTime();
    Tally total = counter.emptyTally();
    for (ClassPackage each : packages) {
      total.addAll(counter.count(each));
      progress.stepBy(each.size());
    }
    return since(start, total);
  }

  /**
   * Counts each package in a task. The time includes starting and closing the engine.
   *
   * @throws InputException if a class file cannot be read
   */
  static Run onEngine(
      List<ClassPackage> packages, PackageCounter counter, int workers, Progress progress)
      throws InputException {
    long start = System.nanoTime();
    Tally total = counter.emptyTally();
    // The group is accepted as a whole, so the queue must have room for all packages.
    try (TaskEngine engine =
        TaskEngine.builder()
            .name("census")
            .workers(workers)
            .queueCapacity(packages.size())
            .build()) {
      TaskGroup<Tally> group =
          engine.submitEach(
              packages,
              (each, context) -> {
                Tally tally = counter.count(each);
                progress.stepBy(each.size());
                return tally;
              },
              COUNT_PACKAGE);
      for (Outcome<Tally> outcome : group.outcomes()) {
        if (outcome instanceof Outcome.Failure<Tally>(InputException badInput)) {
          throw badInput;
        }
        total.addAll(outcome.orThrow());
      }
    }
    return since(start, total);
  }

  private static Run since(long start, Tally total) {
    return new Run(total, Duration.ofNanos(System.nanoTime() - start));
  }

  double seconds() {
    return time.toNanos() / 1e9;
  }
}
