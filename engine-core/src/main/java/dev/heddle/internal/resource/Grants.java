// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import org.jspecify.annotations.Nullable;

/**
 * Tells waiters that they have been granted what they waited for, on the thread that has given it
 * back. One after the other, also if one of them gives something back itself: however long such a
 * chain gets, the stack does not.
 */
/*
 * Roles.        All of one thread: the outermost call runs a loop, those inside it only append to what the loop has to do. What
 *               is appended waits until the waiter that runs now returns, so a waiter must not wait for anything.
 * Cleanliness.  The thread has its value only while it is in the loop; nothing stays on a thread of somebody else's.
 * Failures.     A waiter that throws keeps no other one from being told; the first one's throwable comes out afterwards.
 * Evidence.     GrantsTest.
 */
final class Grants {

  private static final ThreadLocal<@Nullable Grants> RUNNING = new ThreadLocal<>();

  private @Nullable LeaseImpl<?> first;
  private @Nullable LeaseImpl<?> last;

  private Grants() {}

  /** Tells the waiters of leases that have been opened, linked by {@code after}. */
  static void deliver(LeaseImpl<?> opened) {
    Grants running = RUNNING.get();
    if (running != null) {
      running.append(opened);
      return;
    }
    Grants grants = new Grants();
    grants.append(opened);
    RUNNING.set(grants);
    Throwable thrown = null;
    try {
      LeaseImpl<?> next;
      while ((next = grants.poll()) != null) {
        try {
          next.granted();
        } catch (Throwable e) {
          if (thrown == null) {
            thrown = e;
          } else if (thrown != e) {
            thrown.addSuppressed(e);
          }
        }
      }
    } finally {
      RUNNING.remove();
    }
    if (thrown instanceof Error e) {
      throw e;
    }
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
  }

  private void append(LeaseImpl<?> opened) {
    LeaseImpl<?> tail = last;
    if (tail == null) {
      first = opened;
    } else {
      tail.after = opened;
    }
    LeaseImpl<?> end = opened;
    while (end.after != null) {
      end = end.after;
    }
    last = end;
  }

  private @Nullable LeaseImpl<?> poll() {
    LeaseImpl<?> polled = first;
    if (polled != null) {
      first = polled.after;
      polled.after = null;
      if (first == null) {
        last = null;
      }
    }
    return polled;
  }
}
