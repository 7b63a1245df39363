// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.park;

import dev.heddle.internal.util.Seam;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Puts workers without work to sleep and wakes one of them when there is work again. Workers are
 * known by their numbers.
 *
 * <p>A submitter pays one volatile read, {@link #word()}, as long as nobody sleeps or spins.
 */
/*
 * Roles.        word: how many workers are parked or about to be (written by them and by who wakes them,
 *               by atomic steps), whether one worker spins and one watches (likewise), how far the engine is on its way to the end
 *               (written by LifeCycle); read by submitters.
 *               Sleeper.state: see below. Sleeper.thread: written by its worker before it announces.
 * States.       of a sleeper:
 *                  AWAKE --announce--> PARKED --recheck finds work (CAS)--> AWAKE
 *                                        |
 *                                        '--a waker claims it (CAS)--> CLAIMED --> AWAKE or SPINNING, unpark
 * Worker.       (1) add 1 to the parked count        Submitter.  (a) publish the task: atomic step on a
 *               (2) state = PARKED                                   queue's producer index
 *               (3) look at the queues' indices                  (b) read word
 *               (4) none: park; some: undo                       (c) parked, nobody spins or watches:
 *                                                                    claim a PARKED sleeper, unpark it
 * Happens-before. (1), (2), (3), (a), (b) and the reads in (c) are volatile accesses, so there is one order
 *               of all of them. If (a) comes before (3), the worker sees the index moved and does not park.
 *               Otherwise (3) comes before (a), hence (1) and (2) come before (b) and (c): the submitter
 *               sees a parked count above 0 and a PARKED sleeper, unless somebody else claimed it, and
 *               that one wakes up and looks at all queues. So no task stays in a queue while all workers
 *               sleep. An index, not a null from poll, is what (3) must look at: a task whose producer is
 *               suspended between claiming its slot and filling it is not to be had by poll, and its
 *               producer may have passed (b) already by the time the slot shows.
 * Spinning.     At most one worker spins, and while it does, (c) wakes nobody: the spinner will see the
 *               index. It gives the role back before (1), or when it has found work. Then it always looks
 *               whether there is work and, if so, wakes another: several submitters may have relied on it, and
 *               its own look (3) would serve one of them. By the same argument nothing is missed. Who is woken by (c) starts as the spinner.
 * Watching.     A worker without work may nap as the watcher while others are quick enough (see Worker); as long as
 *               there is one, (c) wakes nobody. It gives the role back and then looks at the queues, and if it
 *               takes a task it looks for more and wakes another, as the spinner does. A worker that parks
 *               when nobody but the watcher is awake takes the role from it, between (2) and (3): its own
 *               look (3) answers for whoever relied on the watcher, and whoever comes later wakes a worker. So
 *               nothing waits for a nap while nobody works.
 * Relying.      A worker that shares all queues with spinner and watcher may park although (3) shows work: they
 *               have their roles after (1) and (2), so when they give them back, with a look, they see a
 *               parked worker.
 * Invariants.   Leaving PARKED is one CAS: one winner, a waker or the worker itself; the winner takes 1 off
 *               the count. The count is added to before PARKED is set, so it is never below the number
 *               of PARKED sleepers.
 * Allowed races. A waker may find no PARKED sleeper though the count is above 0: those counted are before
 *               (2) and will look at the queues, or have been claimed and will too.
 * Progress.     word() and wakeOne(): no waiting. park waits by design, without a timeout.
 * Source.       The two-sided check of rayon-core's sleep module and the spinning rule of the Go scheduler;
 *               here the queue's own atomic step is the submitter's store, so that it needs no fence.
 * Evidence.     IdleWorkersTest, IdleWorkersStressTest, soaks HandOff and PairUp. The control drops (3), the look at
 *               the indices, and is seen to strand a task.
 */
public final class IdleWorkers {

  /** Says whether there is work that a worker may take. Reads indices, not elements. */
  @FunctionalInterface
  public interface WorkView {
    /**
     * Looks at the queues.
     *
     * @param worker the number of the worker
     * @return {@code true} if a queue is not empty, also where its element cannot be had yet
     */
    boolean hasWorkFor(int worker);

    /** Called by a worker that has announced itself and found no work while the engine closes. */
    default void idleWhileClosing() {}
  }

  /** Bits 0 to 15 of the word: workers that are parked or about to be. */
  private static final int PARKED_MASK = 0xffff;

  /** Bit 16 of the word: a worker spins. */
  private static final int SPINNER = 1 << 16;

  /** Bit 17 of the word: the engine closes; never cleared, like the next two. */
  private static final int CLOSING = 1 << 17;

  /** Bit 18 of the word: what is queued has been cancelled. */
  private static final int STOPPED = 1 << 18;

  /** Bit 19 of the word: nobody will look at a queue again. */
  private static final int SEALED = 1 << 19;

  /** Bit 20 of the word: a worker watches the others. */
  private static final int WATCHER = 1 << 20;

  private static final class Sleeper {
    static final int AWAKE = 0;
    static final int PARKED = 1;
    static final int CLAIMED = 2;
    static final int SPINNING = 3;

    volatile int state;
    volatile @Nullable Thread thread;
  }

  private final WorkView work;
  private final Sleeper[] sleepers;
  private volatile int word;

  /**
   * Makes a place to sleep.
   *
   * @param workers how many workers there are, at most 1,024
   * @param work how a worker looks for work before it sleeps
   */
  public IdleWorkers(int workers, WorkView work) {
    this.work = work;
    this.sleepers = new Sleeper[workers];
    for (int i = 0; i < workers; i++) {
      sleepers[i] = new Sleeper();
    }
  }

  /**
   * Returns 0 if there is nothing that a submitter must do after it has published a task.
   *
   * @return not 0 if a worker is parked or spins, or if the engine closes
   */
  public int word() {
    return word;
  }

  /**
   * Tells whether the engine closes.
   *
   * @return {@code true} from the return of {@link #close()}
   */
  public boolean isClosing() {
    return (word & CLOSING) != 0;
  }

  /**
   * Tells whether queued tasks have been cancelled.
   *
   * @return {@code true} from the return of {@link #stop()}
   */
  public boolean isStopped() {
    return (word & STOPPED) != 0;
  }

  /**
   * Tells whether the workers have to end.
   *
   * @return {@code true} from the return of {@link #sealIfParked}, if that was
   */
  public boolean isSealed() {
    return (word & SEALED) != 0;
  }

  /**
   * Marks the engine as closing and wakes every worker, to find out whether all of them are idle.
   */
  public void close() {
    WORD.getAndBitwiseOr(this, CLOSING);
    wakeAll();
  }

  /** Marks the engine as stopped. */
  public void stop() {
    WORD.getAndBitwiseOr(this, STOPPED);
  }

  /**
   * Makes every worker end, if all of them are parked, in one step: none of them has taken a task
   * before, and none may take one afterwards.
   *
   * @param workers how many there are
   * @return whether they were
   */
  public boolean sealIfParked(int workers) {
    int seen;
    do {
      seen = word;
      if ((seen & PARKED_MASK) < workers) {
        return false;
      }
    } while (!WORD.compareAndSet(this, seen, seen | SEALED));
    wakeAll();
    return true;
  }

  private void wakeAll() {
    for (int i = 0; i < sleepers.length; i++) {
      wake(i);
    }
  }

  /**
   * Wakes a worker if one is parked and none spins: called after a task has been published.
   *
   * @param preferred the number of the worker to wake if it can be chosen: it has the task at hand
   */
  public void wakeOne(int preferred) {
    int seen = word;
    if ((seen & PARKED_MASK) == 0 || (seen & (SPINNER | WATCHER)) != 0) {
      return;
    }
    for (int i = 0; i < sleepers.length; i++) {
      Sleeper sleeper = sleepers[(preferred + i) % sleepers.length];
      if (claim(sleeper)) {
        boolean spins = countOffAndTakeSpinnerRole();
        wake(sleeper, spins ? Sleeper.SPINNING : Sleeper.AWAKE);
        return;
      }
    }
  }

  /**
   * Wakes one worker if it is parked, for a task that only this worker may take.
   *
   * @param worker its number
   */
  public void wake(int worker) {
    Sleeper sleeper = sleepers[worker];
    if (claim(sleeper)) {
      WORD.getAndAdd(this, -1);
      wake(sleeper, Sleeper.AWAKE);
    }
  }

  private static boolean claim(Sleeper sleeper) {
    return sleeper.state == Sleeper.PARKED
        && STATE.compareAndSet(sleeper, Sleeper.PARKED, Sleeper.CLAIMED);
  }

  private boolean countOffAndTakeSpinnerRole() {
    for (; ; ) {
      int seen = word;
      if (WORD.compareAndSet(this, seen, (seen - 1) | SPINNER)) {
        return (seen & SPINNER) == 0;
      }
    }
  }

  private static void wake(Sleeper sleeper, int state) {
    Thread thread =
        sleeper.thread; // before the state: the worker may leave and announce itself anew
    sleeper.state = state;
    if (thread != null) {
      Seam.unpark(thread);
    }
  }

  /**
   * Becomes the spinner if there is none.
   *
   * @return whether the calling worker is the spinner now
   */
  public boolean trySpin() {
    int seen = word;
    return (seen & SPINNER) == 0 && WORD.compareAndSet(this, seen, seen | SPINNER);
  }

  /**
   * Becomes the watcher if there is none and somebody to watch: another worker that is awake.
   *
   * @return whether the calling worker is the watcher now
   */
  public boolean tryWatch() {
    int seen = word;
    return (seen & (WATCHER | CLOSING)) == 0
        && (seen & PARKED_MASK) < sleepers.length - 1
        && WORD.compareAndSet(this, seen, seen | WATCHER);
  }

  /**
   * Sleeps as the watcher, and stops being it. The caller must look at the queues afterwards.
   *
   * @param nanos for how long at most
   */
  public void watch(long nanos) {
    try {
      Seam.parkNanos(this, nanos);
      Thread.interrupted();
    } finally {
      WORD.getAndBitwiseAnd(this, ~WATCHER);
    }
  }

  /**
   * Stops being the spinner.
   *
   * @param worker the number of the calling worker
   * @param look whether to wake another worker if there is work; not if the calling worker is the
   *     watcher now
   */
  public void stopSpinning(int worker, boolean look) {
    WORD.getAndBitwiseAnd(this, ~SPINNER);
    if (look) {
      wakeIfThereIsWork(worker);
    }
  }

  /**
   * Wakes a worker if one is parked and there is work: called by one that others relied on.
   *
   * @param worker the number of the calling worker
   */
  public void wakeIfThereIsWork(int worker) {
    if ((word & PARKED_MASK) != 0 && work.hasWorkFor(worker)) {
      wakeOne(worker);
    }
  }

  /** How {@link #park} ended. */
  public enum Woken {
    /** It did not park: there is work, or the engine has ended. */
    AT_ONCE,
    /** It parked and was woken. */
    WOKEN,
    /** It parked, was woken, and is the spinner. */
    AS_SPINNER
  }

  /**
   * Parks the calling worker until it is woken, unless there is work for it. An interrupt does not
   * end it and is forgotten: nothing that an idle worker does can be interrupted.
   *
   * @param worker the number of the calling worker, which must not be the spinner
   * @param reliesOnOthers whether it may park although there is work, if there is a spinner or a
   *     watcher, who will look at it
   * @return how it ended
   */
  public Woken park(int worker, boolean reliesOnOthers) {
    Sleeper sleeper = sleepers[worker];
    sleeper.thread = Thread.currentThread();
    int before = (int) WORD.getAndAdd(this, 1);
    sleeper.state = Sleeper.PARKED;
    Seam.reached(Seam.Point.PARK_ANNOUNCED);
    if ((before & PARKED_MASK) + 1 >= sleepers.length - 1) { // nobody is awake to be watched
      WORD.getAndBitwiseAnd(this, ~WATCHER);
    }
    boolean stays = isSealed() || work.hasWorkFor(worker);
    if (stays
        && !(reliesOnOthers && somebodyLooks())
        && STATE.compareAndSet(sleeper, Sleeper.PARKED, Sleeper.AWAKE)) {
      WORD.getAndAdd(this, -1);
      return Woken.AT_ONCE;
    }
    if (isClosing()) {
      work.idleWhileClosing();
    }
    int state;
    while ((state = sleeper.state) == Sleeper.PARKED || state == Sleeper.CLAIMED) {
      Seam.park(this);
      Thread.interrupted();
    }
    sleeper.state = Sleeper.AWAKE;
    return state == Sleeper.SPINNING ? Woken.AS_SPINNER : Woken.WOKEN;
  }

  private boolean somebodyLooks() {
    int seen = word;
    return (seen & (SPINNER | WATCHER)) != 0 && (seen & CLOSING) == 0;
  }

  /**
   * Undoes what an error has left of {@link #park}: the worker is awake, and nobody takes it for a
   * sleeper.
   *
   * @param worker the number of the calling worker
   * @return whether a waker had made it the spinner
   */
  public boolean recover(int worker) {
    Sleeper sleeper = sleepers[worker];
    if (STATE.compareAndSet(sleeper, Sleeper.PARKED, Sleeper.AWAKE)) {
      WORD.getAndAdd(this, -1);
      return false;
    }
    int state;
    while ((state = sleeper.state) == Sleeper.CLAIMED) {
      Thread.onSpinWait(); // a waker is between its two steps
    }
    sleeper.state = Sleeper.AWAKE;
    return state == Sleeper.SPINNING;
  }

  /**
   * Tells whether a worker sleeps.
   *
   * @param worker its number
   * @return {@code false} also if it has just been woken
   */
  public boolean isAsleep(int worker) {
    return sleepers[worker].state == Sleeper.PARKED;
  }

  /**
   * Returns how many workers sleep.
   *
   * @return those that are parked or about to be
   */
  public int parked() {
    return word & PARKED_MASK;
  }

  private static final VarHandle WORD;
  private static final VarHandle STATE;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      WORD = lookup.findVarHandle(IdleWorkers.class, "word", int.class);
      STATE = lookup.findVarHandle(Sleeper.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
