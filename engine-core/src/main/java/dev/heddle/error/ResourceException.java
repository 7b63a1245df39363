// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/**
 * A resource was not acquired, or what was held of it was misused. The code says which: {@link
 * ErrorCode#RESOURCE_TIMEOUT}, {@link ErrorCode#RESOURCE_ORDER}, {@link
 * ErrorCode#RESOURCE_NOT_HELD}, {@link ErrorCode#LEASE_MISUSE}. Nothing was taken and nothing was
 * given back.
 */
public final class ResourceException extends TaskException {

  private static final long serialVersionUID = 1L;

  private ResourceException(ErrorCode code, String message) {
    super(code, message, null);
  }

  /**
   * Says that a wait took longer than the caller allowed.
   *
   * @param message rule, values, what to do
   * @return the exception
   */
  public static ResourceException timedOut(String message) {
    return new ResourceException(ErrorCode.RESOURCE_TIMEOUT, message);
  }

  /**
   * Says that resources were acquired in an order in which tasks could wait for each other.
   *
   * @param message rule, values, what to do
   * @return the exception
   */
  public static ResourceException outOfOrder(String message) {
    return new ResourceException(ErrorCode.RESOURCE_ORDER, message);
  }

  /**
   * Says that a task looked for what it does not hold.
   *
   * @param message rule, values, what to do
   * @return the exception
   */
  public static ResourceException notHeld(String message) {
    return new ResourceException(ErrorCode.RESOURCE_NOT_HELD, message);
  }

  /**
   * Says that a lease was used or closed after its end, or acquired after the end of a task.
   *
   * @param message rule, values, what to do
   * @return the exception
   */
  public static ResourceException misuse(String message) {
    return new ResourceException(ErrorCode.LEASE_MISUSE, message);
  }
}
