// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ConfigurationException.Problem;
import dev.heddle.error.ErrorText;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One option of the engine: the single place that knows its key, default, text form and rule. The
 * builder checks values with it, the loader parses with it, README's table is printed from it.
 *
 * @param key the name in the builder, and behind {@code heddle.} in a map
 * @param defaultText the default in words
 * @param defaultValue the default on this machine
 * @param parser text to value; throws {@link IllegalArgumentException} if the text has no value
 * @param allowed whether a value may be used
 * @param rule which values may be used, as in "workers must be ..."
 * @param fix what to do about a wrong one
 * @param meaning what it decides
 * @param <T> the type of its values
 */
record Option<T>(
    String key,
    String defaultText,
    Supplier<T> defaultValue,
    Function<String, T> parser,
    Predicate<T> allowed,
    String rule,
    String fix,
    String meaning) {

  static final int MAX_WORKERS = 1024;
  static final int MAX_QUEUE_CAPACITY = 1 << 30;
  static final int MAX_BLOCKING_LIMIT = 1_000_000;
  static final int MAX_COMPENSATION_LIMIT = 10_000;
  static final int MAX_RETRY_BUDGET = 10_000;

  /** The smallest share of the memory budget that a worker can work with: one slab. */
  static final long MIN_BYTES_PER_WORKER = 64 << 10;

  static final Option<String> NAME =
      new Option<>(
          "name",
          "`default`",
          () -> "default",
          text -> text,
          Names::isName,
          "1 to 128 characters of A-Z a-z 0-9 . _ -",
          "replace the other characters, for example by '-'",
          "Stands in thread names, messages and metric tags.");

  static final Option<Integer> WORKERS =
      new Option<>(
          "workers",
          "available processors",
          () -> Math.min(MAX_WORKERS, Runtime.getRuntime().availableProcessors()),
          Option::parseWholeNumber,
          workers -> workers >= 1 && workers <= MAX_WORKERS,
          "a whole number from 1 to " + MAX_WORKERS,
          "leave it out to use one worker a processor",
          "Worker threads.");

  static final Option<Integer> QUEUE_CAPACITY =
      new Option<>(
          "queueCapacity",
          "65536",
          () -> 1 << 16,
          Option::parseWholeNumber,
          capacity -> capacity >= 1 && capacity <= MAX_QUEUE_CAPACITY,
          "a whole number from 1 to " + MAX_QUEUE_CAPACITY,
          "use 1 for an engine that hardly queues",
          "Accepted tasks that may wait to start, over the whole engine.");

  static final Option<MemorySize> MEMORY =
      new Option<>(
          "memory",
          "`64MiB`",
          () -> MemorySize.mebibytes(64),
          Option::parseSize,
          size -> size.bytes() >= MIN_BYTES_PER_WORKER,
          "a size of at least 64KiB, such as 64MiB",
          "use B, KiB, MiB or GiB",
          "Off-heap bytes that running tasks may hold; at least 64 KiB a worker.");

  static final Option<Boolean> WORK_STEALING =
      new Option<>(
          "workStealing",
          "`true`",
          () -> true,
          Option::parseBoolean,
          flag -> true,
          "true or false",
          "write true or false",
          "Whether an idle worker takes tasks that were given to another.");

  static final Option<Integer> BLOCKING_LIMIT =
      new Option<>(
          "blockingLimit",
          "1000",
          () -> 1000,
          Option::parseWholeNumber,
          limit -> limit >= 1 && limit <= MAX_BLOCKING_LIMIT,
          "a whole number from 1 to " + MAX_BLOCKING_LIMIT,
          "leave it out to allow 1000",
          "Blocking tasks that run at a time, each on a virtual thread.");

  static final Option<Integer> COMPENSATION_LIMIT =
      new Option<>(
          "compensationLimit",
          "256",
          () -> 256,
          Option::parseWholeNumber,
          limit -> limit >= 0 && limit <= MAX_COMPENSATION_LIMIT,
          "a whole number from 0 to " + MAX_COMPENSATION_LIMIT,
          "use 0 to let blocked workers be missed",
          "Threads at most that stand in for workers whose tasks block.");

  static final Option<Integer> RETRY_BUDGET =
      new Option<>(
          "retryBudget",
          "20",
          () -> 20,
          Option::parseWholeNumber,
          percent -> percent >= 0 && percent <= MAX_RETRY_BUDGET,
          "a whole number from 0 to " + MAX_RETRY_BUDGET,
          "use 100 for one further attempt a task",
          "Further attempts for each 100 tasks with a retry, beside 10 a second.");

  static final Option<Boolean> EXACT_SAMPLES =
      new Option<>(
          "exactSamples",
          "`false`",
          () -> false,
          Option::parseBoolean,
          flag -> true,
          "true or false",
          "write true or false",
          "Whether the times and the submit site of every task are taken, not of some.");

  static final Option<Boolean> MEMORY_CHECKS =
      new Option<>(
          "memoryChecks",
          "`false`",
          () -> false,
          Option::parseBoolean,
          flag -> true,
          "true or false",
          "write true or false",
          "Whether segments are looked at for writes beyond their ends and after their close.");

  static final Option<Boolean> ISOLATE_THREAD_LOCALS =
      new Option<>(
          "isolateThreadLocals",
          "`false`",
          () -> false,
          Option::parseBoolean,
          flag -> true,
          "true or false",
          "write true or false",
          "Whether each task runs on a thread of its own, without thread-locals of others.");

  static final Option<Optional<Duration>> CLOSE_ON_EXIT =
      new Option<>(
          "closeOnExit",
          "`off`",
          Optional::empty,
          Option::parseDurationOrOff,
          limit -> limit.map(duration -> !duration.isNegative()).orElse(true),
          "off, or a duration of zero or more such as 500ms, 10s, 2m, 1h or PT10S",
          "use ms, s, m or h",
          "Closes the engine when the JVM exits, waiting at most that long.");

  /** Every option, in the order of README's table. */
  static final List<Option<?>> ALL =
      List.of(
          NAME,
          WORKERS,
          QUEUE_CAPACITY,
          MEMORY,
          WORK_STEALING,
          BLOCKING_LIMIT,
          COMPENSATION_LIMIT,
          RETRY_BUDGET,
          EXACT_SAMPLES,
          MEMORY_CHECKS,
          ISOLATE_THREAD_LOCALS,
          CLOSE_ON_EXIT);

  private static final Pattern WHOLE_NUMBER = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,19})\\s*([A-Za-z]*)");

  /** Returns the value, or throws with this option's rule in the message. */
  T check(T value) {
    if (!allowed.test(value)) {
      throw new ConfigurationException(List.of(problem(key, value)));
    }
    return value;
  }

  /** Returns the value of a text, surrounding white space ignored. */
  T parse(String text) {
    T value = parser.apply(text.strip());
    if (!allowed.test(value)) {
      throw new IllegalArgumentException(text);
    }
    return value;
  }

  Problem problem(String path, Object value) {
    return new Problem(path, ErrorText.quote(shown(value)), key + " must be " + rule, fix);
  }

  /** Returns what stands for a value in texts: that of an optional one itself, or "off". */
  static Object shown(Object value) {
    return value instanceof Optional<?> optional
        ? optional.isPresent() ? optional.get() : "off"
        : value;
  }

  /**
   * Decimal, a sign and zeros before it allowed; {@code Integer} alone takes digits of any script.
   */
  private static Integer parseWholeNumber(String text) {
    if (!WHOLE_NUMBER.matcher(text).matches()) {
      throw new IllegalArgumentException(text);
    }
    return Integer.valueOf(text);
  }

  private static MemorySize parseSize(String text) {
    Matcher amount = AMOUNT.matcher(text);
    if (!amount.matches()) {
      throw new IllegalArgumentException(text);
    }
    long count = Long.parseLong(amount.group(1));
    return switch (amount.group(2).toLowerCase(Locale.ROOT)) {
      case "", "b" -> MemorySize.bytes(count);
      case "kib" -> MemorySize.kibibytes(count);
      case "mib" -> MemorySize.mebibytes(count);
      case "gib" -> MemorySize.gibibytes(count);
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static Boolean parseBoolean(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static Optional<Duration> parseDurationOrOff(String text) {
    if (text.equalsIgnoreCase("off")) {
      return Optional.empty();
    }
    Optional<Duration> time = TimeText.parse(text);
    if (time.isEmpty()) {
      throw new IllegalArgumentException(text);
    }
    return time;
  }
}
