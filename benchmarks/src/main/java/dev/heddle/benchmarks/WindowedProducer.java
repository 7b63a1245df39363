// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.BooleanSupplier;

/**
 * Executes many bodies from one thread, with a limit on how many are outstanding, and checks that
 * each has run once. A body adds to a counter, each worker on a line of its own, and allocates
 * nothing. The bodies are of five classes.
 *
 * <p>The limit is kept by halves: a half begins when the half before the last has run. So the
 * producer looks only after half a window, at a field that is written once for half a window. The
 * limit is as exact as the order in which the target runs bodies: what is awaited is each {@value
 * #STRIDE}st body of a half and its last. Not thread-safe.
 */
final class WindowedProducer {

  /**
   * Each how manieth body is awaited. Odd: a target that deals bodies to its workers in turn gives
   * each of them some of those that are awaited.
   */
  private static final int STRIDE = 31;

  private final Executor target;
  private final int halfSize;
  private final RunCounter counter = new RunCounter();
  private final Runnable[] bodies = {
    () -> counter.increment(),
    () -> counter.increment(),
    () -> counter.increment(),
    () -> counter.increment(),
  };
  private final HalfWindow[] halves = {new HalfWindow(counter), new HalfWindow(counter)};
  private long executed;

  /**
   * Makes a producer.
   *
   * @param target what executes
   * @param window how many bodies may be outstanding, at least 2; the greatest int for no limit
   */
  WindowedProducer(Executor target, int window) {
    this.target = target;
    this.halfSize = window / 2;
  }

  /**
   * Executes so many bodies, waits until they have run, and returns how many have run since the
   * beginning.
   *
   * @throws IllegalStateException if one has not run, or has run twice
   */
  long execute(int tasks) {
    int half = 0;
    for (int left = tasks; left > 0; left -= halfSize) {
      Waiting.until(halves[half]);
      executeHalf(halves[half], Math.min(halfSize, left));
      half ^= 1;
    }
    Waiting.until(halves[0]);
    Waiting.until(halves[1]);
    executed += tasks;
    // Those that are awaited may have overtaken a few others.
    Waiting.until(() -> counter.sum() >= executed);
    long ran = counter.sum();
    if (ran != executed) {
      throw new IllegalStateException(
          "each task must run once: executed=" + executed + ", ran=" + ran);
    }
    return ran;
  }

  private void executeHalf(HalfWindow half, int tasks) {
    half.begin((tasks - 1) / STRIDE + 1);
    int untilAwaited = (tasks - 1) % STRIDE; // so that the last one is awaited
    for (int i = 0; i < tasks; i++) {
      if (untilAwaited-- == 0) {
        target.execute(half);
        untilAwaited = STRIDE - 1;
      } else {
        target.execute(bodies[i & 3]);
      }
    }
  }

  /**
   * The bodies of half a window that are awaited, one object for all: as a condition, that all of
   * them have run.
   */
  private static final class HalfWindow implements Runnable, BooleanSupplier {

    private static final int MISSING = 32; // in ints: 128 bytes from the header

    private final RunCounter counter;
    private final AtomicIntegerArray missing = new AtomicIntegerArray(3 * MISSING); // by workers
    private final PaddedLong busy = new PaddedLong(); // 1 from begin() to the last run

    HalfWindow(RunCounter counter) {
      this.counter = counter;
    }

    void begin(int awaited) {
      missing.setPlain(MISSING, awaited); // published by busy
      busy.value = 1;
    }

    @Override
    public boolean getAsBoolean() {
      return busy.value == 0;
    }

    @Override
    public void run() {
      counter.increment();
      if (missing.decrementAndGet(MISSING) == 0) {
        busy.value = 0;
      }
    }
  }
}
