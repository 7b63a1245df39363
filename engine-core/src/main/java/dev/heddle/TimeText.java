// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ConfigurationException.Problem;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times as they are written in settings and annotations: a whole number and a unit ({@code 250ms},
 * {@code 2s}, {@code 5m}, {@code 1h}), or as ISO 8601 has it ({@code PT0.25S}).
 */
public final class TimeText {

  private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,19})\\s*([A-Za-z]+)");

  private static final Duration MAX_MILLIS = Duration.ofMillis(Long.MAX_VALUE);

  private TimeText() {}

  /**
   * Reads a time.
   *
   * @param text the text, in upper or lower case
   * @return zero or more; empty if the text is no such time
   */
  public static Optional<Duration> parse(String text) {
    requireNonNull(text, "text");
    try {
      if (text.regionMatches(true, 0, "P", 0, 1)) {
        return Optional.of(Duration.parse(text)).filter(time -> !time.isNegative());
      }
      Matcher amount = AMOUNT.matcher(text);
      return amount.matches()
          ? of(Long.parseLong(amount.group(1)), amount.group(2))
          : Optional.empty();
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      return Optional.empty(); // more than a duration can hold
    }
  }

  /**
   * Writes a time, with the largest unit of which it is a whole number.
   *
   * @param time zero or more
   * @return what {@link #parse} gives that time for
   * @throws ConfigurationException if negative
   */
  public static String of(Duration time) {
    if (requireNonNull(time, "time").isNegative()) {
      throw new ConfigurationException(
          List.of(new Problem("time", time.toString(), "time must be zero or more", "negate it")));
    }
    if (time.compareTo(MAX_MILLIS) > 0 || !time.equals(time.truncatedTo(ChronoUnit.MILLIS))) {
      return time.toString();
    }
    long millis = time.toMillis();
    return millis % 1_000 != 0 || millis == 0
        ? millis + "ms"
        : millis % 60_000 != 0
            ? millis / 1_000 + "s"
            : millis % 3_600_000 != 0 ? millis / 60_000 + "m" : millis / 3_600_000 + "h";
  }

  private static Optional<Duration> of(long count, String unit) {
    return switch (unit.toLowerCase(Locale.ROOT)) {
      case "ms" -> Optional.of(Duration.ofMillis(count));
      case "s" -> Optional.of(Duration.ofSeconds(count));
      case "m" -> Optional.of(Duration.ofMinutes(count));
      case "h" -> Optional.of(Duration.ofHours(count));
      default -> Optional.empty();
    };
  }
}
