// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.timer;

import dev.heddle.internal.util.Seam;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Comparator;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls actions back at given times, on a thread of its own that is started by the first timer.
 * Actions should hand work over and return. Safe for use by any thread.
 *
 * <p>Made for timeouts, which are nearly always cancelled long before they are due: setting and
 * cancelling a timer takes no lock and, as a rule, wakes nobody.
 */
/*
 * Roles.        top: the new timers, as a stack. Whoever sets a timer pushes it, in the place of cancelled ones; the timer thread takes
 *               all. Both by CAS. After close it is the mark "closed" for ever.
 *               heap, incoming, timersMade: the timer thread's own. held: how many are in the heap, written by it.
 *               wakesAt: when it will look by itself, written by it, read by who sets a timer.
 *               askedFor: the time for which it was woken last, written by who wakes it. A hint: any value is right.
 *               cancelled: timers in the heap that have been cancelled; added to by who cancels, taken off by the timer thread.
 *               thread: written once, under the lock, which also orders the start of the thread and close.
 *               Timer.next, depth: written by who pushes; next is the timer thread's once it has the timer. Timer.action: read
 *               or forgotten by who has decided the timer.
 * States.       of a timer:   NEW --the thread puts it into the heap (CAS)--> HELD
 *                              '--fires or is cancelled (swap)--> DECIDED <--'
 * Times.        Seam.nanoTime, compared by difference, like order, so that their overflow does no harm; delays are
 *               cut to half of what a long can hold. Timers that are due at the same time fire in the order in which they
 *               were pushed: a stack that is taken is turned round and numbered.
 * Waking.       Who sets a timer.                     Timer thread.
 *               (a) push it: CAS on top               (1) take the stack, add it to the heap; nothing is due
 *               (b) read wakesAt                      (2) write wakesAt: the time of the first in the heap, or NEVER
 *               (c) due before that: unpark           (3) read top
 *                                                     (4) nothing there: park until then; else go on at (1)
 * Happens-before. (a), (b), (2), (3) are volatile accesses, so there is one order of all of them. If (a) comes before (3), the
 *               thread has taken the timer in (1), or sees a timer (this one, unless it was cancelled, or a later one) and does not
 *               park. Otherwise (2) comes before (a) and so before (b), which reads what (2) wrote: (c) unparks the thread if
 *               need be, and a permit that comes before the park makes it return at once. If (b) reads what the thread
 *               wrote later, the thread is past (4), and the same holds for its next (1) to (4). So no timer is
 *               overslept. The action, and what was done before it was set, is published by (a).
 * wakesAt.      While the thread is awake it is the time at which it woke up: nothing new is due before that, so nobody unparks a
 *               thread that will look anyway. While it sleeps it is when it will wake up, by the first timer in the heap, also if
 *               that one was cancelled meanwhile, or by askedFor, if that is still to come. The latter is for timers that
 *               are cancelled at once: the first one wakes the thread, which does not find it, or finds it cancelled; it then sleeps until that
 *               timer would have been due, and all that are set meanwhile with the same delay are due later and wake nobody. So a
 *               delay of a second, set and cancelled all the time, costs two wake-ups a second: one by the time, one by the
 *               next timer. Without any new timer, the thread sleeps for good once these times have passed.
 * Cancelling.   One swap decides. In the stack, a cancelled timer stays until the next one is set: whoever pushes takes the
 *               cancelled ones off that are on top, by the same CAS. So if timers are set and cancelled by turns, the stack holds one. This is no ABA: a timer
 *               is pushed once, and only a CAS on top takes timers out. If top is what it was, all below it is, too, each next included; if not, the
 *               CAS fails, and what was read on the way, half turned round perhaps, is of no account.
 *               One in the heap is counted, and when more than half of the heap is cancelled, every 64th wakes the
 *               thread, which sweeps them out. Asking for that leaves no mark, so who dies in between keeps nobody else from asking.
 * Memory.       A cancelled timer forgets its action. In the stack, cancelled ones stay that lie below one that is not: each
 *               4,096th in depth wakes the thread, which throws them away and puts the others into the heap. So no more cancelled timers are
 *               held than live ones, 128, 4,096, and what comes in while the thread wakes up.
 * Failures.     What an action throws goes to onFailure. Any other error, out of memory in the heap for one, is told likewise,
 *               and the thread goes on, a little later: first with what is due in the heap, then with incoming, what was taken
 *               from the stack and is not in the heap yet.
 * Allowed races. Several may unpark the thread for the same sleep. askedFor may be overwritten by a later time: one more
 *               wake-up. size() may be seen between two steps of the timer thread. cancelled may be below zero for a moment.
 * Progress.     after, save for the first, and cancel: lock-free. Each step that takes a cancelled one off is paid for by one cancel.
 * Evidence.     TimersTest, TimersStressTest, CounterWrapTest. The control drops (3), the second look at the stack, and is seen to
 *               oversleep.
 */
