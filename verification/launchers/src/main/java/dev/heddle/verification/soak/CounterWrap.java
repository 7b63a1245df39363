// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.TaskEngine;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.spi.OverflowPolicy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;

/**
 * Every task runs once while counters, sequences and queue indices pass 2^15, 2^16, 2^31 and 2^63.
 * They are set by reflection before the first worker has a thread. In the build: CounterWrapTest.
 *
 * <p>JCTools compares the indices of an inbox by their order, so that they come near 2^63 and do
 * not pass it.
 */
public final class CounterWrap {

  private static final int[] POWERS = {15, 16, 31, 63};
  private static final int MOST_BEFORE = 5_000;
  private static final int FAMILY = 32;
  private static final int CAPACITY = 8;
  private static final long LAST_INBOX_INDEX = Long.MAX_VALUE - (1L << 40);
  private static final long STALL_NANOS = 30_000_000_000L;

  private static final VarHandle BITS = MethodHandles.arrayElementVarHandle(long[].class);

  private final String setting;
  private final long[] marks;
  private final LongAdder runs = new LongAdder();
  private final LongAdder twice = new LongAdder();

  private CounterWrap(String setting, int tasks) {
    this.setting = setting;
    this.marks = new long[tasks / Long.SIZE];
  }

  /**
   * Runs.
   *
   * @param args seed, number of tasks for each power of two
   */
  public static void main(String[] args) throws InterruptedException {
    long seed = Soak.seed(args);
    long asked = Soak.count(args, 10_000_000);
    int tasks = (int) Math.clamp(asked / (2 * FAMILY) * (2 * FAMILY), 2 * FAMILY, 1L << 30);
    SplittableRandom random = new SplittableRandom(seed);
    for (int power : POWERS) {
      int before = 1 + random.nextInt(MOST_BEFORE);
      int workers = 1 + random.nextInt(3);
      boolean stealing = random.nextBoolean();
      String setting =
          "power=%d, before=%d, workers=%d, stealing=%b, seed=%d"
              .formatted(power, before, workers, stealing, seed);
      TaskEngine engine = start(workers, stealing, (1L << power) - before);
      new CounterWrap(setting, tasks).run(engine, tasks);
    }
    Soak.finish(
        "CounterWrap",
        true,
        "tasks=%d for each of 2^15, 2^16, 2^31, 2^63, missing=0, double=0, seed=%d",
        tasks,
        seed);
  }

  private void run(TaskEngine engine, int tasks) throws InterruptedException {
    EngineMetrics before = engine.metrics();
    List<Thread> submitters = new ArrayList<>();
    submitters.add(Thread.ofPlatform().start(() -> submit(engine, 0, tasks / 2)));
    submitters.add(Thread.ofPlatform().start(() -> submit(engine, tasks / 2, tasks)));
    long last = -1;
    long stuckSince = System.nanoTime();
    while (runs.sum() < tasks) {
      long now = runs.sum();
      if (now != last) {
        last = now;
        stuckSince = System.nanoTime();
      } else if (System.nanoTime() - stuckSince > STALL_NANOS) {
        Soak.stalled(
            "CounterWrap",
            "no progress for 30 s: missing=%d, %s, %s"
                .formatted(tasks - now, setting, engine.metrics()));
      }
      Thread.sleep(1);
    }
    for (Thread submitter : submitters) {
      submitter.join();
    }
    engine.close();
    check(before, engine.metrics(), tasks);
  }

  /** Families of tasks: one from outside, which submits the others. */
  private void submit(TaskEngine engine, int from, int to) {
    for (int i = from; i < to; i += FAMILY) {
      int first = i;
      Runnable family =
          () -> {
            for (int member = first + 1; member < first + FAMILY; member++) {
              int number = member;
              if ((number & 1) == 0) {
                engine.execute(() -> ran(number));
              } else {
                engine.submit(() -> ran(number));
              }
            }
            ran(first);
          };
      if ((i / FAMILY & 1) == 0) {
        engine.execute(family);
      } else {
        engine.submit(family);
      }
    }
  }

