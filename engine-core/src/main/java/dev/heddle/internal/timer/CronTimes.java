// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.timer;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ConfigurationException.Problem;
import dev.heddle.error.ErrorText;
import dev.heddle.internal.util.Seam;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The times of a cron expression. The only class that touches cron-utils, which is optional. Not
 * thread-safe.
 */
public final class CronTimes {

  /** By how much a timer may be early. */
  private static final Duration EARLY = Duration.ofSeconds(10);

  private final ExecutionTime times;
  private final ZoneId zone;
  private @Nullable ZonedDateTime last;

  private CronTimes(ExecutionTime times, ZoneId zone) {
    this.times = times;
    this.zone = zone;
  }

  /**
   * Reads an expression.
   *
   * @param expression minute, hour, day of month, month, day of week
   * @param zone the time zone of its times
   * @return its times
   * @throws ConfigurationException if it is no such expression, or if cron-utils is not there
   */
  public static CronTimes of(String expression, ZoneId zone) {
    try {
      CronParser parser =
          new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
      return new CronTimes(ExecutionTime.forCron(parser.parse(expression)), zone);
    } catch (IllegalArgumentException e) {
      throw problem(
          expression,
          "expression must be a cron expression of five fields",
          String.valueOf(e.getMessage()));
    } catch (NoClassDefFoundError e) {
      throw problem(
          expression,
          "cron needs the library cron-utils",
          "add com.cronutils:cron-utils to the class path");
    }
  }

  private static ConfigurationException problem(String expression, String rule, String fix) {
    return new ConfigurationException(
        List.of(new Problem("expression", ErrorText.quote(expression), rule, ErrorText.line(fix))));
  }

  /**
   * Returns how long it is until the next time, by the wall clock. Called each time a run is due; a
   * timer that fires a little before its time does not give the same time again.
   *
   * @return nanoseconds; {@link Long#MAX_VALUE} if there is no next time
   */
  public long nanosToNext() {
    ZonedDateTime now = ZonedDateTime.ofInstant(Seam.wallClock(), zone);
    ZonedDateTime before = last;
    boolean early =
        before != null
            && now.isBefore(before)
            && Duration.between(now, before).compareTo(EARLY) < 0; // more: the clock was set back
    ZonedDateTime from = early ? before : now;
    Optional<ZonedDateTime> next = times.nextExecution(from);
    last = next.orElse(null);
    return next.map(time -> Duration.between(now, time).toNanos()).orElse(Long.MAX_VALUE);
  }
}
