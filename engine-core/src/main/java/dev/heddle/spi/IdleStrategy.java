// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

/**
 * Says how long a worker without work looks for some before it sleeps, and what it does between two
 * looks. At most one worker of an engine looks at a time; the others sleep at once. Sleeping costs
 * no CPU, and waking takes some 5 to 100 microseconds.
 *
 * {@snippet class="dev.heddle.IdleStrategyTest" region="own-strategy"}
 */
@FunctionalInterface
public interface IdleStrategy {

  /** The strategy of one worker. Called by that worker alone, so it may have a state. */
  interface Idler {
    /**
     * Waits a moment between two looks for work.
     *
     * @param looks how many looks have found nothing, from 1
     * @return {@code false} to sleep instead
     */
    boolean pause(int looks);

    /**
     * Called when a look has found work.
     *
     * @param looks how many looks before it have found nothing, from 1
     */
    default void found(int looks) {}
  }

  /**
   * Makes the strategy of a worker. Called for each when the engine is made, and later for threads
   * that stand in for workers: perhaps by the thread of all timers, so it must not block.
   *
   * @param worker its number, from 0; of one that stands in, that of any worker
   * @return its strategy
   */
  Idler forWorker(int worker);

  /**
   * The default: looks for some tens of microseconds as long as that finds something, and less and
   * less when it does not.
   *
   * @return the strategy
   */
  static IdleStrategy adaptive() {
    return worker -> new AdaptiveIdler();
  }

  /**
   * Looks without a pause: quickest to see work, at the price of a busy core for that time.
   *
   * @param looks how often, 1 or more; some 10 to 50 nanoseconds each
   * @return the strategy
   */
  static IdleStrategy spinning(int looks) {
    requirePositive(looks);
    return worker ->
        found -> {
          Thread.onSpinWait();
          return found < looks;
        };
  }

  /**
   * Offers the processor to other threads between two looks.
   *
   * @param looks how often, 1 or more; about a microsecond each if nobody wants the processor
   * @return the strategy
   */
  @SuppressWarnings("ThreadPriorityCheck") // a hint to the scheduler is what is asked for
  static IdleStrategy yielding(int looks) {
    requirePositive(looks);
    return worker ->
        found -> {
          Thread.yield();
          return found < looks;
        };
  }

  /**
   * Sleeps at once.
   *
   * @return the strategy
   */
  static IdleStrategy parking() {
    return worker -> looks -> false;
  }

  private static void requirePositive(int looks) {
    if (looks < 1) {
      throw new IllegalArgumentException(
          "looks must be at least 1: looks=" + looks + " (use parking() to look not at all)");
    }
  }
}
