// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ErrorCode;
import dev.heddle.internal.util.TestSeam;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronTimesTest {

  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private final TestSeam.VirtualClock clock = TestSeam.stopClock();

  @AfterEach
  void clockGoesOn() {
    clock.close();
  }

  /** Returns the next times from a given one, each asked for when the one before has come. */
  private List<Instant> next(String expression, ZoneId zone, String from, int times) {
    Instant now = Instant.parse(from);
    clock.setTimeOfDay(now);
    CronTimes cron = CronTimes.of(expression, zone);
    List<Instant> found = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      now = now.plusNanos(cron.nanosToNext());
      found.add(now);
      clock.setTimeOfDay(now);
    }
    return found;
  }

  private static List<Instant> times(String semicolonSeparated) {
    return List.of(semicolonSeparated.split(";")).stream().map(Instant::parse).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "'* * * * *', 2026-01-01T00:00:30Z, 2026-01-01T00:01:00Z;2026-01-01T00:02:00Z",
    "'*/15 * * * *', 2026-01-01T00:15:00Z, 2026-01-01T00:30:00Z;2026-01-01T00:45:00Z",
    "'0 0 1 * *', 2026-01-31T12:00:00Z, 2026-02-01T00:00:00Z;2026-03-01T00:00:00Z",
    "'0 0 29 2 *', 2026-01-01T00:00:00Z, 2028-02-29T00:00:00Z;2032-02-29T00:00:00Z",
    "'30 9 * * 1-5', 2026-07-03T09:30:00Z, 2026-07-06T09:30:00Z;2026-07-07T09:30:00Z",
  })
  void nanosToNext_utc_givesTheTimes(String expression, String from, String expected) {
    assertThat(next(expression, ZoneId.of("UTC"), from, 2)).isEqualTo(times(expected));
  }

  /** Every day at noon of the place, whether the day has 23, 24 or 25 hours. */
  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, 2026-03-28T11:30:00Z, 2026-03-29T10:00:00Z;2026-03-30T10:00:00Z, PT23H",
    "Europe/Berlin, 2026-10-24T10:30:00Z, 2026-10-25T11:00:00Z;2026-10-26T11:00:00Z, PT25H",
    "America/New_York, 2026-03-07T17:30:00Z, 2026-03-08T16:00:00Z;2026-03-09T16:00:00Z, PT23H",
    "America/New_York, 2026-10-31T16:30:00Z, 2026-11-01T17:00:00Z;2026-11-02T17:00:00Z, PT25H",
  })
  void nanosToNext_daylightSavingChanges_staysAtNoon(
      ZoneId zone, String from, String expected, Duration dayOfChange) {
    assertThat(next("0 12 * * *", zone, from, 2)).isEqualTo(times(expected));
    clock.setTimeOfDay(times(expected).getFirst().minus(dayOfChange));
    assertThat(CronTimes.of("0 12 * * *", zone).nanosToNext()).isEqualTo(dayOfChange.toNanos());
  }

  /** A quarter of an hour is one, also across the hour that is left out or comes twice. */
  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, 2026-03-29T00:45:00Z, 2026-03-29T01:00:00Z;2026-03-29T01:15:00Z",
    "America/New_York, 2026-03-08T06:45:00Z, 2026-03-08T07:00:00Z;2026-03-08T07:15:00Z",
  })
  void nanosToNext_quarterHoursWhenAnHourIsLeftOut_goOn(ZoneId zone, String from, String expected) {
    assertThat(next("*/15 * * * *", zone, from, 2)).isEqualTo(times(expected));
  }

  /** 02:30 does not exist (spring) or comes twice (autumn): at most one run on that day. */
  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, 30 2 * * *, 2026-03-28T12:00:00Z",
    "Europe/Berlin, 30 2 * * *, 2026-10-24T12:00:00Z",
    "America/New_York, 30 2 * * *, 2026-03-07T18:00:00Z",
    "America/New_York, 30 1 * * *, 2026-10-31T18:00:00Z",
  })
  void nanosToNext_timeLeftOutOrRepeated_atMostOncePerDay(
      ZoneId zone, String expression, String from) {
    List<Instant> found = next(expression, zone, from, 4);

    assertThat(found).isSorted().doesNotHaveDuplicates();
    assertThat(found.stream().map(time -> time.atZone(zone).toLocalDate())).doesNotHaveDuplicates();
    assertThat(found.getLast()).isBefore(Instant.parse(from).plus(Duration.ofDays(6)));
  }

  @Test
  void nanosToNext_timerALittleEarly_doesNotGiveTheSameTimeAgain() {
    clock.setTimeOfDay(Instant.parse("2026-01-01T11:59:00Z"));
    CronTimes cron = CronTimes.of("0 12 * * *", ZoneId.of("UTC"));
    assertThat(cron.nanosToNext()).isEqualTo(Duration.ofMinutes(1).toNanos());

    clock.setTimeOfDay(Instant.parse("2026-01-01T11:59:59.900Z"));

    assertThat(cron.nanosToNext()).isEqualTo(Duration.ofDays(1).plusMillis(100).toNanos());
  }

  @Test
  void nanosToNext_clockSetBack_countsFromThere() {
    clock.setTimeOfDay(Instant.parse("2026-01-02T11:59:00Z"));
    CronTimes cron = CronTimes.of("0 12 * * *", ZoneId.of("UTC"));
    assertThat(cron.nanosToNext()).isEqualTo(Duration.ofMinutes(1).toNanos());

    clock.setTimeOfDay(Instant.parse("2026-01-01T11:00:00Z"));

    assertThat(cron.nanosToNext()).isEqualTo(Duration.ofHours(1).toNanos());
  }

  @Test
  void nanosToNext_dayThatNeverComes_isForEver() {
    clock.setTimeOfDay(Instant.parse("2026-01-01T00:00:00Z"));

    assertThat(CronTimes.of("0 0 31 2 *", BERLIN).nanosToNext()).isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 8",
        "every day",
        "*/0 * * * *",
        "5-1-2 * * * *",
        "@never",
        "-1 * * * *",
        "99999999999999999999 * * * *",
        "\u0000 * * * *",
        "\n\n\n"
      })
  void of_badExpression_isRefused(String expression) {
    ConfigurationException e =
        catchThrowableOfType(ConfigurationException.class, () -> CronTimes.of(expression, BERLIN));

    assertThat(e).isNotNull();
    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
    assertThat(e.getMessage())
        .contains("expression must be a cron expression of five fields")
        .doesNotContain("\u0000");
  }

  @Test
  void of_longExpression_isCutInTheMessage() {
    ConfigurationException e =
        catchThrowableOfType(
            ConfigurationException.class, () -> CronTimes.of("x".repeat(100_000), BERLIN));

    assertThat(e).isNotNull();
    assertThat(e.getMessage()).hasSizeLessThan(1_000);
  }
}
