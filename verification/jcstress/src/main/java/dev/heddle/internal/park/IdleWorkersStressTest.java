// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.park;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.heddle.internal.park.IdleWorkers.WorkView;
import dev.heddle.internal.park.ThrowingParkSeam.WouldPark;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Races of falling asleep: whoever publishes a task, closes, or hands the spinner's role back must
 * leave no worker parked beside a task.
 *
 * <p>Where the real worker would park, {@link ThrowingParkSeam} throws. A worker is stranded if it
 * would park and is still counted as parked when everybody has done his part.
 */
public final class IdleWorkersStressTest {

  /** What a worker did. */
  private static final int STAYED_AWAKE = 0;

  private static final int WOULD_PARK = 1;
  private static final int WOKEN = 2;

  private IdleWorkersStressTest() {}

  /** Tasks as an index that submitters add to and workers take from, and the workers' beds. */
  abstract static class Beds {
    static {
      ThrowingParkSeam.require();
    }

    final AtomicInteger tasks = new AtomicInteger();
    final IdleWorkers idle;

    Beds(int workers) {
      this.idle = new IdleWorkers(workers, worker -> tasks.get() > 0);
    }

    Beds(int workers, WorkView view) {
      this.idle = new IdleWorkers(workers, view);
    }

    final void publish() {
      tasks.incrementAndGet();
      if (idle.word() != 0) {
        idle.wakeOne(0);
      }
    }

    final int park(int worker) {
      try {
        return idle.park(worker, false) == IdleWorkers.Woken.AT_ONCE ? STAYED_AWAKE : WOKEN;
      } catch (WouldPark e) {
        return WOULD_PARK;
      }
    }
  }

