// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

/**
 * The arguments of two branches that do not fit a form of {@link ForkScope}, and their results: an
 * object that the scope keeps and hands out again, so that a join allocates nothing, and that it
 * lets go of when its worker has nothing to do. The annotation {@code @ForkFunction} of {@code
 * heddle-dsl} has one written for a function; see {@link ForkScope#carrier}.
 */
public abstract class ForkCarrier {

  /** Called by what extends it. */
  protected ForkCarrier() {}

  /**
   * Sets all references to {@code null}. Called by the thread that has used it, after the task in
   * which that was has ended; must not throw.
   */
  public abstract void forget();
}
