// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.internal.util.Seam;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** Who waits for a task, or is to be told of its outcome: a part of its handle. */
/*
 * Roles.        listeners: a stack, pushed by anybody, taken off by who finds the state of the task final.
 * Order.        Who decides: (1) CAS to ENDING or CANCELLING, (2) count, result, final state, (3) read listeners.
 *               Who waits: (a) push (CAS), (b) read state. (1), (3), (a), (b) have one order. If (a) comes
 *               before (3), the listener is found there. Otherwise (1) comes before (b), which sees at least
 *               the state of (1); it then waits for the final state, a few instructions away, and serves
 *               itself. Taking the list off is one swap, so that each listener is served once.
 * Parking.      Between its last look and its parking, who waits calls nothing that may park, a lock for one: that would use up
 *               the wake-up. Hence mustLook, which says what the state does not: that the task has come into a queue.
 * Threads.      Users' code is called by who decides, unless that is the timer thread: then by a thread of its own.
 * Evidence.     TaskHandleTest, TaskTimeoutTest.
 */
abstract class TaskListeners {

  private volatile @Nullable Listener listeners;

  /** The engine of the task. */
  public abstract TaskEngineImpl engine();

  /** Tells whether the state is final. */
  public abstract boolean isDone();

  /** Serves those who listen, if there are any. Called when the state is final. */
  final void serveListenersIfAny() {
    if (listeners != null) {
      serveListeners();
    }
  }

  /** Somebody to tell about the outcome. A stack, linked by next; see the argument above. */
  abstract static class Listener {
    @Nullable Listener next;

    abstract void serve();

    /** Whether it may run users' code, which the timer thread must not. */
    boolean isUsers() {
      return false;
    }
  }

  static final class Waiter extends Listener {
    volatile @Nullable Thread thread;
    volatile boolean mustLook; // set by lookAgain, cleared by who waits, before it looks

    Waiter(Thread thread) {
      this.thread = thread;
    }

    @Override
    void serve() {
      Thread waiting = thread;
      if (waiting != null) {
        Seam.unpark(waiting);
      }
    }
  }

  final void push(Listener listener) {
    Listener top;
    do {
      top = listeners;
      listener.next = top;
    } while (!LISTENERS.compareAndSet(this, top, listener));
  }

  /** Serves who is on the stack, in the order of registration. Called when the state is final. */
  final void serveListeners() {
    boolean onTimer = engine().timers.isTimerThread();
    Listener later = null;
    Listener each = takeListeners();
    while (each != null) {
      Listener next = each.next;
      if (!onTimer || !each.isUsers()) {
        each.serve();
      } else {
        each.next = later;
        later = each;
      }
      each = next;
    }
    if (later != null) {
      Listener users = inOrder(later);
      try {
        engine().guests.callBack(() -> serveAll(users));
      } catch (Throwable e) { // there is no thread: late timers are better than no call
        engine().uncaught(e);
        serveAll(users);
      }
    }
  }

  private static void serveAll(@Nullable Listener first) {
    for (Listener each = first; each != null; each = each.next) {
      each.serve();
    }
  }

  /** Takes all off the stack; returns them linked in the order of registration. */
  final @Nullable Listener takeListeners() {
    return inOrder((Listener) LISTENERS.getAndSet(this, null));
  }

  /** Turns a stack round. */
  private static @Nullable Listener inOrder(@Nullable Listener stack) {
    Listener inOrder = null;
    Listener each = stack;
    while (each != null) {
      Listener next = each.next;
      each.next = inOrder;
      inOrder = each;
      each = next;
    }
    return inOrder;
  }

  /**
   * Takes a waiter off that has stopped waiting, so that polling with a time limit does not grow
   * the stack.
   */
  final void forget(Waiter waiter) {
    waiter.thread = null;
    pushAgain(takeListeners(), waiter);
  }

  /** Lets those who wait look again: a strategy has put the task into a queue. */
  final void lookAgain() {
    if (listeners == null) {
      return;
    }
    Listener taken = takeListeners();
    for (Listener each = taken; each != null; each = each.next) {
      if (each instanceof Waiter waiter) {
        waiter.mustLook = true;
        waiter.serve();
      }
    }
    pushAgain(taken, null);
  }

  final void pushAgain(@Nullable Listener inOrder, @Nullable Listener without) {
    Listener each = inOrder;
    while (each != null) {
      Listener next = each.next;
      if (each != without) {
        push(each);
      }
      each = next;
    }
    if (isDone()) {
      serveListeners();
    }
  }

  private static final VarHandle LISTENERS;

  static {
    try {
      LISTENERS =
          MethodHandles.lookup().findVarHandle(TaskListeners.class, "listeners", Listener.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
