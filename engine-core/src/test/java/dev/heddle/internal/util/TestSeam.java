// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.util;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The seam of the tests: passes everything on, except what one test at a time has asked for. Put in
 * place by the system property that the build gives to the test JVM.
 */
public final class TestSeam extends Seam {

  private static volatile @Nullable Consumer<Point> onPoint;
  private static volatile @Nullable ThreadFactory threads;
  private static volatile @Nullable VirtualClock virtualClock;
  private static volatile @Nullable LongConsumer onAllocation;

  /** Made by {@link Seam} itself. */
  public TestSeam() {}

  /** Something that a test changed and must put back. */
  public interface Change extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Time that passes only when a test says so. A thread that parks for a time still wakes up every
   * millisecond, as the contract of parking allows, and looks at this clock.
   */
  public static final class VirtualClock implements Change {

    private static final long LOOK_NANOS = 1_000_000;

    private final AtomicLong nanos;
    private volatile Instant timeOfDay = Instant.EPOCH;
    private volatile boolean sleepersLook = true;

    private VirtualClock(long nanos) {
      this.nanos = new AtomicLong(nanos);
    }

    /** Lets time pass, on the monotonic clock and on the wall. */
    public void advance(Duration time) {
      timeOfDay = timeOfDay.plus(time);
      nanos.addAndGet(time.toNanos());
    }

    /** Keeps threads that park for a time from waking up to look: somebody has to unpark them. */
    public void letSleepersLie() {
      sleepersLook = false;
    }

    private long limit(long nanos) {
      return sleepersLook ? Math.min(nanos, LOOK_NANOS) : Long.MAX_VALUE;
    }

    /** Sets the clock on the wall, as people and time servers do; the monotonic one goes on. */
    public void setTimeOfDay(Instant time) {
      timeOfDay = time;
    }

    @Override
    public void close() {
      virtualClock = null;
    }
  }

  /** Stops the clocks of all engines; to be called before an engine is made. */
  public static VirtualClock stopClock() {
    return stopClock(0);
  }

  /** Stops the clocks of all engines at a given reading of the monotonic one. */
  public static VirtualClock stopClock(long nanos) {
    VirtualClock clock = new VirtualClock(nanos);
    virtualClock = clock;
    return clock;
  }

  /** Calls a test back at each {@link Seam.Point}, on whatever thread reaches it. */
  public static Change atPoints(Consumer<Point> callback) {
    onPoint = callback;
    return () -> onPoint = null;
  }

  /** Makes all threads of engines with a factory of the test's. */
  public static Change makeThreads(ThreadFactory factory) {
    threads = factory;
    return () -> threads = null;
  }

  /** Calls a test back before off-heap memory is taken, with its size; it may throw. */
  public static Change atAllocations(LongConsumer callback) {
    onAllocation = callback;
    return () -> onAllocation = null;
  }

  @Override
  protected void allocate(long byteSize) {
    LongConsumer callback = onAllocation;
    if (callback != null) {
      callback.accept(byteSize);
    }
  }

  @Override
  protected void pass(Point point) {
    Consumer<Point> callback = onPoint;
    if (callback != null) {
      callback.accept(point);
    }
  }

  @Override
  protected Thread makeThread(ThreadFactory factory, Runnable body) {
    ThreadFactory replacement = threads;
    return (replacement == null ? factory : replacement).newThread(body);
  }

  @Override
  protected long clock() {
    VirtualClock clock = virtualClock;
    return clock == null ? super.clock() : clock.nanos.get();
  }

  @Override
  protected Instant timeOfDay() {
    VirtualClock clock = virtualClock;
    return clock == null ? super.timeOfDay() : clock.timeOfDay;
  }

  @Override
  protected void sleep(Object blocker, long nanos) {
    VirtualClock clock = virtualClock;
    LockSupport.parkNanos(blocker, clock == null ? nanos : clock.limit(nanos));
  }
}
