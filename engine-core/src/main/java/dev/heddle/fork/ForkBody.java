// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import org.jspecify.annotations.Nullable;

/**
 * A branch that brings its arguments along, as a lambda that captures them.
 *
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface ForkBody<R extends @Nullable Object> {

  /**
   * Runs the branch.
   *
   * @param scope forks further branches; valid until this call returns, for the calling thread
   * @return the result
   */
  R run(ForkScope scope);
}
