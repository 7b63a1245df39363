// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * Decides what happens to a task that is submitted from outside while the engine is full. Tasks
 * that a task of the engine submits are never asked about: they always find room, so that a worker
 * cannot wait for itself.
 *
 * <p>Called on the submitting thread, by many threads at a time.
 *
 * {@snippet class="dev.heddle.OverflowPolicyTest" region="own-policy"}
 */
@FunctionalInterface
public interface OverflowPolicy {

  /** What to do with the task. */
  enum Decision {
    /** Submitting throws {@link dev.heddle.error.RejectedTaskException}. */
    REJECT,
    /** Look again whether there is room; if there is none, the policy is asked again. */
    RETRY,
    /** The submitting thread runs the task before it goes on. */
    RUN_IN_CALLER,
    /**
     * The task is dropped: its outcome is {@link dev.heddle.Outcome.Rejected}, and it is counted.
     */
    DISCARD
  }

  /** The full engine, as a policy sees it. */
  interface Overflow {
    /**
     * Returns the name of the engine.
     *
     * @return the name
     */
    String engine();

    /**
     * Returns the name of the task, of the first one if several are submitted together.
     *
     * @return the name
     */
    String task();

    /**
     * Waits until there may be room.
     *
     * @param atMost how long, zero or more, from the moment at which the engine was found full
     * @return {@code false} if the time has passed and there is none, or if there are more tasks
     *     than the engine holds
     * @throws InterruptedException if the submitting thread is interrupted; the task is rejected
     *     then, and the thread's interrupt status stays set
     */
    boolean awaitRoom(Duration atMost) throws InterruptedException;
  }

  /**
   * Decides about one task, or about several that are submitted together.
   *
   * @param overflow the full engine
   * @return what to do
   * @throws InterruptedException out of {@link Overflow#awaitRoom}
   */
  Decision onFull(Overflow overflow) throws InterruptedException;

  /**
   * Refuses at once: the default of an engine, since the submitter is who can slow down.
   *
   * @return the policy
   */
  static OverflowPolicy reject() {
    return overflow -> Decision.REJECT;
  }

  /**
   * Lets the submitter wait, and refuses if the time passes.
   *
   * @param atMost how long, zero or more
   * @return the policy
   */
  static OverflowPolicy block(Duration atMost) {
    requireNonNull(atMost, "atMost");
    if (atMost.isNegative()) {
      throw new IllegalArgumentException("atMost must not be negative: atMost=" + atMost);
    }
    return overflow -> overflow.awaitRoom(atMost) ? Decision.RETRY : Decision.REJECT;
  }

  /**
   * Lets the submitter run the task: nothing is refused, and who submits too much is slowed down.
   *
   * @return the policy
   */
  static OverflowPolicy callerRuns() {
    return overflow -> Decision.RUN_IN_CALLER;
  }

  /**
   * Drops the task. Its handle says so, and {@code EngineMetrics.discarded()} counts it.
   *
   * @return the policy
   */
  static OverflowPolicy discard() {
    return overflow -> Decision.DISCARD;
  }
}