public class Timers {

  /**
   * Below this many cancelled timers a sweep is not worth it; also how many are cancelled until the
   * next look.
   */
  private static final int MIN_SWEEP = 64;

  /** The stack may grow by this many, a power of two, until the timer thread must look at it. */
  private static final int MAX_DEPTH = 4_096;

  private static final long MAX_DELAY_NANOS = Long.MAX_VALUE / 2;

  /**
   * Of {@link #wakesAt}: not without being unparked. If it is a time, the one before stands for it.
   */
  private static final long NEVER = Long.MIN_VALUE;

  /**
   * How long the timer thread waits after an error of its own, so that a lasting one does not keep
   * a processor busy.
   */
  private static final long AFTER_ERROR_NANOS = 10_000_000;

  static final Comparator<Timer> IN_ORDER =
      ((Comparator<Timer>) (a, b) -> Long.signum(a.dueNanos - b.dueNanos))
          .thenComparing((a, b) -> Long.signum(a.order - b.order));

  /** A callback to come. */
  public static final class Timer {
    private static final int NEW = 0;
    private static final int HELD = 1;
    private static final int DECIDED = 2;

    private final Timers timers;
    private final long dueNanos;
    private @Nullable Runnable action;
    private @Nullable Timer next;
    private int depth;
    private long order;
    private volatile int state;

    private Timer(Timers timers, long dueNanos, @Nullable Runnable action) {
      this.timers = timers;
      this.dueNanos = dueNanos;
      this.action = action;
    }

    /**
     * Returns how long it is until the callback.
     *
     * @return nanoseconds; negative if it is overdue
     */
    public long leftNanos() {
      return dueNanos - Seam.nanoTime();
    }

    /**
     * Cancels the callback, and forgets it.
     *
     * @return {@code false} if it has been called or cancelled before
     */
    public boolean cancel() {
      int before = (int) STATE.getAndSet(this, DECIDED);
      if (before == DECIDED) {
        return false;
      }
      action = null;
      if (before == HELD) {
        timers.countCancelled();
      }
      return true;
    }
  }

  private volatile @Nullable Timer top;
  private volatile long wakesAt = NEVER;
  private volatile long askedFor;
  private volatile int cancelled;
  private volatile int held;
  private volatile @Nullable Thread thread; // written under the lock

  private final Timer closed = new Timer(this, 0, null);
  private final ThreadFactory threads;
  private final Consumer<Throwable> onFailure;
  private final ReentrantLock lock = new ReentrantLock();

  private final PriorityQueue<Timer> heap;
  private @Nullable Timer incoming; // linked, the oldest first
  private long timersMade;

  /**
   * Makes timers; starts no thread.
   *
   * @param threads makes the thread
   * @param onFailure hears of what actions throw
   */
  public Timers(ThreadFactory threads, Consumer<Throwable> onFailure) {
    this(threads, onFailure, new PriorityQueue<>(IN_ORDER));
  }

  /** For a test, whose heap may fail. */
  Timers(ThreadFactory threads, Consumer<Throwable> onFailure, PriorityQueue<Timer> heap) {
    this.threads = threads;
    this.onFailure = onFailure;
    this.heap = heap;
  }

  // ---- any thread

