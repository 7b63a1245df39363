// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/**
 * A thread was interrupted while it waited for a task, which goes on, for memory or for a resource.
 * The interrupt status of the thread is set.
 */
public final class TaskInterruptedException extends TaskException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message for which task
   * @param cause the interrupt
   */
  public TaskInterruptedException(String message, InterruptedException cause) {
    super(ErrorCode.WAIT_INTERRUPTED, message, cause);
  }

  /**
   * Returns the same as the JDK would throw it, which clears the interrupt status of its thread
   * before; this method does not.
   *
   * @return a new exception with this as its cause
   */
  @Override
  public InterruptedException toJdk() {
    return JdkExceptions.withCause(new InterruptedException(getMessage()), this);
  }
}