  private void ran(int number) {
    long bit = 1L << number;
    if (((long) BITS.getAndBitwiseOr(marks, number >>> 6, bit) & bit) != 0) {
      twice.increment();
    }
    runs.increment();
  }

  /** The books count from where they began. */
  private void check(EngineMetrics before, EngineMetrics after, int tasks) {
    int missing = tasks;
    for (long mark : marks) {
      missing -= Long.bitCount(mark);
    }
    boolean balanced =
        after.accepted() - before.accepted() == tasks
            && after.completed() - before.completed() == tasks
            && after.failed() == before.failed()
            && after.cancelled() == before.cancelled()
            && after.live() == before.live()
            && after.queued() == 0
            && after.running() == 0;
    if (missing != 0 || twice.sum() != 0 || runs.sum() != tasks || !balanced) {
      Soak.finish(
          "CounterWrap",
          false,
          "missing=%d, double=%d, runs=%d of %d, %s, before=%s, after=%s",
          missing,
          twice.sum(),
          runs.sum(),
          tasks,
          setting,
          before,
          after);
    }
  }

  // ---- an engine that has run for long

  private static TaskEngine start(int workers, boolean stealing, long count) {
    AtomicInteger threads = new AtomicInteger();
    return TaskEngine.builder()
        .workers(workers)
        .workStealing(stealing)
        .queueCapacity(CAPACITY)
        .overflow(OverflowPolicy.block(Duration.ofMinutes(1)))
        .threadFactory(
            worker -> {
              if (threads.getAndIncrement() == 0) { // nothing runs yet
                try {
                  advance(value(worker, "engine"), count);
                } catch (ReflectiveOperationException e) {
                  throw new LinkageError(e.getMessage(), e);
                }
              }
              return new Thread(worker);
            })
        .build();
  }

  private static void advance(Object engine, long count) throws ReflectiveOperationException {
    Object overflow = value(engine, "overflow");
    Constructor<?> segments = value(overflow, "head").getClass().getDeclaredConstructor(long.class);
    segments.setAccessible(true);
    Object segment = segments.newInstance(count);
    field(overflow, "head").set(overflow, segment);
    field(overflow, "tail").set(overflow, segment);
    long queued = count;
    long taken = 0;
    Object workers = value(engine, "workers");
    for (int i = 0; i < Array.getLength(workers); i++) {
      Object worker = Array.get(workers, i);
      field(worker, "tick").setInt(worker, (int) count);
      Object counters = value(worker, "counters");
      for (String counter : List.of("taken", "started", "ended", "completed", "failed", "stolen")) {
        field(counters, counter).setLong(counters, count);
      }
      long inboxIndex = count < 0 ? LAST_INBOX_INDEX : Math.min(count, LAST_INBOX_INDEX);
      advance((MpmcVarHandleArrayQueue<?>) value(worker, "inbox"), inboxIndex);
      queued += inboxIndex;
      taken += count;
    }
    // The sums stand there too, and nothing is queued:
    Object books = value(engine, "books");
    ((AtomicLong) value(books, "notAccepted")).set(queued - count);
    ((AtomicLong) value(books, "takenByClose")).set(count - taken);
    ((LongAdder) value(books, "cancelled")).add(count);
    Object capacity = value(engine, "capacity");
    field(capacity, "takenBefore").setLong(capacity, count);
    ((AtomicLong) value(engine, "taskIds")).set(count);
    ((AtomicInteger) value(engine, "turn")).set((int) count);
  }

  private static void advance(MpmcVarHandleArrayQueue<?> inbox, long index)
      throws ReflectiveOperationException {
    long[] sequences = (long[]) value(inbox, "sequenceBuffer");
    for (int i = 0; i < sequences.length; i++) {
      sequences[(int) ((index + i) & (sequences.length - 1))] = index + i;
    }
    field(inbox, "producerIndex").setLong(inbox, index);
    field(inbox, "consumerIndex").setLong(inbox, index);
  }

  private static Object value(Object object, String name) throws ReflectiveOperationException {
    return field(object, name).get(object);
  }

  private static Field field(Object object, String name) throws NoSuchFieldException {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getName().equals(name)) {
          field.setAccessible(true);
          return field;
        }
      }
    }
    throw new NoSuchFieldException(name);
  }
}
