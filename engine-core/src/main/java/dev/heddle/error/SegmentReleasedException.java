// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/** A segment was used, or closed again, after it had been closed or given away. */
public final class SegmentReleasedException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public SegmentReleasedException(String message) {
    super(ErrorCode.SEGMENT_RELEASED, message, null);
  }
}
