// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.Schedule;
import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.DeadlockException;
import dev.heddle.error.TaskException;
import dev.heddle.spi.ExecutionStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Workers block, and other tasks go on: blocked as the context is told, by waiting for another
 * engine's task, or by a latch of which nobody knows; up to the limit of stand-ins and beyond it.
 * Then recursions that wait for their parts, locks held while waiting, circles of waits. At last
 * every worker is blocked for a minute, with nobody to stand in: timeouts come, and who asks about
 * the engine is answered. Both limits of time are widened by how late the machine itself is: how
 * late a plain thread's sleeps end meanwhile.
 *
 * <p>Control: with no stand-ins allowed, the short tasks behind blocked workers must not run.
 */
public final class Blocking {

  private static final int WORKERS = 2;
  private static final int BURST = 20;
  private static final int SLOW_ONES = 20; // one in so many rounds blocks without saying so
  private static final int FIB = 8;
  private static final int FIB_RESULT = 21;
  private static final long STALL_NANOS = 60_000_000_000L;
  private static final long FIRST_LIMIT_NANOS = 100_000_000L;
  private static final long TIMER_LIMIT_NANOS = 5_000_000L;
  private static final long ANSWER_LIMIT_NANOS = 1_000_000_000L;
  private static final Duration TIMEOUT = Duration.ofMillis(20);

  private enum How {
    DECLARED,
    ELSEWHERE,
    UNDECLARED
  }

  private final long seed;
  private final SplittableRandom random;
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
  private final long[] slowestFirst = new long[How.values().length];
  private volatile String step = "";
  private volatile long since = System.nanoTime();
  private int mostThreads;

