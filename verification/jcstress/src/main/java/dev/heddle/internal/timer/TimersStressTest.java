// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.timer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Races of the timer thread with those who set and cancel timers: none is overslept, none is lost.
 *
 * <p>An actor does what the timer thread does, and stops where that one would park.
 */
public final class TimersStressTest {

  private TimersStressTest() {}

  private static final class WouldPark extends RuntimeException {
    static final WouldPark INSTANCE = new WouldPark();

    private WouldPark() {
      super("would park", null, false, false);
    }
  }

  /** The thread of timers that have none. */
  private static final class NoThread extends Thread {
    @Override
    public void start() {}
  }

  /** Timers without a thread; one is held that is due in an hour. */
  private abstract static class Sleepy extends Timers {
    int fired;
    int woken;

    Sleepy() {
      super(
          body -> new NoThread(),
          failure -> {
            throw new AssertionError(failure);
          });
      after(TimeUnit.HOURS.toNanos(1), () -> {});
      workUntilParked();
    }

    @Override
    boolean nothingNew() {
      if (super.nothingNew()) {
        throw WouldPark.INSTANCE;
      }
      return false;
    }

    @Override
    void wake() {
      woken = 1;
    }

    final void workUntilParked() {
      try {
        fireUntilClosed();
      } catch (WouldPark e) {
        return; // with its wake-up time announced
      }
    }

    final Timer set() {
      return after(0, () -> fired++);
    }
  }

  /** A timer is set while the thread falls asleep. */
  @JCStressTest
  @Outcome(
      id = "0, 0",
      expect = FORBIDDEN,
      desc = "overslept: the thread missed the timer, who set it took the thread for awake")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the thread saw the timer")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the thread was woken")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "both: one wake-up too many")
  @State
  public static class SetSleep extends Sleepy {
    /** Awake, about to look. */
    public SetSleep() {
      woken = 0;
    }

    /** Sets a timer. */
    @Actor
    public void setter() {
      set();
    }

    /** Looks and parks. */
    @Actor
    public void thread() {
      workUntilParked();
    }

    /** Tells whether the timer fired, and whether the thread was woken. */
    @Arbiter
    public void result(II_Result r) {
      r.r1 = fired;
      r.r2 = woken;
    }
  }

  /** The control of {@link SetSleep}: the thread does not look again. */
  @JCStressTest
  @Outcome(
      id = "0, 0",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: overslept, as the thread did not look after it had said when it wakes up")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the thread saw the timer")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the thread was woken")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "both: one wake-up too many")
  @State
  public static class SetSleepControl extends Sleepy {
    /** Awake, about to look. */
    public SetSleepControl() {
      woken = 0;
    }

    @Override
    boolean nothingNew() {
      throw WouldPark.INSTANCE;
    }

    /** Sets a timer. */
    @Actor
    public void setter() {
      set();
    }

    /** Looks and parks. */
    @Actor
    public void thread() {
      workUntilParked();
    }

    /** Tells whether the timer fired, and whether the thread was woken. */
    @Arbiter
    public void result(II_Result r) {
      r.r1 = fired;
      r.r2 = woken;
    }
  }

  /**
   * A timer is pushed in the place of two cancelled ones while the thread takes the stack. The one
   * below and the one above must fire.
   */
  @JCStressTest
  @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "each live one fired, once; one is held")
  @Outcome(expect = FORBIDDEN, desc = "a timer was lost or came twice, or the books are wrong")
  @State
  public static class SetTake extends Sleepy {
    /** Three in the stack, of which two are cancelled. */
    public SetTake() {
      set();
      Timer middle = set();
      set().cancel();
      middle.cancel();
    }

    /** Sets a timer. */
    @Actor
    public void setter() {
      set();
    }

    /** Takes them into the heap. */
    @Actor
    public void thread() {
      takeNew();
    }

    /** Fires what is left. */
    @Arbiter
    public void result(II_Result r) {
      workUntilParked();
      r.r1 = fired;
      r.r2 = size() + cancelledHeld();
    }
  }

  /** Two timers are pushed in the place of the same cancelled ones. */
  @JCStressTest
  @Outcome(id = "3, 1", expect = ACCEPTABLE, desc = "each live one fired, once; one is held")
  @Outcome(expect = FORBIDDEN, desc = "a timer was lost or came twice, or the books are wrong")
  @State
  public static class SetSet extends Sleepy {
    /** Three in the stack, of which two are cancelled. */
    public SetSet() {
      set();
      Timer middle = set();
      set().cancel();
      middle.cancel();
    }

    /** Sets a timer. */
    @Actor
    public void first() {
      set();
    }

    /** Sets a timer. */
    @Actor
    public void second() {
      set();
    }

    /** Fires what is left. */
    @Arbiter
    public void result(II_Result r) {
      workUntilParked();
      r.r1 = fired;
      r.r2 = size() + cancelledHeld();
    }
  }

  /** Timers are cancelled while another is pushed: it takes the place of none, one, or both. */
  @JCStressTest
  @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "each live one fired, once; one is held")
  @Outcome(expect = FORBIDDEN, desc = "a timer was lost or came twice, or the books are wrong")
  @State
  public static class SetCancel extends Sleepy {
    private final Timer middle;
    private final Timer top;

    /** Three in the stack. */
    public SetCancel() {
      set();
      middle = set();
      top = set();
    }

    /** Sets a timer. */
    @Actor
    public void setter() {
      set();
    }

    /** Cancels two. */
    @Actor
    public void canceller() {
      middle.cancel();
      top.cancel();
    }

    /** Fires what is left. */
    @Arbiter
    public void result(II_Result r) {
      workUntilParked();
      r.r1 = fired;
      r.r2 = size() + cancelledHeld();
    }
  }

  /** Timers are cancelled while the thread takes them: they are counted if they are held. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the live one fired; one is held")
  @Outcome(expect = FORBIDDEN, desc = "a timer was lost or came twice, or the books are wrong")
  @State
  public static class CancelTake extends Sleepy {
    private final Timer middle;
    private final Timer top;

    /** Three in the stack. */
    public CancelTake() {
      set();
      middle = set();
      top = set();
    }

    /** Cancels two. */
    @Actor
    public void canceller() {
      middle.cancel();
      top.cancel();
    }

    /** Takes them into the heap. */
    @Actor
    public void thread() {
      takeNew();
    }

    /** Fires what is left. */
    @Arbiter
    public void result(II_Result r) {
      workUntilParked();
      r.r1 = fired;
      r.r2 = size() + cancelledHeld();
    }
  }

  /** A timer is cancelled while it comes due: one of the two. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "cancelled")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "fired")
  @Outcome(expect = FORBIDDEN, desc = "both or neither")
  @State
  public static class CancelFire extends Sleepy {
    private final Timer timer = set();

    /** Cancels it. */
    @Actor
    public void canceller(II_Result r) {
      r.r1 = timer.cancel() ? 1 : 0;
    }

    /** Fires it. */
    @Actor
    public void thread() {
      workUntilParked();
    }

    /** Tells whether it fired. */
    @Arbiter
    public void result(II_Result r) {
      r.r2 = fired;
    }
  }
}
