// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskOptions;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.observe.EngineMetrics;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;

/**
 * Every accepted task runs once: no number is missing, none comes twice.
 *
 * <p>Tasks are numbers, in batches of 10^7 with a bit each. Four kinds of submitter work at the
 * same time: a thread that executes, one that submits for a result, tasks that submit tasks, and
 * many virtual threads. Workers, capacity and stealing change from batch to batch.
 */
public final class NothingLost {

  private static final int BATCH = 10_000_000;
  private static final int TINY_BATCH = 1_000_000;
  private static final int CHILDREN = 64;
  private static final int PER_VIRTUAL_THREAD = 100;
  private static final long HEAP_LIMIT_BYTES = 5L << 20;
  private static final int[] CAPACITIES = {1_000_000, 1_000, 1};

  private static final VarHandle BITS = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] bits = new long[BATCH / 64 + 1];
  private final LongAdder sum = new LongAdder();
  private final LongAdder hashes = new LongAdder();
  private final LongAdder runs = new LongAdder();
  private final LongAdder twice = new LongAdder();
  private TaskEngine engine = TaskEngine.create();

  private NothingLost() {}

  /**
   * Runs.
   *
   * @param args seed, number of tasks
   */
  public static void main(String[] args) throws InterruptedException {
    new NothingLost().run(Soak.seed(args), Soak.count(args, 100_000_000));
  }

  private void run(long seed, long tasks) throws InterruptedException {
    SplittableRandom random = new SplittableRandom(seed);
    engine.close();
    long heapAtStart = 0;
    long heapGrowth = Long.MIN_VALUE;
    long done = 0;
    long start = System.nanoTime();
    for (int batch = 0; done < tasks; batch++) {
      int capacity = CAPACITIES[batch % CAPACITIES.length];
      int size = (int) Math.min(tasks - done, capacity == 1 ? TINY_BATCH : BATCH);
      int workers = 1 + random.nextInt(3);
      boolean stealing = random.nextInt(4) > 0;
      String setting =
          "batch=%d, workers=%d, capacity=%d, stealing=%b, seed=%d"
              .formatted(batch, workers, capacity, stealing, seed);
      engine =
          TaskEngine.builder()
              .workers(workers)
              .queueCapacity(capacity)
              .workStealing(stealing)
              .build();
      submitAll(size, setting);
      long heap = heapAfterGc(); // the engine is idle and alive
      if (batch == 0) {
        heapAtStart = heap;
      } else {
        heapGrowth = Math.max(heapGrowth, heap - heapAtStart);
      }
      engine.close();
      check(size, setting);
      done += size;
    }
    boolean lean = heapGrowth <= HEAP_LIMIT_BYTES;
    Soak.finish(
        "NothingLost",
        lean,
        "tasks=%d, missing=0, double=0, heap growth=%d KiB, %.0f s, seed=%d",
        done,
        heapGrowth == Long.MIN_VALUE ? 0 : heapGrowth >> 10,
        (System.nanoTime() - start) / 1e9,
        seed);
  }

  private void submitAll(int size, String setting) throws InterruptedException {
    int executed = size / 10 * 4;
    int submitted = executed + size / 10 * 2;
    int nested = submitted + size / 10 * 3;
    List<Thread> submitters = new ArrayList<>();
    submitters.add(Thread.ofPlatform().start(() -> execute(0, executed)));
    submitters.add(Thread.ofPlatform().start(() -> submit(executed, submitted)));
    submitters.add(Thread.ofPlatform().start(() -> submitNested(submitted, nested)));
    submitters.add(Thread.ofPlatform().start(() -> submitByVirtualThreads(nested, size)));
    for (Thread submitter : submitters) {
      submitter.join();
    }
    long before = -1;
    long stuckSince = System.nanoTime();
    while (runs.sum() < size) {
      long now = runs.sum();
      if (now != before) {
        before = now;
        stuckSince = System.nanoTime();
      } else if (System.nanoTime() - stuckSince > 30_000_000_000L) {
        Soak.stalled(
            "NothingLost",
            "no progress for 30 s: missing="
                + (size - now)
                + ", "
                + setting
                + ", "
                + engine.metrics());
      }
      Thread.sleep(1);
    }
  }

  /** Waits for a place by trying: an exception for each refusal would be all that is measured. */
  @SuppressWarnings("ThreadPriorityCheck") // yields to the workers, who are slower
  private void submitPatiently(Task<?> task) {
    while (engine.trySubmit(task, TaskOptions.defaults()).isEmpty()) {
      Thread.yield();
    }
  }

  private void execute(int from, int to) {
    for (int i = from; i < to; i++) {
      int number = i;
      if (engine.config().queueCapacity() == 1) {
        submitPatiently(context -> ran(number));
      } else {
        executePatiently(() -> ran(number));
      }
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // yields to the workers, who are slower
  private void executePatiently(Runnable body) {
    for (; ; ) {
      try {
        engine.execute(body);
        return;
      } catch (RejectedTaskException e) {
        Thread.yield(); // full
      }
    }
  }

  private void submit(int from, int to) {
    for (int i = from; i < to; i++) {
      int number = i;
      submitPatiently(context -> ran(number));
    }
  }

  private void submitNested(int from, int to) {
    for (int i = from; i < to; i += CHILDREN) {
      int first = i;
      int last = Math.min(to, i + CHILDREN);
      submitPatiently(
          context -> {
            for (int child = first + 1; child < last; child++) {
              int number = child;
              if ((child & 1) == 0) {
                engine.execute(() -> ran(number));
              } else {
                Callable<Boolean> body = () -> ran(number);
                engine.submit(body);
              }
            }
            return ran(first);
          });
    }
  }

  private void submitByVirtualThreads(int from, int to) {
    List<Thread> threads = new ArrayList<>();
    for (int i = from; i < to; i += PER_VIRTUAL_THREAD) {
      int first = i;
      int last = Math.min(to, i + PER_VIRTUAL_THREAD);
      threads.add(Thread.ofVirtual().start(() -> submit(first, last)));
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private boolean ran(int number) {
    long bit = 1L << number;
    long before = (long) BITS.getAndBitwiseOr(bits, number >>> 6, bit);
    if ((before & bit) != 0) {
      twice.increment();
    }
    sum.add(number);
    hashes.add(Soak.hash(number));
    runs.increment();
    return true;
  }

  private void check(int size, String setting) {
    long missing = 0;
    long expectedSum = 0;
    long expectedHashes = 0;
    for (int i = 0; i < size; i++) {
      if ((bits[i >>> 6] & (1L << i)) == 0) {
        missing++;
      }
      expectedSum += i;
      expectedHashes += Soak.hash(i);
    }
    EngineMetrics books = engine.metrics();
    boolean balanced = books.accepted() == books.completed() && books.live() == 0;
    if (missing != 0
        || twice.sum() != 0
        || runs.sum() != size
        || sum.sum() != expectedSum
        || hashes.sum() != expectedHashes
        || !balanced) {
      Soak.finish(
          "NothingLost",
          false,
          "missing=%d, double=%d, runs=%d of %d, %s, %s",
          missing,
          twice.sum(),
          runs.sum(),
          size,
          setting,
          books);
    }
    Arrays.fill(bits, 0);
    sum.reset();
    hashes.reset();
    runs.reset();
  }

  private static long heapAfterGc() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
