// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.fray;

import dev.heddle.Outcome;
import dev.heddle.Retry;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskGroup;
import dev.heddle.TaskHandle;
import dev.heddle.TaskLane;
import dev.heddle.TaskOptions;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.fork.ForkScope;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.spi.ExecutionStrategy;
import dev.heddle.spi.OverflowPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Small lives of whole engines. Fray runs each many times, under another schedule each time, and
 * finds out what it does not end with: deadlocks, and schedules without progress. The rest is
 * checked here: outcomes, results, books.
 */
public final class Scenarios {

  /** Kept, since loggers are collected otherwise. */
  private static final Logger ENGINE_LOG = Logger.getLogger("dev.heddle");

  static {
    ENGINE_LOG.setLevel(Level.OFF); // failures are made on purpose
  }

  private Scenarios() {}

  /** Tasks come while workers go to sleep. */
  public static void submitPark() {
    TaskEngine engine = engine(2);
    TaskHandle<Integer> first = engine.submit(context -> 1);
    TaskHandle<Integer> second = engine.submit(context -> 2);
    check(first.join() + second.join() == 3, "results");
    close(engine, 2, 0, 0);
  }

  /** A task waits, in its body, for its children: the other worker must be awake and take them. */
  public static void stealPark() {
    TaskEngine engine = engine(2);
    TaskHandle<?> parent =
        engine.submit(
            Task.action(
                context -> {
                  CountDownLatch ran = new CountDownLatch(2);
                  engine.execute(ran::countDown);
                  engine.execute(ran::countDown);
                  ran.await();
                }));
    parent.join();
    close(engine, 3, 0, 0);
  }

  /** Submitting races closing: a task is refused, or it has run when close returns. */
  public static void submitClose() throws InterruptedException {
    TaskEngine engine = engine(2);
    AtomicInteger accepted = new AtomicInteger();
    AtomicInteger ran = new AtomicInteger();
    Thread submitter =
        new Thread(
            () -> {
              for (int i = 0; i < 2; i++) {
                try {
                  engine.execute(ran::incrementAndGet);
                  accepted.incrementAndGet();
                } catch (RejectedTaskException e) {
                  return;
                }
              }
            });
    submitter.start();
    engine.close();
    submitter.join();
    check(ran.get() == accepted.get(), "accepted=" + accepted + ", ran=" + ran);
    close(engine, accepted.get(), 0, 0);
  }

  /** Cancelling races the start and the end of a task, and a third thread waits for it. */
  public static void cancelComplete() throws InterruptedException {
    TaskEngine engine = engine(1);
    AtomicInteger calledBack = new AtomicInteger();
    TaskHandle<Integer> handle = engine.submit(context -> 1);
    handle.onComplete(outcome -> calledBack.incrementAndGet());
    boolean[] cancelled = new boolean[1];
    Thread canceller = new Thread(() -> cancelled[0] = handle.cancel(true));
    canceller.start();
    Outcome<Integer> outcome = handle.outcome();
    canceller.join();
    check(cancelled[0] == outcome instanceof Outcome.Cancelled<Integer>, "outcome=" + outcome);
    int stopped = cancelled[0] ? 1 : 0;
    close(engine, 1 - stopped, 0, stopped);
    check(calledBack.get() == 1, "callbacks=" + calledBack);
  }

  /**
   * Tasks wait for tasks that wait for tasks: the waiting worker runs them, or another one does.
   */
  public static void joinInside() {
    TaskEngine engine = engine(2);
    TaskHandle<Integer> outer =
        engine.submit(
            context -> {
              TaskHandle<Integer> inner =
                  engine.submit(
                      within -> {
                        TaskHandle<Integer> innermost = engine.submit(last -> 1);
                        return innermost.join() + 1;
                      });
              return inner.join() + 1;
            });
    check(outer.join() == 3, "result");
    close(engine, 3, 0, 0);
  }