  /**
   * Sets a timer. After {@link #close()} it will not fire.
   *
   * <p>What the caller did before happens-before the callback. The first timer starts the thread;
   * what the factory or the start throws comes out of here, and no timer is set.
   *
   * @param delayNanos when, from now; zero or less for at once
   * @param action what to call
   * @return the timer
   */
  public Timer after(long delayNanos, Runnable action) {
    return after(Seam.nanoTime(), delayNanos, action);
  }

  /**
   * Sets a timer, for a caller that has just read the clock.
   *
   * @param fromNanos what {@link Seam#nanoTime} has returned, lately
   * @param delayNanos when, from then; zero or less for at once
   * @param action what to call
   * @return the timer
   * @see #after(long, Runnable)
   */
  public Timer after(long fromNanos, long delayNanos, Runnable action) {
    Objects.requireNonNull(action, "action");
    long due = fromNanos + Math.clamp(delayNanos, 0, MAX_DELAY_NANOS);
    if (thread == null) {
      startThread(due);
    }
    Timer timer = new Timer(this, due, action);
    Timer seen;
    Timer below;
    do {
      seen = top;
      if (seen == closed) {
        return timer;
      }
      below = firstUndecided(seen);
      timer.next = below;
      timer.depth = below == null ? 1 : below.depth + 1;
    } while (!TOP.compareAndSet(this, seen, timer));
    while (seen != null && seen != below) { // taken off: who holds one shall not hold the others
      Timer after = seen.next;
      seen.next = null;
      seen = after;
    }
    long wakes = wakesAt;
    if (wakes == NEVER || due - wakes < 0) {
      askedFor = due;
      wake();
    } else if ((timer.depth & (MAX_DEPTH - 1)) == 0) {
      wake();
    }
    return timer;
  }

