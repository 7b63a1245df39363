// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.util.List;
import java.util.PriorityQueue;

/** Keeps the first few of many by {@link MethodCount#RANKING}. Not thread-safe. */
final class Ranking {

  private final int size;

  // The head is the last of the ranking: the one to go when a better one comes.
  private final PriorityQueue<MethodCount> kept =
      new PriorityQueue<>(MethodCount.RANKING.reversed());

  Ranking(int size) {
    this.size = size;
  }

  void add(MethodCount candidate) {
    kept.add(candidate);
    if (kept.size() > size) {
      kept.remove();
    }
  }

  void addAll(Ranking other) {
    other.kept.forEach(this::add);
  }

  /** Returns what was kept, the first of the ranking first. */
  List<MethodCount> toList() {
    return kept.stream().sorted(MethodCount.RANKING).toList();
  }
}
