// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.error.ThreadStartException;
import dev.heddle.internal.util.Seam;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The threads of the workers: starts them, replaces one that has died, and puts another in the
 * place of one whose task blocks or does not end.
 */
/*
 * Posts.        An engine has a fixed number of posts: an inbox, a place to sleep, a stack of forks each. A worker holds
 *               one of them. One that is blocked inside a task is relieved: a spare thread takes its post over, and when
 *               the task has ended, the relieved one becomes a spare. (Go's scheduler hands over a processor in the
 *               same way when a thread enters a system call.) So posts are never more than workers are asked for, and a
 *               thread that comes back late disturbs nobody.
 * Roles.        engine.workers: who holds each post; written under the lock, read by anybody, perhaps late: whoever is
 *               found has had the same inbox. all: every worker there ever was, for the sums of their counters; grows only.
 *               spares, unused, standIns, closed: under the lock. A worker's post, inbox and state: see Worker.
 * Relieving.    Decided by one CAS on the worker's state, WORKING to RELIEVED, by itself or by the watch; a worker
 *               that is about to sleep takes itself out of reach by another, WORKING to IDLING. The spare is there
 *               before: when there is no thread to be had, nothing has happened. Between two tasks it does no harm either: the
 *               worker finds out before it looks for the next one, or after one more task; also one that has just been given a post, and
 *               waits for nothing but to be given one (awaitPost).
 * Counting.     A relieved worker still runs a task that may submit: LifeCycle counts it as a guest until that has ended.
 * The limit.    compensationLimit says how many may be relieved at a time. Then nothing happens but a line in the log: the
 *               post stays with the blocked worker, and what is queued waits for the others.
 * Evidence.     WorkerThreadsTest, BlockingTest, WorkerDeathTest, soak Blocking.
 */
final class WorkerThreads {

  private static final Logger LOGGER = System.getLogger("dev.heddle");

  /** How long a thread waits for another post before it ends. */
  private static final long KEEP_ALIVE_NANOS = 10_000_000_000L;

  private static final long COMPLAINT_NANOS = 1_000_000_000L;

  private final TaskEngineImpl engine;
  private final ThreadFactory factory;
  private final IntFunction<Worker> makeSpare;
  private final int limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Worker> spares = new ArrayDeque<>();
  private final Deque<Worker> unused = new ArrayDeque<>(); // their threads have ended
  private final AtomicInteger standIns = new AtomicInteger(); // changed under the lock
  private volatile boolean closed; // read without the lock, too
  private @Nullable Long complainedNanos;
  private volatile Worker[] all;

  /**
   * Makes them; starts none.
   *
   * @param makeSpare makes a worker without a post, of a given number
   */
  WorkerThreads(
      TaskEngineImpl engine, ThreadFactory factory, Worker[] first, IntFunction<Worker> makeSpare) {
    this.engine = engine;
    this.factory = factory;
    this.limit = engine.config().compensationLimit();
    this.all = first.clone();
    this.makeSpare = makeSpare;
  }

  /** Every worker there ever was. */
  Worker[] all() {
    return all;
  }

  /** How many workers are relieved now. */
  int standIns() {
    return standIns.get();
  }

  /** Starts a thread for a worker, or throws and leaves none. */
  void start(Worker worker) {
    String which = "engine=" + engine.config().name() + ", worker=" + worker.number;
    Thread thread;
    try {
      thread = Seam.newThread(factory, worker);
    } catch (Throwable e) {
      throw new ThreadStartException("thread factory threw: " + which, e);
    }
    if (thread == null) {
      throw new ThreadStartException("thread factory must return a thread: " + which, null);
    }
    Thread before = worker.thread();
    worker.setThread(thread);
    try {
      thread.start();
    } catch (Throwable e) { // IllegalThreadStateException, or no memory for a stack
      worker.setThread(before);
      throw new ThreadStartException("thread could not be started: " + which, e);
    }
  }

  /**
   * Puts a new thread in the place of one that an error has left in an unknown state. If that
   * fails, the old thread goes on: an engine never has fewer workers than it should.
   */
  boolean replace(Worker worker, Throwable error) {
    engine.books.workersReplaced.incrementAndGet();
    TaskEngineImpl.log(
        "worker ended by an error and is replaced: worker=" + worker.threadName(), error);
    try {
      start(worker);
      return true;
    } catch (ThreadStartException e) {
      TaskEngineImpl.log(
          "worker could not be replaced and goes on: worker=" + worker.threadName(), e);
      return false;
    }
  }

