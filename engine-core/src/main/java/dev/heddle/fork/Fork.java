// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import org.jspecify.annotations.Nullable;

/**
 * A recursion from an object to an object: keep it in a constant, so that forking it captures
 * nothing.
 *
 * @param <T> the type of the argument
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface Fork<T extends @Nullable Object, R extends @Nullable Object> {

  /**
   * Runs the branch.
   *
   * @param scope forks further branches; valid until this call returns, for the calling thread
   * @param argument what was given to the fork
   * @return the result
   */
  R apply(ForkScope scope, T argument);
}
