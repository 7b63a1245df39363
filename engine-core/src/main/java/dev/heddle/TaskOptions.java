// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.InvalidNameException;

/**
 * What a submission may say about its task. Immutable; keep one in a {@code static final} field.
 */
public final class TaskOptions {

  private static final TaskOptions DEFAULTS = new TaskOptions("task");

  private final String name;

  private TaskOptions(String name) {
    this.name = name;
  }

  /**
   * Returns the options of a task that says nothing: the name is {@code "task"}.
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
    return new TaskOptions(Names.check("name", requireNonNull(name, "name")));
  }

  /**
   * Returns what the task is called in handles, messages and reports.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TaskOptions that && name.equals(that.name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return "TaskOptions[name=" + name + "]";
  }
}
