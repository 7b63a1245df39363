// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.error.ConfigurationException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class EngineConfigPropertyTest {

  private static final String PREFIX = "heddle.";

  @Property
  void load_textFormOfAnyConfig_givesTheSameConfig(@ForAll("configs") EngineConfig config) {
    assertThat(EngineConfig.load(textForm(config))).isEqualTo(config);
  }

  @Property
  void load_keysSpeltInAnyWay_giveTheSameConfig(
      @ForAll("configs") EngineConfig config, @ForAll("spellings") long spelling) {
    Map<String, String> respelt = new HashMap<>();
    textForm(config).forEach((key, value) -> respelt.put(respell(key, spelling), value));

    assertThat(EngineConfig.load(respelt)).isEqualTo(config);
  }

  @Property
  void load_propertiesOfAnyConfig_giveTheSameConfig(@ForAll("configs") EngineConfig config) {
    Properties properties = new Properties();
    properties.putAll(textForm(config));

    assertThat(EngineConfig.load(properties)).isEqualTo(config);
  }

  @Property
  void load_blanksAroundValues_doNotMatter(
      @ForAll("configs") EngineConfig config,
      @ForAll("blanks") String before,
      @ForAll("blanks") String after) {
    Map<String, String> map = textForm(config);
    map.replaceAll((key, value) -> before + value + after);

    assertThat(EngineConfig.load(map)).isEqualTo(config);
  }

  @Property
  void builder_anyConfig_isCopiedAsItIs(@ForAll("configs") EngineConfig config) {
    assertThat(EngineConfig.of(config.values())).isEqualTo(config).hasSameHashCodeAs(config);
  }

  @Property
  void load_anyMap_givesAConfigOrOneReadableLine(
      @ForAll("maps") Map<Object, Object> map, @ForAll("prefixes") String prefix) {
    EngineConfig config;
    try {
      config = EngineConfig.of(EngineConfig.SETTINGS.read(prefix, map));
    } catch (ConfigurationException e) {
      assertThat(e.problems()).isNotEmpty();
      assertThat(e.getMessage()).matches("[ -~]+");
      return;
    }
    assertThat(config.workers()).isBetween(1, 1024);
    assertThat(config.queueCapacity()).isBetween(1, 1 << 30);
    assertThat(config.memory().bytes()).isGreaterThanOrEqualTo(config.workers() * 65_536L);
    assertThat(config.name()).matches("[A-Za-z0-9._-]{1,128}");
  }

  @Property
  void load_anyTextForAnyOption_givesAConfigOrItsRule(
      @ForAll("keys") String key, @ForAll("texts") String text) {
    try {
      assertThat(EngineConfig.load(Map.of(key, text))).isNotNull();
    } catch (ConfigurationException e) {
      assertThat(e.getMessage()).matches("[ -~]{1,2000}");
      assertThat(e.problems()).hasSize(1);
    }
  }

  // ---- what is tried

  @Provide
  Arbitrary<EngineConfig> configs() {
    Arbitrary<Optional<Duration>> exits =
        Combinators.combine(
                Arbitraries.longs().greaterOrEqual(0),
                Arbitraries.integers().between(0, 999_999_999))
            .as((seconds, nanos) -> Duration.ofSeconds(seconds, nanos))
            .optional(0.8);
    return Combinators.combine(
            names().withoutEdgeCases(),
            Arbitraries.integers().between(1, 1024),
            Arbitraries.integers().between(1, 1 << 30),
            Arbitraries.longs().greaterOrEqual(0),
            Arbitraries.of(true, false).withoutEdgeCases(),
            exits.withoutEdgeCases())
        .as(
            (name, workers, capacity, spare, stealing, exit) -> {
              long least = workers * 65_536L;
              long bytes = least + Math.min(spare, Long.MAX_VALUE - least);
              return EngineConfig.of(
                  Map.of(
                      EngineOptions.NAME, name,
                      EngineOptions.WORKERS, workers,
                      EngineOptions.QUEUE_CAPACITY, capacity,
                      EngineOptions.MEMORY, MemorySize.bytes(bytes),
                      EngineOptions.WORK_STEALING, stealing,
                      EngineOptions.CLOSE_ON_EXIT, exit));
            });
  }

  private static Arbitrary<String> names() {
    return Arbitraries.strings()
        .withCharRange('A', 'Z')
        .withCharRange('a', 'z')
        .numeric()
        .withChars("._-")
        .ofMinLength(1)
        .ofMaxLength(128);
  }

  @Provide
  Arbitrary<String> blanks() {
    return Arbitraries.strings().withChars(" \t\r\n\u2003\u3000").ofMaxLength(4).withoutEdgeCases();
  }

  @Provide
  Arbitrary<Long> spellings() {
    return Arbitraries.longs().withoutEdgeCases();
  }

  @Provide
  Arbitrary<String> prefixes() {
    return Arbitraries.of(PREFIX, "HEDDLE_");
  }

  /** Keys of options in any spelling, keys that are nearly so, and any text behind the prefix. */
  @Provide
  Arbitrary<String> keys() {
    Arbitrary<String> options =
        Arbitraries.of(EngineOptions.ALL).map(option -> PREFIX + option.key());
    Arbitrary<String> spelt =
        Combinators.combine(options, Arbitraries.longs())
            .as(EngineConfigPropertyTest::respell)
            .withoutEdgeCases();
    Arbitrary<String> wrong =
        Combinators.combine(options, Arbitraries.chars().all()).as((key, extra) -> key + extra);
    Arbitrary<String> any = Arbitraries.strings().ofMaxLength(300).map(text -> PREFIX + text);
    return Arbitraries.oneOf(options, spelt, wrong, any).withoutEdgeCases();
  }

  /** Texts that are values, nearly values, and anything. */
  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> numbers = Arbitraries.longs().map(String::valueOf);
    Arbitrary<String> amounts =
        Combinators.combine(
                Arbitraries.bigIntegers(),
                Arbitraries.of("", " ", "B", "KiB", "MiB", "GiB", "ms", "s", "m", "h", "d", "S"))
            .as((count, unit) -> count + unit);
    Arbitrary<String> durations =
        Combinators.combine(Arbitraries.of("PT", "P", "-PT"), Arbitraries.bigIntegers())
            .as((head, count) -> head + count + "S");
    Arbitrary<String> words = Arbitraries.of("off", "true", "false", "default", "");
    Arbitrary<String> any = Arbitraries.strings().ofMaxLength(400);
    return Arbitraries.oneOf(numbers, amounts, durations, words, any);
  }

  @Provide
  @SuppressWarnings("NullAway") // null on purpose
  Arbitrary<Map<Object, Object>> maps() {
    Arbitrary<Object> keys =
        Arbitraries.oneOf(
            keys().map(Object.class::cast),
            keys().map(key -> "HEDDLE_" + key.substring(PREFIX.length())),
            Arbitraries.strings().map(Object.class::cast),
            Arbitraries.integers().map(Object.class::cast));
    Arbitrary<Object> values =
        Arbitraries.oneOf(
                texts().map(Object.class::cast), Arbitraries.doubles().map(Object.class::cast))
            .injectNull(0.1);
    return Arbitraries.maps(keys, values).ofMaxSize(12).withoutEdgeCases();
  }

  // ---- text forms

  /** Reads the settings out of {@link EngineConfig#toString()}. */
  private static Map<String, String> textForm(EngineConfig config) {
    String text = config.toString();
    assertThat(text).startsWith("EngineConfig[").endsWith("]");
    Map<String, String> map = new HashMap<>();
    for (String setting :
        text.substring("EngineConfig[".length(), text.length() - 1).split(", ", -1)) {
      int equals = setting.indexOf('=');
      map.put(PREFIX + setting.substring(0, equals), setting.substring(equals + 1));
    }
    assertThat(map).hasSize(EngineOptions.ALL.size());
    return map;
  }

  /** Changes case, and puts in what does not count, as the bits of a number say. */
  private static String respell(String key, long bits) {
    StringBuilder out = new StringBuilder(PREFIX);
    for (int i = PREFIX.length(); i < key.length(); i++) {
      long choice = bits >>> (3 * (i - PREFIX.length()));
      char c = key.charAt(i);
      out.append((choice & 1) == 0 ? c : Character.toUpperCase(c));
      if ((choice & 6) == 6) {
        out.append((choice & 8) == 0 ? '-' : '_');
      }
    }
    return out.toString();
  }
}