  private void startThread(long due) {
    lock.lock();
    try {
      if (thread == null && top != closed) {
        askedFor = due;
        Thread started = Seam.newThread(threads, this::run);
        started.start();
        thread = started;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Makes the timer thread look. Overridden by tests only, that count. */
  void wake() {
    Thread sleeper = thread;
    if (sleeper != null) {
      Seam.unpark(sleeper);
    }
  }

  private static @Nullable Timer firstUndecided(@Nullable Timer newest) {
    Timer timer = newest;
    while (timer != null && timer.state == Timer.DECIDED) {
      timer = timer.next;
    }
    return timer;
  }

  private void countCancelled() {
    int count = (int) CANCELLED.getAndAdd(this, 1) + 1;
    if (count % MIN_SWEEP == 0 && isSweepDue(count)) {
      wake();
    }
  }

  private boolean isSweepDue(int count) {
    return count >= MIN_SWEEP && count > held / 2;
  }

  /**
   * Tells whether the caller is an action of these timers.
   *
   * @return whether it is on their thread
   */
  public boolean isTimerThread() {
    return Thread.currentThread() == thread;
  }

  /**
   * Returns how many timers are held, cancelled ones included.
   *
   * @return zero or more; about, while timers are set or fire
   */
  public int size() {
    Timer first = top;
    return held + (first == null ? 0 : first.depth);
  }

  /**
   * How many timers in the heap have been cancelled: 0 when the heap is empty and nobody cancels.
   */
  final int cancelledHeld() {
    return cancelled;
  }

  /** Forgets all timers and ends the thread; waits for it unless called by it. */
  public void close() {
    Thread toEnd;
    lock.lock();
    try {
      top = closed;
      toEnd = thread;
    } finally {
      lock.unlock();
    }
    if (toEnd == Thread.currentThread()) {
      forgetAll();
    } else if (toEnd != null) {
      Seam.unpark(toEnd);
      boolean interrupted = false;
      while (toEnd.isAlive()) {
        try {
          toEnd.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  // ---- the timer thread

  private void run() {
    for (; ; ) {
      try {
        fireUntilClosed();
        return;
      } catch (Throwable e) { // of its own: timers to come must not be lost
        report(e);
        Seam.parkNanos(this, AFTER_ERROR_NANOS);
      }
    }
  }

  /** Does what the timer thread does. Called by tests that have no such thread, too. */
  final void fireUntilClosed() {
    wakesAt = Seam.nanoTime();
    while (fireFirstIfDue()) {} // after an error: there may be no memory for new ones until then
    while (takeNew()) {
      sweepIfDue();
      if (!fireFirstIfDue()) {
        sleep(heap.peek());
      }
    }
    forgetAll();
  }

  private boolean fireFirstIfDue() {
    Timer first = heap.peek();
    if (first == null || first.leftNanos() > 0) {
      return false;
    }
    heap.remove();
    fire(first);
    return true;
  }

  /** Brings the new timers into the heap; {@code false} when closed. */
  final boolean takeNew() {
    addIncoming(); // what an error has left
    Timer newest = top;
    while (newest != null && newest != closed) {
      if (TOP.compareAndSet(this, newest, null)) {
        incoming = oldestFirst(newest);
        addIncoming();
        return true;
      }
      newest = top;
    }
    return newest != closed;
  }

  private static @Nullable Timer oldestFirst(Timer newest) {
    Timer turned = null;
    for (Timer timer = newest; timer != null; ) {
      Timer below = timer.next;
      timer.next = turned;
      turned = timer;
      timer = below;
    }
    return turned;
  }

  private void addIncoming() {
    Timer timer = incoming;
    if (timer == null) {
      return;
    }
    for (; timer != null; timer = incoming) {
      boolean live = timer.state == Timer.NEW;
      if (live) {
        timer.order = timersMade++;
        heap.add(timer); // may throw, for want of memory, and is tried again then
      }
      incoming = timer.next;
      timer.next = null;
      if (live && !STATE.compareAndSet(timer, Timer.NEW, Timer.HELD)) {
        CANCELLED.getAndAdd(this, 1); // since the look, by one that took it for not held
      }
    }
    held = heap.size();
  }

  private void sweepIfDue() {
    if (isSweepDue(cancelled)) {
      int before = heap.size();
      heap.removeIf(timer -> timer.state == Timer.DECIDED);
      held = heap.size();
      CANCELLED.getAndAdd(this, heap.size() - before);
    }
  }

  private void fire(Timer timer) {
    held = heap.size();
    if ((int) STATE.getAndSet(timer, Timer.DECIDED) == Timer.DECIDED) {
      CANCELLED.getAndAdd(this, -1);
      return;
    }
    Runnable action = Objects.requireNonNull(timer.action);
    timer.action = null;
    try {
      action.run();
    } catch (Throwable e) {
      report(e);
    }
  }

  private void report(Throwable failure) {
    try {
      onFailure.accept(failure);
    } catch (Throwable e) {
      return; // who should hear of it has failed: nobody else is there to tell
    }
  }

  private void sleep(@Nullable Timer first) {
    Seam.reached(Seam.Point.TIMER_SLEEPS);
    long asked = askedFor;
    if (asked - Seam.nanoTime() > 0 && (first == null || asked - first.dueNanos < 0)) {
      parkUntil(asked);
    } else if (first != null) {
      parkUntil(first.dueNanos);
    } else {
      wakesAt = NEVER;
      if (nothingNew()) {
        Seam.park(this);
      }
    }
    wakesAt = Seam.nanoTime();
    Thread.interrupted(); // nothing to interrupt here
  }

  private void parkUntil(long nanoTime) {
    wakesAt = nanoTime == NEVER ? NEVER - 1 : nanoTime;
    if (nothingNew()) {
      Seam.parkNanos(this, nanoTime - Seam.nanoTime());
    }
  }

  /**
   * Looks at the stack for the last time before the thread parks. Overridden by the weakened
   * control only.
   */
  boolean nothingNew() {
    return top == null;
  }

  private void forgetAll() {
    incoming = null;
    heap.clear();
    held = 0;
  }

  private static final VarHandle TOP;
  private static final VarHandle CANCELLED;
  private static final VarHandle STATE;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TOP = lookup.findVarHandle(Timers.class, "top", Timer.class);
      CANCELLED = lookup.findVarHandle(Timers.class, "cancelled", int.class);
      STATE = lookup.findVarHandle(Timer.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
