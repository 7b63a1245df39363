// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import dev.heddle.error.ExtensionException;

/** The definition of a task contradicts itself. */
public final class DefinitionException extends ExtensionException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message rule, values, what to do
   */
  DefinitionException(String message) {
    super(message, null);
  }
}
