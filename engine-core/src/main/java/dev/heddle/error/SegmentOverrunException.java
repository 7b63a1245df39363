// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/**
 * Somebody wrote beyond the ends of a segment: found out by the memory checks when it is closed.
 */
public final class SegmentOverrunException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public SegmentOverrunException(String message) {
    super(ErrorCode.SEGMENT_OVERRUN, message, null);
  }
}
