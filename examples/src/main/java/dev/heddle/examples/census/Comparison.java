// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.util.Comparator;
import java.util.Optional;
import java.util.function.BinaryOperator;

/**
 * A sequential run beside one on the engine.
 *
 * @param sequential the run without the engine
 * @param engine the run on the engine
 */
record Comparison(Run sequential, Run engine) {

  private static final BinaryOperator<Run> FASTER =
      BinaryOperator.minBy(Comparator.comparing(Run::time));

  /** Returns where the two counted differently; empty if they agree. */
  Optional<String> difference() {
    return sequential.tally().differenceFrom(engine.tally());
  }

  /** Returns the faster sequential run and the faster engine run of two comparisons. */
  Comparison fastest(Comparison other) {
    return new Comparison(
        FASTER.apply(sequential, other.sequential), FASTER.apply(engine, other.engine));
  }

  double speedUp() {
    return sequential.seconds() / engine.seconds();
  }
}
