// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import java.util.Map;
import java.util.stream.Collectors;

/** The text format of Prometheus, as far as counters need it. */
final class ScrapeText {

  private ScrapeText() {}

  /**
   * Reads the samples of a scrape.
   *
   * @param text lines such as {@code name{label="value"} 12.0}, and comments
   * @return the values by what stands before them: name and labels
   */
  static Map<String, Double> samples(String text) {
    return text.lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .collect(
            Collectors.toMap(
                line -> line.substring(0, line.lastIndexOf(' ')),
                line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
  }
}
