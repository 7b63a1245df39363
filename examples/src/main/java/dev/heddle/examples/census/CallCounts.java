// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** How often call instructions name each method. Not thread-safe. */
final class CallCounts {

  private final Map<MethodRef, Count> counts = new HashMap<>();

  /** A number that is raised in place: most calls are of a method that is in the map already. */
  private static final class Count {
    private long value;
  }

  void add(MethodRef called) {
    add(called, 1);
  }

  void addAll(CallCounts other) {
    other.counts.forEach((called, count) -> add(called, count.value));
  }

  private void add(MethodRef called, long times) {
    counts.computeIfAbsent(called, _ -> new Count()).value += times;
  }

  long calls() {
    return counts.values().stream().mapToLong(count -> count.value).sum();
  }

  int methods() {
    return counts.size();
  }

  List<MethodCount> most(int top) {
    Ranking ranking = new Ranking(top);
    counts.forEach((called, count) -> ranking.add(new MethodCount(called, count.value)));
    return ranking.toList();
  }

  /** Returns the first method, in the order of names, that the other has counted differently. */
  Optional<MethodRef> firstDifference(CallCounts other) {
    TreeSet<MethodRef> different = new TreeSet<>();
    counts.keySet().stream().filter(method -> differs(method, other)).forEach(different::add);
    other.counts.keySet().stream().filter(method -> differs(method, other)).forEach(different::add);
    return different.isEmpty() ? Optional.empty() : Optional.of(different.first());
  }

  private boolean differs(MethodRef method, CallCounts other) {
    return of(method) != other.of(method);
  }

  /** Returns how often a method is called, 0 if never. */
  long of(MethodRef method) {
    Count count = counts.get(method);
    return count == null ? 0 : count.value;
  }
}
