// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.fork;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.heddle.fork.ToLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Races of an offered branch: taken or taken back, used again while a thief holds it, taken for a
 * run that it does not belong to, and its result.
 */
public final class BranchOfferStressTest {

  private BranchOfferStressTest() {}

  private static final int FIRST = 1;
  private static final int SECOND = 2;

  /** An offer whose branch has the number 1, and belongs to run 1. */
  private abstract static class Offered {
    final ForkStack stack = new Forks(1, worker -> {}).alone();
    final Frame frame = new Frame(stack);
    final BranchOffer offer = make(frame);

    Offered() {
      frame.first = FIRST;
      offer.open(FIRST, null);
    }

    BranchOffer make(Frame of) {
      return new BranchOffer(of);
    }

    /** Takes the branch back and, if that went well, offers the next one, of run 2. */
    int takeBackAndOfferAgain() {
      if (!offer.takeBack()) {
        return 0;
      }
      frame.first = SECOND;
      offer.close();
      offer.open(SECOND, null);
      return 1;
    }
  }

  /** The control: looks, then sets. */
  private static final class LookThenSet extends BranchOffer {
    LookThenSet(Frame frame) {
      super(frame);
    }

    @Override
    boolean casState(int expected, int update) {
      if (state != expected) {
        return false;
      }
      state = update;
      return true;
    }
  }

  /** The owner takes the branch back while a thief takes it. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "twice: both run it")
  @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "lost: nobody runs it")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "taken back")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "taken")
  @State
  public static class TakeBackTake extends Offered {

    /** Takes back. */
    @Actor
    public void owner(II_Result r) {
      r.r1 = offer.takeBack() ? 1 : 0;
    }

    /** Takes. */
    @Actor
    public void thief(II_Result r) {
      r.r2 = offer.take() == null ? 0 : 1;
    }
  }

  /** The control of {@link TakeBackTake}: a look and a write instead of the CAS. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "control: both run it")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "taken back")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "taken")
  @State
  public static class TakeBackTakeControl extends Offered {
    @Override
    BranchOffer make(Frame of) {
      return new LookThenSet(of);
    }

    /** Takes back. */
    @Actor
    public void owner(II_Result r) {
      r.r1 = offer.takeBack() ? 1 : 0;
    }

    /** Takes. */
    @Actor
    public void thief(II_Result r) {
      r.r2 = offer.take() == null ? 0 : 1;
    }
  }

  /** The owner uses the frame for the next branch while a thief takes what is open. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "stale: the branch was taken back before")
  @Outcome(
      id = "0, [02]",
      expect = FORBIDDEN,
      desc = "not taken back, and yet not the first branch")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the thief came between the branches")
  @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "the second branch was taken")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the first branch was taken")
  @State
  public static class Reuse extends Offered {

    /** Takes back, offers again. */
    @Actor
    public void owner(II_Result r) {
      r.r1 = takeBackAndOfferAgain();
    }

    /** Takes, then looks what. */
    @Actor
    public void thief(II_Result r) {
      r.r2 = offer.take() == null ? 0 : (int) frame.first;
    }
  }

  /** The control of {@link Reuse}: looks what is offered before it takes it. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "control: stale")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the thief came between the branches")
  @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "the second branch was taken")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the first branch was taken")
  @State
  public static class ReuseControl extends Offered {

    /** Takes back, offers again. */
    @Actor
    public void owner(II_Result r) {
      r.r1 = takeBackAndOfferAgain();
    }

    /** Looks what, then takes. */
    @Actor
    public void thief(II_Result r) {
      int seen = (int) frame.first;
      r.r2 = offer.take() == null ? 0 : seen;
    }
  }

  /** A waiting thief wants branches of run 1 only, while the owner goes on to run 2. */
  @JCStressTest
  @Outcome(id = "., 2, .", expect = FORBIDDEN, desc = "took what belongs to another run")
  @Outcome(id = "1, ., 2", expect = FORBIDDEN, desc = "lost: taken by mistake, not given back")
  @Outcome(id = "0, 1, 2", expect = ACCEPTABLE, desc = "took the branch of its run")
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "left the other branch, which is open")
  @State
  public static class RunStamp extends Offered {

    /** Takes back, offers again. */
    @Actor
    public void owner(III_Result r) {
      r.r1 = takeBackAndOfferAgain();
    }

    /** Takes a branch of run 1. */
    @Actor
    public void thief(III_Result r) {
      r.r2 = offer.takeOf(FIRST) == null ? 0 : (int) offer.run;
    }

    /** Looks at the state: 1 open, 2 taken. */
    @Arbiter
    public void after(III_Result r) {
      r.r3 = offer.state();
    }
  }

  /** The control of {@link RunStamp}: looks at the run before it takes. */
  @JCStressTest
  @Outcome(id = "1, 2, 2", expect = ACCEPTABLE_INTERESTING, desc = "control: of another run")
  @Outcome(id = "0, 1, 2", expect = ACCEPTABLE, desc = "took the branch of its run")
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "left the other branch, which is open")
  @State
  public static class RunStampControl extends Offered {

    /** Takes back, offers again. */
    @Actor
    public void owner(III_Result r) {
      r.r1 = takeBackAndOfferAgain();
    }

    /** Looks at the run, then takes. */
    @Actor
    public void thief(III_Result r) {
      r.r2 = offer.run != FIRST || offer.take() == null ? 0 : (int) offer.run;
    }

    /** Looks at the state: 1 open, 2 taken. */
    @Arbiter
    public void after(III_Result r) {
      r.r3 = offer.state();
    }
  }

  /** An offer whose branch has been taken, and results in 7. */
  private abstract static class Taken extends Offered {
    Taken() {
      frame.function = (ToLong) scope -> 7;
      frame.stage = Frame.TO_LONG;
      offer.take();
    }

    void look(II_Result r) {
      if (offer.state() == BranchOffer.DONE) {
        r.r1 = 1;
        r.r2 = (int) offer.takeResult();
      }
    }
  }

  /** A taken branch ends while its owner waits for it. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "done, and its result not visible")
  @Outcome(id = "1, 7", expect = ACCEPTABLE, desc = "done")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not yet")
  @State
  public static class Result extends Taken {

    /** Runs it. */
    @Actor
    public void thief() {
      offer.run(frame);
      offer.end(null);
    }

    /** Looks. */
    @Actor
    public void owner(II_Result r) {
      look(r);
    }
  }

  /** The control of {@link Result}: says that it is done before it is. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE_INTERESTING, desc = "control: no result")
  @Outcome(id = "1, 7", expect = ACCEPTABLE, desc = "done")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not yet")
  @State
  public static class ResultControl extends Taken {

    /** Says that it is done, then runs it. */
    @Actor
    public void thief() {
      offer.end(null);
      offer.run(frame);
    }

    /** Looks. */
    @Actor
    public void owner(II_Result r) {
      look(r);
    }
  }
}
