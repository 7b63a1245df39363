// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.spi.OverflowPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Producers that are far quicker than the workers fill no memory, whatever the overflow policy: run
 * in a heap of 64 MiB, in which the tasks that are submitted would have no place. Each task holds a
 * kilobyte and sleeps, so that it leaves the processors to the producers. One in a thousand submits
 * another one, which always finds room and must not run inside it.
 */
public final class BoundedMemory {

  private static final int PRODUCERS = 2;
  private static final int WORKERS = 2;
  private static final int CAPACITY = 10_000;
  private static final int TASK_BYTES = 1024;
  private static final int MOST_TASK_NANOS = 200_000;
  private static final int TASKS_PER_CHILD = 1_000;
  private static final int LOOKS = 1_000;
  private static final long MAX_HEAP_BYTES = 80L << 20;

  private final String policyName;
  private final long seed;
  private final ThreadLocal<int[]> depth = ThreadLocal.withInitial(() -> new int[1]);
  private final AtomicInteger deepest = new AtomicInteger();
  private final AtomicLong tried = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong children = new AtomicLong();
  private final AtomicBoolean stop = new AtomicBoolean();

  private BoundedMemory(String policyName, long seed) {
    this.policyName = policyName;
    this.seed = seed;
  }

  /**
   * Runs.
   *
   * @param args seed, seconds for all policies together
   */
  public static void main(String[] args) throws InterruptedException {
    long seed = Soak.seed(args);
    long seconds = Soak.count(args, 300);
    if (Runtime.getRuntime().maxMemory() > MAX_HEAP_BYTES) {
      Soak.finish(
          "BoundedMemory",
          false,
          "heap must be small: maxMemory=%d (start with -Xmx64m)",
          Runtime.getRuntime().maxMemory());
    }
    long nanos = Duration.ofSeconds(seconds).toNanos() / 4;
    StringBuilder text = new StringBuilder();
    text.append(new BoundedMemory("reject", seed).run(OverflowPolicy.reject(), nanos));
    text.append(
        new BoundedMemory("block", seed + 1)
            .run(OverflowPolicy.block(Duration.ofMinutes(1)), nanos));
    text.append(new BoundedMemory("callerRuns", seed + 2).run(OverflowPolicy.callerRuns(), nanos));
    text.append(new BoundedMemory("discard", seed + 3).run(OverflowPolicy.discard(), nanos));
    Soak.finish(
        "BoundedMemory", true, "capacity=%d, seconds=%d, seed=%d%s", CAPACITY, seconds, seed, text);
  }

  private String run(OverflowPolicy policy, long nanos) throws InterruptedException {
    TaskEngine engine =
        TaskEngine.builder().workers(WORKERS).queueCapacity(CAPACITY).overflow(policy).build();
    List<Throwable> failures = new ArrayList<>();
    List<Thread> producers = new ArrayList<>();
    for (int i = 0; i < PRODUCERS; i++) {
      SplittableRandom random = new SplittableRandom(seed * PRODUCERS + i);
      Thread producer =
          new Thread(
              () -> {
                while (!stop.get()) {
                  submit(engine, random);
                }
              });
      producer.setUncaughtExceptionHandler(
          (thread, error) -> {
            synchronized (failures) {
              failures.add(error);
            }
            stop.set(true);
          });
      producers.add(producer);
    }
    producers.forEach(Thread::start);
    long mostQueued = watch(engine, nanos);
    stop.set(true);
    for (Thread producer : producers) {
      producer.join();
    }
    EngineMetrics open = engine.metrics();
    engine.close();
    EngineMetrics books = engine.metrics();
    synchronized (failures) {
      boolean bounded = mostQueued <= CAPACITY + PRODUCERS && deepest.get() <= 1;
      if (!failures.isEmpty() || !bounded || !reconcile(open) || !ended(books)) {
        Soak.finish(
            "BoundedMemory",
            false,
            "policy=%s, most queued=%d, deepest=%d, tried=%d, refused=%d, failures=%s, seed=%d,"
                + " before close %s, after it %s",
            policyName,
            mostQueued,
            deepest.get(),
            tried.get(),
            refused.get(),
            failures,
            seed,
            open,
            books);
      }
    }
    return "; %s offered=%d, completed=%d, rejected=%d, discarded=%d, most queued=%d, deepest=%d"
        .formatted(
            policyName,
            books.offered(),
            books.completed(),
            books.rejected(),
            books.discarded(),
            mostQueued,
            deepest.get());
  }

  /** Returns the most that was queued at one time, children apart. */
  private long watch(TaskEngine engine, long nanos) throws InterruptedException {
    long start = System.nanoTime();
    long most = 0;
    while (System.nanoTime() - start < nanos && !stop.get()) {
      most = Math.max(most, queued(engine));
      Thread.sleep(1);
    }
    return most;
  }

  /** Looks again if it is too much: what comes in while the books are read is in the number. */
  private long queued(TaskEngine engine) {
    long least = Long.MAX_VALUE;
    for (int look = 0; look < LOOKS && least > CAPACITY + PRODUCERS; look++) {
      long before = children.get();
      least = Math.min(least, engine.metrics().queued() - before);
    }
    return least;
  }

  private void submit(TaskEngine engine, SplittableRandom random) {
    long taskNanos = random.nextInt(MOST_TASK_NANOS);
    byte[] held = new byte[TASK_BYTES];
    boolean parent = random.nextInt(TASKS_PER_CHILD) == 0;
    Runnable body = () -> work(engine, held, taskNanos, parent);
    tried.incrementAndGet();
    try {
      if (random.nextBoolean()) {
        engine.execute(body);
      } else {
        TaskHandle<?> dropped = engine.submit(body);
        if (dropped.isCancelled()) {
          throw new IllegalStateException("task was cancelled, by nobody: " + dropped);
        }
      }
    } catch (RejectedTaskException e) {
      refused.incrementAndGet();
    }
  }

  private void work(TaskEngine engine, byte[] held, long nanos, boolean parent) {
    int[] below = depth.get();
    below[0]++;
    deepest.accumulateAndGet(below[0], Math::max);
    LockSupport.parkNanos(held, nanos);
    if (parent) {
      tried.incrementAndGet();
      children.incrementAndGet();
      engine.execute(() -> work(engine, held, nanos, false));
    }
    below[0]--;
  }

  private boolean reconcile(EngineMetrics books) {
    return books.offered() == books.accepted() + books.rejected()
        && books.accepted()
            == books.completed()
                + books.failed()
                + books.cancelled()
                + books.discarded()
                + books.live();
  }

  private boolean ended(EngineMetrics books) {
    return reconcile(books)
        && books.offered() == tried.get()
        && books.rejected() == refused.get()
        && books.live() == 0
        && books.queued() == 0
        && books.running() == 0
        && books.failed() == 0
        && books.cancelled() == 0;
  }
}
