// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/** A segment was used by a task that it does not belong to. */
public final class SegmentOwnerException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  public SegmentOwnerException(String message) {
    super(ErrorCode.SEGMENT_OWNER, message, null);
  }
}
