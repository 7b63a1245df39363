// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A task was not accepted, because the engine or a lane is full or closed, or could not be started
 * though it was accepted for later, {@link ErrorCode#STRATEGY_FAILED}. The body never ran and never
 * will.
 */
public final class RejectedTaskException extends TaskException {

  private static final long serialVersionUID = 1L;

  private RejectedTaskException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(code, message, cause);
  }

  /**
   * Says that an engine is full.
   *
   * @param engine the name of the engine
   * @param queueCapacity how many accepted tasks may wait in it
   * @return the exception
   */
  public static RejectedTaskException queueFull(String engine, int queueCapacity) {
    return new RejectedTaskException(
        ErrorCode.QUEUE_FULL,
        "engine is full: engine="
            + engine
            + ", queueCapacity="
            + queueCapacity
            + " (submit later, or raise queueCapacity)",
        null);
  }

  /**
   * Says that an engine is closing or closed.
   *
   * @param engine the name of the engine
   * @return the exception
   */
  public static RejectedTaskException engineClosed(String engine) {
    return new RejectedTaskException(
        ErrorCode.ENGINE_CLOSED,
        "engine does not accept tasks: engine=" + engine + ", state=CLOSED (submit before close)",
        null);
  }

  /**
   * Says that a lane is full.
   *
   * @param engine the name of the engine
   * @param capacity how many accepted tasks may wait in the lane
   * @return the exception
   */
  public static RejectedTaskException laneFull(String engine, int capacity) {
    return new RejectedTaskException(
        ErrorCode.LANE_FULL,
        "lane is full: engine="
            + engine
            + ", capacity="
            + capacity
            + " (submit later, or open a lane with more capacity)",
        null);
  }

  /**
   * Says that a lane was closed.
   *
   * @param engine the name of the engine
   * @return the exception
   */
  public static RejectedTaskException laneClosed(String engine) {
    return new RejectedTaskException(
        ErrorCode.LANE_CLOSED,
        "lane does not accept tasks: engine=" + engine + ", state=CLOSED (open another)",
        null);
  }

  /**
   * Says that a strategy threw when a task of its was due.
   *
   * @param engine the name of the engine
   * @param task the name of the task
   * @param cause what the strategy threw
   * @return the exception
   */
  public static RejectedTaskException strategyFailed(String engine, String task, Throwable cause) {
    return new RejectedTaskException(
        ErrorCode.STRATEGY_FAILED,
        "strategy must start a task that is due: engine=" + engine + ", name=" + task,
        cause);
  }

  /** Says that an executor has refused a task in the JDK's words. */
  static RejectedTaskException byExecutor(String error, RejectedExecutionException cause) {
    return new RejectedTaskException(
        ErrorCode.EXECUTOR_REJECTED,
        "executor does not accept tasks: "
            + error
            + " (submit later if it is full, and before it is shut down)",
        cause);
  }

  /**
   * Returns the same as the JDK would throw it.
   *
   * @return a new exception with this as its cause
   */
  @Override
  public RejectedExecutionException toJdk() {
    return new RejectedExecutionException(getMessage(), this);
  }
}
