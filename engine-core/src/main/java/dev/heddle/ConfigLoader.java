// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ConfigurationException.Problem;
import dev.heddle.error.ErrorText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns texts into an {@link EngineConfig}, or into the list of everything that is wrong with them.
 */
final class ConfigLoader {

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
    ours(map).forEach((key, value) -> read(key, value, values, seen, problems));
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
      List<Problem> problems) {
    String name = plain(key.substring(prefix.length()));
    Option<?> option = find(name);
    if (option == null) {
      problems.add(
          new Problem(
              ErrorText.quote(key),
              ErrorText.quote(String.valueOf(value)),
              "option does not exist",
              "did you mean " + prefix + nearest(name).key() + "?"));
      return;
    }
    String first = seen.putIfAbsent(option, key);
    if (first != null) {
      problems.add(
          new Problem(
              key,
              ErrorText.quote(String.valueOf(value)),
              "option is given twice",
              "remove this or " + first));
      return;
    }
    if (!(value instanceof String text)) {
      problems.add(option.problem(key, String.valueOf(value)));
      return;
    }
    try {
      values.put(option, option.parse(text));
    } catch (IllegalArgumentException e) {
      problems.add(option.problem(key, text));
    }
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
