// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import dev.heddle.dsl.ForkFunction;
import dev.heddle.fork.ForkScope;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveAction;

/**
 * The area below a peak by Simpson's rule on halves, as a recursion with seven arguments: both
 * ends, the heights there and in the middle, the area so far, and the error allowed.
 */
final class AdaptiveSimpson {

  private static final double FROM = -1;
  private static final double TO = 1;
  private static final double ERROR = 1e-11;

  private AdaptiveSimpson() {}

  private static double height(double x) {
    return 1 / (1e-4 + x * x);
  }

  private static double area(double from, double to, double a, double m, double b) {
    return (to - from) / 6 * (a + 4 * m + b);
  }

  private static double middle(double from, double to) {
    return (from + to) / 2;
  }

  private static boolean isExact(double left, double right, double whole, double error) {
    return Math.abs(left + right - whole) <= 15 * error;
  }

  private static double corrected(double left, double right, double whole) {
    return left + right + (left + right - whole) / 15;
  }

  /** How many calls a computation takes. */
  static int calls() {
    return calls(FROM, TO, height(FROM), height(0), height(TO), whole(), ERROR);
  }

  private static int calls(
      double from, double to, double a, double m, double b, double whole, double error) {
    double mid = middle(from, to);
    double p = height(middle(from, mid));
    double q = height(middle(mid, to));
    double left = area(from, mid, a, p, m);
    double right = area(mid, to, m, q, b);
    return isExact(left, right, whole, error)
        ? 1
        : 1
            + calls(from, mid, a, p, m, left, error / 2)
            + calls(mid, to, m, q, b, right, error / 2);
  }

  private static double whole() {
    return area(FROM, TO, height(FROM), height(0), height(TO));
  }

  // ---- plain

  static double plain() {
    return plain(FROM, TO, height(FROM), height(0), height(TO), whole(), ERROR);
  }

  private static double plain(
      double from, double to, double a, double m, double b, double whole, double error) {
    double mid = middle(from, to);
    double p = height(middle(from, mid));
    double q = height(middle(mid, to));
    double left = area(from, mid, a, p, m);
    double right = area(mid, to, m, q, b);
    return isExact(left, right, whole, error)
        ? corrected(left, right, whole)
        : plain(from, mid, a, p, m, left, error / 2) + plain(mid, to, m, q, b, right, error / 2);
  }

  // ---- a fork function

  @ForkFunction
  interface Peak {
    double area(
        ForkScope scope,
        double from,
        double to,
        double a,
        double m,
        double b,
        double whole,
        double error);
  }

  private static final Peak PEAK = AdaptiveSimpson::function;

  static double function(TaskEngine engine) {
    return PeakFork.compute(
        engine, PEAK, FROM, TO, height(FROM), height(0), height(TO), whole(), ERROR);
  }

  private static double function(
      ForkScope scope,
      double from,
      double to,
      double a,
      double m,
      double b,
      double whole,
      double error) {
    double mid = middle(from, to);
    double p = height(middle(from, mid));
    double q = height(middle(mid, to));
    double left = area(from, mid, a, p, m);
    double right = area(mid, to, m, q, b);
    if (isExact(left, right, whole, error)) {
      return corrected(left, right, whole);
    }
    double half = error / 2;
    return PeakFork.join(
        scope, PEAK, from, mid, a, p, m, left, half, mid, to, m, q, b, right, half, Double::sum);
  }

  // ---- lambdas

  static double lambda(TaskEngine engine) {
    return engine.<Double>compute(
        scope -> lambda(scope, FROM, TO, height(FROM), height(0), height(TO), whole(), ERROR));
  }

  private static double lambda(
      ForkScope scope,
      double from,
      double to,
      double a,
      double m,
      double b,
      double whole,
      double error) {
    double mid = middle(from, to);
    double p = height(middle(from, mid));
    double q = height(middle(mid, to));
    double left = area(from, mid, a, p, m);
    double right = area(mid, to, m, q, b);
    return isExact(left, right, whole, error)
        ? corrected(left, right, whole)
        : scope.joinDouble(
            l -> lambda(l, from, mid, a, p, m, left, error / 2),
            r -> lambda(r, mid, to, m, q, b, right, error / 2),
            Double::sum);
  }

  // ---- tasks of the ForkJoinPool

  static double action(ForkJoinPool pool) {
    Part root = new Part(FROM, TO, height(FROM), height(0), height(TO), whole(), ERROR);
    pool.invoke(root);
    return root.result;
  }

  private static final class Part extends RecursiveAction {
    private static final long serialVersionUID = 1L;

    private final double from;
    private final double to;
    private final double a;
    private final double m;
    private final double b;
    private final double whole;
    private final double error;
    private double result;

    Part(double from, double to, double a, double m, double b, double whole, double error) {
      this.from = from;
      this.to = to;
      this.a = a;
      this.m = m;
      this.b = b;
      this.whole = whole;
      this.error = error;
    }

    @Override
    protected void compute() {
      double mid = middle(from, to);
      double p = height(middle(from, mid));
      double q = height(middle(mid, to));
      double areaOfLeft = area(from, mid, a, p, m);
      double areaOfRight = area(mid, to, m, q, b);
      if (isExact(areaOfLeft, areaOfRight, whole, error)) {
        result = corrected(areaOfLeft, areaOfRight, whole);
        return;
      }
      Part left = new Part(from, mid, a, p, m, areaOfLeft, error / 2);
      Part right = new Part(mid, to, m, q, b, areaOfRight, error / 2);
      left.fork();
      right.compute();
      left.join();
      result = left.result + right.result;
    }
  }
}
