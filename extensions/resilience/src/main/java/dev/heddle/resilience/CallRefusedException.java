// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resilience;

import dev.heddle.error.ExtensionException;

/**
 * A circuit breaker or a rate limiter has refused a call: the body of the task did not run. The
 * cause is what the library throws in this case.
 */
public final class CallRefusedException extends ExtensionException {

  private static final long serialVersionUID = 1L;

  CallRefusedException(String message, RuntimeException cause) {
    super(message, cause);
  }
}
