// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/** A lane was used by a second thread: {@link ErrorCode#LANE_MISUSE}. Nothing was submitted. */
public final class LaneException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Says who owns a lane.
   *
   * @param message the rule, with engine and threads
   */
  public LaneException(String message) {
    super(ErrorCode.LANE_MISUSE, message, null);
  }
}
