// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ConfigurationException.Problem;
import dev.heddle.error.ErrorText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a program, which read their values out of texts, or say everything that is wrong
 * with them. Immutable. {@link EngineConfig} reads those of the engine in this way; the annotation
 * {@code @EngineSettings} of {@code heddle-dsl} makes one of a record.
 *
 * <p>Keys are those of the settings behind a prefix and a dot, such as {@code orders.uploadLimit};
 * case, {@code -} and {@code _} do not matter behind it, and in the environment {@code
 * ORDERS_UPLOAD_LIMIT} is the same. Keys without the prefix are somebody else's and ignored. Every
 * mistake is reported at once: unknown and repeated keys, wrong and missing values.
 */
public final class Settings {

  /**
   * The longest unknown key that is compared with the settings, in characters: a few times the
   * longest of them.
   */
  private static final int MAX_COMPARED = 64;

  private static final Pattern PREFIX =
      Pattern.compile("(?=.{1,64}$)[A-Za-z][A-Za-z0-9-]*(\\.[A-Za-z][A-Za-z0-9-]*)*");

  /** What {@link EngineConfig} takes for its own, in properties and in the environment. */
  private static final Pattern ENGINES_OWN = Pattern.compile("(?i)heddle(?![A-Za-z0-9])");

  private final String prefix;
  private final List<Setting<?>> all;
  private final Relations relations;

  /** What must be right of several settings together. */
  interface Relations {
    /** Gets what was given and right, and what was given and wrong. */
    List<Problem> problems(Map<Setting<?>, Object> values, Set<Setting<?>> wrong);
  }

  Settings(String prefix, List<Setting<?>> all, Relations relations) {
    this.prefix = prefix;
    this.all = List.copyOf(all);
    this.relations = relations;
  }

