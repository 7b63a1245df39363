// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/** The C library cannot be used. */
public final class NativeLibraryException extends NativeException {

  private static final long serialVersionUID = 1L;

  /** Why. */
  private final Reason reason;

  /** Why a library cannot be used. */
  public enum Reason {
    /** There is none for this platform, or the system has refused to load it. */
    UNAVAILABLE,
    /** Its bytes are not those that were built. */
    INTEGRITY,
    /** It has other functions or layouts than this version of Heddle calls. */
    VERSION,
    /** Native access is not enabled. */
    ACCESS
  }

  /**
   * Makes the exception.
   *
   * @param reason why
   * @param message rule, values, what to do
   * @param cause how the system has refused it, if it has
   */
  public NativeLibraryException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = requireNonNull(reason, "reason");
  }

  /**
   * Returns why the library cannot be used.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }
}
