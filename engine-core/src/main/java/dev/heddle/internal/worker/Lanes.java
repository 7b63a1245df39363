// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The lanes of one engine. Safe for use by any thread. */
final class Lanes {

  private static final int MAX_CAPACITY = 1 << 30;

  /**
   * The open lanes, and how many tasks the others have had: one object, so that none is counted
   * twice.
   */
  private static final class Book {
    final Lane[] open;
    final long offeredByClosed;

    Book(Lane[] open, long offeredByClosed) {
      this.open = open;
      this.offeredByClosed = offeredByClosed;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private volatile Book book = new Book(new Lane[0], 0); // written under the lock

  static void requireCapacity(int capacity) {
    if (capacity < 1 || capacity > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          "capacity must be from 1 to "
              + MAX_CAPACITY
              + ": capacity="
              + capacity
              + " (it is rounded up to a power of two)");
    }
  }

  void add(Lane lane) {
    lock.lock();
    try {
      Lane[] open = Arrays.copyOf(book.open, book.open.length + 1);
      open[open.length - 1] = lane;
      book = new Book(open, book.offeredByClosed);
    } finally {
      lock.unlock();
    }
  }

  /** Forgets a lane that is closed and empty. */
  void dropIfDone(Lane lane) {
    lock.lock();
    try {
      List<Lane> open = new ArrayList<>(List.of(book.open));
      if (lane.isDone() && open.remove(lane)) {
        book = new Book(open.toArray(new Lane[0]), book.offeredByClosed + lane.offered());
      }
    } finally {
      lock.unlock();
    }
  }

  /** The open lanes; not to be written to. */
  Lane[] open() {
    return book.open;
  }

  /** How many tasks have come into lanes, also into those that are closed by now. */
  long offered() {
    Book now = book;
    long sum = now.offeredByClosed;
    for (Lane lane : now.open) {
      sum += lane.offered();
    }
    return sum;
  }

  /** Whether some lane is not empty: looks at indices, not at elements. */
  boolean haveWork() {
    for (Lane lane : book.open) {
      if (!lane.isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** Takes any task; for closing only. */
  @Nullable Object pollAny() {
    for (Lane lane : book.open) {
      Object task = lane.pollForClosing();
      if (task != null) {
        return task;
      }
    }
    return null;
  }
}
