// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import dev.heddle.error.ExtensionException;
import org.jspecify.annotations.Nullable;

/** The root of what the native operations throw on their own account. */
public abstract sealed class NativeException extends ExtensionException
    permits NativeArgumentException,
        NativeCallbackException,
        NativeLibraryException,
        NativeRecursionException {

  private static final long serialVersionUID = 1L;

  NativeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
