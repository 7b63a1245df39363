// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.Retry;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.observe.EngineMetrics;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Timers that are armed and not needed leave nothing behind: timeouts of tasks that end in time or
 * are cancelled, retries and delayed tasks that are cancelled in their pause, waits for a result
 * that comes. The heap is as it was, and the engine's timers are none.
 *
 * <p>Control: as many tasks whose pauses go on must be seen, in the timers and in the heap.
 */
public final class TimerLeaks {

  private static final int KEPT = 200;
  private static final int TOGETHER = 40;
  private static final int WARM_UP = 50_000;
  private static final int CONTROL = 50_000;
  private static final long HEAP_LIMIT = 5L << 20;
  private static final Duration LONG = Duration.ofHours(1);

  private static final TaskOptions TIMED =
      TaskOptions.defaults().timeout(LONG).totalTimeout(LONG.multipliedBy(2));
  private static final TaskOptions RETRIED = TaskOptions.defaults().retry(Retry.fixed(LONG, 3));

  private final TaskEngine engine;
  private final SplittableRandom random;
  private final String setting;
  private final Queue<TaskHandle<?>> paused = new ArrayDeque<>();
  private long armed;
  private long pauses;

  private TimerLeaks(long seed) {
    this.setting = "seed=" + seed;
    this.random = new SplittableRandom(seed);
    this.engine =
        TaskEngine.builder().workers(2).queueCapacity(1_000_000).retryBudget(10_000).build();
  }

  /**
   * Runs.
   *
   * @param args seed, number of timers
   * @throws Exception if the calling thread is interrupted
   */
  public static void main(String[] args) throws Exception {
    Soak.silence();
    new TimerLeaks(Soak.seed(args)).run(Soak.count(args, 1_000_000));
  }

  private void run(long timers) throws Exception {
    long start = System.nanoTime();
    arm(WARM_UP);
    awaitNoTimers();
    long before = heapAfterGc();
    armed = 0;
    arm(timers);
    awaitNoTimers();
    long growth = heapAfterGc() - before;
    for (int i = 0; i < CONTROL; i++) {
      pause();
    }
    int left = 0;
    for (long wait = 0; wait < 2_000 && (left = timers()) < CONTROL; wait++) {
      Thread.sleep(10);
    }
    long controlGrowth = heapAfterGc() - before;
    boolean controlSeen = left >= CONTROL && controlGrowth > HEAP_LIMIT;
    cancelOldest(0);
    awaitNoTimers();
    long growthAtEnd = heapAfterGc() - before;
    EngineMetrics books = engine.metrics();
    engine.close();
    Soak.finish(
        "TimerLeaks",
        controlSeen && growth <= HEAP_LIMIT && growthAtEnd <= HEAP_LIMIT && books.live() == 0,
        "armed=%d, timers left=0, heap growth=%d KiB; control: timers left=%d, heap growth=%d KiB,"
            + " after their end %d KiB, %.0f s, %s",
        armed,
        growth >> 10,
        left,
        controlGrowth >> 10,
        growthAtEnd >> 10,
        (System.nanoTime() - start) / 1e9,
        setting);
  }

  private void arm(long timers) throws InterruptedException {
    for (long goal = armed + timers; armed < goal; ) {
      switch (random.nextInt(4)) {
        case 0 -> { // ends in time
          engine.submit(context -> 1, TIMED).join(Duration.ofMinutes(1));
          armed += 2;
        }
        case 1 -> { // cancelled, perhaps while it runs
          engine.submit(context -> 1, TIMED).cancel(random.nextBoolean());
          armed += 2;
        }
        case 2 -> {
          pause();
          cancelOldest(KEPT);
        }
        default -> {
          engine.schedule(context -> 1, LONG).cancel();
          armed++;
        }
      }
    }
    cancelOldest(0);
  }

  /** Begins a pause between two attempts. */
  private void pause() throws InterruptedException {
    paused.add(
        engine.submit(
            context -> {
              throw new IllegalStateException("soak");
            },
            RETRIED));
    armed++;
    if (++pauses % TOGETHER == 0) { // the retry budget holds 100, and is filled by each task
      while (engine.metrics().running() + engine.metrics().queued() != 0) {
        TimeUnit.MICROSECONDS.sleep(100);
      }
    }
  }

  private void cancelOldest(int left) {
    while (paused.size() > left) {
      if (!paused.remove().cancel()) {
        Soak.finish("TimerLeaks", false, "a task in its pause has ended, %s", setting);
      }
    }
  }

  private void awaitNoTimers() throws InterruptedException {
    long start = System.nanoTime();
    while (timers() != 0 || engine.metrics().live() != 0) {
      if (System.nanoTime() - start > 20_000_000_000L) {
        Soak.stalled(
            "TimerLeaks",
            "timers are left: timers=%d, armed=%d, %s, %s"
                .formatted(timers(), armed, engine.metrics(), setting));
      }
      Thread.sleep(10);
    }
  }

  /** How many timers the engine holds that are not cancelled. */
  private int timers() {
    Object timers = field(engine, "timers");
    ReentrantLock lock = (ReentrantLock) field(timers, "lock");
    lock.lock();
    try {
      int open = 0;
      for (Object timer : (Collection<?>) field(timers, "heap")) {
        open += ((AtomicBoolean) field(timer, "decided")).get() ? 0 : 1;
      }
      return open;
    } finally {
      lock.unlock();
    }
  }

  private static Object field(Object object, String name) {
    try {
      Field field = object.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field.get(object);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static long heapAfterGc() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
