// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

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
import org.jspecify.annotations.Nullable;

/**
 * Turns texts into an {@link EngineConfig}, or into the list of everything that is wrong with them.
 */
final class ConfigLoader {

  /**
   * The longest unknown key that is compared with the options, in characters: a few times the
   * longest of them.
   */
  private static final int MAX_COMPARED = 64;

  private final String prefix;

  ConfigLoader(String prefix) {
    this.prefix = prefix;
  }

  EngineConfig load(Properties properties) {
    Map<Object, @Nullable Object> map = new HashMap<>(properties);
    for (String key : properties.stringPropertyNames()) { // adds the defaults behind the properties
      map.put(key, properties.getProperty(key));
    }
    return load(map);
  }

  EngineConfig load(Map<?, ? extends @Nullable Object> map) {
    List<Problem> problems = new ArrayList<>();
    Map<Option<?>, Object> values = new HashMap<>();
    Map<Option<?>, String> seen = new HashMap<>();
    Set<Option<?>> wrong = new HashSet<>();
    ours(map).forEach((key, value) -> read(key, value, values, seen, wrong, problems));
    if (!wrong.contains(Option.WORKERS) && !wrong.contains(Option.MEMORY)) {
      problems.addAll(EngineConfig.relationProblems(values));
    }
    if (problems.isEmpty()) {
      return EngineConfig.of(values);
    }
    throw new ConfigurationException(problems);
  }

  /** The entries with our prefix, sorted so that the list of mistakes is the same at each run. */
  private Map<String, @Nullable Object> ours(Map<?, ? extends @Nullable Object> map) {
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

  private void read(
      String key,
      @Nullable Object value,
      Map<Option<?>, Object> values,
      Map<Option<?>, String> seen,
      Set<Option<?>> wrong,
      List<Problem> problems) {
    String name = plain(key.substring(prefix.length()));
    Option<?> option = find(name);
    if (option == null) {
      problems.add(
          new Problem(
              ErrorText.quote(key), ErrorText.quote(value), "option does not exist", advice(name)));
      return;
    }
    String path = ErrorText.line(key);
    String first = seen.putIfAbsent(option, key);
    if (first != null) {
      wrong.add(option);
      problems.add(
          new Problem(
              path,
              ErrorText.quote(value),
              "option is given twice",
              "remove this or " + ErrorText.line(first)));
      return;
    }
    if (!(value instanceof String text)) {
      wrong.add(option);
      problems.add(
          new Problem(
              path,
              ErrorText.quote(value),
              option.key() + " must be given as a text",
              "put a String into the map"));
      return;
    }
    try {
      values.put(option, option.parse(text));
    } catch (IllegalArgumentException e) {
      wrong.add(option);
      problems.add(option.problem(path, text));
    }
  }

  /** What to do about an option that does not exist. */
  private String advice(String plainName) {
    if (plainName.length() > MAX_COMPARED) { // no slip of the pen, and dear to compare
      return Option.ALL.stream().map(Option::key).collect(joining(", ", "use one of ", ""));
    }
    return "did you mean " + prefix + nearest(plainName).key() + "?";
  }

  private static @Nullable Option<?> find(String plainName) {
    for (Option<?> option : Option.ALL) {
      if (plain(option.key()).equals(plainName)) {
        return option;
      }
    }
    return null;
  }

  private static Option<?> nearest(String plainName) {
    return Option.ALL.stream()
        .min(Comparator.comparingInt(option -> editDistance(plainName, plain(option.key()))))
        .orElseThrow();
  }

  private static String plain(String name) {
    return name.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
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
}
