// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.Outcome;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskLane;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.spi.OverflowPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * Three producers and two workers under full load for a long time. At the end, what the producers
 * have submitted, what the bodies have done, what the handles say and the books of the engine must
 * agree. One producer executes, also through a lane; one submits, cancels, and submits bodies that
 * fail; one submits groups.
 */
public final class Load {

  private static final int WORKERS = 2;
  private static final int CAPACITY = 10_000;
  private static final int LANE_CAPACITY = 4_096;
  private static final int WINDOW = 64;
  private static final int MOST_STEPS = 1_000;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final long seed;
  private final long endNanos;
  private final TaskEngine engine =
      TaskEngine.builder()
          .workers(WORKERS)
          .queueCapacity(CAPACITY)
          .overflow(OverflowPolicy.block(LIMIT))
          .build();
  private final AtomicReference<Throwable> problem = new AtomicReference<>();

  private final LongAdder bodies = new LongAdder();
  private final LongAdder hashes = new LongAdder();

  // Each written by one producer, read at the end:
  private long executed;
  private long executedHashes;
  private long succeeded;
  private long failed;
  private long cancelled;
  private long grouped;

  private Load(long seed, long seconds) {
    this.seed = seed;
    this.endNanos = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
  }

  /**
   * Runs.
   *
   * @param args seed, seconds
   */
  public static void main(String[] args) throws InterruptedException {
    Soak.silence();
    long seconds = Soak.count(args, 600);
    new Load(Soak.seed(args), seconds).run(seconds);
  }

  private void run(long seconds) throws InterruptedException {
    List<Thread> producers =
        List.of(
            new Thread(() -> produce(this::executeAlways), "executes"),
            new Thread(() -> produce(this::submitAlways), "submits"),
            new Thread(() -> produce(this::groupAlways), "submits groups"));
    producers.forEach(Thread::start);
    for (Thread producer : producers) {
      producer.join();
    }
    engine.close();
    EngineMetrics books = engine.metrics();
    boolean balanced =
        problem.get() == null
            && bodies.sum() == executed
            && hashes.sum() == executedHashes
            && books.accepted() == executed + succeeded + failed + cancelled + grouped
            && books.completed() == executed + succeeded + grouped
            && books.failed() == failed
            && books.cancelled() == cancelled
            && books.live() == 0
            && books.queued() == 0
            && books.running() == 0;
    Soak.finish(
        "Load",
        balanced,
        "seconds=%d, seed=%d, executed=%d (bodies %d), succeeded=%d, failed=%d, cancelled=%d,"
            + " grouped=%d, problem=%s, %s",
        seconds,
        seed,
        executed,
        bodies.sum(),
        succeeded,
        failed,
        cancelled,
        grouped,
        problem.get(),
        books);
  }

  private void produce(Runnable always) {
    try {
      always.run();
    } catch (Throwable e) {
      problem.compareAndSet(null, e);
    }
  }

  private boolean goesOn() {
    return System.nanoTime() - endNanos < 0 && problem.get() == null;
  }

  /** Some work, for a time that the JIT compiler cannot guess. */
  private static long work(long number, int steps) {
    long hash = number;
    for (int i = 0; i < steps; i++) {
      hash = Soak.hash(hash);
    }
    return hash;
  }

  private void executeAlways() {
    SplittableRandom random = new SplittableRandom(seed);
    try (TaskLane lane = engine.openLane(LANE_CAPACITY)) {
      while (goesOn()) {
        for (int i = 0; i < WINDOW; i++) {
          long number = executed++;
          executedHashes += Soak.hash(number);
          int steps = random.nextInt(MOST_STEPS);
          Runnable body =
              () -> {
                hashes.add(work(number, steps) == 0 ? 0 : Soak.hash(number));
                bodies.increment();
              };
          if (random.nextBoolean() || !lane.tryExecute(body)) {
            engine.execute(body);
          }
        }
      }
    }
  }

  private void submitAlways() {
    SplittableRandom random = new SplittableRandom(seed + 1);
    List<TaskHandle<Long>> handles = new ArrayList<>();
    while (goesOn()) {
      for (int i = 0; i < WINDOW; i++) {
        int steps = random.nextInt(MOST_STEPS);
        boolean fails = random.nextInt(16) == 0;
        handles.add(
            engine.submit(
                context -> {
                  long result = work(steps, steps);
                  if (fails) {
                    throw new IllegalStateException("on purpose");
                  }
                  return result;
                }));
        if (random.nextInt(8) == 0) {
          handles.get(random.nextInt(handles.size())).cancel();
        }
      }
      for (TaskHandle<Long> handle : handles) {
        switch (handle.outcome()) {
          case Outcome.Success<Long> success -> succeeded++;
          case Outcome.Failure<Long> failure -> failed++;
          case Outcome.Cancelled<Long> cancel -> cancelled++;
          case Outcome.Rejected<Long> rejected -> throw rejected.error();
        }
      }
      handles.clear();
    }
  }

  private void groupAlways() {
    SplittableRandom random = new SplittableRandom(seed + 2);
    List<Task<Long>> tasks = new ArrayList<>();
    while (goesOn()) {
      tasks.clear();
      long expected = 0;
      int size = 1 + random.nextInt(WINDOW);
      for (int i = 0; i < size; i++) {
        long number = random.nextLong();
        int steps = random.nextInt(MOST_STEPS);
        tasks.add(context -> work(number, steps));
        expected += work(number, steps);
      }
      long sum = 0;
      for (long result : engine.submitAll(tasks).join()) {
        sum += result;
      }
      if (sum != expected) {
        throw new IllegalStateException("results must be those of a loop");
      }
      grouped += size;
    }
  }
}
