// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * How the cancellation of a task went. Immutable.
 *
 * @param decided whether this call decided the outcome; {@code false} if it was decided before
 * @param end what has become of the body
 * @param after how long the call has taken
 * @param stack where the body was when the call gave up waiting for it; empty if it has ended
 */
public record CancelReport(
    boolean decided, End end, Duration after, List<StackTraceElement> stack) {

  /** What has become of the body of a task that was to be cancelled. */
  public enum End {
    /** It has never started, and never will. */
    NEVER_STARTED,
    /** It has ended, by now or before. */
    ENDED,
    /**
     * It goes on although it was told to end. If it runs on a worker, another thread has taken that
     * one's place; its own ends when the body does.
     */
    IGNORED
  }

  /** Copies the list. */
  public CancelReport {
    requireNonNull(end, "end");
    requireNonNull(after, "after");
    stack = List.copyOf(requireNonNull(stack, "stack"));
  }
}