  /**
   * A task waits for one that is tried again: it runs the attempts itself, or another worker has
   * them, and decides the outcome while the waiter looks.
   */
  public static void joinRetried() {
    TaskEngine engine = engine(2);
    TaskOptions twice = TaskOptions.defaults().retry(Retry.fixed(Duration.ZERO, 2));
    TaskHandle<Integer> outer =
        engine.submit(
            context -> {
              TaskHandle<Integer> inner =
                  engine.submit(
                      within -> {
                        if (within.attempt() == 1) {
                          throw new IllegalStateException("made on purpose");
                        }
                        return 1;
                      },
                      twice);
              return inner.join() + 1;
            });
    check(outer.join() == 2, "result");
    close(engine, 2, 0, 0);
  }

  /** A hedge ends beside the first attempt: one of them is the last, and asks for the next one. */
  public static void hedgeRetried() {
    TaskEngine engine = engine(2);
    AtomicInteger begun = new AtomicInteger();
    TaskHandle<Integer> handle =
        engine.submit(
            context -> begun.incrementAndGet(),
            TaskOptions.defaults()
                .retry(Retry.fixed(Duration.ZERO, 3).onResult(Integer.class, result -> true))
                .hedge(Duration.ofNanos(1)));
    check(handle.join() >= 1, "result");
    close(engine, 1, 0, 0);
    check(begun.get() <= 3, "attempts=" + begun.get());
  }

  /** The first result of a group cancels the rest, whatever that does just now. */
  public static void groupFirst() {
    TaskEngine engine = engine(2);
    TaskGroup<Integer> group = engine.submitAll(List.of(context -> 1, context -> 2, context -> 3));
    int first = group.first();
    check(first >= 1 && first <= 3, "first=" + first);
    long successes = 0;
    for (Outcome<Integer> outcome : group.outcomes()) {
      successes += outcome instanceof Outcome.Success<Integer> ? 1 : 0;
    }
    check(successes > 0, "a first one without a success");
    close(engine, successes, 0, 3 - successes);
  }

  /** A delayed task becomes due while the engine closes: it was accepted, so it runs. */
  public static void timerClose() throws InterruptedException {
    TaskEngine engine = engine(1);
    AtomicInteger accepted = new AtomicInteger();
    AtomicInteger ran = new AtomicInteger();
    Thread submitter =
        new Thread(
            () -> {
              try {
                engine.schedule(context -> ran.incrementAndGet(), Duration.ofNanos(1));
                accepted.incrementAndGet();
              } catch (RejectedTaskException e) {
                check(accepted.get() == 0, "accepted before");
              }
            });
    submitter.start();
    engine.close();
    submitter.join();
    check(ran.get() == accepted.get(), "accepted=" + accepted + ", ran=" + ran);
    close(engine, accepted.get(), 0, 0);
  }

  /** A worker dies between two tasks; the one in its place runs what there is, and closes. */
  public static void errorRespawn() {
    TaskEngine engine = engine(1);
    ScenarioSeam.DEATH_ORDERED.set(true);
    TaskHandle<Integer> first = engine.submit(context -> 1);
    TaskHandle<Integer> second = engine.submit(context -> 2);
    check(first.join() + second.join() == 3, "results");
    close(engine, 2, 0, 0);
    ScenarioSeam.DEATH_ORDERED.set(false); // the worker may have slept all the time
  }

  /** A lane's tasks come while the worker goes to sleep, and the lane closes behind them. */
  public static void lanePark() {
    TaskEngine engine = engine(1);
    AtomicInteger ran = new AtomicInteger();
    try (TaskLane lane = engine.openLane(2)) {
      lane.execute(ran::incrementAndGet);
      TaskHandle<Integer> handle = lane.submit(context -> 1);
      check(handle.join() == 1, "result");
    }
    close(engine, 2, 0, 0);
    check(ran.get() == 1, "ran=" + ran);
  }