  /** Starts a thread again that is gone, though nothing has ended it in an orderly way. */
  void revive(Worker worker) {
    lock.lock();
    try {
      Thread gone = worker.thread();
      if (closed
          || engine.isSealed() // then threads end in an orderly way
          || engine.workers[worker.post()] != worker
          || gone == null
          || gone.getState() != Thread.State.TERMINATED) {
        return;
      }
      worker.recover();
      replace(worker, new ThreadStartException("thread is gone: worker=" + gone.getName(), null));
    } finally {
      lock.unlock();
    }
  }

  // ---- relieving

  /**
   * Gives the post of a worker to another thread, unless that was done before.
   *
   * @param always also above the limit
   * @return whether the worker holds no post now
   */
  boolean relieve(Worker worker, boolean always) {
    boolean relieved = false;
    String problem = null;
    lock.lock();
    try {
      if (closed || !worker.isWorking()) {
        relieved = worker.isRelieved();
      } else if (!always && standIns.get() >= limit) {
        problem = "workers are blocked and not relieved: compensationLimit=" + limit;
      } else {
        relieved = giveAway(worker);
      }
    } catch (Throwable e) { // there is no thread to be had
      problem = "worker is blocked and cannot be relieved: " + e;
    } finally {
      lock.unlock();
    }
    if (problem != null) { // without the lock: a log may be slow
      complain(problem);
    }
    return relieved;
  }

  /** Gives the post of a worker to a spare thread, unless its task has just ended. */
  private boolean giveAway(Worker worker) {
    Worker standIn = spare();
    if (!worker.tryRelieve()) { // it is about to sleep
      spares.addFirst(standIn);
      return false;
    }
    standIns.incrementAndGet();
    engine.lifeCycle().addGuest();
    standIn.takeOver(worker); // before others find it at this post
    engine.workers[worker.post()] = standIn;
    Seam.unpark(standIn.startedThread());
    return true;
  }

  private Worker spare() {
    Worker spare = spares.pollFirst();
    if (spare != null) {
      return spare;
    }
    spare = unused.pollFirst();
    try {
      if (spare == null) {
        Worker made = makeSpare.apply(all.length);
        Worker[] more = Arrays.copyOf(all, all.length + 1);
        more[all.length] = made;
        all = more;
        spare = made;
      }
      start(spare);
      return spare;
    } catch (Throwable e) {
      if (spare != null) {
        unused.addFirst(spare);
      }
      throw e;
    }
  }

  /** Says something at most once a second. */
  void complain(String what) {
    lock.lock();
    try {
      long now = Seam.nanoTime();
      if (complainedNanos != null && now - complainedNanos < COMPLAINT_NANOS) {
        return;
      }
      complainedNanos = now;
    } finally {
      lock.unlock();
    }
    try {
      LOGGER.log(Level.WARNING, what + ", engine=" + engine.config().name());
    } catch (RuntimeException e) { // of the log: must not end a worker
      engine.uncaught(e);
    }
  }

  /** Called by a relieved worker whose task has ended, on its thread. */
  void endRelief(Worker worker) {
    lock.lock();
    try {
      standIns.decrementAndGet();
      worker.standBy();
      spares.addFirst(worker);
    } finally {
      lock.unlock();
    }
    engine.lifeCycle().guestEnded();
  }

  /**
   * Waits until a worker has been given a post. It may have been relieved of it meanwhile.
   *
   * @return {@code false} if its thread has to end
   */
  boolean awaitPost(Worker worker) {
    long deadline = Seam.nanoTime() + KEEP_ALIVE_NANOS;
    while (worker.isStandingBy()) {
      long left = deadline - Seam.nanoTime();
      if (left <= 0 || closed) {
        lock.lock();
        try {
          if (spares.remove(worker)) {
            unused.addFirst(worker);
            return false;
          }
        } finally {
          lock.unlock();
        }
        if (closed && worker.isStandingBy()) {
          return false;
        }
        deadline = Seam.nanoTime() + KEEP_ALIVE_NANOS; // it has just been given one
        continue; // waiting for the lock may have used up the wake-up
      }
      Seam.parkNanos(this, Math.max(left, 0));
      Thread.interrupted();
    }
    return true;
  }

  /** Ends the spare threads: nobody will be relieved any more. */
  void close() {
    lock.lock();
    try {
      closed = true;
      for (Worker spare : spares) {
        Seam.unpark(spare.startedThread());
      }
    } finally {
      lock.unlock();
    }
  }
}
