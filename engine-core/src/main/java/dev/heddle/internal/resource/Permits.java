// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import dev.heddle.error.ErrorText;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The permits of one resource, the items that go with them if it is a pool, and the leases that
 * wait. Never waits but for its own lock, which is held for some steps. Safe for use by any thread.
 */
/*
 * Roles.        available, free, first, last, waiting: under the lock. Of a lease: before, after, slot, item under the
 *               lock of its permits; state is written under it and read by anybody. After a lease has been granted,
 *               `after` belongs to the thread that tells its waiter (Grants).
 * States.       NEW --take--> OPEN --leave--> CLOSED | ENDED
 *                 |  '--> WAITING --grant--> OPEN
 *                 |          '--leave--> WITHDRAWN
 *                 '--leave--> WITHDRAWN
 *               Each arrow is one step under the lock, so granting and withdrawing have one winner, and so have two closes.
 * Invariants.   available + permits of the OPEN leases = capacity. In a pool: as many free slots as available permits, and each
 *               slot is free or belongs to one OPEN lease. Outside of the lock, the first lease that waits wants more
 *               than is available.
 * Fairness.     A queue. The first one is granted as soon as there is enough for it; nobody passes it, neither a smaller
 *               one behind it nor one that would not wait. When a large one is withdrawn, those behind it are looked at again.
 * Robustness.   The steps under the lock call nothing, and the lock is a monitor, which is left by no call: a
 *               StackOverflowError comes before a step or after it, and no permit is lost in the middle of one.
 * Happens-before. The lock: what was done before a lease left happens-before the grant of its permits.
 * Progress.     All steps O(1), but that a leave grants as many as there is enough for; ahead() walks through the queue.
 * Evidence.     PermitsPropertyTest, AcquisitionStressTest with its control, LimitTest, ResourcePoolTest.
 */
class Permits {

  /** A place for one item of a pool. */
  static final class Slot {
    private @Nullable Object item;
    private @Nullable Slot below; // among the free ones

    private Slot(Object item) {
      this.item = item;
    }
  }

  private final int capacity;
  private final List<Slot> slots; // none for a limit
  private int available;
  private @Nullable Slot free; // the one that came back last
  private @Nullable LeaseImpl<?> first;
  private @Nullable LeaseImpl<?> last;
  private int waiting;

  /** Makes permits without items. */
  Permits(int capacity) {
    this.capacity = capacity;
    this.slots = List.of();
    this.available = capacity;
  }

  /** Makes a permit for each item; they are distinct. */
  Permits(List<?> items) {
    this.capacity = items.size();
    this.slots = items.stream().map(Slot::new).toList();
    this.available = capacity;
    for (Slot slot : slots.reversed()) {
      slot.below = free;
      free = slot;
    }
  }

  /** Returns an item that is there twice, if there is one. */
  static @Nullable Object twice(List<?> items) {
    IdentityHashMap<Object, Boolean> seen = new IdentityHashMap<>();
    for (Object item : items) {
      if (seen.put(item, true) != null) {
        return item;
      }
    }
    return null;
  }

  /**
   * Opens a new lease, or lets it wait if it may; it stays as it is if it has been withdrawn.
   *
   * @return whether this call has opened it; its waiter is not told then. A lease that waits may be
   *     open when this returns, but then its waiter is told
   */
  synchronized boolean take(LeaseImpl<?> lease, boolean mayWait) {
    if (lease.state != LeaseImpl.State.NEW) {
      return false;
    }
    if (first == null && lease.permits <= available) {
      available -= lease.permits;
      Slot slot = free;
      if (slot != null) {
        free = slot.below;
        slot.below = null;
        lease.slot = slot;
        lease.item = slot.item;
      }
      lease.state = LeaseImpl.State.OPEN;
      return true;
    }
    if (mayWait) {
      LeaseImpl<?> tail = last;
      lease.before = tail;
      if (tail == null) {
        first = lease;
      } else {
        tail.after = lease;
      }
      last = lease;
      waiting++;
      lease.state = LeaseImpl.State.WAITING;
    }
    return false;
  }

