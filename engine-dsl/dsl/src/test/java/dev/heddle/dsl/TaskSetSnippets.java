// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import java.math.BigInteger;

/** The task set that the documentation of this package shows. */
final class TaskSetSnippets {

  private TaskSetSnippets() {}

  // @start region="math"
  @TaskSet
  interface MathOps {
    long add(long... operands);

    long multiply(long... operands);

    @Retry(max = 3)
    @Timeout("2s")
    BigInteger factorial(int n);
  }
  // @end
}
