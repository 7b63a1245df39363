// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.util;

import java.time.Instant;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * The one place where the engine touches the machine: clock, parking, randomness, thread creation.
 *
 * <p>Tests put a subclass in its place, named by the system property {@value #PROPERTY} when this
 * class is initialised. It can then stall a thread at a {@link Point}, fail a thread start, or
 * replay choices from a seed. In production the property is not set: the instance is a constant of
 * its exact class, so that the JIT compiler inlines each call and an empty method disappears.
 */
public class Seam {

  static final String PROPERTY = "dev.heddle.seam";

  /** Moments at which a test may stall a thread. */
  public enum Point {
    /** An overflow queue's producer owns a slot that it has not filled. */
    OVERFLOW_SLOT_CLAIMED,
    /** A submitter has passed the check for closing and has not published its task. */
    SUBMIT_ADMITTED,
    /** A submitter has published its task and has not looked for parked workers. */
    SUBMIT_PUBLISHED,
    /** A worker has announced that it will park and has not looked at the queues again. */
    PARK_ANNOUNCED,
    /** A worker is between two tasks. */
    BETWEEN_TASKS,
    /** The timer thread found nothing to do and has not said until when it will sleep. */
    TIMER_SLEEPS
  }

  private static final Seam CURRENT = load();

  /** For the production instance and for subclasses. */
  protected Seam() {}

  private static Seam load() {
    String replacement = System.getProperty(PROPERTY);
    if (replacement == null) {
      return new Seam();
    }
    try {
      return Class.forName(replacement)
          .asSubclass(Seam.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new IllegalStateException(
          "seam must be a subclass with a constructor without parameters: "
              + PROPERTY
              + "="
              + replacement,
          e);
    }
  }

  /**
   * Returns a monotonic time.
   *
   * @return nanoseconds from an arbitrary origin
   */
  public static long nanoTime() {
    return CURRENT.clock();
  }

  /**
   * Returns the time of day, for what people schedule by it; nothing else may depend on it.
   *
   * @return now
   */
  public static Instant wallClock() {
    return CURRENT.timeOfDay();
  }

  /**
   * Parks the calling thread until it is unparked or interrupted, or for no reason.
   *
   * @param blocker what it waits for, for thread dumps
   */
  public static void park(Object blocker) {
    CURRENT.sleep(blocker);
  }

  /**
   * Parks the calling thread likewise, but not longer than the given time.
   *
   * @param blocker what it waits for, for thread dumps
   * @param nanos the limit
   */
  public static void parkNanos(Object blocker, long nanos) {
    CURRENT.sleep(blocker, nanos);
  }

  /**
   * Unparks a thread.
   *
   * @param thread the thread
   */
  public static void unpark(Thread thread) {
    CURRENT.wake(thread);
  }

  /**
   * Makes an unstarted thread.
   *
   * @param factory who makes it
   * @param body what it will run
   * @return what the factory returned, which may be {@code null} against its contract
   */
  public static Thread newThread(ThreadFactory factory, Runnable body) {
    return CURRENT.makeThread(factory, body);
  }

  /**
   * Called before off-heap memory is taken from the machine: a test may refuse it.
   *
   * @param byteSize how many bytes
   */
  public static void allocating(long byteSize) {
    CURRENT.allocate(byteSize);
  }

  /**
   * Returns a seed for the choices of one worker.
   *
   * @return any number but 0
   */
  public static long seed() {
    return CURRENT.randomSeed();
  }

  /**
   * Marks a moment at which a test may stall the calling thread.
   *
   * @param point the moment
   */
  public static void reached(Point point) {
    CURRENT.pass(point);
  }

  /**
   * Implements {@link #nanoTime}.
   *
   * @return nanoseconds
   */
  protected long clock() {
    return System.nanoTime();
  }

  /**
   * Implements {@link #wallClock}.
   *
   * @return now
   */
  protected Instant timeOfDay() {
    return Instant.now();
  }

  /**
   * Implements {@link #park}.
   *
   * @param blocker as there
   */
  protected void sleep(Object blocker) {
    LockSupport.park(blocker);
  }

  /**
   * Implements {@link #parkNanos}.
   *
   * @param blocker as there
   * @param nanos as there
   */
  protected void sleep(Object blocker, long nanos) {
    LockSupport.parkNanos(blocker, nanos);
  }

  /**
   * Implements {@link #unpark}.
   *
   * @param thread as there
   */
  protected void wake(Thread thread) {
    LockSupport.unpark(thread);
  }

  /**
   * Implements {@link #newThread}.
   *
   * @param factory as there
   * @param body as there
   * @return as there
   */
  protected Thread makeThread(ThreadFactory factory, Runnable body) {
    return factory.newThread(body);
  }

  /**
   * Implements {@link #allocating}.
   *
   * @param byteSize as there
   */
  protected void allocate(long byteSize) {}

  /**
   * Implements {@link #seed}.
   *
   * @return as there
   */
  protected long randomSeed() {
    return ThreadLocalRandom.current().nextLong() | 1;
  }

  /**
   * Implements {@link #reached}.
   *
   * @param point as there
   */
  protected void pass(Point point) {}
}
