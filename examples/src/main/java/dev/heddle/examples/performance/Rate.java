// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.performance;

import java.util.List;

/**
 * How many tasks a second a contestant has run.
 *
 * @param contestant its name
 * @param workers its threads
 * @param perSecond the rates of the rounds, in ascending order; empty if it was not measured
 */
record Rate(String contestant, int workers, List<Double> perSecond) {

  Rate {
    perSecond = perSecond.stream().sorted().toList();
  }

  boolean measured() {
    return !perSecond.isEmpty();
  }

  double lowest() {
    return perSecond.getFirst();
  }

  double median() {
    return (perSecond.get((perSecond.size() - 1) / 2) + perSecond.get(perSecond.size() / 2)) / 2;
  }

  double highest() {
    return perSecond.getLast();
  }

  /** Returns how much of the ideal this is: 1 if n workers run n times as many tasks as one. */
  double efficiency(Rate oneWorker) {
    return median() / oneWorker.median() / workers;
  }
}
