// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.record;

import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Numbers for the classes of bodies, each lambda expression having one of its own, and what is
 * known about them. Safe for use by any thread.
 */
/*
 * Class loaders. The JVM keeps the values of a ClassValue with the class of the body, which may outlive the
 *               engine's own class loader: so a value is a class of the JDK, a number. What is kept here are strings,
 *               also in the elements of stacks.
 * Bound.        Programs may make classes for ever. After 65,536 they share one number.
 */
public final class BodyKinds {

  /** Of classes that came too late for a number of their own. */
  public static final int OTHER = 0;

  /** Of a part of a computation that a worker has taken from another. */
  public static final int BRANCH = 1;

  private static final int MOST = 1 << 16;

  private final ReentrantLock lock = new ReentrantLock();
  private int count = 2; // under lock
  private volatile Kind[] kinds = {
    new Kind("various", true), new Kind("branch", false)
  }; // replaced under lock

  private final ClassValue<Integer> numbers =
      new ClassValue<>() {
        @Override
        protected Integer computeValue(Class<?> type) {
          return add(type.getName()); // one that loses a race has a number that nobody uses
        }
      };

  /** What is known about the bodies of one class. */
  public static final class Kind {
    private final String className;
    private final boolean shared; // by classes that have nothing in common
    private volatile @Nullable StackTraceElement site;
    private int looks; // without care for others: a lost one makes one more look

    private Kind(String className, boolean shared) {
      this.className = className;
      this.shared = shared;
    }

    /**
     * Returns the name of the class.
     *
     * @return the name
     */
    public String className() {
      return className;
    }

    /**
     * Returns where one of them was submitted.
     *
     * @return the place that was seen last, {@code null} if none was
     */
    public @Nullable StackTraceElement site() {
      return site;
    }

    /**
     * Says where one was submitted.
     *
     * @param seen the place
     */
    public void saw(@Nullable StackTraceElement seen) {
      site = shared ? null : seen;
      looks = Math.max(looks + 1, looks); // stays at the largest
    }

    /**
     * Returns how often somebody has looked where they are submitted.
     *
     * @return the number
     */
    public int looks() {
      return looks;
    }
  }

  /** The numbers that one thread has asked for lately. */
  public static final class Cache {
    private static final int SLOTS = 64;

    private final BodyKinds kinds;
    private final @Nullable Class<?>[] classes = new Class<?>[SLOTS];
    private final int[] numbers = new int[SLOTS];
    private boolean used;

    /**
     * Makes an empty cache.
     *
     * @param kinds what knows all numbers
     */
    public Cache(BodyKinds kinds) {
      this.kinds = kinds;
    }

    /**
     * Returns the number of a class.
     *
     * @param body the class of a body
     * @return its number
     */
    public int numberOf(Class<?> body) {
      int slot = body.hashCode() & (SLOTS - 1);
      return classes[slot] == body ? numbers[slot] : look(body, slot);
    }

    private int look(Class<?> body, int slot) {
      int number = kinds.numberOf(body);
      classes[slot] = body;
      numbers[slot] = number;
      used = true;
      return number;
    }

    /** Lets go of all classes: their loaders may want to go. */
    public void clear() {
      if (used) {
        Arrays.fill(classes, null);
        used = false;
      }
    }
  }

  /**
   * Returns the number of a class.
   *
   * @param body the class of a body
   * @return the same number each time
   */
  public int numberOf(Class<?> body) {
    return numbers.get(body);
  }

  /**
   * Returns what is known about a class.
   *
   * @param number its number
   * @return the same object each time
   */
  public Kind kind(int number) {
    return kinds[number];
  }

  /** Gives a class a number. */
  int add(String className) {
    lock.lock();
    try {
      if (count == MOST) {
        return OTHER;
      }
      Kind[] known = kinds;
      Kind[] more = count < known.length ? known : Arrays.copyOf(known, 2 * count);
      more[count] = new Kind(className, false);
      kinds = more; // after the element
      return count++;
    } finally {
      lock.unlock();
    }
  }
}
