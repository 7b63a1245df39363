// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.queue;

import dev.heddle.internal.util.Seam;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * An unbounded FIFO queue for any number of producers and consumers, made of linked segments. It
 * takes the tasks that fit no inbox.
 *
 * <p>Linearizable. A producer that is suspended inside {@link #offer} hides nothing behind it.
 *
 * @param <E> the type of the elements
 */
/*
 * Roles.        Segment.claimed: producers add 1 to own a slot. Segment.taken: consumers add 1 to own a
 *               slot. A slot: filled by its producer, emptied by its consumer, each by one atomic step.
 *               Segment.next: set once, by the producer that found the segment full. head, tail: hints
 *               that only move forward; any thread may move them.
 * States.       A slot:  null --producer: CAS null->e--> e --consumer: swap for TAKEN--> TAKEN
 *                        null --consumer came first: swap for TAKEN--------------------> TAKEN
 *               In the second case the producer's CAS fails and it takes another slot, so that a
 *               suspended producer costs its consumer one slot and no waiting.
 * Invariants.   A slot has one producer and one consumer (fetch-and-add gives each number out once), so
 *               an element is put in once and taken out once. A segment is never reused, a slot never
 *               goes back to null: there is no ABA. head moves only along next, past drained segments; it may
 *               pass tail, and an offer that meets a full segment then finds its way along next.
 * Happens-before. CAS into the slot (volatile) -> swap out of it (volatile): what was done before offer
 *               is visible after poll.
 * Emptiness.    Every offer makes its last claim (fetch-and-add on claimed, or CAS on next) before it
 *               returns; isEmpty() reads taken before claimed and next last. So after an offer has
 *               returned, isEmpty() is false until a consumer has claimed the element's slot. The wake-up
 *               protocol rests on this: see IdleWorkers.
 * Allowed races. claimed and taken overshoot the segment's size by at most one a thread and attempt.
 *               A consumer may own a slot that no producer has claimed yet (two consumers, one element);
 *               the producer that claims it later finds TAKEN and goes on.
 * Progress.     offer and poll: lock-free. A failed CAS into a slot means that a consumer moved on.
 * Reclamation.  The garbage collector's: a segment that head has left is reachable only by threads that
 *               still look at it.
 * Source.       Correia and Ramalhete, "FAAArrayQueue - MPMC lock-free queue" (2016). Differences: no
 *               hazard pointers, a short wait before a slot is given up, and a count of what came in.
 * Evidence.     OverflowQueueTest, OverflowQueueLincheckTest, OverflowQueueStressTest, CounterWrapTest. The control fills
 *               its slot by a plain write instead of the CAS and is seen to lose elements.
 */
public class OverflowQueue<E> {

  /**
   * Slots of a segment: 1 KiB of references, so that segments are rare and small engines stay
   * small.
   */
  static final int SEGMENT_SIZE = 256;

  /**
   * How often a consumer looks at a claimed slot before it gives the slot up: about a microsecond.
   */
  private static final int LOOKS = 32;

  private static final Object TAKEN = new Object();

  private static final class Segment {
    /** How many slots all earlier segments have. */
    final long base;

    final @Nullable Object[] slots = new @Nullable Object[SEGMENT_SIZE];
    volatile int claimed;
    volatile int taken;
    volatile @Nullable Segment next;

    Segment(long base) {
      this.base = base;
    }
  }

  private volatile Segment head;
  private volatile Segment tail;

  /** Slots that producers lost to a consumer that came first. */
  private volatile long wasted;

  /** Makes an empty queue. */
  public OverflowQueue() {
    head = tail = new Segment(0);
  }

  /**
   * Puts an element in. Never fails, never waits.
   *
   * @param element the element
   */
  public final void offer(E element) {
    for (; ; ) {
      Segment last = tail;
      int slot = (int) CLAIMED.getAndAdd(last, 1);
      if (slot < SEGMENT_SIZE) {
        Seam.reached(Seam.Point.OVERFLOW_SLOT_CLAIMED);
        if (fill(last.slots, slot, element)) {
          return;
        }
        WASTED.getAndAdd(this, 1L);
      } else if (append(last, element)) {
        return;
      }
    }
  }

  /**
   * Fills an own slot, unless a consumer has given it up. Overridden by the weakened control only.
   */
  boolean fill(@Nullable Object[] slots, int slot, E element) {
    return SLOT.compareAndSet(slots, slot, null, element);
  }

  /** Adds a segment that begins with the element, or helps another producer to have done so. */
  private boolean append(Segment last, E element) {
    Segment next = last.next;
    if (next == null) {
      Segment fresh = new Segment(last.base + SEGMENT_SIZE);
      fresh.slots[0] = element; // published by the CAS on next
      fresh.claimed = 1;
      if (NEXT.compareAndSet(last, null, fresh)) {
        TAIL.compareAndSet(this, last, fresh);
        return true;
      }
      next = last.next;
    }
    TAIL.compareAndSet(this, last, next);
    return false;
  }

  /**
   * Takes the oldest element out.
   *
   * @return the element, or {@code null} if the queue is empty
   */
  @SuppressWarnings("unchecked") // only elements and TAKEN are put into slots
  public final @Nullable E poll() {
    for (; ; ) {
      Segment first = head;
      if (isEmpty(first)) {
        return null;
      }
      int slot = (int) TAKEN_COUNT.getAndAdd(first, 1);
      if (slot < SEGMENT_SIZE) {
        for (int i = 0; i < LOOKS && SLOT.getAcquire(first.slots, slot) == null; i++) {
          Thread.onSpinWait();
        }
        Object element = SLOT.getAndSet(first.slots, slot, TAKEN);
        if (element != null) {
          return (E) element;
        }
      } else {
        Segment next = first.next;
        if (next == null) {
          return null; // a producer is about to add a segment
        }
        HEAD.compareAndSet(this, first, next);
      }
    }
  }

  /**
   * Tells whether the queue is empty. {@code false} may mean an element that is still being put in.
   *
   * @return {@code false} from the return of an {@link #offer} until a consumer owns its element
   */
  public final boolean isEmpty() {
    return isEmpty(head);
  }

  private static boolean isEmpty(Segment first) {
    int taken = first.taken;
    boolean drained = taken >= SEGMENT_SIZE || taken >= first.claimed;
    return drained && first.next == null;
  }

  /**
   * Returns how many elements have come in since the queue was made. Exact while no {@link #offer}
   * is under way; one under way may be counted early, and twice, but none is missed after its
   * return.
   *
   * @return a count that wraps after 2^63
   */
  public final long enqueued() {
    long lost = wasted; // first: a slot that is lost later has not been claimed yet
    Segment last = tail;
    for (Segment next = last.next; next != null; next = last.next) {
      last = next; // tail is only a hint
    }
    return last.base + Math.min(last.claimed, SEGMENT_SIZE) - lost;
  }

  /**
   * Returns about how many elements are in. At least 1 from the return of an {@link #offer} until a
   * consumer owns its element, like {@link #isEmpty()}.
   *
   * @return zero or more
   */
  public final long size() {
    Segment first = head;
    long taken = first.base + Math.min(first.taken, SEGMENT_SIZE);
    Segment last = tail;
    for (Segment next = last.next; next != null; next = last.next) {
      last = next;
    }
    return Math.max(0, last.base + Math.min(last.claimed, SEGMENT_SIZE) - taken);
  }

  private static final VarHandle HEAD;
  private static final VarHandle TAIL;
  private static final VarHandle WASTED;
  private static final VarHandle CLAIMED;
  private static final VarHandle TAKEN_COUNT;
  private static final VarHandle NEXT;
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      HEAD = lookup.findVarHandle(OverflowQueue.class, "head", Segment.class);
      TAIL = lookup.findVarHandle(OverflowQueue.class, "tail", Segment.class);
      WASTED = lookup.findVarHandle(OverflowQueue.class, "wasted", long.class);
      CLAIMED = lookup.findVarHandle(Segment.class, "claimed", int.class);
      TAKEN_COUNT = lookup.findVarHandle(Segment.class, "taken", int.class);
      NEXT = lookup.findVarHandle(Segment.class, "next", Segment.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