  private Blocking(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Runs.
   *
   * @param args seed, rounds, seconds for which every worker is blocked
   * @throws Exception if something is not as it should be
   */
  public static void main(String[] args) throws Exception {
    Soak.silence();
    long seconds = args.length > 2 ? Long.parseLong(args[2]) : 60;
    new Blocking(Soak.seed(args)).run(Soak.count(args, 10_000), seconds);
  }

  private void run(long rounds, long seconds) throws Exception {
    Thread watchdog = new Thread(this::watch, "watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
    long start = System.nanoTime();
    Lateness machine = new Lateness(null);
    Thread sleeper = new Thread(() -> sleepAlways(machine), "sleeper");
    sleeper.setDaemon(true);
    sleeper.start();
    boolean controlStops = !progressesWithoutStandIns();
    long retiredAfter = 0;
    for (int limit : new int[] {1, 64}) {
      retiredAfter = Math.max(retiredAfter, bursts(limit, rounds / 2));
    }
    for (int workers = 1; workers <= 2; workers++) {
      recursions(workers, rounds / 2);
      locks(workers, rounds / 2);
    }
    long refused = circles(rounds);
    Lateness lateness = allBlocked(seconds, machine);
    boolean quick =
        slowestFirst[How.DECLARED.ordinal()] <= FIRST_LIMIT_NANOS + machine.percentile(1)
            && lateness.percentile(0.99) <= TIMER_LIMIT_NANOS + machine.percentile(0.99);
    Soak.finish(
        "Blocking",
        controlStops && quick,
        "rounds=%d each of bursts, recursions, locks, circles (%d waits refused); first short task"
            + " after at most %.1f ms (declared), %.1f ms (waiting elsewhere), %.1f ms (unsaid);"
            + " most threads=%d, spares gone after %.1f s; all blocked for %d s: %s; control stops"
            + " without stand-ins=%b, %.0f s, seed=%d",
        rounds,
        refused,
        slowestFirst[0] / 1e6,
        slowestFirst[1] / 1e6,
        slowestFirst[2] / 1e6,
        mostThreads,
        retiredAfter / 1e9,
        seconds,
        lateness,
        controlStops,
        (System.nanoTime() - start) / 1e9,
        seed);
  }

  private void watch() {
    for (; ; ) {
      if (System.nanoTime() - since > STALL_NANOS) {
        Soak.stalled("Blocking", "stalled: " + step + ", seed=" + seed);
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void step(String format, Object... values) {
    step = format + Arrays.toString(values);
    since = System.nanoTime();
  }

  private TaskEngine engine(int workers, int limit) {
    return TaskEngine.builder()
        .workers(workers)
        .compensationLimit(limit)
        .queueCapacity(1_000_000)
        .threadFactory(
            body -> {
              Thread thread = new Thread(body, "soak-worker");
              thread.setDaemon(true);
              threads.add(thread);
              return thread;
            })
        .build();
  }

  private int threadsAlive() {
    threads.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
    return threads.size();
  }

  private void fail(String what) {
    Soak.finish("Blocking", false, "%s: %s, seed=%d", what, step, seed);
  }

  // ---- bursts behind blocked workers

  /** What blocks workers, until it is opened. */
  private final class Blockers {
    private final CountDownLatch in;
    private final CountDownLatch until = new CountDownLatch(1);
    private final List<TaskHandle<Integer>> handles = new ArrayList<>();

    Blockers(TaskEngine engine, TaskHandle<?> elsewhere, How how, int number) {
      in = new CountDownLatch(number);
      for (int i = 0; i < number; i++) {
        handles.add(engine.submit(context -> block(context, elsewhere, how)));
      }
    }

    private Integer block(TaskContext context, TaskHandle<?> elsewhere, How how) throws Exception {
      switch (how) {
        case DECLARED ->
            context.blocking(
                () -> {
                  in.countDown();
                  until.await();
                  return null;
                });
        case ELSEWHERE -> {
          in.countDown();
          elsewhere.join();
        }
        case UNDECLARED -> {
          in.countDown();
          until.await();
        }
      }
      return 1;
    }

    void end() {
      for (TaskHandle<Integer> handle : handles) {
        if (handle.join() != 1) {
          fail("wrong result");
        }
      }
    }
  }

  private boolean progressesWithoutStandIns() throws InterruptedException {
    step("control");
    try (TaskEngine engine = engine(WORKERS, 0)) {
      Blockers blockers = new Blockers(engine, null, How.DECLARED, WORKERS);
      blockers.in.await();
      CountDownLatch ran = new CountDownLatch(1);
      engine.execute(ran::countDown);
      boolean progresses = ran.await(300, TimeUnit.MILLISECONDS);
      blockers.until.countDown();
      blockers.end();
      if (!ran.await(10, TimeUnit.SECONDS)) {
        fail("does not go on after the limit was hit");
      }
      return progresses;
    }
  }

  /** Returns how long it took until the spare threads were gone. */
  private long bursts(int limit, long rounds) throws Exception {
    try (TaskEngine other = TaskEngine.builder().workers(1).build();
        TaskEngine engine = engine(WORKERS, limit)) {
      for (long round = 0; round < rounds; round++) {
        How how =
            random.nextInt(SLOW_ONES) == 0
                ? How.UNDECLARED
                : random.nextBoolean() ? How.DECLARED : How.ELSEWHERE;
        // The last post is blocked as well if there are as many as may be relieved, and more.
        boolean hitsLimit = limit < WORKERS && random.nextBoolean();
        int number = limit < WORKERS ? (hitsLimit ? WORKERS + limit : WORKERS) : WORKERS + 2;
        step("bursts, limit, round, how, blockers", limit, round, how, number);
        burst(engine, other, how, number, hitsLimit);
      }
      step("spares retire, limit", limit);
      awaitNoStandIns(engine);
      long begun = System.nanoTime();
      while (threadsAlive() > WORKERS) {
        Thread.sleep(10);
      }
      return System.nanoTime() - begun;
    }
  }

  private void burst(TaskEngine engine, TaskEngine other, How how, int number, boolean hitsLimit)
      throws InterruptedException {
    CountDownLatch elsewhereEnds = new CountDownLatch(1);
    TaskHandle<?> elsewhere =
        other.submit(
            context -> {
              elsewhereEnds.await();
              return null;
            });
    Blockers blockers = new Blockers(engine, elsewhere, how, number);
    blockers.in.await();
    CountDownLatch all = new CountDownLatch(BURST);
    CountDownLatch first = new CountDownLatch(1);
    long start = System.nanoTime();
    for (int i = 0; i < BURST; i++) {
      engine.execute(
          () -> {
            first.countDown();
            all.countDown();
          });
    }
    mostThreads = Math.max(mostThreads, threadsAlive());
    if (!hitsLimit) {
      first.await();
      slowestFirst[how.ordinal()] =
          Math.max(slowestFirst[how.ordinal()], System.nanoTime() - start);
      all.await();
    }
    blockers.until.countDown();
    elsewhereEnds.countDown();
    blockers.end();
    all.await();
  }

  private static void awaitNoStandIns(TaskEngine engine) throws InterruptedException {
    while (engine.metrics().standIns() != 0) {
      Thread.sleep(1);
    }
  }

  // ---- waits inside tasks

  private void recursions(int workers, long rounds) throws Exception {
    try (TaskEngine engine = engine(workers, 64)) {
      for (long round = 0; round < rounds; round++) {
        step("recursions, workers, round", workers, round);
        if (engine.submit(context -> fib(engine, FIB)).get() != FIB_RESULT) {
          fail("wrong result");
        }
      }
      awaitNoStandIns(engine);
    }
  }

  private static int fib(TaskEngine engine, int n) throws Exception {
    if (n < 2) {
      return n;
    }
    TaskHandle<Integer> left = engine.submit(context -> fib(engine, n - 1));
    TaskHandle<Integer> right = engine.submit(context -> fib(engine, n - 2));
    return left.get() + right.get();
  }

  /** Who holds a lock waits for its child, while others of the same engine want the lock. */
  private void locks(int workers, long rounds) throws Exception {
    try (TaskEngine engine = engine(workers, 64)) {
      ReentrantLock lock = new ReentrantLock();
      AtomicInteger inside = new AtomicInteger();
      for (long round = 0; round < rounds; round++) {
        step("locks, workers, round", workers, round);
        List<TaskHandle<Integer>> handles = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          handles.add(engine.submit(context -> locked(engine, lock, inside)));
        }
        for (TaskHandle<Integer> handle : handles) {
          if (handle.join() != 1) {
            fail("somebody else was inside the lock");
          }
        }
      }
      awaitNoStandIns(engine);
    }
  }

  private static Integer locked(TaskEngine engine, ReentrantLock lock, AtomicInteger inside) {
    lock.lock();
    try {
      int now = inside.incrementAndGet();
      engine.submit(context -> 0).join();
      return now;
    } finally {
      inside.decrementAndGet();
      lock.unlock();
    }
  }

  /** Returns how many waits were refused. */
  private long circles(long rounds) throws Exception {
    AtomicInteger refused = new AtomicInteger();
    try (TaskEngine one = engine(1, 64);
        TaskEngine other = engine(1, 64)) {
      for (long round = 0; round < rounds; round++) {
        step("circles, round", round);
        int before = refused.get();
        List<TaskHandle<Integer>> both = new ArrayList<>();
        CountDownLatch known = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
          int next = 1 - i;
          TaskEngine at = i == 0 ? one : other;
          both.add(
              at.submit(
                  context -> {
                    running.countDown();
                    known.await();
                    running.await();
                    try {
                      return both.get(next).join();
                    } catch (DeadlockException e) {
                      refused.incrementAndGet();
                      throw e;
                    }
                  }));
        }
        known.countDown();
        for (TaskHandle<Integer> handle : both) {
          try {
            handle.join();
            fail("a circle has ended with a result");
          } catch (TaskException e) {
            // refused, or what it waited for was
          }
        }
        if (refused.get() == before) {
          fail("no wait of a circle was refused");
        }
      }
      awaitNoStandIns(one);
      awaitNoStandIns(other);
    }
    return refused.get();
  }

  // ---- nobody stands in

  private static final class Lateness {
    private final List<Long> nanos = new ArrayList<>();
    private final Lateness machine; // a plain thread, at the same times
    private long slowestAnswer;
    private long periodicRuns;

    Lateness(Lateness machine) {
      this.machine = machine;
    }

    synchronized void add(long late) {
      nanos.add(late);
    }

    synchronized long percentile(double share) {
      List<Long> sorted = nanos.stream().sorted().toList();
      return sorted.isEmpty()
          ? 0
          : sorted.get((int) Math.min(sorted.size() - 1L, (long) (sorted.size() * share)));
    }

    @Override
    public synchronized String toString() {
      String late =
          "%d, late by p50=%.2f ms, p99=%.2f ms, at most %.2f ms"
              .formatted(
                  nanos.size(), percentile(0.5) / 1e6, percentile(0.99) / 1e6, percentile(1) / 1e6);
      return machine == null
          ? late
          : late
              + " (sleeps of a plain thread in the whole run: %s), periodic runs=%d, slowest answer=%.1f ms"
                  .formatted(machine, periodicRuns, slowestAnswer / 1e6);
    }
  }

  private Lateness allBlocked(long seconds, Lateness machine) throws Exception {
    Lateness lateness = new Lateness(machine);
    try (TaskEngine engine = engine(WORKERS, 0)) {
      Blockers blockers = new Blockers(engine, null, How.UNDECLARED, WORKERS);
      blockers.in.await();
      AtomicInteger ticks = new AtomicInteger();
      var periodic =
          engine.schedule(
              context -> ticks.incrementAndGet(),
              Schedule.fixedRate(Duration.ofMillis(10)),
              TaskOptions.defaults().strategy(ExecutionStrategy.virtualThreads(1)));
      TaskOptions options = TaskOptions.defaults().totalTimeout(TIMEOUT);
      long begun = System.nanoTime();
      AtomicInteger open = new AtomicInteger();
      while (System.nanoTime() - begun < seconds * 1_000_000_000L) {
        step("all blocked");
        open.incrementAndGet();
        long due = System.nanoTime() + TIMEOUT.toNanos();
        TaskHandle<Integer> handle = engine.submit(context -> 1, options);
        handle.onComplete(
            outcome -> {
              lateness.add(System.nanoTime() - due);
              open.decrementAndGet();
            });
        long asked = System.nanoTime();
        boolean right =
            engine.metrics().running() >= WORKERS
                && engine.dump().toString().length() > 0
                && engine.explain(handle).toString().length() > 0;
        long answered = System.nanoTime() - asked;
        lateness.slowestAnswer = Math.max(lateness.slowestAnswer, answered);
        if (!right || answered > ANSWER_LIMIT_NANOS) {
          fail("no right answer in time: " + engine.metrics());
        }
        Thread.sleep(5);
      }
      while (open.get() != 0) {
        Thread.sleep(1);
      }
      lateness.periodicRuns = ticks.get();
      periodic.cancel();
      if (ticks.get() < seconds * 10) {
        fail("periodic runs=" + ticks);
      }
      blockers.until.countDown();
      blockers.end();
      if (engine.submit(context -> 1).join() != 1) {
        fail("does not go on");
      }
    }
    return lateness;
  }

  private static void sleepAlways(Lateness machine) {
    try {
      for (; ; ) {
        long due = System.nanoTime() + TIMEOUT.toNanos();
        Thread.sleep(TIMEOUT);
        machine.add(System.nanoTime() - due);
      }
    } catch (InterruptedException e) {
      // wanted
    }
  }
}
