// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.InvalidNameException;
import dev.heddle.spi.ExecutionStrategy;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a submission may say about its task. Immutable; keep one in a {@code static final} field.
 */
public final class TaskOptions {

  private static final TaskOptions DEFAULTS = new TaskOptions("task", null);

  private final String name;
  private final @Nullable ExecutionStrategy strategy;

  private TaskOptions(String name, @Nullable ExecutionStrategy strategy) {
    this.name = name;
    this.strategy = strategy;
  }

  /**
   * Returns the options of a task that says nothing: the name is {@code "task"}, the strategy is
   * the task's own.
   *
   * @return the defaults
   */
  public static TaskOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Returns these options with another name.
   *
   * @param name 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}
   * @return new options
   * @throws InvalidNameException if the name is not like that
   */
  public TaskOptions name(String name) {
    return new TaskOptions(Names.check("name", requireNonNull(name, "name")), strategy);
  }

  /**
   * Returns these options with another strategy.
   *
   * @param strategy decides on which thread the task runs
   * @return new options
   */
  public TaskOptions strategy(ExecutionStrategy strategy) {
    return new TaskOptions(name, requireNonNull(strategy, "strategy"));
  }

  /**
   * Returns what the task is called in handles, messages and reports.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Returns who decides on which thread the task runs.
   *
   * @return the strategy; empty if it is the task's own, which is {@link
   *     ExecutionStrategy#workStealing()} unless the task is {@link Task#blocking}
   */
  public Optional<ExecutionStrategy> strategy() {
    return Optional.ofNullable(strategy);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TaskOptions that
        && name.equals(that.name)
        && Objects.equals(strategy, that.strategy);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, strategy);
  }

  @Override
  public String toString() {
    return "TaskOptions[name="
        + name
        + ", strategy="
        + (strategy == null ? "task's own" : strategy)
        + "]";
  }
}
