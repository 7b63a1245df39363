// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.TaskEngine;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.observe.EngineMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every accepted task runs, and runs once: a mark for each, and two sums. RELIABILITY R02 at 10^7.
 */
class NothingLostTest {

  private static final int SUBMITTERS = 2;

  private final LongAdder sum = new LongAdder();
  private final LongAdder hashes = new LongAdder();

  @ParameterizedTest
  @CsvSource({
    "1, 65536, true, 2000000",
    "2, 1, true, 200000",
    "2, 1000, true, 2000000",
    "2, 1073741824, true, 2000000",
    "2, 65536, false, 2000000",
    "8, 1000, true, 2000000",
  })
  void mixedLoad_everyTaskOnce(int workers, int capacity, boolean stealing, int tasks)
      throws InterruptedException {
    AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
    TaskEngine engine =
        TaskEngine.builder()
            .workers(workers)
            .queueCapacity(capacity)
            .workStealing(stealing)
            .build();
    List<Thread> submitters = new ArrayList<>();
    for (int s = 0; s < SUBMITTERS; s++) {
      int from = tasks / SUBMITTERS * s;
      int to = tasks / SUBMITTERS * (s + 1);
      submitters.add(new Thread(() -> submitRange(engine, runs, from, to)));
    }
    submitters.forEach(Thread::start);
    for (Thread submitter : submitters) {
      submitter.join();
    }
    engine.close();

    for (int i = 0; i < tasks; i++) {
      if (runs.get(i) != 1) {
        throw new AssertionError("task " + i + " ran " + runs.get(i) + " times");
      }
    }
    long expectedHashes = 0;
    for (long i = 0; i < tasks; i++) {
      expectedHashes += Long.hashCode(i * 0x9E3779B97F4A7C15L);
    }
    assertThat(sum.sum()).isEqualTo((long) tasks * (tasks - 1L) / 2);
    assertThat(hashes.sum()).isEqualTo(expectedHashes);
    EngineMetrics books = engine.metrics();
    assertThat(books.accepted()).isEqualTo(tasks);
    assertThat(books.completed()).isEqualTo(tasks);
    assertThat(books.live()).isZero();
    assertThat(books.queued()).isZero();
    assertThat(books.running()).isZero();
  }

  /**
   * One task in four is submitted by another task, the others from outside; handles and bodies
   * mixed.
   */
  private void submitRange(TaskEngine engine, AtomicIntegerArray runs, int from, int to) {
    for (int i = from; i < to; i += 4) {
      int first = i;
      submitted(
          engine,
          () -> {
            mark(runs, first);
            int inner = first + 1;
            engine.execute(() -> mark(runs, inner));
          });
      submitted(engine, () -> mark(runs, first + 2));
      submitWithHandle(engine, () -> mark(runs, first + 3));
    }
  }

  private void mark(AtomicIntegerArray runs, int task) {
    runs.incrementAndGet(task);
    sum.add(task);
    hashes.add(Long.hashCode(task * 0x9E3779B97F4A7C15L));
  }

  private static void submitted(TaskEngine engine, Runnable body) {
    for (; ; ) {
      try {
        engine.execute(body);
        return;
      } catch (RejectedTaskException e) { // full: the load is meant to press
        Thread.onSpinWait();
      }
    }
  }

  private static void submitWithHandle(TaskEngine engine, Runnable body) {
    for (; ; ) {
      try {
        engine.submit(body);
        return;
      } catch (RejectedTaskException e) {
        Thread.onSpinWait();
      }
    }
  }
}
