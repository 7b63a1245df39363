// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.fetcher;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * A page of the server. Its number decides everything about it, so that both sides know what the
 * answer has to be.
 *
 * @param number from 0
 */
record Page(int number) {

  private static final String FOLDER = "/pages/";
  private static final Duration SLOW = Duration.ofMillis(50);

  /** Returns the page behind a path of the server, or empty if there is none. */
  static Optional<Page> of(String path) {
    try {
      return path.startsWith(FOLDER)
          ? Optional.of(new Page(Integer.parseInt(path.substring(FOLDER.length()))))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  String path() {
    return FOLDER + number;
  }

  /** One page in ten is missing, and the server fails at one in twenty-five. */
  int status() {
    if (number % 10 == 3) {
      return 404;
    }
    return number % 25 == 7 ? 500 : 200;
  }

  /** How long the server takes: one page in twenty is slow. */
  Duration delay() {
    return number % 20 == 5 ? SLOW : Duration.ZERO;
  }

  byte[] body() {
    String line = "page " + number + ", status " + status() + "\n";
    return line.repeat(1 + number % 97).getBytes(StandardCharsets.US_ASCII);
  }
}
