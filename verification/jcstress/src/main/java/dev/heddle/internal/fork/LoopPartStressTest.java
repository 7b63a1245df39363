// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.fork;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Races of a part of a loop: its worker takes units from the front while thieves split off the
 * rear, and the loop ends.
 */
public final class LoopPartStressTest {

  private LoopPartStressTest() {}

  private static final int UNITS = 3;

  /** Adds up a bit for each unit: a unit that is seen twice shows, and one that is lost. */
  private static class Bits extends Loop {
    Bits() {
      super(0, UNITS, 1);
    }

    @Override
    protected long run(long first, long end) {
      long bits = 0;
      for (long i = first; i < end; i++) {
        bits += 1L << i;
      }
      return bits;
    }
  }

  /** A loop of three units, all in one part. */
  private abstract static class Shared {
    final Loop loop = make();
    final LoopPart part = loop.open(new Forks(1, worker -> {}).alone(), null);

    Loop make() {
      return new Bits();
    }

    int workFirst() {
      part.workOnSome(1);
      return (int) part.sum();
    }

    int steal() {
      LoopPart rear = (LoopPart) part.take();
      if (rear == null) {
        return 0;
      }
      rear.workOnSome(UNITS);
      return (int) rear.sum();
    }

    int rest(int before) {
      part.workOnSome(UNITS);
      return (int) part.sum() - before;
    }

    int sumAtTheEnd() {
      part.workOnSome(UNITS);
      part.end(null);
      while (loop.isPending()) {
        Thread.onSpinWait();
      }
      return (int) loop.sum();
    }
  }

  /** The control: looks, then sets. */
  private static final class LookThenSet extends LoopPart {
    LookThenSet(Loop loop, long range) {
      super(loop, null, range);
    }

    @Override
    boolean casRange(long expected, long update) {
      if (range != expected) {
        return false;
      }
      range = update;
      return true;
    }
  }

  /** The worker takes a unit while a thief splits. */
  @JCStressTest
  @Outcome(id = "1, 6, 0", expect = ACCEPTABLE, desc = "the thief came first, and took two")
  @Outcome(id = "1, 4, 2", expect = ACCEPTABLE, desc = "the worker came first; one of two stolen")
  @Outcome(id = ".*", expect = FORBIDDEN, desc = "a unit lost, or seen twice")
  @State
  public static class TakeSplit extends Shared {

    /** Takes a unit from the front. */
    @Actor
    public void worker(III_Result r) {
      r.r1 = workFirst();
    }

    /** Takes the rear half. */
    @Actor
    public void thief(III_Result r) {
      r.r2 = steal();
    }

    /** Takes the rest. */
    @Arbiter
    public void after(III_Result r) {
      r.r3 = rest(r.r1);
    }
  }

  /** The control of {@link TakeSplit}: a look and a write instead of the CAS. */
  @JCStressTest
  @Outcome(id = "1, 6, 0", expect = ACCEPTABLE, desc = "the thief came first, and took two")
  @Outcome(id = "1, 4, 2", expect = ACCEPTABLE, desc = "the worker came first; one of two stolen")
  @Outcome(id = ".*", expect = ACCEPTABLE_INTERESTING, desc = "control: lost, or seen twice")
  @State
  public static class TakeSplitControl extends Shared {
    @Override
    Loop make() {
      return new Bits() {
        @Override
        LoopPart firstPart(long range) {
          return new LookThenSet(this, range);
        }
      };
    }

    /** Takes a unit from the front. */
    @Actor
    public void worker(III_Result r) {
      r.r1 = workFirst();
    }

    /** Takes the rear half. */
    @Actor
    public void thief(III_Result r) {
      r.r2 = steal();
    }

    /** Takes the rest. */
    @Arbiter
    public void after(III_Result r) {
      r.r3 = rest(r.r1);
    }
  }

  /** Two thieves split the same part. */
  @JCStressTest
  @Outcome(id = "6, 1, 0", expect = ACCEPTABLE, desc = "the first thief came first")
  @Outcome(id = "1, 6, 0", expect = ACCEPTABLE, desc = "the second thief came first")
  @Outcome(id = ".*", expect = FORBIDDEN, desc = "a unit lost, or seen twice")
  @State
  public static class SplitSplit extends Shared {

    /** Takes the rear half. */
    @Actor
    public void first(III_Result r) {
      r.r1 = steal();
    }

    /** Takes the rear half. */
    @Actor
    public void second(III_Result r) {
      r.r2 = steal();
    }

    /** Takes the rest. */
    @Arbiter
    public void after(III_Result r) {
      r.r3 = rest(0);
    }
  }

  /** The loop ends when all units have, whoever had them: their sums are visible then. */
  @JCStressTest
  @Outcome(id = "0, 7", expect = ACCEPTABLE, desc = "both have ended, all is there")
  @Outcome(id = ".*", expect = FORBIDDEN, desc = "ended, and a sum is missing")
  @State
  public static class End extends Shared {

    /** Works, and waits for the other. */
    @Actor
    public void owner(II_Result r) {
      r.r2 = sumAtTheEnd();
    }

    /** Takes the rear half, and ends it. */
    @Actor
    public void thief() {
      LoopPart rear = (LoopPart) part.take();
      if (rear != null) {
        rear.workOnSome(UNITS);
        rear.end(null);
      }
    }
  }

  /** The control of {@link End}: the thief says that it has ended before it works. */
  @JCStressTest
  @Outcome(id = "0, 7", expect = ACCEPTABLE, desc = "both have ended, all is there")
  @Outcome(id = ".*", expect = ACCEPTABLE_INTERESTING, desc = "control: a sum is missing")
  @State
  public static class EndControl extends Shared {

    /** Works, and waits for the other. */
    @Actor
    public void owner(II_Result r) {
      r.r2 = sumAtTheEnd();
    }

    /** Counts its units as ended, then works on them. */
    @Actor
    public void thief() {
      LoopPart rear = (LoopPart) part.take();
      if (rear != null) {
        long units = rear.takeFirst(UNITS);
        rear.end(null);
        rear.workOn(units);
      }
    }
  }
}
