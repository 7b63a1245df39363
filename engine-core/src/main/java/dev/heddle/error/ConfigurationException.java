// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of an engine or of a program has one or more mistakes; all of them are listed.
 */
public final class ConfigurationException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * One mistake.
   *
   * @param path where it is: the key or the parameter
   * @param value what was given, made safe for a message
   * @param rule the rule it breaks, in words
   * @param fix what to do
   */
  public record Problem(String path, String value, String rule, String fix)
      implements java.io.Serializable {

    /** Returns {@code rule: path=value (fix)}. */
    @Override
    public String toString() {
      return rule + ": " + path + "=" + value + " (" + fix + ")";
    }
  }

  /** The mistakes, at least one. */
  private final List<Problem> problems;

  /**
   * Makes the exception.
   *
   * @param problems the mistakes, at least one
   */
  public ConfigurationException(List<Problem> problems) {
    this(problems, null);
  }

  /**
   * Makes the exception with what has shown the mistakes.
   *
   * @param problems the mistakes, at least one
   * @param cause what was thrown, if something was
   */
  public ConfigurationException(List<Problem> problems, @Nullable Throwable cause) {
    super(ErrorCode.INVALID_CONFIGURATION, text(problems), cause);
    this.problems = List.copyOf(problems);
  }

  private static String text(List<Problem> problems) {
    return problems.stream().map(Problem::toString).collect(Collectors.joining("; "));
  }

  /**
   * Returns every mistake that was found.
   *
   * @return at least one
   */
  public List<Problem> problems() {
    return problems;
  }
}