  /**
   * Withdraws a lease that is new or waits, or closes one that is open, and opens those for which
   * there is enough then.
   *
   * @param to {@code WITHDRAWN}, or {@code CLOSED} or {@code ENDED}
   * @return the lease itself if it was too late for that; otherwise the first of those that were
   *     opened, linked by {@code after}: the caller has to tell them
   */
  synchronized @Nullable LeaseImpl<?> leave(LeaseImpl<?> lease, LeaseImpl.State to) {
    LeaseImpl.State from = lease.state;
    boolean withdraws = to == LeaseImpl.State.WITHDRAWN;
    if (withdraws && from == LeaseImpl.State.WAITING) {
      LeaseImpl<?> before = lease.before;
      LeaseImpl<?> after = lease.after;
      if (before == null) {
        first = after;
      } else {
        before.after = after;
      }
      if (after == null) {
        last = before;
      } else {
        after.before = before;
      }
      lease.before = null;
      lease.after = null;
      waiting--;
    } else if (!withdraws && from == LeaseImpl.State.OPEN) {
      available += lease.permits;
      Slot slot = lease.slot;
      if (slot != null) {
        slot.below = free;
        free = slot;
        lease.slot = null;
      }
    } else if (!withdraws || from != LeaseImpl.State.NEW) {
      return lease;
    }
    lease.state = to;

    LeaseImpl<?> granted = null;
    LeaseImpl<?> tail = null;
    LeaseImpl<?> head;
    while ((head = first) != null && head.permits <= available) {
      LeaseImpl<?> next = head.after;
      first = next;
      if (next == null) {
        last = null;
      } else {
        next.before = null;
      }
      head.after = null;
      waiting--;
      available -= head.permits;
      Slot slot = free;
      if (slot != null) {
        free = slot.below;
        slot.below = null;
        head.slot = slot;
        head.item = slot.item;
      }
      head.state = LeaseImpl.State.OPEN;
      if (tail == null) {
        granted = head;
      } else {
        tail.after = head;
      }
      tail = head;
    }
    return granted;
  }

  /**
   * Puts another item in the place of a lease's.
   *
   * @return {@code false} if the lease is not open
   * @throws IllegalArgumentException if the item is at another place
   */
  boolean replace(LeaseImpl<?> lease, Object other, String name) {
    Replaced replaced = put(lease, other);
    if (replaced == Replaced.IS_ELSEWHERE) { // without the lock: the item's text is its own code
      throw new IllegalArgumentException(
          "other must not be in the pool already: other="
              + ErrorText.quote(other)
              + ", pool="
              + name
              + " (give an item that is new, or close the lease)");
    }
    return replaced == Replaced.YES;
  }

  private enum Replaced {
    YES,
    IS_NOT_OPEN,
    IS_ELSEWHERE
  }

  private synchronized Replaced put(LeaseImpl<?> lease, Object other) {
    Slot own = lease.slot;
    if (own == null) {
      return Replaced.IS_NOT_OPEN;
    }
    for (Slot slot : slots) {
      if (slot.item == other && slot != own) {
        return Replaced.IS_ELSEWHERE;
      }
    }
    own.item = other;
    lease.item = other;
    return Replaced.YES;
  }

  int capacity() {
    return capacity;
  }

  synchronized int available() {
    return available;
  }

  synchronized int waiting() {
    return waiting;
  }

  /** Returns how many wait before a lease; -1 if it does not wait. */
  synchronized int ahead(LeaseImpl<?> lease) {
    int ahead = 0;
    for (LeaseImpl<?> each = first; each != null; each = each.after) {
      if (each == lease) {
        return ahead;
      }
      ahead++;
    }
    return -1;
  }
}
