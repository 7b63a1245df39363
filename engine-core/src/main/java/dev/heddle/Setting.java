// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One setting of a program: the single place that knows its key, its text form, its rule and its
 * default. Immutable; {@link Settings} reads several of them. Those of the engine are in {@link
 * EngineOptions}.
 *
 * <p>Numbers are decimal, in the digits 0 to 9: {@code 08} is eight, and so is {@code +8}. White
 * space around a text is ignored.
 *
 * @param <T> the type of its values
 */
public final class Setting<T> {

  /** As good as no limit to a duration. */
  static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

  private static final Pattern KEY = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,63}");
  private static final Pattern WHOLE_NUMBER = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]{1,3})?");
  private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,19})\\s*([A-Za-z]*)");

  private final String key;
  private final Function<String, T> parser; // throws IllegalArgumentException
  private final Limits<T> limits;
  private final String rule;
  private final String fix;
  private final String meaning;
  private final @Nullable Default<T> byDefault;

  /** Which values are allowed, and the ends of them if they are compared. */
  private record Limits<T>(Predicate<T> allowed, Optional<T> min, Optional<T> max) {}

  /** What there is without a text: what makes it, and its own text unless it is only described. */
  private record Default<T>(Supplier<T> value, String words, boolean isText) {}

  /** A setting without a default. */
  Setting(String key, Function<String, T> parser, Predicate<T> allowed, String rule, String fix) {
    this(key, parser, new Limits<>(allowed, Optional.empty(), Optional.empty()), rule, fix);
  }

  private Setting(
      String key, Function<String, T> parser, Limits<T> limits, String rule, String fix) {
    this(checkKey(key), parser, limits, rule, fix, "", null);
  }

  private Setting(
      String key,
      Function<String, T> parser,
      Limits<T> limits,
      String rule,
      String fix,
      String meaning,
      @Nullable Default<T> byDefault) {
    this.key = key;
    this.parser = parser;
    this.limits = limits;
    this.rule = rule;
    this.fix = fix;
    this.meaning = meaning;
    this.byDefault = byDefault;
  }

  private static String checkKey(String key) {
    requireNonNull(key, "key");
    if (!KEY.matcher(key).matches()) {
      throw mistake("key", key, "1 to 64 characters of A-Z a-z 0-9 _ -, a letter first");
    }
    return key;
  }

  private static ConfigurationException mistake(String path, Object value, String rule) {
    return new ConfigurationException(
        List.of(new Problem(path, ErrorText.quote(value), path + " must be " + rule, "change it")));
  }

  // ---- kinds

  /**
   * Returns a setting for whole numbers.
   *
   * @param key its name, 1 to 64 characters of {@code A-Z a-z 0-9 _ -}, a letter first
   * @param min the least value
   * @param max the greatest value, {@code min} or more
   * @return a setting without a default
   * @throws ConfigurationException if the key or the range is not like that
   */
  public static Setting<Integer> ofInt(String key, int min, int max) {
    return ofNumber(key, min, max, "a whole number", Setting::parseInt);
  }

  /**
   * Returns a setting for whole numbers of 64 bits.
   *
   * @param key as for {@link #ofInt}
   * @param min the least value
   * @param max the greatest value, {@code min} or more
   * @return a setting without a default
   * @throws ConfigurationException if the key or the range is not like that
   */
  public static Setting<Long> ofLong(String key, long min, long max) {
    return ofNumber(key, min, max, "a whole number", Setting::parseLong);
  }

  /**
   * Returns a setting for numbers.
   *
   * @param key as for {@link #ofInt}
   * @param min the least value, a finite number
   * @param max the greatest value, {@code min} or more, a finite number
   * @return a setting without a default
   * @throws ConfigurationException if the key or the range is not like that
   */
  public static Setting<Double> ofDouble(String key, double min, double max) {
    if (!Double.isFinite(min) || !Double.isFinite(max)) {
      throw mistake("range", min + " to " + max, "between finite numbers");
    }
    return ofNumber(key, min, max, "a number", Setting::parseDouble);
  }

  private static <N extends Comparable<N>> Setting<N> ofNumber(
      String key, N min, N max, String what, Function<String, N> parser) {
    return ranged(key, min, max, what + " from " + min + " to " + max, parser)
        .fix("write a number of that range");
  }

  /** A setting whose values are compared with the ends of a range. */
  private static <N extends Comparable<N>> Setting<N> ranged(
      String key, N min, N max, String rule, Function<String, N> parser) {
    if (min.compareTo(max) > 0) {
      throw mistake("range", min + " to " + max, "from the less to the greater value");
    }
    return new Setting<>(
        key,
        parser,
        new Limits<>(
            value -> value.compareTo(min) >= 0 && value.compareTo(max) <= 0,
            Optional.of(min),
            Optional.of(max)),
        rule,
        "change it");
  }

  /**
   * Returns a setting that is on or off.
   *
   * @param key as for {@link #ofInt}
   * @return a setting without a default, for {@code true} and {@code false}
   * @throws ConfigurationException if the key is not like that
   */
  public static Setting<Boolean> ofBoolean(String key) {
    return new Setting<>(
        key, Setting::parseBoolean, flag -> true, "true or false", "write true or false");
  }

  /**
   * Returns a setting for any text.
   *
   * @param key as for {@link #ofInt}
   * @return a setting without a default
   * @throws ConfigurationException if the key is not like that
   */
  public static Setting<String> ofText(String key) {
    return new Setting<>(key, text -> text, text -> true, "a text", "write any text");
  }

  /**
   * Returns a setting for the constants of an enum. Case, {@code -} and {@code _} do not matter in
   * their names, if one constant only is meant then.
   *
   * @param key as for {@link #ofInt}
   * @param type the enum
   * @param <E> the same
   * @return a setting without a default
   * @throws ConfigurationException if the key is not like that, or the enum has no constants
   */
  public static <E extends Enum<E>> Setting<E> ofEnum(String key, Class<E> type) {
    checkKey(key);
    List<String> names =
        Stream.of(requireNonNull(type, "type").getEnumConstants()).map(Enum::name).toList();
    if (names.isEmpty()) {
      throw mistake("type", type.getName(), "an enum with constants");
    }
    return ofNames(key, names, name -> Enum.valueOf(type, name));
  }

  /**
   * Returns a setting for one of some names, compared as those of {@link #ofEnum}.
   *
   * @param key as for {@link #ofInt}
   * @param names the names, at least one
   * @return a setting without a default, whose values are of these names
   * @throws ConfigurationException if the key is not like that, or there are no names
   */
  public static Setting<String> ofNames(String key, List<String> names) {
    checkKey(key);
    List<String> all = List.copyOf(requireNonNull(names, "names"));
    if (all.isEmpty()) {
      throw mistake("names", all, "one or more");
    }
    return ofNames(key, all, name -> name);
  }

  private static <T> Setting<T> ofNames(String key, List<String> names, Function<String, T> value) {
    return new Setting<>(
        key,
        text -> value.apply(named(names, text)),
        any -> true,
        "one of " + String.join(", ", names),
        "write one of them");
  }

  private static String named(List<String> names, String text) {
    if (names.contains(text)) {
      return text;
    }
    List<String> alike = names.stream().filter(name -> areAlike(name, text)).toList();
    if (alike.size() != 1) {
      throw new IllegalArgumentException(text);
    }
    return alike.getFirst();
  }

  /**
   * Returns a setting for durations, written as {@link TimeText} has it.
   *
   * @param key as for {@link #ofInt}
   * @param min the least value, zero or more
   * @param max the greatest value, {@code min} or more
   * @return a setting without a default
   * @throws ConfigurationException if the key or the range is not like that
   */
  public static Setting<Duration> ofDuration(String key, Duration min, Duration max) {
    requireNonNull(max, "max");
    if (requireNonNull(min, "min").isNegative()) {
      throw mistake("range", min + " to " + max, "of durations of zero or more");
    }
    String range =
        max.compareTo(FOREVER) < 0
            ? " from " + TimeText.of(min) + " to " + TimeText.of(max) + ","
            : min.isZero() ? " of zero or more" : " of at least " + TimeText.of(min) + ",";
    return ranged(
            key,
            min,
            max,
            "a duration" + range + " such as 500ms, 10s, 2m, 1h or PT10S",
            Setting::parseDuration)
        .fix("use ms, s, m or h");
  }

  /**
   * Returns a setting for sizes, written with the units B, KiB, MiB and GiB.
   *
   * @param key as for {@link #ofInt}
   * @param min the least value
   * @param max the greatest value, {@code min} or more
   * @return a setting without a default
   * @throws ConfigurationException if the key or the range is not like that
   */
  public static Setting<MemorySize> ofSize(String key, MemorySize min, MemorySize max) {
    requireNonNull(min, "min");
    String range =
        requireNonNull(max, "max").equals(MemorySize.MAX)
            ? " of at least " + min
            : " from " + min + " to " + max;
    return ranged(key, min, max, "a size" + range + ", such as 64MiB", Setting::parseSize)
        .fix("use B, KiB, MiB or GiB");
  }

  // ---- more about it

  /**
   * Returns a setting that may also be {@code off}.
   *
   * @return a setting without a default, with empty for {@code off}
   */
  public Setting<Optional<T>> orOff() {
    return new Setting<>(
        key,
        text ->
            text.equalsIgnoreCase("off") ? Optional.<T>empty() : Optional.of(parser.apply(text)),
        new Limits<>(
            value -> value.map(limits.allowed()::test).orElse(true),
            Optional.empty(),
            Optional.empty()),
        "off, or " + rule,
        fix,
        meaning,
        null);
  }

  /**
   * Returns this setting with a default.
   *
   * @param text the text of the default
   * @return a setting that need not be given
   * @throws ConfigurationException if the text is no value of this setting
   */
  public Setting<T> byDefault(String text) {
    T value = parse(text);
    return with(new Default<>(() -> value, text, true));
  }

  /** With a default that depends on the machine. */
  Setting<T> byDefault(String words, Supplier<T> value) {
    return with(new Default<>(value, words, false));
  }

  private Setting<T> with(Default<T> byDefault) {
    return new Setting<>(key, parser, limits, rule, fix, meaning, byDefault);
  }

  /**
   * Returns this setting with what it decides, for {@link Settings#documentation}.
   *
   * @param sentence a sentence or two
   * @return a setting that says so
   */
  public Setting<T> meaning(String sentence) {
    requireNonNull(sentence, "sentence");
    return new Setting<>(key, parser, limits, rule, fix, sentence, byDefault);
  }

  Setting<T> fix(String words) {
    return new Setting<>(key, parser, limits, rule, words, meaning, byDefault);
  }

  /**
   * Returns its name, which stands behind a prefix in a map.
   *
   * @return the key
   */
  public String key() {
    return key;
  }

  /**
   * Returns which values it may have, as in "workers must be ...".
   *
   * @return the rule in words
   */
  public String rule() {
    return rule;
  }

  /**
   * Returns the least value.
   *
   * @return the least of a number, a duration or a size; empty for any other, and for what may be
   *     {@code off}
   */
  public Optional<T> min() {
    return limits.min();
  }

  /**
   * Returns the greatest value.
   *
   * @return as for {@link #min()}
   */
  public Optional<T> max() {
    return limits.max();
  }

  /**
   * Returns what it decides.
   *
   * @return the meaning; empty if none was given
   */
  public String meaning() {
    return meaning;
  }

  /**
   * Returns the text of its default.
   *
   * @return the text; empty if there is no default, or one that depends on the machine
   */
  public Optional<String> defaultText() {
    return Optional.ofNullable(byDefault).filter(Default::isText).map(Default::words);
  }

  /** The default in words, in Markdown. */
  String defaultWords() {
    if (byDefault == null) {
      return "must be given";
    }
    return byDefault.isText() ? "`" + byDefault.words() + "`" : byDefault.words();
  }

  /** What makes its default; {@code null} if it has none. */
  @Nullable Supplier<T> defaultValue() {
    return byDefault == null ? null : byDefault.value();
  }

  /**
   * Returns the value of a text.
   *
   * @param text the text
   * @return the value
   * @throws ConfigurationException if it is none that this setting may have
   */
  public T parse(String text) {
    requireNonNull(text, "text");
    try {
      return read(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(List.of(problem(key, text)));
    }
  }

  /** As {@link #parse}, for a caller who knows where the text is from. */
  T read(String text) {
    T value = parser.apply(text.strip());
    if (!limits.allowed().test(value)) {
      throw new IllegalArgumentException(text);
    }
    return value;
  }

  /** Returns the value, or throws with this setting's rule in the message. */
  T check(T value) {
    if (!limits.allowed().test(value)) {
      throw new ConfigurationException(List.of(problem(key, value)));
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

  /** Whether two names are the same but for what does not matter. */
  static boolean areAlike(String one, String other) {
    // Not by lower case, which takes quadratic time for texts that grow by it.
    return plain(one).equalsIgnoreCase(plain(other));
  }

  /** A name without what does not matter in it, its case left aside. */
  static String plain(String name) {
    return name.replace("-", "").replace("_", "");
  }

  /** Returns {@code key: rule}. */
  @Override
  public String toString() {
    return key + ": " + rule;
  }

  // ---- texts

  /** {@code Integer} alone takes digits of any script. */
  private static Integer parseInt(String text) {
    return Integer.valueOf(matching(WHOLE_NUMBER, text));
  }

  private static Long parseLong(String text) {
    return Long.valueOf(matching(WHOLE_NUMBER, text));
  }

  private static Double parseDouble(String text) {
    return Double.valueOf(matching(NUMBER, text));
  }

  private static String matching(Pattern pattern, String text) {
    if (!pattern.matcher(text).matches()) {
      throw new IllegalArgumentException(text);
    }
    return text;
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
    boolean value = text.equalsIgnoreCase("true");
    if (!value && !text.equalsIgnoreCase("false")) {
      throw new IllegalArgumentException(text);
    }
    return value;
  }

  private static Duration parseDuration(String text) {
    return TimeText.parse(text).orElseThrow(() -> new IllegalArgumentException(text));
  }
}
