// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

/**
 * The arguments of two branches that do not fit a form of {@link ForkScope}, and their results: an
 * object that the scope keeps and hands out again, so that a join allocates nothing. The annotation
 * {@code @ForkFunction} of {@code heddle-dsl} has one written for a function; see {@link
 * ForkScope#carrier}.
 */
public abstract class ForkCarrier {

  /** Called by what extends it. */
  protected ForkCarrier() {}

  /** Sets all references to {@code null}. Called when a computation has ended; must not throw. */
  public abstract void forget();
}
