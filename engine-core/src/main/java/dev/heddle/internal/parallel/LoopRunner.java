// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.parallel;

import dev.heddle.internal.fork.Loop;

/** An engine, as its loops see it. */
public interface LoopRunner {

  /**
   * Runs a loop on the workers, or on the calling thread as long as that is quicker.
   *
   * @param loop the loop
   */
  void run(Loop loop);

  /**
   * Runs on the calling thread what is too small to be shared.
   *
   * @param body what to run
   */
  void runHere(Runnable body);

  /** Throws if the engine does not accept tasks any more. */
  void refuseIfClosing();

  /**
   * Returns how many workers there are.
   *
   * @return at least 1
   */
  int workers();
}
