// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.Task;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Bodies with a result, of four classes that take turns. A result is a small number, of which the
 * JDK keeps an object: a body allocates nothing.
 */
final class Bodies {

  private final List<Callable<Integer>> calls = List.of(() -> 1, () -> 2, () -> 3, () -> 4);
  private final List<Task<Integer>> tasks =
      List.of(context -> 1, context -> 2, context -> 3, context -> 4);

  /** Returns one of the bodies. */
  Callable<Integer> body(int index) {
    return calls.get(index & 3);
  }

  /** Returns the same body as a task. */
  Task<Integer> task(int index) {
    return tasks.get(index & 3);
  }

  /** Returns the result of the body of that index. */
  static int result(int index) {
    return (index & 3) + 1;
  }

  /** Returns the sum of the results of the first bodies. */
  static long sumOfResults(int bodies) {
    long sum = 0;
    for (int i = 0; i < bodies; i++) {
      sum += result(i);
    }
    return sum;
  }
}
