// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ConfigurationException.Problem;
import dev.heddle.error.ErrorCode;
import dev.heddle.error.InvalidNameException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineConfigTest {

  private static final String WORKERS_RULE = "workers must be a whole number from 1 to 1024";
  private static final String WORKERS_FIX = "leave it out to use one worker a processor";
  private static final String CAPACITY_RULE =
      "queueCapacity must be a whole number from 1 to 1073741824";
  private static final String CAPACITY_FIX = "use 1 for an engine that hardly queues";
  private static final String MEMORY_RULE =
      "memory must be a size of at least 64KiB, such as 64MiB";
  private static final String MEMORY_FIX = "use B, KiB, MiB or GiB";
  private static final String STEALING_RULE = "workStealing must be true or false";
  private static final String EXIT_RULE =
      "closeOnExit must be off, or a duration of zero or more such as 500ms, 10s, 2m, 1h or PT10S";
  private static final String EXIT_FIX = "use ms, s, m or h";

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  // ---- defaults

  @Test
  void defaults_everyOption_areTheDocumentedOnes() {
    EngineConfig config = EngineConfig.defaults();

    assertThat(config.name()).isEqualTo("default");
    assertThat(config.workers())
        .isEqualTo(Math.min(1024, Runtime.getRuntime().availableProcessors()));
    assertThat(config.queueCapacity()).isEqualTo(65_536);
    assertThat(config.memory()).isEqualTo(MemorySize.mebibytes(64));
    assertThat(config.workStealing()).isTrue();
    assertThat(config.closeOnExit()).isEmpty();
  }

  @Test
  void create_withoutSettings_usesTheDefaults() {
    try (TaskEngine engine = TaskEngine.create()) {
      assertThat(engine.config()).isEqualTo(EngineConfig.defaults());
      EngineProbe.assertStillUsable(engine);
    }
  }

  // ---- loading

  @Test
  void load_emptyMap_givesTheDefaults() {
    assertThat(EngineConfig.load(Map.of())).isEqualTo(EngineConfig.defaults());
    assertThat(EngineConfig.load(new Properties())).isEqualTo(EngineConfig.defaults());
  }

  @Test
  void load_everyOption_isTaken() {
    EngineConfig config =
        EngineConfig.load(
            Map.of(
                "heddle.name", "orders",
                "heddle.workers", "8",
                "heddle.queueCapacity", "1000",
                "heddle.memory", "1MiB",
                "heddle.workStealing", "false",
                "heddle.closeOnExit", "10s"));

    assertThat(config.name()).isEqualTo("orders");
    assertThat(config.workers()).isEqualTo(8);
    assertThat(config.queueCapacity()).isEqualTo(1000);
    assertThat(config.memory()).isEqualTo(MemorySize.mebibytes(1));
    assertThat(config.workStealing()).isFalse();
    assertThat(config.closeOnExit()).hasValue(Duration.ofSeconds(10));
    assertThat(config)
        .hasToString(
            "EngineConfig[name=orders, workers=8, queueCapacity=1000, memory=1MiB,"
                + " workStealing=false, blockingLimit=1000, compensationLimit=256, retryBudget=20,"
                + " exactSamples=false, memoryChecks=false, isolateThreadLocals=false,"
                + " closeOnExit=PT10S]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "heddle.queueCapacity",
        "heddle.queue-capacity",
        "heddle.queue_capacity",
        "heddle.QUEUE_CAPACITY",
        "HEDDLE.QueueCapacity",
        "heddle._q-u_e-u_e-capacity-"
      })
  void load_keyInAnySpelling_isTheSameOption(String key) {
    assertThat(EngineConfig.load(Map.of(key, "7")).queueCapacity()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"workers", "other.workers", "heddleworkers", "HEDDLE_WORKERS", "", "hedd"})
  void load_keyWithoutThePrefix_isIgnored(String key) {
    assertThat(EngineConfig.load(Map.of(key, "nonsense"))).isEqualTo(EngineConfig.defaults());
  }

  @Test
  void load_keysThatAreNoTexts_areIgnored() {
    Map<Object, Object> map = new HashMap<>();
    map.put(null, "1");
    map.put(1, "1");

    assertThat(EngineConfig.SETTINGS.read("heddle.", map)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", " 8 ", "\t8\r\n", "\u20038\u2003", "08", "+8"})
  void load_wholeNumber_isParsed(String text) {
    assertThat(EngineConfig.load(Map.of("heddle.workers", text)).workers()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({
    "1MiB, 1048576",
    "1 MiB, 1048576",
    "' 1\tmib ', 1048576",
    "1048576, 1048576",
    "1048576B, 1048576",
    "1024KiB, 1048576",
    "2GIB, 2147483648",
    "9223372036854775807, 9223372036854775807",
    "8589934591GiB, 9223372035781033984"
  })
  void load_size_isParsed(String text, long bytes) {
    Map<String, String> map = Map.of("heddle.workers", "1", "heddle.memory", text);

    assertThat(EngineConfig.load(map).memory().bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "10s, PT10S",
    "' 10 S ', PT10S",
    "PT10S, PT10S",
    "pt10s, PT10S",
    "P1D, PT24H",
    "500ms, PT0.5S",
    "2m, PT2M",
    "1h, PT1H",
    "0s, PT0S",
    "PT0S, PT0S",
    "2562047788015215h, PT2562047788015215H",
    "9223372036854775807ms, PT2562047788015H12M55.807S"
  })
  void load_duration_isParsed(String text, Duration expected) {
    assertThat(EngineConfig.load(Map.of("heddle.closeOnExit", text)).closeOnExit())
        .hasValue(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", " OFF ", "Off"})
  void load_off_isNoDuration(String text) {
    assertThat(EngineConfig.load(Map.of("heddle.closeOnExit", text)).closeOnExit()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"true, true", "TRUE, true", "' False ', false"})
  void load_flag_isParsed(String text, boolean expected) {
    assertThat(EngineConfig.load(Map.of("heddle.workStealing", text)).workStealing())
        .isEqualTo(expected);
  }

  @Test
  void load_properties_includeTheDefaultsBehindThem() {
    Properties behind = new Properties();
    behind.setProperty("heddle.name", "behind");
    behind.setProperty("heddle.workers", "3");
    Properties properties = new Properties(behind);
    properties.setProperty("heddle.workers", "5");

    EngineConfig config = EngineConfig.load(properties);

    assertThat(config.name()).isEqualTo("behind");
    assertThat(config.workers()).isEqualTo(5);
  }

  @Test
  void load_propertiesWithOtherThanTexts_areReported() {
    Properties properties = new Properties();
    properties.put("heddle.workers", 8);
    properties.put(8, "heddle.workers");

    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(properties))
        .withMessage(
            "workers must be given as a text: heddle.workers=8 (put a String into the map)");
  }

  @Test
  void load_valuesWhoseTextsThrow_areReported() {
    Object unprintable =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("secret");
          }
        };
    Properties properties = new Properties();
    properties.put("heddle.workers", unprintable);
    properties.put("heddle.worker", unprintable);
    properties.put("heddle.work-ers", "1");
    properties.put("heddle.memory", "x");

    ConfigurationException e =
        catchThrowableOfType(ConfigurationException.class, () -> EngineConfig.load(properties));

    String value =
        "<"
            + unprintable.getClass().getName()
            + ".toString() threw "
            + IllegalStateException.class.getName()
            + ">";
    assertThat(e.problems())
        .containsExactly(
            new Problem("heddle.memory", "\"x\"", MEMORY_RULE, MEMORY_FIX),
            new Problem(
                "\"heddle.worker\"",
                value,
                "option does not exist",
                "did you mean heddle.workers?"),
            new Problem(
                "heddle.workers",
                value,
                "option is given twice",
                "remove this or heddle.work-ers"));
  }

  @Test
  void load_systemPropertiesOfThisProcess_areTaken() {
    assertThat(System.getProperties()).containsKey("dev.heddle.seam"); // not a key of ours
    assertThat(EngineConfig.load(System.getProperties())).isEqualTo(EngineConfig.defaults());
  }

  @Test
  void load_environment_usesItsOwnPrefix() {
    EngineConfig config =
        EngineConfig.of(
            EngineConfig.SETTINGS.readEnvironment(
                Map.of(
                    "HEDDLE_WORKERS", "3",
                    "HEDDLE_QUEUE_CAPACITY", "9",
                    "heddle_close_on_exit", "1m",
                    "heddle.name", "ignored",
                    "PATH", "/bin")));

    assertThat(config.workers()).isEqualTo(3);
    assertThat(config.queueCapacity()).isEqualTo(9);
    assertThat(config.closeOnExit()).hasValue(Duration.ofMinutes(1));
    assertThat(config.name()).isEqualTo("default");
  }

  @Test
  void loadEnvironment_thisProcess_readsItsVariables() {
    assertThat(EngineConfig.loadEnvironment())
        .isEqualTo(EngineConfig.of(EngineConfig.SETTINGS.readEnvironment(System.getenv())));
  }

  // ---- mistakes

  @Test
  void load_manyMistakes_areReportedAtOnceInTheOrderOfTheirKeys() {
    Map<String, String> map = new LinkedHashMap<>();
    map.put("heddle.workers", "0");
    map.put("heddle.queueCapacity", "many");
    map.put("heddle.closeOnExit", "-1s");
    map.put("heddle.memory", "1MB");
    map.put("heddle.name", "a b");
    map.put("heddle.workStealing", "yes");
    map.put("heddle.worker", "1");

    ConfigurationException e =
        catchThrowableOfType(ConfigurationException.class, () -> EngineConfig.load(map));

    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
    assertThat(e.problems())
        .containsExactly(
            new Problem("heddle.closeOnExit", "\"-1s\"", EXIT_RULE, EXIT_FIX),
            new Problem("heddle.memory", "\"1MB\"", MEMORY_RULE, MEMORY_FIX),
            new Problem(
                "heddle.name",
                "\"a b\"",
                "name must be 1 to 128 characters of A-Z a-z 0-9 . _ -",
                "replace the other characters, for example by '-'"),
            new Problem("heddle.queueCapacity", "\"many\"", CAPACITY_RULE, CAPACITY_FIX),
            new Problem("heddle.workStealing", "\"yes\"", STEALING_RULE, "write true or false"),
            new Problem(
                "\"heddle.worker\"",
                "\"1\"",
                "option does not exist",
                "did you mean heddle.workers?"),
            new Problem("heddle.workers", "\"0\"", WORKERS_RULE, WORKERS_FIX));
    assertThat(e)
        .hasMessage(String.join("; ", e.problems().stream().map(Problem::toString).toList()));
  }

  @Test
  void load_sameMistakesInAnotherOrder_giveTheSameMessage() {
    Map<String, String> map = new LinkedHashMap<>();
    map.put("heddle.workers", "x");
    map.put("heddle.memory", "x");
    map.put("heddle.queueCapacity", "x");

    assertThat(messageOf(map)).isEqualTo(messageOf(new LinkedHashMap<>(map).reversed()));
  }

  private static @Nullable String messageOf(Map<String, String> map) {
    return catchThrowableOfType(ConfigurationException.class, () -> EngineConfig.load(map))
        .getMessage();
  }

  @ParameterizedTest
  @CsvSource({
    "heddle.worker, heddle.workers",
    "heddle.wrokers, heddle.workers",
    "heddle.queueCapasity, heddle.queueCapacity",
    "heddle.queue.capacity, heddle.queueCapacity",
    "heddle.CLOSE-ON-EXITS, heddle.closeOnExit",
    "heddle.stealing, heddle.workStealing",
    "heddle.memry, heddle.memory",
    "heddle., heddle.name"
  })
  void load_unknownKey_namesTheNearest(String key, String nearest) {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(Map.of(key, "1")))
        .withMessage(
            "option does not exist: \"" + key + "\"=\"1\" (did you mean " + nearest + "?)");
  }

  @Test
  void load_keyInTwoSpellings_isReported() {
    Map<String, String> map =
        Map.of(
            "heddle.queueCapacity", "2",
            "heddle.queue-capacity", "1",
            "HEDDLE.QUEUE_CAPACITY", "3");

    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(map))
        .withMessage(
            "option is given twice: heddle.queue-capacity=\"1\" (remove this or"
                + " HEDDLE.QUEUE_CAPACITY); option is given twice: heddle.queueCapacity=\"2\""
                + " (remove this or HEDDLE.QUEUE_CAPACITY)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "0",
        "-1",
        "1025",
        "1.5",
        "1e3",
        "0x10",
        "8 workers",
        "2147483648",
        "+",
        "++8",
        "NaN",
        "null"
      })
  void load_wrongWorkers_areRefused(String text) {
    assertRefused("heddle.workers", text, WORKERS_RULE, WORKERS_FIX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0668", "\uff18", "1\u0966", "\ud835\udfd8"})
  void load_digitsOfOtherScripts_areRefused(String text) {
    for (String key : List.of("workers", "queueCapacity", "blockingLimit")) {
      assertThatExceptionOfType(ConfigurationException.class)
          .isThrownBy(() -> EngineConfig.load(Map.of("heddle." + key, text)))
          .withMessageStartingWith(key + " must be a whole number from 1 to ");
    }
  }

  @ParameterizedTest
  @CsvSource({"010, 10", "+010, 10", "000000000000000000010, 10"})
  void load_zerosBeforeAWholeNumber_changeNothing(String text, int expected) {
    assertThat(EngineConfig.load(Map.of("heddle.workers", text)).workers()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "1073741825", "99999999999999999999", "1_000", "1,000"})
  void load_wrongCapacity_isRefused(String text) {
    assertRefused("heddle.queueCapacity", text, CAPACITY_RULE, CAPACITY_FIX);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "63KiB",
        "65535",
        "-1MiB",
        "1MB",
        "1M",
        "1.5MiB",
        "MiB",
        "1 MiB 1",
        "1TiB",
        "99999999999GiB",
        "8589934592GiB",
        "9223372036854775808",
        "99999999999999999999B"
      })
  void load_wrongMemory_isRefused(String text) {
    assertRefused("heddle.memory", text, MEMORY_RULE, MEMORY_FIX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yes", "1", "on", "truefalse"})
  void load_wrongFlag_isRefused(String text) {
    assertRefused("heddle.workStealing", text, STEALING_RULE, "write true or false");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "never",
        "10",
        "10d",
        "-10s",
        "1.5s",
        "PT-1S",
        "PT",
        "P",
        "Ptolemy",
        "9223372036854775807h",
        "9223372036854775807m",
        "9223372036854775808s",
        "PT9223372036854775808S",
        "PT9999999999999999999H"
      })
  void load_wrongDuration_isRefused(String text) {
    assertRefused("heddle.closeOnExit", text, EXIT_RULE, EXIT_FIX);
  }

  private static void assertRefused(String key, String text, String rule, String fix) {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(Map.of(key, text)))
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactly(new Problem(key, '"' + text + '"', rule, fix)));
  }

  @Test
  void load_nullValue_isReported() {
    Map<String, String> map = new HashMap<>();
    map.put("heddle.workers", null);
    map.put("heddle.unknown", null);

    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(map))
        .satisfies(
            e ->
                assertThat(e.problems())
                    .extracting(Problem::path)
                    .containsExactly("\"heddle.unknown\"", "heddle.workers"));
  }

  @Test
  void load_valueOfAMegabyte_isCutTo128Characters() {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(Map.of("heddle.workers", "9".repeat(1 << 20))))
        .withMessage(
            WORKERS_RULE + ": heddle.workers=\"" + "9".repeat(128) + "...\" (" + WORKERS_FIX + ")");
  }

  @Test
  void load_longUnknownKey_isCutTo128Characters() {
    String key = "heddle." + "x".repeat(1 << 16);

    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(Map.of(key, "1")))
        .withMessage(
            "option does not exist: \"heddle."
                + "x".repeat(121)
                + "...\"=\"1\" (use one of name, workers, queueCapacity, memory, workStealing,"
                + " blockingLimit, compensationLimit, retryBudget, exactSamples, memoryChecks,"
                + " isolateThreadLocals, closeOnExit)");
  }

  @Test
  void load_unknownKeyOf64Characters_isComparedWithTheOptions() {
    String key = "heddle.memory" + "x".repeat(58);

    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(Map.of(key, "1")))
        .withMessageEndingWith("(did you mean heddle.memory?)");
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(Map.of(key + "x", "1")))
        .withMessageContaining("(use one of name, ");
  }

  @Test
  void load_longOrHostileKeysOfAnOption_areEscapedAndCut() {
    String kelvin = "heddle.wor\u212aers"; // its lower case is k
    String cut = "heddle.memory" + "_".repeat(115) + "...";
    Map<String, String> map =
        Map.of(
            kelvin,
            "x",
            "heddle.memory" + "_".repeat(1 << 16),
            "x",
            "heddle.memory" + "_".repeat(1 << 17),
            "1");

    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(map))
        .withMessage(
            MEMORY_RULE
                + ": "
                + cut
                + "=\"x\" ("
                + MEMORY_FIX
                + "); "
                + "option is given twice: "
                + cut
                + "=\"1\" (remove this or "
                + cut
                + "); "
                + WORKERS_RULE
                + ": heddle.wor\\u212aers=\"x\" ("
                + WORKERS_FIX
                + ")");
  }

  @ParameterizedTest
  @CsvSource({
    "'1\r\n2', 1\\u000d\\u000a2",
    "'\u001b[31m1', \\u001b[31m1",
    "'1\"2', 1\\u00222",
    "'1\\2', 1\\u005c2",
    "'1\u202e2', 1\\u202e2",
    "'1\u00e42', 1\\u00e42",
    "'1\ud83d\ude002', 1\\ud83d\\ude002",
    "'1\u00002', 1\\u00002",
    "'${jndi:ldap://x}', ${jndi:ldap://x}"
  })
  void load_hostileValue_isEscaped(String text, String escaped) {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(Map.of("heddle.workers", text)))
        .withMessage(WORKERS_RULE + ": heddle.workers=\"" + escaped + "\" (" + WORKERS_FIX + ")");
  }

  @Test
  void load_hostileUnknownKey_isEscaped() {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(Map.of("heddle.workers\n\u202e", "1")))
        .withMessage(
            "option does not exist: \"heddle.workers\\u000a\\u202e\"=\"1\""
                + " (did you mean heddle.workers?)");
  }

  // ---- relations

  @Test
  void load_memoryBelow64KibibytesAWorker_isReported() {
    Map<String, String> map = Map.of("heddle.workers", "3", "heddle.memory", "191KiB");

    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> EngineConfig.load(map))
        .withMessage(
            "memory must be at least 64KiB a worker: memory=191KiB, workers=3"
                + " (use 192KiB or more, or fewer workers)");
  }

  @Test
  void load_memoryBelow64KibibytesAWorker_isReportedWithTheOtherMistakes() {
    Map<String, String> map =
        Map.of("heddle.workers", "1024", "heddle.memory", "1MiB", "heddle.queueCapacity", "0");

    ConfigurationException e =
        catchThrowableOfType(ConfigurationException.class, () -> EngineConfig.load(map));

    assertThat(e.problems())
        .containsExactly(
            new Problem("heddle.queueCapacity", "\"0\"", CAPACITY_RULE, CAPACITY_FIX),
            new Problem(
                "memory",
                "1MiB, workers=1024",
                "memory must be at least 64KiB a worker",
                "use 64MiB or more, or fewer workers"));
  }

  @Test
  void load_oneSideOfARelationInDoubt_theRelationIsNotReported() {
    for (Map<String, String> map :
        List.of(
            Map.of("heddle.workers", "x", "heddle.memory", "64KiB"),
            Map.of("heddle.workers", "1024", "heddle.memory", "x"),
            Map.of("heddle.workers", "1024", "heddle.work-ers", "2", "heddle.memory", "128KiB"))) {
      assertThatExceptionOfType(ConfigurationException.class)
          .isThrownBy(() -> EngineConfig.load(map))
          .satisfies(e -> assertThat(e.problems()).hasSize(1));
    }
  }

  @Test
  void load_memoryOf64KibibytesAWorker_isTaken() {
    Map<String, String> map = Map.of("heddle.workers", "3", "heddle.memory", "192KiB");

    assertThat(EngineConfig.load(map).memory()).isEqualTo(MemorySize.kibibytes(192));
  }

  @Test
  void load_mostWorkers_fitTheDefaultMemory() {
    assertThat(EngineConfig.load(Map.of("heddle.workers", "1024")).workers()).isEqualTo(1024);
  }

  // ---- the builder

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1025, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void workers_outOfRange_isRefusedAtOnce(int workers) {
    TaskEngine.Builder builder = TaskEngine.builder().workers(2);

    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> builder.workers(workers))
        .withMessage(WORKERS_RULE + ": workers=" + workers + " (" + WORKERS_FIX + ")");
    assertThat(engines.start(builder).config().workers()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, (1 << 30) + 1, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void queueCapacity_outOfRange_isRefusedAtOnce(int queueCapacity) {
    TaskEngine.Builder builder = TaskEngine.builder().workers(1).queueCapacity(7);

    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> builder.queueCapacity(queueCapacity))
        .withMessage(
            CAPACITY_RULE + ": queueCapacity=" + queueCapacity + " (" + CAPACITY_FIX + ")");
    assertThat(engines.start(builder).config().queueCapacity()).isEqualTo(7);
  }

  @Test
  void queueCapacity_largest_startsAnEngine() {
    assertThat(
            engines
                .start(TaskEngine.builder().workers(1).queueCapacity(1 << 30))
                .config()
                .queueCapacity())
        .isEqualTo(1 << 30);
  }

  @Test
  void memory_below64Kibibytes_isRefusedAtOnce() {
    TaskEngine.Builder builder = TaskEngine.builder().workers(1).memory(MemorySize.kibibytes(64));

    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> builder.memory(MemorySize.bytes(65_535)))
        .withMessage(MEMORY_RULE + ": memory=65535B (" + MEMORY_FIX + ")");
    assertThat(engines.start(builder).config().memory()).isEqualTo(MemorySize.kibibytes(64));
  }

  @Test
  void name_withABlank_isRefusedAtOnce() {
    TaskEngine.Builder builder = TaskEngine.builder().workers(1).name("orders");

    assertThatExceptionOfType(InvalidNameException.class)
        .isThrownBy(() -> builder.name("new orders"))
        .withMessage(
            "name must be 1 to 128 characters of A-Z a-z 0-9 . _ -: name=\"new orders\""
                + " (replace the other characters, for example by '-')")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_NAME));
    assertThat(engines.start(builder).config().name()).isEqualTo("orders");
  }

  @Test
  void closeOnExit_negative_isRefusedAtOnce() {
    TaskEngine.Builder builder = TaskEngine.builder().workers(1).closeOnExit(Duration.ZERO);

    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> builder.closeOnExit(Duration.ofSeconds(-1)))
        .withMessage(EXIT_RULE + ": closeOnExit=PT-1S (" + EXIT_FIX + ")");
    assertThat(engines.start(builder).config().closeOnExit()).hasValue(Duration.ZERO);
  }

  @Test
  void closeOnExit_longest_isTaken() {
    Duration longest = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    assertThat(
            engines
                .start(TaskEngine.builder().workers(1).closeOnExit(longest))
                .config()
                .closeOnExit())
        .hasValue(longest);
  }

  @Test
  void build_memoryBelow64KibibytesAWorker_isRefusedAndTheBuilderKeepsWorking() {
    TaskEngine.Builder builder =
        TaskEngine.builder().workers(2).memory(MemorySize.bytes((128 << 10) - 1));

    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(builder::build)
        .withMessage(
            "memory must be at least 64KiB a worker: memory=131071B, workers=2"
                + " (use 128KiB or more, or fewer workers)");
    assertThat(engines.start(builder.memory(MemorySize.kibibytes(128))).config().memory())
        .isEqualTo(MemorySize.kibibytes(128));
  }

  @Test
  void build_twice_startsTwoEngines() {
    TaskEngine.Builder builder = TaskEngine.builder().workers(1).name("first");
    TaskEngine first = engines.start(builder);
    TaskEngine second = engines.start(builder.name("second"));

    assertThat(first.config().name()).isEqualTo("first");
    assertThat(second.config().name()).isEqualTo("second");
  }

  @Test
  void builder_fromAConfig_copiesIt() {
    EngineConfig from =
        EngineConfig.load(
            Map.of(
                "heddle.name", "from",
                "heddle.workers", "1",
                "heddle.queueCapacity", "5",
                "heddle.memory", "1MiB",
                "heddle.workStealing", "false",
                "heddle.closeOnExit", "5s"));

    assertThat(engines.start(TaskEngine.builder(from)).config()).isEqualTo(from);
    assertThat(engines.start(TaskEngine.builder(from).name("other")).config().name())
        .isEqualTo("other");
    assertThat(from.name()).isEqualTo("from");
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void builder_nullConfig_isRefused() {
    assertThatNullPointerException().isThrownBy(() -> TaskEngine.builder(null)).withMessage("from");
  }

  // ---- equality

  @Test
  void equals_defaultGivenByHand_isTheSameConfig() {
    EngineConfig byHand =
        EngineConfig.load(Map.of("heddle.queueCapacity", "65536", "heddle.memory", "65536KiB"));

    assertThat(byHand)
        .isEqualTo(EngineConfig.defaults())
        .hasSameHashCodeAs(EngineConfig.defaults());
    assertThat(EngineConfig.load(Map.of("heddle.queueCapacity", "65535")))
        .isNotEqualTo(EngineConfig.defaults());
    assertThat(byHand.equals(new Object())).isFalse();
  }
}
