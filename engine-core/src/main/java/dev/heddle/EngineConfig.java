// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ConfigurationException.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/**
 * The settings of an engine as data. Immutable; made by a {@link TaskEngine.Builder} or loaded from
 * a map, from properties or from the environment.
 *
 * <p>Keys are the builder's names behind {@code heddle.}, such as {@code heddle.queueCapacity};
 * case, {@code -} and {@code _} do not matter, so that {@code HEDDLE_QUEUE_CAPACITY} is the same
 * option. Keys without the prefix are somebody else's and ignored. Values are texts; white space
 * around them is ignored. Numbers are decimal: see {@link Setting}. Loading reports every mistake
 * at once and gives no configuration unless there is none.
 */
public final class EngineConfig {

  private static final EngineConfig DEFAULTS = new EngineConfig(Map.of());

  static final Settings SETTINGS =
      new Settings("heddle", EngineOptions.ALL, EngineConfig::relationProblems);

  private final Map<Setting<?>, Object> values;

  private EngineConfig(Map<Setting<?>, Object> values) {
    this.values = Map.copyOf(values);
  }

  /**
   * Returns the settings of {@link TaskEngine#create()}.
   *
   * @return the defaults, as README lists them
   */
  public static EngineConfig defaults() {
    return DEFAULTS;
  }

  /**
   * Loads settings from a map of texts.
   *
   * @param map keys and values
   * @return the defaults, changed by what the map says
   * @throws ConfigurationException with every unknown or repeated key, every wrong value, and what
   *     does not fit together
   */
  public static EngineConfig load(Map<String, String> map) {
    return new EngineConfig(SETTINGS.load(map).given());
  }

  /**
   * Loads settings from properties, such as those of a file or {@link System#getProperties()}.
   *
   * @param properties keys and values, their defaults included
   * @return the defaults, changed by what the properties say
   * @throws ConfigurationException with every unknown or repeated key, every wrong value, and what
   *     does not fit together
   */
  public static EngineConfig load(Properties properties) {
    return new EngineConfig(SETTINGS.load(properties).given());
  }

  /**
   * Loads settings from the environment of the process: {@code HEDDLE_WORKERS=8}.
   *
   * @return the defaults, changed by what the environment says
   * @throws ConfigurationException with every unknown or repeated key, every wrong value, and what
   *     does not fit together
   */
  public static EngineConfig loadEnvironment() {
    return new EngineConfig(SETTINGS.loadEnvironment().given());
  }

  /** Checks the relations between options; each option has been checked by itself. */
  static EngineConfig of(Map<Setting<?>, Object> values) {
    List<Problem> problems = relationProblems(values, Set.of());
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    return new EngineConfig(values);
  }

  /** Says which options do not fit together; those that are not given are at their defaults. */
  private static List<Problem> relationProblems(
      Map<Setting<?>, Object> values, Set<Setting<?>> wrong) {
    return wrong.contains(EngineOptions.WORKERS) || wrong.contains(EngineOptions.MEMORY)
        ? List.of()
        : new EngineConfig(values).relationProblems();
  }

  private List<Problem> relationProblems() {
    long minimum = workers() * EngineOptions.MIN_BYTES_PER_WORKER;
    if (memory().bytes() >= minimum) {
      return List.of();
    }
    return List.of(
        new Problem(
            "memory",
            memory() + ", workers=" + workers(),
            "memory must be at least 64KiB a worker",
            "use " + MemorySize.bytes(minimum) + " or more, or fewer workers"));
  }

  Map<Setting<?>, Object> values() {
    return values;
  }

  private <T> T get(Setting<T> option) {
    return Settings.value(values, option);
  }

  /**
   * Returns what the engine is called in thread names, messages and metric tags. Names need not be
   * unique.
   *
   * @return the name
   */
  public String name() {
    return get(EngineOptions.NAME);
  }

  /**
   * Returns the number of worker threads.
   *
   * @return 1 to 1,024
   */
  public int workers() {
    return get(EngineOptions.WORKERS);
  }

  /**
   * Returns how many accepted tasks may wait to start, over the whole engine. Those that are
   * delayed, wait for what they {@link TaskOptions#uses() use}, or wait for their next attempt do
   * not count, and nothing else limits them.
   *
   * @return 1 to 2^30
   */
  public int queueCapacity() {
    return get(EngineOptions.QUEUE_CAPACITY);
  }

  /**
   * Returns how much off-heap memory running tasks may hold together.
   *
   * @return at least 64 KiB a worker
   */
  public MemorySize memory() {
    return get(EngineOptions.MEMORY);
  }

  /**
   * Tells whether an idle worker takes tasks that were given to another.
   *
   * @return {@code true} by default
   */
  public boolean workStealing() {
    return get(EngineOptions.WORK_STEALING);
  }

  /**
   * Returns how many tasks made by {@link Task#blocking} run at a time.
   *
   * @return 1 to 1,000,000
   */
  public int blockingLimit() {
    return get(EngineOptions.BLOCKING_LIMIT);
  }

  /**
   * Returns how many threads may stand in for workers whose tasks block.
   *
   * @return 0 to 10,000
   */
  public int compensationLimit() {
    return get(EngineOptions.COMPENSATION_LIMIT);
  }

  /**
   * Returns how many further attempts the engine makes for each 100 tasks that may be tried again,
   * beside ten a second.
   *
   * @return 0 to 10,000
   */
  public int retryBudget() {
    return get(EngineOptions.RETRY_BUDGET);
  }

  /**
   * Tells whether the times and the submit site of every task are taken.
   *
   * @return {@code false} by default: of one task in 64, and of the first of each kind
   */
  public boolean exactSamples() {
    return get(EngineOptions.EXACT_SAMPLES);
  }

  /**
   * Tells whether segments are looked at for writes beyond their ends and after their close.
   *
   * @return {@code false} by default
   */
  public boolean memoryChecks() {
    return get(EngineOptions.MEMORY_CHECKS);
  }

  /**
   * Tells whether each task runs on a thread of its own, without thread-locals of others.
   *
   * @return {@code false} by default
   */
  public boolean isolateThreadLocals() {
    return get(EngineOptions.ISOLATE_THREAD_LOCALS);
  }

  /**
   * Returns how long the exit of the JVM waits for this engine to close.
   *
   * @return a duration of zero or more; empty if the engine is not closed on exit
   */
  public Optional<Duration> closeOnExit() {
    return get(EngineOptions.CLOSE_ON_EXIT);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EngineConfig that && toString().equals(that.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  /** Returns every setting, those left at their default included. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("EngineConfig[");
    for (Setting<?> option : EngineOptions.ALL) {
      Object value = Setting.shown(get(option));
      text.append(option.key()).append('=').append(value).append(", ");
    }
    text.setLength(text.length() - 2);
    return text.append(']').toString();
  }
}
