// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.fork;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/**
 * Linearizability of an offer: its owner opens it and takes it back, in turn, while thieves take
 * what is open, any branch or those of one run.
 */
public final class BranchOfferLincheckTest {

  private BranchOfferLincheckTest() {}

  /** An offer that is used again and again. */
  @Param(name = "run", gen = IntGen.class, conf = "1:2")
  public static class Reused {
    private final Frame frame = new Frame(new Forks(1, worker -> {}).alone());
    private final BranchOffer offer = new BranchOffer(frame);

    /** For Lincheck. */
    public Reused() {}

    /**
     * Offers the next branch, if there is none.
     *
     * @param run the run that it belongs to
     * @return whether it was offered
     */
    @Operation(nonParallelGroup = "owner")
    public boolean open(@Param(name = "run") int run) {
      if (offer.state() == BranchOffer.OPEN) {
        return false;
      }
      while (offer.isPending()) { // as a join does
        Thread.onSpinWait();
      }
      offer.close();
      offer.open(run, null);
      return true;
    }

    /**
     * Takes back.
     *
     * @return whether it was open
     */
    @Operation(nonParallelGroup = "owner")
    public boolean takeBack() {
      return offer.takeBack();
    }

    /**
     * Takes, and ends it.
     *
     * @return the run of the branch, or 0
     */
    @Operation
    public int take() {
      if (offer.take() == null) {
        return 0;
      }
      int run = (int) offer.run;
      offer.end(null);
      return run;
    }
  }

  /** What an offer is, one operation after the other. */
  public static class Sequential {
    private int open;

    /** For Lincheck. */
    public Sequential() {}

    /**
     * Offers.
     *
     * @param run the run
     * @return whether there was none
     */
    public boolean open(int run) {
      if (open != 0) {
        return false;
      }
      open = run;
      return true;
    }

    /**
     * Takes back.
     *
     * @return whether there was one
     */
    public boolean takeBack() {
      return take() != 0;
    }

    /**
     * Takes.
     *
     * @return the run, or 0
     */
    public int take() {
      int taken = open;
      open = 0;
      return taken;
    }
  }
}
