// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.fork;

import dev.heddle.TaskContext;
import org.jspecify.annotations.Nullable;

/**
 * What a worker offers to others in its ring: the pending branch of a frame, or a part of a loop.
 */
public abstract sealed class Offer permits BranchOffer, LoopPart {

  /** Takes it or, if it can be split, a part of it: what to run, or {@code null}. */
  abstract @Nullable Offer take();

  /** Likewise, if it belongs to a run of its owner. */
  abstract @Nullable Offer takeOf(long run);

  /** Tells whether it may leave the ring: nobody can take it any more. Called by its owner. */
  abstract boolean isOver();

  // ---- who has taken it

  /** The task that the computation belongs to, if any. */
  abstract @Nullable TaskContext task();

  /** Who waits for it. */
  abstract ForkStack owner();

  /** Says by whom it is run, before it is, and as which run. */
  abstract void takenBy(ForkStack thief, long thiefsRun);

  /** Runs it. */
  abstract void run(Frame scope);

  /** Says that it has ended, perhaps by an error. Its taker touches it no more. */
  abstract void end(@Nullable Throwable failure);

  /** Undoes what an error outside of it has left: it did not begin, or did not end. */
  abstract void abandon(ForkStack thief, Throwable failure);
}
