// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.observe;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Why a task has not run yet, or what it does: see {@link dev.heddle.TaskEngine#explain}.
 * Immutable.
 *
 * @param task its name and number
 * @param state where it stands
 * @param reasons what it waits for and what is in its way, for people; each a line, the nearest
 *     first
 */
public record Explanation(String task, State state, List<String> reasons) {

  /** Where a task stands. */
  public enum State {
    /** It is not due yet: it was delayed, or failed and will be tried again. */
    DELAYED,
    /** It waits for what it uses: permits or items. */
    WAITS_FOR_RESOURCES,
    /** It is in the hands of its strategy, which has not started it. */
    WAITS_FOR_ITS_STRATEGY,
    /** It waits for a worker. */
    QUEUED,
    /** Its body runs. */
    RUNNING,
    /** It has its outcome. */
    ENDED
  }

  /** Copies the list. */
  public Explanation {
    requireNonNull(task, "task");
    requireNonNull(state, "state");
    reasons = List.copyOf(requireNonNull(reasons, "reasons"));
  }

  /**
   * Writes it as text: the task and its state, then each reason on a line of its own.
   *
   * @return lines for people
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(task).append(": ").append(state);
    reasons.forEach(reason -> text.append("\n  ").append(reason));
    return text.toString();
  }
}
