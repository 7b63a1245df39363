// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import dev.heddle.TaskEngine;
import dev.heddle.dsl.ForkFunction;
import dev.heddle.fork.ForkScope;

/**
 * The area below a curve, by Simpson's rule on halves for as long as that makes a difference.
 *
 * <p>The halves are computed at the same time where a worker is idle. The recursion has five
 * arguments, more than the forms of {@link ForkScope} take; {@link ForkFunction} has one written
 * for it.
 *
 * @see <a href="https://en.wikipedia.org/wiki/Adaptive_Simpson%27s_method">the method</a>
 */
final class Quadrature {

  @ForkFunction
  interface Simpson {
    double integrate(ForkScope scope, double from, double to, double whole, double error);
  }

  /** A constant, which the compiler knows: nothing is captured, nothing is allocated. */
  private static final Simpson SIMPSON = Quadrature::integrate;

  private Quadrature() {}

  /** Returns the area below a half circle of radius 1. */
  static double halfCircle(TaskEngine engine, double error) {
    return SimpsonFork.compute(engine, SIMPSON, -1, 1, rule(-1, 1), error);
  }

  private static double integrate(
      ForkScope scope, double from, double to, double whole, double error) {
    double middle = (from + to) / 2;
    double left = rule(from, middle);
    double right = rule(middle, to);
    if (Math.abs(left + right - whole) <= 15 * error) {
      return left + right + (left + right - whole) / 15;
    }
    return SimpsonFork.join(
        scope,
        SIMPSON,
        // the left half
        from,
        middle,
        left,
        error / 2,
        // the right half
        middle,
        to,
        right,
        error / 2,
        Double::sum);
  }

  private static double rule(double from, double to) {
    return (to - from) / 6 * (circle(from) + 4 * circle((from + to) / 2) + circle(to));
  }

  private static double circle(double x) {
    return Math.sqrt(1 - x * x);
  }
}
