// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How long successful attempts have taken lately, by the names of their tasks: to know which one is
 * slow. Only tasks with a hedge are noted. Safe for use by any thread.
 */
final class Latencies {

  /** How many names are kept apart; further ones share an entry. */
  private static final int MAX_NAMES = 1_000;

  private static final String OTHERS = "";

  private final ConcurrentHashMap<String, Recent> byName = new ConcurrentHashMap<>();

  /** The last times of one name. */
  private static final class Recent {
    private static final int KEPT = 128;
    private static final int ENOUGH = 32;
    private static final int SLOW_ONE_IN = 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final long[] nanos = new long[KEPT]; // a ring; under the lock, like the rest
    private int count;
    private long slow; // a cache of their quantile, 0 if it is to be found anew

    void add(long value) {
      lock.lock();
      try {
        nanos[count % KEPT] = value;
        count = count + 1 == 2 * KEPT ? KEPT : count + 1;
        slow = 0;
      } finally {
        lock.unlock();
      }
    }

    long slowNanos(long initial) {
      lock.lock();
      try {
        if (count < ENOUGH) {
          return initial;
        }
        if (slow == 0) {
          long[] sorted = Arrays.copyOf(nanos, Math.min(count, KEPT));
          Arrays.sort(sorted);
          slow = Math.max(1, sorted[sorted.length - 1 - sorted.length / SLOW_ONE_IN]);
        }
        return slow;
      } finally {
        lock.unlock();
      }
    }
  }

  private Recent of(String name) {
    Recent known = byName.get(name);
    if (known != null) {
      return known;
    }
    String key = byName.size() < MAX_NAMES ? name : OTHERS;
    return byName.computeIfAbsent(key, absent -> new Recent());
  }

  /** Notes how long an attempt has taken. */
  void add(String name, long nanos) {
    of(name).add(nanos);
  }

  /** Returns the 95th percentile of the last times, or another time if too few are known. */
  long slowNanos(String name, long initial) {
    return of(name).slowNanos(initial);
  }
}