  /** A submission against a worker that falls asleep. */
  @JCStressTest
  @Outcome(
      id = "1, 1",
      expect = FORBIDDEN,
      desc = "stranded: the worker missed the task, the submitter missed the worker")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the worker saw the task")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the submitter claimed a worker in bed")
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "the submitter woke it before it lay down")
  @State
  public static class SubmitPark extends Beds {
    /** One worker, awake. */
    public SubmitPark() {
      super(1);
    }

    /** Publishes a task. */
    @Actor
    public void submitter() {
      publish();
    }

    /** Parks. */
    @Actor
    public void worker(II_Result r) {
      r.r1 = park(0);
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = idle.parked();
    }
  }

  /** A submission against a worker that parks while another watches: it takes the role away. */
  @JCStressTest
  @Outcome(
      id = "1, 1",
      expect = FORBIDDEN,
      desc = "stranded: the submitter relied on a watcher that the worker had sent away")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the worker saw the task")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the submitter claimed a worker in bed")
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "the submitter woke it before it lay down")
  @State
  public static class SubmitParkWatched extends Beds {
    /** Two workers; one is the watcher and naps for as long as the test takes. */
    public SubmitParkWatched() {
      super(2);
      idle.tryWatch();
    }

    /** Publishes a task. */
    @Actor
    public void submitter() {
      publish();
    }

    /** Parks. */
    @Actor
    public void worker(II_Result r) {
      r.r1 = park(0);
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = idle.parked();
    }
  }

  /** The control of {@link SubmitParkWatched}: the worker takes a third one for awake. */
  @JCStressTest
  @Outcome(
      id = "1, 1",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: stranded, as the watcher kept its role and does not look in time")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the worker saw the task")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the submitter claimed a worker in bed")
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "the submitter woke it before it lay down")
  @Outcome(expect = FORBIDDEN, desc = "the books of the parked are wrong")
  @State
  public static class SubmitParkWatchedControl extends Beds {
    /** Three workers, of which one is neither awake nor parked. */
    public SubmitParkWatchedControl() {
      super(3);
      idle.tryWatch();
    }

    /** Publishes a task. */
    @Actor
    public void submitter() {
      publish();
    }

    /** Parks. */
    @Actor
    public void worker(II_Result r) {
      r.r1 = park(0);
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = idle.parked();
    }
  }

  /** A submission against a watch that ends, beside a worker that is parked. */
  @JCStressTest
  @Outcome(
      id = "1, 1",
      expect = FORBIDDEN,
      desc = "stranded: the submitter relied on the watcher, whose look came before the task")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "both saw it")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the watcher saw the task")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the submitter woke the worker")
  @State
  public static class SubmitWatchEnds extends Beds {
    /** Three workers: one is parked, one watches. */
    public SubmitWatchEnds() {
      super(3);
      if (park(0) != WOULD_PARK) {
        throw new IllegalStateException("worker must be parked");
      }
      idle.tryWatch();
    }

    /** Publishes a task. */
    @Actor
    public void submitter() {
      publish();
    }

    /** Ends the watch and looks. */
    @Actor
    public void watcher(II_Result r) {
      idle.watch(0);
      r.r1 = tasks.get() > 0 ? STAYED_AWAKE : WOULD_PARK;
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = idle.parked();
    }
  }

  /** The control of {@link SubmitPark}: the worker does not look at the indices again. */
  @JCStressTest
  @Outcome(
      id = "1, 1",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: stranded, as the worker did not look again after its announcement")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the submitter claimed a worker in bed")
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "the submitter woke it before it lay down")
  @Outcome(expect = FORBIDDEN, desc = "the books of the parked are wrong")
  @State
  public static class SubmitParkControl extends Beds {
    /** One worker, awake and blind. */
    public SubmitParkControl() {
      super(1, worker -> false);
    }

    /** Publishes a task. */
    @Actor
    public void submitter() {
      publish();
    }

    /** Parks. */
    @Actor
    public void worker(II_Result r) {
      r.r1 = park(0);
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = idle.parked();
    }
  }

  /** A submission of a task that only one worker may take. */
  @JCStressTest
  @Outcome(
      id = "1, 1",
      expect = FORBIDDEN,
      desc = "stranded: the worker missed the task, the submitter missed the worker")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the worker saw the task")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the submitter claimed a worker in bed")
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "the submitter woke it before it lay down")
  @State
  public static class SubmitToOnePark extends Beds {
    /** One worker, awake. */
    public SubmitToOnePark() {
      super(1);
    }

    /** Publishes a task for worker 0. */
    @Actor
    public void submitter() {
      tasks.incrementAndGet();
      if (idle.word() != 0) {
        idle.wake(0);
      }
    }

    /** Parks. */
    @Actor
    public void worker(II_Result r) {
      r.r1 = park(0);
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = idle.parked();
    }
  }

  /** A submission that relies on the spinner, which gives up at that moment. */
  @JCStressTest
  @Outcome(
      id = "1, 1",
      expect = FORBIDDEN,
      desc = "stranded: the submitter relied on the spinner, which had looked before")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the worker saw the task")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the submitter claimed a worker in bed")
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "the submitter woke it before it lay down")
  @State
  public static class SubmitSpinnerParks extends Beds {
    /** One worker, the spinner. */
    public SubmitSpinnerParks() {
      super(1);
      idle.trySpin();
    }

    /** Publishes a task. */
    @Actor
    public void submitter() {
      publish();
    }

    /** Gives the role back and parks. */
    @Actor
    public void worker(II_Result r) {
      idle.stopSpinning(0, false);
      r.r1 = park(0);
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = idle.parked();
    }
  }

  /** The control of {@link SubmitSpinnerParks}: the spinner looks first and gives up afterwards. */
  @JCStressTest
  @Outcome(
      id = "1, 1",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: stranded, as the role was given back after the last look")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the worker saw the task")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the submitter claimed a worker in bed")
  @Outcome(expect = FORBIDDEN, desc = "the books of the parked are wrong")
  @State
  public static class SubmitSpinnerParksControl extends Beds {
    /** One worker, the spinner. */
    public SubmitSpinnerParksControl() {
      super(1);
      idle.trySpin();
    }

    /** Publishes a task. */
    @Actor
    public void submitter() {
      publish();
    }

    /** Parks and gives the role back, in the wrong order. */
    @Actor
    public void worker(II_Result r) {
      r.r1 = park(0);
      idle.stopSpinning(0, false);
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = idle.parked();
    }
  }

  /**
   * The spinner takes a task and starts to run it while another task comes in. Worker 1 sleeps, so
   * that one of the two, spinner or submitter, must wake it.
   */
  @JCStressTest
  @Outcome(
      id = "1",
      expect = FORBIDDEN,
      desc = "stranded: each relied on the other to wake the sleeper for the second task")
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "the sleeper was claimed")
  @State
  public static class SubmitSpinnerFindsWork extends Beds {
    /** Worker 0 spins, worker 1 sleeps, one task is there. */
    public SubmitSpinnerFindsWork() {
      super(2);
      park(1);
      idle.trySpin();
      tasks.set(1);
    }

    /** Publishes the second task. */
    @Actor
    public void submitter() {
      publish();
    }

    /** Takes a task. */
    @Actor
    public void worker() {
      tasks.decrementAndGet();
      idle.stopSpinning(0, true);
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(I_Result r) {
      r.r1 = idle.parked();
    }
  }

  /** The control of {@link SubmitSpinnerFindsWork}: the spinner does not look for more. */
  @JCStressTest
  @Outcome(
      id = "1",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: stranded, as the spinner did not look for what came in meanwhile")
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "the sleeper was claimed")
  @Outcome(expect = FORBIDDEN, desc = "the books of the parked are wrong")
  @State
  public static class SubmitSpinnerFindsWorkControl extends Beds {
    /** Worker 0 spins, worker 1 sleeps, one task is there. */
    public SubmitSpinnerFindsWorkControl() {
      super(2);
      park(1);
      idle.trySpin();
      tasks.set(1);
    }

    /** Publishes the second task. */
    @Actor
    public void submitter() {
      publish();
    }

    /** Takes a task and says that it found none. */
    @Actor
    public void worker() {
      tasks.decrementAndGet();
      idle.stopSpinning(0, false);
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(I_Result r) {
      r.r1 = idle.parked();
    }
  }

  /**
   * Two submissions rely on the spinner, which gives up, looks again before it parks, and takes
   * one. Worker 1 sleeps: somebody must wake it for the other.
   */
  @JCStressTest
  @Outcome(
      id = "0, 1",
      expect = FORBIDDEN,
      desc = "stranded: both submissions relied on the spinner, which takes one and wakes nobody")
  @Outcome(id = ".*, 2", expect = FORBIDDEN, desc = "stranded: both sleep")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "one takes a task, the other was claimed")
  @Outcome(
      id = "(1|2), (0|1)",
      expect = ACCEPTABLE,
      desc = "the first was claimed in bed and will look as the spinner")
  @Outcome(expect = FORBIDDEN, desc = "the books of the parked are wrong")
  @State
  public static class SubmitTwiceSpinnerParks extends Beds {
    /** Worker 0 spins, worker 1 sleeps. */
    public SubmitTwiceSpinnerParks() {
      super(2);
      park(1);
      idle.trySpin();
    }

    /** Publishes two tasks. */
    @Actor
    public void submitter() {
      publish();
      publish();
    }

    /** Gives the role back and parks. */
    @Actor
    public void worker(II_Result r) {
      idle.stopSpinning(0, true);
      r.r1 = park(0);
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = idle.parked();
    }
  }

  /** The control of {@link SubmitTwiceSpinnerParks}: who gives up does not look for more. */
  @JCStressTest
  @Outcome(
      id = "0, 1",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: stranded, as the ex-spinner woke nobody for the second task")
  @Outcome(id = ".*, 2", expect = FORBIDDEN, desc = "stranded: both sleep")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "one takes a task, the other was claimed")
  @Outcome(
      id = "(1|2), (0|1)",
      expect = ACCEPTABLE,
      desc = "the first was claimed in bed and will look as the spinner")
  @Outcome(expect = FORBIDDEN, desc = "the books of the parked are wrong")
  @State
  public static class SubmitTwiceSpinnerParksControl extends Beds {
    /** Worker 0 spins, worker 1 sleeps. */
    public SubmitTwiceSpinnerParksControl() {
      super(2);
      park(1);
      idle.trySpin();
    }

    /** Publishes two tasks. */
    @Actor
    public void submitter() {
      publish();
      publish();
    }

    /** Gives the role back and parks. */
    @Actor
    public void worker(II_Result r) {
      idle.stopSpinning(0, false);
      r.r1 = park(0);
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = idle.parked();
    }
  }

  /** Two submissions, two sleepers: claims do not collide, the count stays right. */
  @JCStressTest
  @Outcome(id = "2", expect = FORBIDDEN, desc = "stranded: nobody was woken")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "one was woken and is the spinner")
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "each submitter woke one")
  @Outcome(
      expect = FORBIDDEN,
      desc = "miscounted: one sleeper was claimed twice or an update of the word was lost")
  @State
  public static class SubmitSubmit extends Beds {
    /** Two sleepers. */
    public SubmitSubmit() {
      super(2);
      park(0);
      park(1);
    }

    /** Publishes a task. */
    @Actor
    public void first() {
      publish();
    }

    /** Publishes a task. */
    @Actor
    public void second() {
      publish();
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(I_Result r) {
      r.r1 = idle.parked();
    }
  }

  /** Two workers that fall asleep at once. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "both claimed, one after the other")
  @Outcome(
      expect = FORBIDDEN,
      desc = "miscounted: an update of the word was lost, or a sleeper cannot be claimed")
  @State
  public static class ParkPark extends Beds {
    /** Two workers, awake. */
    public ParkPark() {
      super(2);
    }

    /** Parks. */
    @Actor
    public void first() {
      park(0);
    }

    /** Parks. */
    @Actor
    public void second() {
      park(1);
    }

    /** Wakes one after the other. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = idle.parked() - 1;
      idle.wake(0);
      r.r2 = idle.parked();
      idle.wake(1);
      if (idle.parked() != 0) {
        r.r2 = -1;
      }
    }
  }

  /** The end of the engine against a worker that falls asleep. */
  @JCStressTest
  @Outcome(
      id = "1, 1",
      expect = FORBIDDEN,
      desc = "stranded: the worker missed the mark, the sealer missed the worker")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the worker saw the mark")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the sealer claimed a worker in bed")
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "the sealer woke it before it lay down")
  @State
  public static class SealPark extends Beds {
    /** One worker, awake. */
    public SealPark() {
      super(1);
    }

    /** Seals. */
    @Actor
    public void sealer() {
      idle.sealIfParked(0);
    }

    /** Parks. */
    @Actor
    public void worker(II_Result r) {
      r.r1 = park(0);
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = idle.parked();
    }
  }

  /**
   * Closing against a worker that falls asleep: a worker that stays in bed has come by to see
   * whether the engine can end, else nobody would find out.
   */
  @JCStressTest
  @Outcome(
      id = "1, 1, 0",
      expect = FORBIDDEN,
      desc = "stranded: the worker sleeps, was not woken and did not ask whether this is the end")
  @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "it asked, then parked")
  @Outcome(id = "1, 0, (0|1)", expect = ACCEPTABLE, desc = "it was claimed, and will come by again")
  @Outcome(id = "2, 0, (0|1)", expect = ACCEPTABLE, desc = "it was woken, and will come by again")
  @Outcome(expect = FORBIDDEN, desc = "the books of the parked are wrong")
  @State
  public static class ClosePark extends Beds {
    private static final class AskingView implements WorkView {
      volatile int asked;

      @Override
      public boolean hasWorkFor(int worker) {
        return false;
      }

      @Override
      public void idleWhileClosing() {
        asked = 1;
      }
    }

    private final AskingView view;

    /** One worker, awake. */
    public ClosePark() {
      this(new AskingView());
    }

    private ClosePark(AskingView view) {
      super(1, view);
      this.view = view;
    }

    /** Closes. */
    @Actor
    public void closer() {
      idle.close();
    }

    /** Parks. */
    @Actor
    public void worker(III_Result r) {
      r.r1 = park(0);
    }

    /** Counts who is still parked, and whether it asked. */
    @Arbiter
    public void after(III_Result r) {
      r.r2 = idle.parked();
      r.r3 = view.asked;
    }
  }

  /** Closing against a submission: the sleeper is claimed once. */
  @JCStressTest
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "claimed by one of them")
  @Outcome(id = "1", expect = FORBIDDEN, desc = "stranded: each relied on the other")
  @Outcome(expect = FORBIDDEN, desc = "miscounted: claimed by both")
  @State
  public static class CloseSubmit extends Beds {
    /** One sleeper. */
    public CloseSubmit() {
      super(1);
      park(0);
    }

    /** Closes. */
    @Actor
    public void closer() {
      idle.close();
    }

    /** Publishes a task. */
    @Actor
    public void submitter() {
      publish();
    }

    /** Counts who is still parked. */
    @Arbiter
    public void after(I_Result r) {
      r.r1 = idle.parked();
    }
  }
}
