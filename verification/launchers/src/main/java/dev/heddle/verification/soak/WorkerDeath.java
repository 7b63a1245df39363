// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.Outcome;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bodies, handlers and factories misbehave in every way: only the guilty task fails, with its own
 * error, and the engine has all its workers again within a second.
 *
 * <p>An injection is a body that throws, an {@code execute} body whose handler throws as well, or
 * the death of a worker between two tasks while the factory may return {@code null}, throw, or
 * return a thread that cannot be started.
 */
public final class WorkerDeath {

  private static final int WORKERS = 2;
  private static final int ROUND = 100;

  /** What the factory does when it is asked next. */
  private enum Factory {
    WORKS,
    RETURNS_NULL,
    THROWS,
    RETURNS_STARTED
  }

  /** A checked exception that no signature announces. */
  private static final class Sneaky extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** An error that cannot even be described. */
  private static final class Hostile extends Error {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }

    @Override
    public String toString() {
      throw new IllegalStateException("no text");
    }
  }

  private final AtomicInteger handled = new AtomicInteger();
  private final SplittableRandom random;
  private final String setting;
  private volatile Factory factory = Factory.WORKS;
  private long slowestRestoreNanos;
  private long deaths;

  private WorkerDeath(long seed) {
    this.random = new SplittableRandom(seed);
    this.setting = "seed=" + seed;
  }

  /**
   * Runs.
   *
   * @param args seed, number of injections
   */
  public static void main(String[] args) throws Exception {
    Soak.silence();
    new WorkerDeath(Soak.seed(args)).run(Soak.count(args, 100_000));
  }

  private void run(long injections) throws Exception {
    TaskEngine engine =
        TaskEngine.builder()
            .workers(WORKERS)
            .threadFactory(this::newThread)
            .uncaughtHandler(
                (thread, error) -> {
                  handled.incrementAndGet();
                  throw new IllegalStateException("handler");
                })
            .build();
    long done = 0;
    while (done < injections) {
      done += inject(engine);
      restored(engine);
    }
    long replaced = engine.metrics().workersReplaced();
    engine.close();
    Soak.finish(
        "WorkerDeath",
        replaced >= deaths,
        "injections=%d, worker deaths=%d, workers replaced=%d, slowest restore=%.1f ms, %s",
        done,
        deaths,
        replaced,
        slowestRestoreNanos / 1e6,
        setting);
  }

  private Thread newThread(Runnable body) {
    Factory now = factory;
    factory = Factory.WORKS;
    return switch (now) {
      case WORKS -> daemon(body);
      case RETURNS_NULL -> null;
      case THROWS -> throw new IllegalStateException("factory");
      case RETURNS_STARTED -> {
        Thread started = daemon(() -> {});
        started.start();
        yield started;
      }
    };
  }

  private static Thread daemon(Runnable body) {
    Thread thread = new Thread(body, "soak-worker");
    thread.setDaemon(true);
    return thread;
  }

  /** Submits a round of guilty and innocent tasks; returns how many were guilty. */
  private int inject(TaskEngine engine) throws Exception {
    List<TaskHandle<?>> guilty = new ArrayList<>();
    List<Throwable> errors = new ArrayList<>();
    List<TaskHandle<Integer>> innocent = new ArrayList<>();
    handled.set(0);
    int executed = 0;
    for (int i = 0; i < ROUND; i++) {
      int number = i;
      Callable<Integer> good = () -> number;
      innocent.add(engine.submit(good));
      int kind = random.nextInt(7);
      if (kind == 6) {
        engine.execute(() -> throwError(new AssertionError("execute")));
        executed++;
      } else if (kind == 5) {
        Callable<Integer> deep = () -> recurse(0);
        guilty.add(engine.submit(deep));
        errors.add(null); // the JVM makes it
      } else {
        Throwable error = errorOf(kind);
        Callable<Integer> bad =
            () -> {
              throwError(error);
              return 0;
            };
        guilty.add(engine.submit(bad));
        errors.add(error);
      }
    }
    if (random.nextInt(4) == 0) {
      factory = Factory.values()[random.nextInt(Factory.values().length)];
      DeadlySeam.killOne();
      deaths++;
    }
    for (int i = 0; i < ROUND; i++) {
      if (innocent.get(i).get(10, TimeUnit.SECONDS) != i) {
        Soak.finish("WorkerDeath", false, "an innocent task has a wrong result, %s", setting);
      }
    }
    for (int i = 0; i < guilty.size(); i++) {
      Outcome<?> outcome = guilty.get(i).outcome();
      Throwable expected = errors.get(i);
      boolean right =
          outcome instanceof Outcome.Failure<?> failure
              && (expected == null
                  ? failure.error() instanceof StackOverflowError
                  : failure.error() == expected);
      if (!right) {
        Soak.finish(
            "WorkerDeath",
            false,
            "wrong outcome: %s instead of %s, %s",
            outcome.getClass(),
            expected == null ? "stack overflow" : expected.getClass(),
            setting);
      }
    }
    long start = System.nanoTime();
    while (handled.get() != executed) {
      if (System.nanoTime() - start > 1_000_000_000L) {
        Soak.stalled(
            "WorkerDeath",
            "handler heard of " + handled.get() + " of " + executed + ", " + setting);
      }
      Thread.onSpinWait();
    }
    return ROUND;
  }

  private static Throwable errorOf(int kind) {
    return switch (kind) {
      case 0 -> new OutOfMemoryError("simulated");
      case 1 -> new NoClassDefFoundError("simulated");
      case 2 -> new Sneaky();
      case 3 -> new Hostile();
      default -> new InternalError("simulated");
    };
  }

  @SuppressWarnings("unchecked") // erased: throws whatever it is
  private static <E extends Throwable> void throwError(Throwable error) throws E {
    throw (E) error;
  }

  @SuppressWarnings("InfiniteRecursion") // wanted
  private static int recurse(int depth) {
    return recurse(depth + 1) + 1;
  }

  /** As many tasks as there are workers run at the same time. */
  private void restored(TaskEngine engine) throws InterruptedException {
    long start = System.nanoTime();
    while (!DeadlySeam.allDead()) {
      engine.execute(() -> {});
      Thread.onSpinWait();
    }
    CyclicBarrier together = new CyclicBarrier(WORKERS);
    CountDownLatch met = new CountDownLatch(WORKERS);
    for (int i = 0; i < WORKERS; i++) {
      engine.execute(
          () -> {
            try {
              together.await();
              met.countDown();
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
    }
    if (!met.await(1, TimeUnit.SECONDS)) {
      Soak.stalled(
          "WorkerDeath", "workers not restored within 1 s, " + setting + ", " + engine.metrics());
    }
    slowestRestoreNanos = Math.max(slowestRestoreNanos, System.nanoTime() - start);
  }
}
