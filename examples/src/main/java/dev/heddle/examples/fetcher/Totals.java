// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.fetcher;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What answers add up to. Immutable.
 *
 * @param count answers
 * @param bytes bytes of all bodies
 * @param statuses how many answers had which HTTP status
 */
record Totals(int count, long bytes, Map<Integer, Long> statuses) {

  /**
   * The answer to a request.
   *
   * @param status its HTTP status
   * @param bytes the length of its body
   */
  record Answer(int status, int bytes) {}

  static Totals of(Collection<Answer> answers) {
    return new Totals(
        answers.size(),
        answers.stream().mapToLong(Answer::bytes).sum(),
        answers.stream()
            .map(Answer::status)
            .collect(
                Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting())));
  }

  /** What the answers have to add up to. */
  static Totals expected(Collection<Page> pages) {
    return of(pages.stream().map(page -> new Answer(page.status(), page.body().length)).toList());
  }
}
