// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.SegmentOwnerException;
import dev.heddle.error.SegmentReleasedException;
import dev.heddle.memory.OwnedSegment;
import dev.heddle.memory.SharedSegment;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Races of segments: two want what was moved; one reader closes what another one copies. */
public final class OwnedBlockStressTest {

  private OwnedBlockStressTest() {}

  private static final EngineMemory MEMORY =
      new EngineMemory("stress", 64 << 20, 2, false, new NoTasks());

  /** All callers are threads outside. */
  private static final class NoTasks implements Callers {
    @Override
    public TaskMemory memoryOfCaller() {
      return null;
    }

    @Override
    public RejectedTaskException engineClosed() {
      return RejectedTaskException.engineClosed("stress");
    }
  }

  private static int tryClose(OwnedSegment segment) {
    try {
      segment.close();
      return 1;
    } catch (SegmentOwnerException | SegmentReleasedException e) {
      return 0;
    }
  }

  /** Two threads want what belongs to nobody. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the first has got it")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the second has got it")
  @Outcome(id = ".*", expect = FORBIDDEN, desc = "two owners, or none")
  @State
  public static class MovedToTwo {
    private final OwnedSegment moved = MEMORY.allocate(64, 16).move();

    /** Wants it. */
    @Actor
    public void first(II_Result r) {
      r.r1 = tryClose(moved);
    }

    /** Wants it. */
    @Actor
    public void second(II_Result r) {
      r.r2 = tryClose(moved);
    }
  }

  /** The control of {@link MovedToTwo}: a look and a write instead of the CAS. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the first has got it")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the second has got it")
  @Outcome(id = ".*", expect = ACCEPTABLE_INTERESTING, desc = "control: two owners")
  @State
  public static class MovedToTwoControl {
    private final OwnedSegment moved = new LookThenSet((OwnedBlock) MEMORY.allocate(64, 16).move());

    /** Wants it. */
    @Actor
    public void first(II_Result r) {
      r.r1 = tryClose(moved);
    }

    /** Wants it. */
    @Actor
    public void second(II_Result r) {
      r.r2 = tryClose(moved);
    }
  }

  /** Looks whether it is nobody's, then takes it. */
  private static final class LookThenSet extends OwnedBlock {
    LookThenSet(OwnedBlock from) {
      super(from);
    }

    @Override
    boolean casOwner(Object caller) {
      if (owner != null) {
        return false;
      }
      owner = caller;
      return true;
    }
  }

  /** What the mover wrote is there for who takes it, after a way that synchronizes. */
  @JCStressTest
  @Outcome(id = "42, 1", expect = ACCEPTABLE, desc = "moved, and seen as written")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not yet moved")
  @Outcome(id = ".*", expect = FORBIDDEN, desc = "moved, and not what was written")
  @State
  public static class WrittenThenMoved {
    private volatile OwnedSegment passed;

    /** Writes, moves, publishes. */
    @Actor
    public void from() {
      OwnedSegment own = MEMORY.allocate(64, 16);
      own.segment().set(ValueLayout.JAVA_INT, 0, 42);
      passed = own.move();
    }

    /** Takes it, if it is there. */
    @Actor
    public void to(II_Result r) {
      OwnedSegment got = passed;
      if (got != null) {
        r.r1 = got.segment().get(ValueLayout.JAVA_INT, 0);
        r.r2 = tryClose(got);
      }
    }

    /** Ends it, if nobody has taken it. */
    @Arbiter
    public void after() {
      tryClose(passed);
    }
  }

  /** Readers of a block that is not there: counts how often it is freed. */
  private static class Counted extends SharedBlock.Readers {
    final AtomicInteger freed = new AtomicInteger();

    Counted() {
      super(null, null, 0, 0, 0, MemorySegment.NULL);
    }

    @Override
    void free() {
      freed.incrementAndGet();
    }
  }

  /** The control: adds a reader without a look whether the last one has gone. */
  private static final class AddsBlindly extends Counted {
    @Override
    boolean add() {
      int now;
      do {
        now = open();
      } while (!casOpen(now, now + 1));
      return true;
    }
  }

  private static int tryRetain(SharedSegment shared) {
    try {
      shared.retain();
      return 1;
    } catch (SegmentReleasedException e) {
      return 0;
    }
  }

  /** The last handle is closed while somebody makes another one of it. */
  @JCStressTest
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "copied first: not freed, one reader")
  @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "closed first: freed, no reader")
  @Outcome(id = ".*", expect = FORBIDDEN, desc = "freed with a reader, or not without one")
  @State
  public static class CloseRetain {
    private final Counted readers = new Counted();
    private final SharedBlock shared = new SharedBlock(readers);

    /** Closes. */
    @Actor
    public void closer() {
      shared.close();
    }

    /** Copies. */
    @Actor
    public void copier(III_Result r) {
      r.r1 = tryRetain(shared);
    }

    /** Looks. */
    @Arbiter
    public void after(III_Result r) {
      r.r2 = readers.freed.get();
      r.r3 = readers.open();
    }
  }

  /** The control of {@link CloseRetain}: the count may go up again from none. */
  @JCStressTest
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "copied first: not freed, one reader")
  @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "closed first: freed, no reader")
  @Outcome(id = ".*", expect = ACCEPTABLE_INTERESTING, desc = "control: freed with a reader")
  @State
  public static class CloseRetainControl {
    private final Counted readers = new AddsBlindly();
    private final SharedBlock shared = new SharedBlock(readers);

    /** Closes. */
    @Actor
    public void closer() {
      shared.close();
    }

    /** Copies. */
    @Actor
    public void copier(III_Result r) {
      r.r1 = tryRetain(shared);
    }

    /** Looks. */
    @Arbiter
    public void after(III_Result r) {
      r.r2 = readers.freed.get();
      r.r3 = readers.open();
    }
  }

  /** Two readers close theirs: freed once, by the last. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "freed once")
  @Outcome(id = ".*", expect = FORBIDDEN, desc = "freed twice, or never")
  @State
  public static class CloseClose {
    private final Counted readers = new Counted();
    private final SharedBlock first = new SharedBlock(readers);
    private final SharedSegment second = first.retain();

    /** Closes. */
    @Actor
    public void closer() {
      first.close();
    }

    /** Closes. */
    @Actor
    public void other() {
      second.close();
    }

    /** Looks. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = readers.freed.get();
      r.r2 = readers.open();
    }
  }
}
