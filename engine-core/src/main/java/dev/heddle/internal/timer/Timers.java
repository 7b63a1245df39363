// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.timer;

import dev.heddle.internal.util.Seam;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls actions back at given times, on a thread of its own that is started by the first timer.
 * Actions should hand work over and return. Safe for use by any thread.
 */
/*
 * Roles.        heap, cancelled, closed: under the lock; thread is written under it. Timer.decided: set once, by
 *               who fires or cancels.
 * Times.        Seam.nanoTime, compared by difference, like order, so that their overflow does no harm; delays are
 *               cut to half of what a long can hold.
 * Waking.       The thread looks at the heap under the lock and parks outside it. A timer that becomes the first
 *               one unparks the thread afterwards; a permit that comes before the park makes it return at
 *               once, so that no timer is overslept.
 * Cancelling.   Takes one step and leaves the timer in the heap; when more than half of the heap is cancelled,
 *               one sweep takes them out. So a million timers set and cancelled hold no memory.
 * Evidence.     TimersTest, CounterWrapTest.
 */
public final class Timers {

  /** Below this many cancelled timers a sweep is not worth it. */
  private static final int MIN_SWEEP = 64;

  private static final long MAX_DELAY_NANOS = Long.MAX_VALUE / 2;

  /** A callback to come. */
  public final class Timer {
    private final long dueNanos;
    private final long order;
    private final Runnable action;
    private final AtomicBoolean decided = new AtomicBoolean();

    private Timer(long dueNanos, long order, Runnable action) {
      this.dueNanos = dueNanos;
      this.order = order;
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
     * Cancels the callback.
     *
     * @return {@code false} if it has been called or cancelled before
     */
    public boolean cancel() {
      if (!decided.compareAndSet(false, true)) {
        return false;
      }
      countCancelled();
      return true;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final PriorityQueue<Timer> heap =
      new PriorityQueue<>(
          ((Comparator<Timer>) (a, b) -> Long.signum(a.dueNanos - b.dueNanos))
              .thenComparing((a, b) -> Long.signum(a.order - b.order)));
  private final ThreadFactory threads;
  private final Consumer<Throwable> onFailure;
  private int cancelled;
  private long timersMade;
  private volatile @Nullable Thread thread; // written under the lock
  private boolean closed;

  /**
   * Makes timers; starts no thread.
   *
   * @param threads makes the thread
   * @param onFailure hears of what actions throw
   */
  public Timers(ThreadFactory threads, Consumer<Throwable> onFailure) {
    this.threads = threads;
    this.onFailure = onFailure;
  }

  /**
   * Sets a timer. After {@link #close()} it will not fire.
   *
   * @param delayNanos when, from now; zero or less for at once
   * @param action what to call
   * @return the timer
   */
  public Timer after(long delayNanos, Runnable action) {
    long due = Seam.nanoTime() + Math.clamp(delayNanos, 0, MAX_DELAY_NANOS);
    Timer timer;
    Thread toWake = null;
    lock.lock();
    try {
      timer = new Timer(due, timersMade++, action);
      if (closed) {
        return timer;
      }
      heap.add(timer);
      if (thread == null) {
        Thread started = Seam.newThread(threads, this::run);
        started.start();
        thread = started;
      } else if (heap.peek() == timer) {
        toWake = thread;
      }
    } finally {
      lock.unlock();
    }
    if (toWake != null) {
      Seam.unpark(toWake);
    }
    return timer;
  }

  /**
   * Tells whether the caller is an action of these timers.
   *
   * @return whether it is on their thread
   */
  public boolean isTimerThread() {
    return Thread.currentThread() == thread;
  }

  private void countCancelled() {
    lock.lock();
    try {
      cancelled++;
      if (cancelled >= MIN_SWEEP && cancelled > heap.size() / 2) {
        heap.removeIf(timer -> timer.decided.get());
        cancelled = 0;
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    for (; ; ) {
      List<Timer> due = new ArrayList<>();
      long sleep = Long.MAX_VALUE;
      lock.lock();
      try {
        if (closed) {
          return;
        }
        Timer first;
        while ((first = heap.peek()) != null && (sleep = first.leftNanos()) <= 0) {
          due.add(heap.remove());
        }
        if (first == null) {
          sleep = Long.MAX_VALUE;
        }
      } finally {
        lock.unlock();
      }
      due.forEach(this::fire);
      if (due.isEmpty()) {
        if (sleep == Long.MAX_VALUE) {
          Seam.park(this);
        } else {
          Seam.parkNanos(this, sleep);
        }
        Thread.interrupted(); // nothing to interrupt here
      }
    }
  }

  private void fire(Timer timer) {
    if (timer.decided.compareAndSet(false, true)) {
      try {
        timer.action.run();
      } catch (Throwable e) {
        onFailure.accept(e);
      }
    }
  }

  /**
   * Returns how many timers are held, cancelled ones included.
   *
   * @return zero or more
   */
  public int size() {
    lock.lock();
    try {
      return heap.size();
    } finally {
      lock.unlock();
    }
  }

  /** Forgets all timers and ends the thread; waits for it unless called by it. */
  public void close() {
    Thread toEnd;
    lock.lock();
    try {
      closed = true;
      heap.clear();
      toEnd = thread;
    } finally {
      lock.unlock();
    }
    if (toEnd != null && toEnd != Thread.currentThread()) {
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
}
