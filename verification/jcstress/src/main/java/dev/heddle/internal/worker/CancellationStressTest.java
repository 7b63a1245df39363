// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZII_Result;

/**
 * Cancelling against starting, ending and looking: a task has one outcome, decided once, and a body
 * that was cancelled before its start never runs.
 *
 * <p>Outcomes are numbers: 0 none, 1 success, 2 failure, 3 cancelled.
 */
public final class CancellationStressTest {

  private CancellationStressTest() {}

  /** A task that counts how often its body runs. */
  abstract static class OneTask {
    final Worker worker = Stage.worker();
    final AtomicInteger runs = new AtomicInteger();
    final TaskHandleImpl<Integer> handle = Stage.handle(context -> runs.incrementAndGet());
  }

  /** Cancelling a task only if it has not started, against its start. */
  @JCStressTest
  @Outcome(
      id = "true, 1, .*",
      expect = FORBIDDEN,
      desc = "ran though cancelled: the worker started it after the canceller had won")
  @Outcome(id = "false, 0, .*", expect = FORBIDDEN, desc = "neither cancelled nor run")
  @Outcome(id = "true, 0, 3", expect = ACCEPTABLE, desc = "cancelled before its start")
  @Outcome(id = "false, 1, 1", expect = ACCEPTABLE, desc = "started before")
  @Outcome(expect = FORBIDDEN, desc = "the outcome contradicts what cancel returned")
  @State
  public static class CancelUnstartedRun extends OneTask {
    /** Cancels. */
    @Actor
    public void canceller(ZII_Result r) {
      r.r1 = handle.cancelUnstarted("stress");
    }

    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Reads the books. */
    @Arbiter
    public void after(ZII_Result r) {
      r.r2 = runs.get();
      r.r3 = Stage.outcome(handle);
    }
  }

  /** The control of {@link CancelUnstartedRun}: the worker looks at the state, then runs. */
  @JCStressTest
  @Outcome(
      id = "true, 1, 3",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: ran though cancelled, as looking and starting were two steps")
  @Outcome(id = "true, 0, 3", expect = ACCEPTABLE, desc = "cancelled before its start")
  @Outcome(expect = FORBIDDEN, desc = "the outcome contradicts what cancel returned")
  @State
  public static class CancelUnstartedRunControl extends OneTask {
    /** Cancels. */
    @Actor
    public void canceller(ZII_Result r) {
      r.r1 = handle.cancelUnstarted("stress");
    }

    /** Looks, then runs the body without claiming the task. */
    @Actor
    public void worker() {
      if (!handle.isDone()) {
        runs.incrementAndGet();
      }
    }

    /** Reads the books. */
    @Arbiter
    public void after(ZII_Result r) {
      r.r2 = runs.get();
      r.r3 = Stage.outcome(handle);
    }
  }

  /** Cancelling at any time, against start and end. */
  @JCStressTest
  @Outcome(id = "false, 0, .*", expect = FORBIDDEN, desc = "neither cancelled nor run")
  @Outcome(
      id = "true, ., 1",
      expect = FORBIDDEN,
      desc = "two outcomes: cancel won, then the worker overwrote it")
  @Outcome(
      id = "false, ., 3",
      expect = FORBIDDEN,
      desc = "two outcomes: the body ended, then the canceller overwrote it")
  @Outcome(id = "true, 0, 3", expect = ACCEPTABLE, desc = "cancelled before its start")
  @Outcome(id = "true, 1, 3", expect = ACCEPTABLE, desc = "cancelled while it ran")
  @Outcome(id = "false, 1, 1", expect = ACCEPTABLE, desc = "ended before")
  @Outcome(expect = FORBIDDEN, desc = "ran twice, or has no outcome")
  @State
  public static class CancelRun extends OneTask {
    /** Cancels. */
    @Actor
    public void canceller(ZII_Result r) {
      r.r1 = handle.cancel();
    }

    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Reads the books. */
    @Arbiter
    public void after(ZII_Result r) {
      r.r2 = runs.get();
      r.r3 = Stage.outcome(handle);
    }
  }

  /** The books: a task is counted as completed or as cancelled, never as both. */
  @JCStressTest
  @Outcome(id = "true, 1, .*", expect = FORBIDDEN, desc = "counted twice")
  @Outcome(id = "false, 0, .*", expect = FORBIDDEN, desc = "not counted")
  @Outcome(id = "true, 0, 0", expect = ACCEPTABLE, desc = "cancelled, counted by the canceller")
  @Outcome(id = "false, 1, 0", expect = ACCEPTABLE, desc = "completed, counted by the worker")
  @Outcome(expect = FORBIDDEN, desc = "counted as failed")
  @State
  public static class CancelRunCounted extends OneTask {
    /** Cancels. */
    @Actor
    public void canceller(ZII_Result r) {
      r.r1 = handle.cancel();
    }

    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Reads the worker's counters. */
    @Arbiter
    public void after(ZII_Result r) {
      r.r2 = (int) worker.counters.completedAcquire();
      r.r3 = (int) worker.counters.failedAcquire();
    }
  }

  /** Two cancellers: one of them has decided it. */
  @JCStressTest
  @Outcome(id = "1, 3", expect = ACCEPTABLE, desc = "one winner")
  @Outcome(id = "2, .*", expect = FORBIDDEN, desc = "both decided it")
  @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "nobody decided it")
  @Outcome(expect = FORBIDDEN, desc = "not cancelled")
  @State
  public static class CancelCancel extends OneTask {
    private boolean first;
    private boolean second;