  /**
   * Collects settings.
   *
   * @param prefix what their keys begin with, before a dot: words of {@code A-Z a-z 0-9 -} with
   *     dots between, a letter first in each, 1 to 64 characters
   * @param settings the settings, in the order of the documentation
   * @return a reader of their values
   * @throws ConfigurationException if the prefix is not like that, or two keys are the same
   */
  public static Settings of(String prefix, List<Setting<?>> settings) {
    requireNonNull(prefix, "prefix");
    List<Problem> problems = new ArrayList<>();
    if (!PREFIX.matcher(prefix).matches()) {
      problems.add(
          new Problem(
              "prefix",
              ErrorText.quote(prefix),
              "prefix must be 1 to 64 characters of A-Z a-z 0-9 - in words with dots between",
              "begin each word with a letter"));
    }
    if (ENGINES_OWN.matcher(prefix).lookingAt()) {
      problems.add(
          new Problem(
              "prefix",
              ErrorText.quote(prefix),
              "prefix must not begin with that of the engine",
              "use the name of the program"));
    }
    Map<String, String> keys = new HashMap<>();
    for (Setting<?> setting : requireNonNull(settings, "settings")) {
      String other = keys.putIfAbsent(lower(setting.key()), setting.key());
      if (other != null) {
        problems.add(
            new Problem(
                setting.key(),
                other,
                "setting must have a key of its own, case and - and _ left aside",
                "rename one of them"));
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    return new Settings(prefix, settings, (values, wrong) -> List.of());
  }

  /** Values of settings, those at their defaults included. Immutable. */
  public static final class Values {
    private final List<Setting<?>> all;
    private final Map<Setting<?>, Object> given;

    private Values(List<Setting<?>> all, Map<Setting<?>, Object> given) {
      this.all = all;
      this.given = Map.copyOf(given);
    }

    Map<Setting<?>, Object> given() {
      return given;
    }

    /**
     * Returns the value of a setting.
     *
     * @param setting one of those that were read
     * @param <T> the type of its values
     * @return its value; the default if none was given
     * @throws IllegalArgumentException if it is another one, also one with the same key
     */
    public <T> T get(Setting<T> setting) {
      if (!all.contains(requireNonNull(setting, "setting"))) {
        throw new IllegalArgumentException(
            "setting must be one of those that were read: setting="
                + setting.key()
                + " (ask for the same object)");
      }
      return value(given, setting);
    }
  }

  @SuppressWarnings("unchecked") // a value is put in only by a setting of its own type
  static <T> T value(Map<Setting<?>, Object> given, Setting<T> setting) {
    Object value = given.get(setting);
    if (value != null) {
      return (T) value;
    }
    return requireNonNull(setting.defaultValue(), "default").get(); // else it had to be given
  }

  /**
   * Reads values out of a map.
   *
   * @param map keys and values
   * @return the values
   * @throws ConfigurationException with everything that is wrong
   */
  public Values load(Map<String, String> map) {
    requireNonNull(map, "map");
    return new Values(all, read(prefix + ".", map));
  }

  /**
   * Reads values out of properties, such as those of a file or {@link System#getProperties()}.
   *
   * @param properties keys and values, their defaults included
   * @return the values
   * @throws ConfigurationException with everything that is wrong
   */
  public Values load(Properties properties) {
    requireNonNull(properties, "properties");
    return new Values(all, read(prefix + ".", properties));
  }

  /**
   * Reads values out of the environment of the process, where the prefix is in upper case, with
   * {@code _} for {@code -} and for each dot: {@code ORDERS_WORKERS=8}.
   *
   * @return the values
   * @throws ConfigurationException with everything that is wrong
   */
  public Values loadEnvironment() {
    return new Values(all, readEnvironment(System.getenv()));
  }

  Map<Setting<?>, Object> readEnvironment(Map<String, String> environment) {
    return read(prefix.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_") + "_", environment);
  }

  private Map<Setting<?>, Object> read(String prefix, Properties properties) {
    Map<Object, @Nullable Object> map = new HashMap<>(properties);
    for (String key : properties.stringPropertyNames()) { // adds the defaults behind the properties
      map.put(key, properties.getProperty(key));
    }
    return read(prefix, map);
  }

  /** Returns what is given. */
  Map<Setting<?>, Object> read(String prefix, Map<?, ? extends @Nullable Object> map) {
    Reading reading = new Reading(prefix);
    ours(prefix, map).forEach(reading::read);
    for (Setting<?> setting : all) {
      if (setting.defaultValue() == null && !reading.seen.containsKey(setting)) {
        reading.problems.add(
            new Problem(
                prefix + setting.key(),
                "nothing",
                setting.key() + " must be given",
                "set it to " + setting.rule()));
      }
    }
    reading.problems.addAll(relations.problems(reading.values, reading.wrong));
    if (!reading.problems.isEmpty()) {
      throw new ConfigurationException(reading.problems);
    }
    return reading.values;
  }

  /** The entries with our prefix, sorted so that the list of mistakes is the same at each run. */
  private static Map<String, @Nullable Object> ours(
      String prefix, Map<?, ? extends @Nullable Object> map) {
    Map<String, @Nullable Object> ours = new TreeMap<>();
    map.forEach(
        (key, value) -> {
          if (key instanceof String text
              && text.regionMatches(true, 0, prefix, 0, prefix.length())) {
            ours.put(text, value);
          }
        });
    return ours;
  }

  /** What has been read of a map until now. */
  private final class Reading {
    final String prefix;
    final List<Problem> problems = new ArrayList<>();
    final Map<Setting<?>, Object> values = new HashMap<>();
    final Map<Setting<?>, String> seen = new HashMap<>();
    final Set<Setting<?>> wrong = new HashSet<>();

    Reading(String prefix) {
      this.prefix = prefix;
    }

    void read(String key, @Nullable Object value) {
      String name = key.substring(prefix.length());
      Setting<?> setting = find(name);
      if (setting == null) {
        problems.add(
            new Problem(
                ErrorText.quote(key),
                ErrorText.quote(value),
                "option does not exist",
                advice(prefix, name)));
        return;
      }
      String path = ErrorText.line(key);
      String first = seen.putIfAbsent(setting, key);
      if (first != null) {
        wrong.add(setting);
        problems.add(
            new Problem(
                path,
                ErrorText.quote(value),
                "option is given twice",
                "remove this or " + ErrorText.line(first)));
        return;
      }
      if (!(value instanceof String text)) {
        wrong.add(setting);
        problems.add(
            new Problem(
                path,
                ErrorText.quote(value),
                setting.key() + " must be given as a text",
                "put a String into the map"));
        return;
      }
      try {
        values.put(setting, setting.read(text));
      } catch (IllegalArgumentException e) {
        wrong.add(setting);
        problems.add(setting.problem(path, text));
      }
    }
  }

  /** What to do about an option that does not exist. */
  private String advice(String prefix, String name) {
    if (all.isEmpty()) {
      return "remove it";
    }
    if (name.length() > MAX_COMPARED) { // no slip of the pen, and dear to compare
      return all.stream().map(Setting::key).collect(joining(", ", "use one of ", ""));
    }
    return "did you mean " + prefix + nearest(lower(name)).key() + "?";
  }

  private @Nullable Setting<?> find(String name) {
    for (Setting<?> setting : all) {
      if (Setting.areAlike(setting.key(), name)) {
        return setting;
      }
    }
    return null;
  }

  private static String lower(String name) {
    return Setting.plain(name).toLowerCase(Locale.ROOT);
  }

  private Setting<?> nearest(String lowerName) {
    return all.stream()
        .min(Comparator.comparingInt(setting -> editDistance(lowerName, lower(setting.key()))))
        .orElseThrow();
  }

  /** Levenshtein's distance, by the row-wise table of Wagner and Fischer (1974). */
  private static int editDistance(String from, String to) {
    int[] above = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] row = new int[to.length() + 1];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[to.length()];
  }

  /**
   * Says that values which are right by themselves are refused by what was to be made of them.
   *
   * @param cause says in its message what is wrong
   * @return the exception to be thrown
   */
  public ConfigurationException refused(IllegalArgumentException cause) {
    String message = requireNonNull(cause, "cause").getMessage();
    Problem problem =
        new Problem(
            prefix,
            "(these settings)",
            ErrorText.line(message == null ? cause.getClass().getSimpleName() : message),
            "change one of them");
    return new ConfigurationException(List.of(problem), cause);
  }

  /**
   * Returns a table of the settings in Markdown: key, default, values and meaning.
   *
   * @return its lines, the last one without an end
   */
  public String documentation() {
    StringBuilder table =
        new StringBuilder("| Option | Default | Values | Meaning |\n| --- | --- | --- | --- |");
    for (Setting<?> setting : all) {
      List<String> cells =
          List.of(
              "`" + setting.key() + "`", setting.defaultWords(), setting.rule(), setting.meaning());
      table
          .append("\n| ")
          .append(cells.stream().map(Settings::cell).collect(joining(" | ")))
          .append(" |");
    }
    return table.toString();
  }

  private static String cell(String text) {
    return text.replaceAll("\\s+", " ").replace("|", "\\|");
  }
}