  /** A computation offers branches, and the other worker takes them, or they are taken back. */
  public static void forkSteal() {
    TaskEngine engine = engine(2);
    check(engine.computeLong(Scenarios::leaves, 2) == 4, "leaves");
    engine.close();
  }

  private static long leaves(ForkScope scope, long depth) {
    return depth == 0 ? 1 : scope.joinLong(Scenarios::leaves, depth - 1, depth - 1, Long::sum);
  }

  /**
   * Tasks on threads of their own, one of which is cancelled before it starts, while it runs, or
   * when it has ended. Fray cannot lead virtual threads, so these are plain ones.
   */
  public static void guestCancel() throws InterruptedException {
    TaskEngine engine = engine(1);
    TaskOptions elsewhere = TaskOptions.defaults().strategy(ExecutionStrategy.dedicatedThread());
    TaskHandle<Integer> first = engine.submit(context -> 1, elsewhere);
    TaskHandle<Integer> second = engine.submit(context -> 2, elsewhere);
    boolean[] cancelled = new boolean[1];
    Thread canceller = new Thread(() -> cancelled[0] = second.cancel());
    canceller.start();
    check(first.join() == 1, "result");
    try {
      check(second.join() == 2 && !settled(canceller, cancelled), "result of a cancelled task");
    } catch (TaskCancelledException e) {
      check(settled(canceller, cancelled), "cancelled by nobody");
    }
    int stopped = cancelled[0] ? 1 : 0;
    close(engine, 2 - stopped, 0, stopped);
  }

  private static boolean settled(Thread canceller, boolean[] cancelled)
      throws InterruptedException {
    canceller.join();
    return cancelled[0];
  }

  /**
   * Submitters wait for room in a full engine while it closes: they get it, or they are refused.
   */
  public static void roomClose() throws InterruptedException {
    TaskEngine engine =
        TaskEngine.builder()
            .workers(1)
            .queueCapacity(1)
            .overflow(OverflowPolicy.block(Duration.ofDays(1)))
            .build();
    AtomicInteger accepted = new AtomicInteger();
    AtomicInteger ran = new AtomicInteger();
    Runnable submits =
        () -> {
          for (int i = 0; i < 2; i++) {
            try {
              engine.execute(ran::incrementAndGet);
              accepted.incrementAndGet();
            } catch (RejectedTaskException e) {
              return;
            }
          }
        };
    Thread first = new Thread(submits);
    Thread second = new Thread(submits);
    first.start();
    second.start();
    engine.close();
    first.join();
    second.join();
    check(ran.get() == accepted.get(), "accepted=" + accepted + ", ran=" + ran);
    close(engine, accepted.get(), 0, 0);
  }

  /** Closing with a limit that passes stops what runs and cancels what does not, in any state. */
  public static void closeLimit() {
    TaskEngine engine = engine(1);
    TaskHandle<Integer> first = engine.submit(context -> 1);
    TaskHandle<Integer> second = engine.submit(context -> 2);
    engine.close(Duration.ZERO);
    long successes = first.outcome() instanceof Outcome.Success<Integer> ? 1 : 0;
    successes += second.outcome() instanceof Outcome.Success<Integer> ? 1 : 0;
    close(engine, successes, 0, 2 - successes);
  }

  private static TaskEngine engine(int workers) {
    return TaskEngine.builder().workers(workers).build();
  }

  private static void close(TaskEngine engine, long completed, long failed, long cancelled) {
    engine.close();
    EngineMetrics books = engine.metrics();
    check(
        books.accepted() == completed + failed + cancelled
            && books.completed() == completed
            && books.failed() == failed
            && books.cancelled() == cancelled
            && books.live() == 0
            && books.queued() == 0
            && books.running() == 0,
        "books do not add up: " + books);
  }

  private static void check(boolean right, String what) {
    if (!right) {
      throw new AssertionError(what);
    }
  }
}
