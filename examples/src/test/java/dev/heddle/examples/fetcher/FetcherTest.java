// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.fetcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.examples.Console;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FetcherTest {

  private static final Pattern AT_A_TIME =
      Pattern.compile("at a time +(\\d+), as the server saw it; limit (\\d+)");

  @Test
  void run_withoutOptions_fetchesFiveHundredTwentyAtATime() throws Exception {
    Console console = Console.of(Fetcher::run);
    assertThat(console.err()).isEmpty();
    assertThat(console.exitCode()).isZero();
    assertThat(console.out())
        .containsPattern("pages +500\\R")
        .containsPattern("bytes +[0-9,]+\\R")
        .containsPattern("status 200 430\\R")
        .containsPattern("status 404 50\\R")
        .containsPattern("status 500 20\\R")
        .containsPattern("time +[0-9.]+ s\\R");
    assertThat(atATime(console, 20)).isBetween(1, 20);
  }

  @ParameterizedTest
  @CsvSource({"1, 20", "30, 1", "60, 3", "40, 200"})
  void run_countAndLimit_neverAboveTheLimit(int count, int limit) throws Exception {
    Console console = Console.of(Fetcher::run, "--count", "" + count, "--limit", "" + limit);
    assertThat(console.err()).isEmpty();
    assertThat(console.exitCode()).isZero();
    assertThat(console.out()).containsPattern("pages +" + count + "\\R");
    assertThat(atATime(console, limit)).isBetween(1, Math.min(count, limit));
  }

  @Test
  void run_progressAsked_barOnStandardError() throws Exception {
    Console console = Console.of(Fetcher::run, "--count", "10", "--progress");
    assertThat(console.exitCode()).isZero();
    assertThat(console.err()).contains("fetch", "100%", "10/10 pages");
    assertThat(console.out()).containsPattern("pages +10\\R");
  }

  @Test
  void help_asked_listsOptionsAndExitCodes() throws Exception {
    Console console = Console.of(Fetcher::run, "--help");
    assertThat(console.exitCode()).isZero();
    assertThat(console.err()).isEmpty();
    assertThat(console.out())
        .startsWith("Usage: fetcher ")
        .contains("--count=N", "--limit=N", "Exit codes:");
  }

  @ParameterizedTest
  @CsvSource({
    "--count, 0, count must be from 1 to 100000: count=0 (leave it out for 500)",
    "--limit, 201, limit must be from 1 to 200: limit=201 (leave it out for 20)",
    "--limit, two, Invalid value for option '--limit'",
    "--colour, red, 'Unknown options: ''--colour'', ''red'''",
  })
  void option_wrong_refusedOnOneLine(String option, String value, String message) throws Exception {
    Console console = Console.of(Fetcher::run, option, value);
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.out()).isEmpty();
    assertThat(console.err().lines()).hasSize(1);
    assertThat(console.err()).startsWith("fetcher: ").contains(message);
  }

  private static int atATime(Console console, int limit) {
    Matcher matcher = AT_A_TIME.matcher(console.out());
    assertThat(matcher.find()).isTrue();
    assertThat(matcher.group(2)).isEqualTo("" + limit);
    return Integer.parseInt(matcher.group(1));
  }
}
