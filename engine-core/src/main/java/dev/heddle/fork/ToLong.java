// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

/**
 * A branch that brings its arguments along, as a lambda that captures them, with a {@code long}
 * result.
 */
@FunctionalInterface
public interface ToLong {

  /**
   * Runs the branch.
   *
   * @param scope forks further branches; valid until this call returns, for the calling thread
   * @return the result
   */
  long runAsLong(ForkScope scope);
}
