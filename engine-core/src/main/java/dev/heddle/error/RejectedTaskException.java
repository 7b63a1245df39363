// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/**
 * The engine did not accept a task: {@link ErrorCode#QUEUE_FULL} or {@link
 * ErrorCode#ENGINE_CLOSED}. The body never ran and never will.
 */
public final class RejectedTaskException extends TaskException {

  private static final long serialVersionUID = 1L;

  private RejectedTaskException(ErrorCode code, String message) {
    super(code, message, null);
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
            + " (submit later, or raise queueCapacity)");
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
        "engine does not accept tasks: engine=" + engine + ", state=CLOSED (submit before close)");
  }
}
