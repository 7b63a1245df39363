// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.CloseReport;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.ErrorCode;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.observe.EngineMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * Submissions race the end of the engine, over many engine lives: each is refused or gets an
 * outcome, the books add up, and the threads are gone.
 *
 * <p>An engine is closed without a limit, with a limit that may pass, or by one of its own tasks.
 * Four threads submit until they are refused; some tasks submit another, which must not be refused
 * unless the limit has passed.
 */
public final class CloseRace {

  private static final int SUBMITTERS = 4;
  private static final int MOST_TASKS = 200;
  private static final long CLOSE_LIMIT_NANOS = 5_000_000_000L;

  private final long seed;
  private final long lives;
  private final CyclicBarrier gate = new CyclicBarrier(SUBMITTERS + 1);
  private final LongAdder ran = new LongAdder();
  private final LongAdder executed = new LongAdder();
  private final LongAdder childRefused = new LongAdder();
  private final List<List<TaskHandle<?>>> handles = new ArrayList<>();
  private final List<TaskHandle<?>> children = new ArrayList<>();
  private final AtomicBoolean limited = new AtomicBoolean();
  private volatile TaskEngine engine;
  private volatile String setting = "";
  private long accepted;
  private long cancelled;

  private CloseRace(long seed, long lives) {
    this.seed = seed;
    this.lives = lives;
    this.engine = TaskEngine.create();
    engine.close();
    for (int i = 0; i < SUBMITTERS; i++) {
      handles.add(new ArrayList<>());
    }
  }

  /**
   * Runs.
   *
   * @param args seed, number of engine lives
   */
  public static void main(String[] args) throws Exception {
    new CloseRace(Soak.seed(args), Soak.count(args, 10_000)).run();
  }

  private void run() throws Exception {
    int threadsAtStart = Thread.activeCount();
    for (int i = 0; i < SUBMITTERS; i++) {
      int submitter = i;
      Thread thread = new Thread(() -> submitAlways(submitter), "submitter-" + i);
      thread.setDaemon(true);
      thread.start();
    }
    SplittableRandom random = new SplittableRandom(seed);
    watch();
    long start = System.nanoTime();
    for (long life = 0; life < lives; life++) {
      live(life, random);
    }
    int threadsLeft = Thread.activeCount() - threadsAtStart - SUBMITTERS - 1;
    Soak.finish(
        "CloseRace",
        threadsLeft <= 0,
        "lives=%d, accepted=%d, cancelled=%d, threads left=%d, %.0f s, seed=%d",
        lives,
        accepted,
        cancelled,
        Math.max(0, threadsLeft),
        (System.nanoTime() - start) / 1e9,
        seed);
  }

  private volatile long closingSince;

  /** Fails the process if a close does not return. */
  private void watch() {
    Thread watchdog =
        new Thread(
            () -> {
              for (; ; ) {
                long since = closingSince;
                if (since != 0 && System.nanoTime() - since > CLOSE_LIMIT_NANOS) {
                  Soak.stalled(
                      "CloseRace", "close does not return, " + setting + ", " + engine.metrics());
                }
                try {
                  Thread.sleep(100);
                } catch (InterruptedException e) {
                  return;
                }
              }
            },
            "watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
  }

  private void live(long life, SplittableRandom random) throws Exception {
    int workers = 1 + random.nextInt(3);
    int capacity = random.nextInt(3) == 0 ? 2 : 1_000;
    boolean stealing = random.nextInt(4) > 0;
    int how = random.nextInt(3);
    limited.set(how == 1);
    setting =
        "life=%d, workers=%d, capacity=%d, stealing=%b, how=%d, seed=%d"
            .formatted(life, workers, capacity, stealing, how, seed);
    engine =
        TaskEngine.builder()
            .workers(workers)
            .queueCapacity(capacity)
            .workStealing(stealing)
            .build();
    gate.await();
    Soak.spinNanos(random.nextInt(100_000));
    closingSince = System.nanoTime();
    CloseReport report = null;
    if (how == 0) {
      engine.close();
    } else if (how == 1) {
      report = engine.close(Duration.ofNanos(random.nextInt(50_000)));
      engine.close();
    } else {
      closeFromInside();
      engine.close();
    }
    closingSince = 0;
    gate.await(); // all submitters have been refused, and wait for the next engine
    reconcile(report);
  }

  private void closeFromInside() {
    try {
      engine.execute(
          () -> {
            executed.increment();
            engine.close();
          });
    } catch (RejectedTaskException e) {
      return; // full: closed from outside
    }
  }

  private void submitAlways(int submitter) {
    SplittableRandom random = new SplittableRandom(seed + submitter + 1);
    try {
      for (; ; ) {
        gate.await();
        submit(engine, handles.get(submitter), random);
        gate.await();
      }
    } catch (Exception e) {
      Soak.stalled("CloseRace", "submitter ended: " + e);
    }
  }

  private void submit(TaskEngine engine, List<TaskHandle<?>> mine, SplittableRandom random) {
    for (int i = 0; i < MOST_TASKS; ) {
      try {
        int kind = random.nextInt(3);
        if (kind == 0) {
          engine.execute(executed::increment);
        } else if (kind == 1) {
          mine.add(engine.submit(ran::increment));
        } else {
          mine.add(engine.submit(() -> submitChild(engine)));
        }
        i++;
      } catch (RejectedTaskException e) {
        if (e.code() != ErrorCode.QUEUE_FULL) {
          return;
        }
        Thread.onSpinWait();
      }
    }
  }

  private void submitChild(TaskEngine engine) {
    ran.increment();
    try {
      TaskHandle<?> child = engine.submit(ran::increment);
      synchronized (children) {
        children.add(child);
      }
    } catch (RejectedTaskException e) {
      if (!limited.get()) {
        childRefused.increment();
      }
    }
  }

  private void reconcile(CloseReport report) {
    EngineMetrics books = engine.metrics();
    long succeeded = 0;
    long stopped = 0;
    long open = 0;
    List<List<TaskHandle<?>>> all = new ArrayList<>(handles);
    all.add(children);
    for (List<TaskHandle<?>> some : all) {
      for (TaskHandle<?> handle : some) {
        switch (handle.state()) {
          case SUCCESS -> succeeded++;
          case CANCELLED -> stopped++;
          default -> open++;
        }
      }
    }
    long execs = executed.sumThenReset();
    long bodies = ran.sumThenReset();
    boolean balanced =
        open == 0
            && childRefused.sum() == 0
            && books.live() == 0
            && books.queued() == 0
            && books.failed() == 0
            && books.accepted() == books.completed() + books.cancelled()
            && books.completed() == succeeded + execs
            && bodies >= succeeded
            && (report == null || report.cancelled() == books.cancelled());
    if (!balanced) {
      Soak.finish(
          "CloseRace",
          false,
          "books do not add up: succeeded=%d, executed=%d, bodies=%d, cancelled=%d, without"
              + " outcome=%d, children refused=%d, %s, %s, %s",
          succeeded,
          execs,
          bodies,
          stopped,
          open,
          childRefused.sum(),
          setting,
          books,
          report);
    }
    accepted += books.accepted();
    cancelled += books.cancelled();
    handles.forEach(List::clear);
    children.clear();
  }
}