    /** Cancels. */
    @Actor
    public void first() {
      first = handle.cancel();
    }

    /** Cancels. */
    @Actor
    public void second() {
      second = handle.cancel();
    }

    /** Counts winners. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = (first ? 1 : 0) + (second ? 1 : 0);
      r.r2 = Stage.outcome(handle);
    }
  }

  /** Two workers have taken the same task: from a queue, and inside the task that waits for it. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "one ran it")
  @Outcome(id = "2, .*", expect = FORBIDDEN, desc = "both ran it")
  @Outcome(expect = FORBIDDEN, desc = "nobody ran it, or it has no outcome")
  @State
  public static class RunRun extends OneTask {
    private final Worker other = Stage.worker();

    /** Runs. */
    @Actor
    public void first() {
      handle.runOn(worker);
    }

    /** Runs. */
    @Actor
    public void second() {
      handle.runOn(other);
    }

    /** Reads the books. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = runs.get();
      r.r2 = Stage.outcome(handle);
    }
  }

  /** Who looks twice while a task is run and cancelled sees one outcome. */
  @JCStressTest
  @Outcome(id = "0, (0|1|3), (1|3)", expect = ACCEPTABLE, desc = "first look before the end")
  @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "success, and it stays")
  @Outcome(id = "3, 3, 3", expect = ACCEPTABLE, desc = "cancelled, and it stays")
  @Outcome(expect = FORBIDDEN, desc = "an outcome was seen that was not the last one")
  @State
  public static class CancelRunLook extends OneTask {
    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Looks, cancels, looks. */
    @Actor
    public void looker(III_Result r) {
      r.r1 = Stage.outcome(handle);
      handle.cancel();
      r.r2 = Stage.outcome(handle);
    }

    /** Looks again. */
    @Arbiter
    public void after(III_Result r) {
      r.r3 = Stage.outcome(handle);
    }
  }

  /** Who waits is released, whoever ends the task. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "released by the cancellation")
  @Outcome(expect = FORBIDDEN, desc = "released without an outcome")
  @State
  public static class CancelWait extends OneTask {
    /** Cancels. */
    @Actor
    public void canceller() {
      handle.cancel();
    }

    /** Waits. A waiter that is never released hangs here. */
    @Actor
    public void waiter(I_Result r) {
      r.r1 = handle.outcome() instanceof dev.heddle.Outcome.Cancelled<Integer> ? 1 : 0;
    }
  }

  /** A callback is told once, although two threads want to decide. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "told once")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "never told")
  @Outcome(expect = FORBIDDEN, desc = "told twice")
  @State
  public static class CancelRunCallback extends OneTask {
    private final AtomicInteger calls = new AtomicInteger();

    /** Has a callback. */
    public CancelRunCallback() {
      handle.onComplete(outcome -> calls.incrementAndGet());
    }

    /** Cancels. */
    @Actor
    public void canceller() {
      handle.cancel();
    }

    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Reads the books. */
    @Arbiter
    public void after(I_Result r) {
      r.r1 = calls.get();
    }
  }

  /** An interrupt that is meant for one task reaches no other. */
  @JCStressTest
  @Outcome(
      id = "1, .*",
      expect = FORBIDDEN,
      desc = "leaked: the next task's body found itself interrupted")
  @Outcome(
      id = "0, 1",
      expect = FORBIDDEN,
      desc = "leaked: the interrupt came after the task's end and lay about")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "nobody else was interrupted")
  @State
  public static class InterruptRunRun extends OneTask {
    private int interrupted;
    private final TaskHandleImpl<Integer> next =
        Stage.handle(context -> interrupted = Thread.interrupted() ? 1 : 0);

    /** Cancels the first task with an interrupt. */
    @Actor
    public void canceller() {
      handle.cancel(true);
    }

    /** Runs the first task and then the next. */
    @Actor
    public void worker(II_Result r) {
      Stage.enter(worker);
      handle.runOn(worker);
      next.runOn(worker);
      r.r1 = interrupted;
      r.r2 = Thread.interrupted() ? 1 : 0;
    }
  }

  /** The control of {@link InterruptRunRun}: interrupts whoever runs on the worker. */
  @JCStressTest
  @Outcome(
      id = "1, .*",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: leaked into the next task, as nobody asked what the worker runs")
  @Outcome(
      id = "0, 1",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: leaked beyond the next task, as nobody asked what the worker runs")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "nobody else was interrupted")
  @State
  public static class InterruptRunRunControl extends OneTask {
    private boolean leaked;

    /** Stands for the thread's interrupt status, which the harness needs for itself. */
    private volatile boolean interrupted;

    private final TaskHandleImpl<Boolean> next = Stage.handle(context -> leaked = interrupted);

    /** Cancels the first task and interrupts its thread without more ado. */
    @Actor
    public void canceller() {
      if (handle.cancel()) {
        interrupted = true;
      }
    }

    /** Runs the first task, clears the status and runs the next. */
    @Actor
    public void worker(II_Result r) {
      handle.runOn(worker);
      interrupted = false;
      next.runOn(worker);
      r.r1 = leaked ? 1 : 0;
      r.r2 = interrupted ? 1 : 0;
    }
  }
}
