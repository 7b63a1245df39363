// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import dev.heddle.error.ErrorText;
import dev.heddle.nativeops.MathOps;
import dev.heddle.nativeops.NativeLibraryException;
import dev.heddle.nativeops.StringOps;

/**
 * The operations by the C library.
 *
 * @param math on numbers
 * @param strings on texts
 * @param name platform and vector instructions
 */
public record NativeProvider(MathOps math, StringOps strings, String name) {

  /**
   * Loads the library.
   *
   * @return the operations
   * @throws NativeLibraryException if it cannot be used
   */
  public static NativeProvider load() {
    String target;
    try {
      target = Library.TARGET;
    } catch (ExceptionInInitializerError e) {
      throw e.getCause() instanceof NativeLibraryException why
          ? why
          : new NativeLibraryException(
              NativeLibraryException.Reason.UNAVAILABLE,
              "library must be loadable: problem=" + ErrorText.quote(e.getCause()),
              e.getCause());
    }
    return new NativeProvider(
        new NativeMathOps(), new NativeStringOps(), LibraryLoader.platform() + " " + target);
  }
}
