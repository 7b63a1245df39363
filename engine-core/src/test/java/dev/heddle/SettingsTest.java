// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.error.ConfigurationException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of a program. Those of the engine have {@link EngineConfigTest}. */
class SettingsTest {

  private enum Mode {
    QUICK,
    VERY_SAFE
  }

  private enum Nothing {}

  @SuppressWarnings("unused") // parsed
  private enum Alike {
    AB,
    A_B,
    OTHER
  }

  private static final Setting<Integer> UPLOADS = Setting.ofInt("uploadLimit", 1, 9);

  private static final Setting<Mode> MODE = Setting.ofEnum("mode", Mode.class).byDefault("quick");

  private static final Setting<Optional<Duration>> PATIENCE =
      Setting.ofDuration("patience", Duration.ofMillis(1), Duration.ofHours(1))
          .orOff()
          .byDefault("off")
          .meaning("How long to wait | at most,\n in  all.");

  private static final Settings SETTINGS =
      Settings.of("acme.shop-floor", List.of(UPLOADS, MODE, PATIENCE));

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(ConfigurationException.class).hasMessage(message);
  }

  // ---- reading

  @Test
  void load_map_givesValuesAndDefaults() {
    Settings.Values values =
        SETTINGS.load(
            Map.of(
                "acme.shop-floor.upload-limit", " 3 ",
                "acme.shop-floor.PATIENCE", "2m",
                "acme.other", "?"));

    assertThat(values.get(UPLOADS)).isEqualTo(3);
    assertThat(values.get(MODE)).isEqualTo(Mode.QUICK);
    assertThat(values.get(PATIENCE)).contains(Duration.ofMinutes(2));
  }

  @Test
  void load_properties_defaultsIncluded() {
    Properties defaults = new Properties();
    defaults.setProperty("acme.shop-floor.uploadLimit", "4");
    Properties properties = new Properties(defaults);
    properties.setProperty("acme.shop-floor.mode", "very-safe");

    Settings.Values values = SETTINGS.load(properties);

    assertThat(values.get(UPLOADS)).isEqualTo(4);
    assertThat(values.get(MODE)).isEqualTo(Mode.VERY_SAFE);
  }

  @Test
  void readEnvironment_prefixInUpperCase_isRead() {
    assertThat(SETTINGS.readEnvironment(Map.of("ACME_SHOP_FLOOR_UPLOAD_LIMIT", "5")))
        .containsExactly(Map.entry(UPLOADS, 5));
  }

  @Test
  void loadEnvironment_ofThisProcess_lacksWhatMustBeGiven() {
    assertRefused(
        SETTINGS::loadEnvironment,
        "uploadLimit must be given: ACME_SHOP_FLOOR_uploadLimit=nothing (set it to a whole number"
            + " from 1 to 9)");
  }

  @Test
  void load_everythingWrong_isAllTold() {
    assertThatThrownBy(
            () ->
                SETTINGS.load(
                    Map.of(
                        "acme.shop-floor.mode", "slow",
                        "acme.shop-floor.patience", "2h",
                        "acme.shop-floor.uploads", "3")))
        .isInstanceOfSatisfying(
            ConfigurationException.class,
            e ->
                assertThat(e.problems())
                    .extracting(Object::toString)
                    .containsExactly(
                        "mode must be one of QUICK, VERY_SAFE: acme.shop-floor.mode=\"slow\""
                            + " (write one of them)",
                        "patience must be off, or a duration from 1ms to 1h, such as 500ms, 10s,"
                            + " 2m, 1h or PT10S: acme.shop-floor.patience=\"2h\" (use ms, s, m or"
                            + " h)",
                        "option does not exist: \"acme.shop-floor.uploads\"=\"3\" (did you mean"
                            + " acme.shop-floor.uploadLimit?)",
                        "uploadLimit must be given: acme.shop-floor.uploadLimit=nothing (set it to"
                            + " a whole number from 1 to 9)"));
  }

  @Test
  void get_settingThatWasNotRead_isRefused() {
    Settings.Values values = SETTINGS.load(Map.of("acme.shop-floor.uploadLimit", "1"));
    Setting<Integer> sameKey = UPLOADS.meaning("another one").byDefault("2");
    assertThatThrownBy(() -> values.get(sameKey))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "setting must be one of those that were read: setting=uploadLimit (ask for the same"
                + " object)");
  }

  @Test
  void parse_constantsThatAreAlike_areMeantByTheirNameOnly() {
    Setting<Alike> setting = Setting.ofEnum("a", Alike.class);
    assertThat(setting.parse("A_B")).isEqualTo(Alike.A_B);
    assertThat(setting.parse("AB")).isEqualTo(Alike.AB);
    assertThat(setting.parse("other")).isEqualTo(Alike.OTHER);
    assertRefused(
        () -> setting.parse("a-b"),
        "a must be one of AB, A_B, OTHER: a=\"a-b\" (write one of them)");
  }

  @Test
  void parse_names_givesThemAsTheyAreListed() {
    Setting<String> setting = Setting.ofNames("a", List.of("north", "SOUTH_EAST"));
    assertThat(setting.parse(" North ")).isEqualTo("north");
    assertThat(setting.parse("south-east")).isEqualTo("SOUTH_EAST");
    assertThat(setting.rule()).isEqualTo("one of north, SOUTH_EAST");
    assertRefused(
        () -> Setting.ofNames("a", List.of()), "names must be one or more: names=[] (change it)");
  }

  @Test
  void defaultText_isThatOfAFixedDefault() {
    assertThat(MODE.defaultText()).contains("quick");
    assertThat(UPLOADS.defaultText()).isEmpty();
    assertThat(EngineOptions.WORKERS.defaultText()).isEmpty();
    assertThat(EngineOptions.QUEUE_CAPACITY.defaultText()).contains("65536");
  }

  @Test
  void of_prefixOfTheEngine_isRefused() {
    for (String prefix : List.of("heddle", "Heddle.app", "heddle-app")) {
      assertRefused(
          () -> Settings.of(prefix, List.of()),
          "prefix must not begin with that of the engine: prefix=\""
              + prefix
              + "\" (use the name of the program)");
    }
    assertThat(Settings.of("heddler", List.of()).documentation()).startsWith("| Option");
  }

  @Test
  void refused_messageOfTheCause_isTheProblem() {
    IllegalArgumentException cause = new IllegalArgumentException("from must\nbe before to");
    assertThat(SETTINGS.refused(cause))
        .hasMessage(
            "from must\\u000abe before to: acme.shop-floor=(these settings) (change one of them)")
        .hasCause(cause);
    assertThat(SETTINGS.refused(new IllegalArgumentException()))
        .hasMessageStartingWith("IllegalArgumentException: ");
  }

  @Test
  void documentation_isATable() {
    assertThat(SETTINGS.documentation())
        .isEqualTo(
            """
            | Option | Default | Values | Meaning |
            | --- | --- | --- | --- |
            | `uploadLimit` | must be given | a whole number from 1 to 9 |  |
            | `mode` | `quick` | one of QUICK, VERY_SAFE |  |
            | `patience` | `off` | off, or a duration from 1ms to 1h, such as 500ms, 10s, 2m, 1h or PT10S | How long to wait \\| at most, in all. |\
            """);
  }

  // ---- single settings

  @ParameterizedTest
  @CsvSource({"08, 8", "+7, 7", "-5, -5", "' 5 ', 5"})
  void parse_wholeNumber(String text, int value) {
    assertThat(Setting.ofInt("a", -9, 9).parse(text)).isEqualTo(value);
    assertThat(Setting.ofLong("a", -9, 9).parse(text)).isEqualTo(value);
    assertThat(Setting.ofDouble("a", -9, 9).parse(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({"1.5, 1.5", "2e-1, 0.2", "-0.25E1, -2.5"})
  void parse_number(String text, double value) {
    assertThat(Setting.ofDouble("a", -9, 9).parse(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({"''", "NaN", "Infinity", "1e999", "0x1p3", "1d", "1.", ".5", "1e", "\u0665", "1_0"})
  void parse_noNumber_isRefused(String text) {
    Setting<Double> setting = Setting.ofDouble("a", -9, 9);
    assertThatThrownBy(() -> setting.parse(text)).isInstanceOf(ConfigurationException.class);
  }

  @Test
  void minAndMax_areThoseOfWhatIsCompared() {
    assertThat(UPLOADS.min()).contains(1);
    assertThat(UPLOADS.max()).contains(9);
    assertThat(EngineOptions.MEMORY.min()).contains(MemorySize.kibibytes(64));
    assertThat(MODE.min()).isEmpty();
    assertThat(PATIENCE.max()).isEmpty();
  }

  @Test
  void byDefault_whatIsNotAllowed_isRefused() {
    assertRefused(
        () -> UPLOADS.byDefault("10"),
        "uploadLimit must be a whole number from 1 to 9: uploadLimit=\"10\" (write a number of that"
            + " range)");
  }

  @Test
  void of_badInput_isRefused() {
    assertRefused(
        () -> Setting.ofText("1st"),
        "key must be 1 to 64 characters of A-Z a-z 0-9 _ -, a letter first: key=\"1st\" (change"
            + " it)");
    assertRefused(
        () -> Setting.ofInt("a", 2, 1),
        "range must be from the less to the greater value: range=\"2 to 1\" (change it)");
    assertRefused(
        () -> Setting.ofDouble("a", 0, Double.NaN),
        "range must be between finite numbers: range=\"0.0 to NaN\" (change it)");
    assertRefused(
        () -> Setting.ofDuration("a", Duration.ofSeconds(-1), Duration.ZERO),
        "range must be of durations of zero or more: range=\"PT-1S to PT0S\" (change it)");
    assertRefused(
        () -> Setting.ofSize("a", MemorySize.bytes(2), MemorySize.bytes(1)),
        "range must be from the less to the greater value: range=\"2B to 1B\" (change it)");
    assertRefused(
        () -> Setting.ofEnum("a", Nothing.class),
        "type must be an enum with constants: type=\"dev.heddle.SettingsTest$Nothing\" (change"
            + " it)");
    assertRefused(
        () -> Settings.of("a.1", List.of(Setting.ofText("x"), Setting.ofText("X_"))),
        "prefix must be 1 to 64 characters of A-Z a-z 0-9 - in words with dots between:"
            + " prefix=\"a.1\" (begin each word with a letter); setting must have a key of its own,"
            + " case and - and _ left aside: X_=x (rename one of them)");
  }
}
