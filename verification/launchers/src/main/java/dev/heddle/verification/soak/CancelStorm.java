// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.CancelReport;
import dev.heddle.Outcome;
import dev.heddle.Retry;
import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.error.TaskInterruptedException;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.resource.Limit;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/**
 * Random cancels, interrupts and timeouts meet tasks at every point of their lives: plain ones,
 * ones with children, ones that wait for others, ones with several attempts. Each handle has one
 * outcome, which all who look agree on; what was cancelled before its start never runs; a body that
 * starts interrupted is cancelled itself; the books add up.
 *
 * <p>Two controls, which must fail: interrupts sent to the thread that was last seen to run a task,
 * instead of by the engine; and running tasks taken for ones that had not started.
 */
public final class CancelStorm {

  private static final int ROUND = 256;
  private static final int CONTROL_TASKS = 400_000;

  /** A control must fail in one of so many runs: its fault is a matter of luck, too. */
  private static final int CONTROL_RUNS = 20;

  private static final long STALL_NANOS = 20_000_000_000L;
  private static final int MAX_ATTEMPTS = 3;

  private enum Mode {
    ENGINE,
    STRAY_INTERRUPTS,
    RUNNING_TAKEN_FOR_QUEUED
  }

  /** What the bodies do. */
  private enum Kind {
    SHORT,
    SPINS,
    SLEEPS,
    HAS_CHILDREN,
    JOINS_CHILD,
    JOINS_EARLIER,
    RETRIED,
    TIMED,
    TIMED_IN_TOTAL,
    LIMITED,
    CANCELS
  }

  private static final Kind[] KINDS = Kind.values();

  /** One task, and what was seen of it. */
  private static final class Node {
    final Kind kind;
    final Node parent;
    final int number;
    final long choice;
    final AtomicInteger bodies = new AtomicInteger();
    final AtomicInteger inBody = new AtomicInteger();
    final AtomicInteger calledBack = new AtomicInteger();
    final AtomicInteger cancelsWon = new AtomicInteger();
    volatile TaskHandle<Integer> handle;
    volatile boolean asked; // to be cancelled
    volatile boolean neverStarts; // somebody was told so
    volatile Thread thread; // that runs it
    volatile Future.State toldState;

    Node(Kind kind, Node parent, int number, long choice) {
      this.kind = kind;
      this.parent = parent;
      this.number = number;
      this.choice = choice;
    }

    /** Whether anything could have cancelled it. */
    boolean mayBeCancelled() {
      for (Node node = this; node != null; node = node.parent) {
        if (node.asked || node.kind == Kind.TIMED || node.kind == Kind.TIMED_IN_TOTAL) {
          return true;
        }
      }
      return false;
    }
  }

  private final Mode mode;
  private final long seed;
  private final TaskEngine engine;
  private final int workers;
  private final Limit limit = Limit.of("storm", 2);
  private final Queue<Node> children = new ConcurrentLinkedQueue<>();
  private final LongAdder leaks = new LongAdder();
  private final LongAdder wrongStarts = new LongAdder();
  private final LongAdder wrongCancels = new LongAdder();
  private final LongAdder wrongWaits = new LongAdder();
  private final LongAdder wrongEnds = new LongAdder();
  private final LongAdder interrupted = new LongAdder();
  private final LongAdder waitersInterrupted = new LongAdder();
  private final LongAdder neverStarted = new LongAdder();
  private volatile Node[] round = new Node[0];
  private volatile boolean stop;
  private volatile long since = System.nanoTime();
  private final AtomicInteger toInterrupt = new AtomicInteger(); // 1: the waiter may be; 2: it is
  private long succeeded;
  private long failed;
  private long cancelled;
  private long tasks;

  private CancelStorm(Mode mode, long seed, int workers) {
    this.mode = mode;
    this.seed = seed;
    this.workers = workers;
    this.engine =
        TaskEngine.builder().workers(workers).queueCapacity(100_000).retryBudget(10_000).build();
  }

  /**
   * Runs.
   *
   * @param args seed, number of tasks
   * @throws Exception if the calling thread is interrupted
   */
  public static void main(String[] args) throws Exception {
    Soak.silence();
    long seed = Soak.seed(args);
    long tasks = Soak.count(args, 10_000_000);
    long start = System.nanoTime();
    long leaked = faults(Mode.STRAY_INTERRUPTS, seed, storm -> storm.leaks.sum());
    long ran = faults(Mode.RUNNING_TAKEN_FOR_QUEUED, seed, storm -> storm.wrongStarts.sum());
    long done = 0;
    long cancels = 0;
    long never = 0;
    long interrupts = 0;
    long waiters = 0;
    double seconds = 0;
    for (int workers = 1; workers <= 3; workers++) {
      long begun = System.nanoTime();
      CancelStorm storm = new CancelStorm(Mode.ENGINE, seed + workers, workers).run(tasks / 3);
      storm.check();
      seconds += (System.nanoTime() - begun) / 1e9;
      done += storm.tasks;
      cancels += storm.cancelled;
      never += storm.neverStarted.sum();
      interrupts += storm.interrupted.sum();
      waiters += storm.waitersInterrupted.sum();
    }
    Soak.finish(
        "CancelStorm",
        leaked > 0 && ran > 0,
        "tasks=%d (%.0f a second), cancelled=%d, of them known never to start=%d, interrupted"
            + " bodies=%d, interrupted waiters=%d, leaked=0; controls: leaked=%d, ran though"
            + " cancelled=%d, %.0f s, seed=%d",
        done,
        done / seconds,
        cancels,
        never,
        interrupts,
        waiters,
        leaked,
        ran,
        (System.nanoTime() - start) / 1e9,
        seed);
  }

  /** Runs a control until its fault is seen; returns how often it was then. */
  private static long faults(Mode control, long seed, ToLongFunction<CancelStorm> count)
      throws InterruptedException {
    long seen = 0;
    for (int i = 0; seen == 0 && i < CONTROL_RUNS; i++) {
      seen = count.applyAsLong(new CancelStorm(control, seed + i, 2).run(CONTROL_TASKS));
    }
    return seen;
  }

  private CancelStorm run(long atLeast) throws InterruptedException {
    Thread canceller = daemon(this::cancelAlways, "canceller");
    Thread waiter = daemon(this::waitAlways, "waiter");
    daemon(() -> interruptAlways(waiter), "interrupter");
    daemon(this::watch, "watchdog");
    SplittableRandom random = new SplittableRandom(seed);
    while (tasks < atLeast) {
      round(random);
      since = System.nanoTime();
    }
    stop = true;
    canceller.join();
    waiter.join();
    engine.close();
    return this;
  }

  private static Thread daemon(Runnable body, String name) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void watch() {
    while (!stop) {
      if (System.nanoTime() - since > STALL_NANOS) {
        Soak.stalled("CancelStorm", "a round does not end, " + setting() + ", " + engine.metrics());
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private String setting() {
    return "mode=%s, workers=%d, seed=%d, tasks=%d".formatted(mode, workers, seed, tasks);
  }

  // ---- a round

  private void round(SplittableRandom random) {
    AtomicInteger atGate = new AtomicInteger(random.nextInt(4) == 0 ? 0 : -1_000_000);
    boolean gated = atGate.get() == 0;
    if (gated) {
      closeGate(atGate);
    }
    Node[] nodes = new Node[ROUND];
    for (int i = 0; i < ROUND; i++) {
      nodes[i] = new Node(KINDS[random.nextInt(KINDS.length)], null, i, random.nextLong());
      submit(nodes[i], nodes);
      if (i == 1) {
        round = nodes; // the cancellers may come
      }
    }
    if (gated) {
      for (int i = 0; i < ROUND; i += 1 + random.nextInt(8)) {
        Node node = nodes[i];
        node.asked = true;
        if (node.handle.cancel(random.nextBoolean())) {
          node.cancelsWon.incrementAndGet();
          node.neverStarts = true; // every worker is at the gate
        }
      }
      atGate.set(-1);
    }
    for (Node node : nodes) {
      settle(node);
    }
    for (Node child = children.poll(); child != null; child = children.poll()) {
      settle(child);
    }
  }

  /** Holds every worker until the number is negative. */
  private void closeGate(AtomicInteger atGate) {
    for (int i = 0; i < workers; i++) {
      engine.execute(
          () -> {
            atGate.incrementAndGet();
            while (atGate.get() >= 0) {
              Thread.onSpinWait();
            }
          });
    }
    while (atGate.get() != workers) {
      Thread.onSpinWait();
    }
    succeeded += workers;
  }

  private TaskHandle<Integer> submit(Node node, Node[] others) {
    TaskHandle<Integer> handle =
        engine.submit(context -> body(node, others, context), optionsOf(node));
    node.handle = handle;
    handle.onComplete(
        outcome -> {
          node.toldState = stateOf(outcome);
          node.calledBack.incrementAndGet();
        });
    return handle;
  }

  private TaskOptions optionsOf(Node node) {
    TaskOptions options = TaskOptions.defaults();
    Duration some = Duration.ofNanos(1_000 + (node.choice & 0x3ffff)); // up to 262 us
    Duration pause = (node.choice & 0x100000) == 0 ? Duration.ZERO : some;
    boolean interruptible = (node.choice & 0x200000) == 0;
    return switch (node.kind) {
      case RETRIED -> options.retry(Retry.fixed(pause, MAX_ATTEMPTS)).interruptible(interruptible);
      case TIMED -> {
        TaskOptions timed = options.timeout(some).interruptible(interruptible);
        yield (node.choice & 0x800000) == 0 // one attempt is made in another way than several
            ? timed
            : timed.retry(Retry.fixed(pause, MAX_ATTEMPTS));
      }
      case TIMED_IN_TOTAL ->
          options.totalTimeout(some).retry(Retry.fixed(pause, MAX_ATTEMPTS)).interruptible(true);
      case LIMITED -> options.uses(limit).interruptible(interruptible);
      default -> options;
    };
  }

  // ---- bodies

  private Integer body(Node node, Node[] others, TaskContext context) throws Exception {
    boolean isInterrupted = Thread.currentThread().isInterrupted();
    boolean isCancelled = context.isCancelled(); // in this order: it is cancelled, then interrupted
    if (isInterrupted && !isCancelled) {
      leaks.increment();
      Thread.interrupted();
    }
    if (isCancelled && !node.mayBeCancelled()) {
      wrongCancels.increment();
    }
    if (node.neverStarts) {
      wrongStarts.increment();
    }
    node.inBody.incrementAndGet();
    node.bodies.incrementAndGet();
    node.thread = Thread.currentThread();
    try {
      work(node, others, context);
      return node.number;
    } finally {
      if (Thread.currentThread().isInterrupted()) {
        seenInterrupt(context);
      }
      node.inBody.decrementAndGet();
    }
  }

  private void seenInterrupt(TaskContext context) {
    interrupted.increment();
    if (!context.isCancelled()) {
      leaks.increment();
    }
  }

  private void work(Node node, Node[] others, TaskContext context) throws Exception {
    switch (node.kind) {
      case SHORT -> {}
      case SPINS, LIMITED -> spin(context, node.choice & 0x1fff);
      case SLEEPS -> sleep(context, node.choice & 0xffff);
      case HAS_CHILDREN -> {
        child(node, Kind.SPINS, 1);
        child(node, (node.choice & 1) == 0 ? Kind.RETRIED : Kind.SLEEPS, 2);
      }
      case JOINS_CHILD ->
          join(child(node, (node.choice & 1) == 0 ? Kind.SPINS : Kind.TIMED, 1), context);
      case JOINS_EARLIER -> {
        Node earlier = others[(int) (node.choice & 0xff) * node.number >>> 8];
        if (earlier != null
            && earlier.handle != null
            && earlier.kind.compareTo(Kind.JOINS_CHILD) < 0) {
          join(earlier, context);
        }
      }
      case RETRIED -> {
        if (context.attempt() <= (node.choice & 3)) {
          throw new IllegalStateException("storm");
        }
      }
      case TIMED, TIMED_IN_TOTAL -> {
        if ((node.choice & 0x400000) == 0) {
          spin(context, node.choice & 0x7ffff);
        } else {
          sleep(context, node.choice & 0x7ffff);
        }
      }
      case CANCELS -> cancel(others[(int) (node.choice & 0xff)], node.choice >>> 8, false);
    }
  }

  private static void spin(TaskContext context, long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() - end < 0) {
      context.checkCancelled();
    }
  }

  private void sleep(TaskContext context, long nanos) throws InterruptedException {
    try {
      Thread.sleep(0, (int) nanos);
    } catch (InterruptedException e) {
      seenInterrupt(context);
      throw e;
    }
  }

  private Node child(Node parent, Kind kind, int number) {
    Node child = new Node(kind, parent, number, Soak.hash(parent.choice + number));
    submit(child, new Node[0]);
    children.add(child);
    return child;
  }

  private void join(Node other, TaskContext context) {
    try {
      other.handle.join();
    } catch (TaskCancelledException | TaskFailedException e) {
      // as it may be
    } catch (TaskInterruptedException e) {
      if (!context.isCancelled() || !Thread.currentThread().isInterrupted()) {
        leaks.increment();
      }
    }
  }

  // ---- those who cancel and wait

  private void cancelAlways() {
    SplittableRandom random = new SplittableRandom(seed + 1);
    while (!stop) {
      Node[] nodes = round;
      if (nodes.length > 0) {
        cancel(nodes[random.nextInt(ROUND)], random.nextLong(), true);
        Soak.spinNanos(random.nextInt(5_000));
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private void cancel(Node node, long choice, boolean mayWait) {
    TaskHandle<Integer> handle = node == null ? null : node.handle;
    if (handle == null) {
      return;
    }
    node.asked = true;
    int how = (int) (choice & 7);
    boolean decided;
    if (how < 3 || (how > 5 && !mayWait)) {
      decided = handle.cancel();
      if (decided && mode == Mode.RUNNING_TAKEN_FOR_QUEUED && node.bodies.get() == 0) {
        node.neverStarts = true;
      }
    } else if (how <= 5) {
      if (mode == Mode.STRAY_INTERRUPTS) {
        decided = handle.cancel();
        Thread last = node.thread;
        if (decided && last != null) {
          last.interrupt();
        }
      } else {
        decided = handle.cancel(true);
      }
    } else {
      CancelReport report = handle.cancel(Duration.ofNanos(how == 6 ? 0 : 100_000));
      decided = report.decided();
      if (decided && report.end() == CancelReport.End.NEVER_STARTED) {
        neverStarted.increment();
        node.neverStarts = true;
      }
      if (report.end() != CancelReport.End.IGNORED && node.inBody.get() != 0) {
        wrongEnds.increment();
      }
    }
    if (decided) {
      node.cancelsWon.incrementAndGet();
    }
  }

  /** Waits for one task after the other; now and then it is interrupted. */
  private void waitAlways() {
    SplittableRandom random = new SplittableRandom(seed + 2);
    while (!stop) {
      Node[] nodes = round;
      Node node = nodes.length == 0 ? null : nodes[random.nextInt(ROUND)];
      if (node == null || node.handle == null) {
        Thread.onSpinWait();
        continue;
      }
      boolean asJdk = random.nextBoolean();
      boolean seen = false;
      toInterrupt.set(1);
      try {
        if (asJdk) {
          node.handle.get();
        } else {
          node.handle.join();
        }
      } catch (CancellationException
          | TaskCancelledException
          | TaskFailedException
          | ExecutionException e) {
        // as it may be
      } catch (InterruptedException e) {
        seen = true;
      } catch (TaskInterruptedException e) {
        seen = Thread.interrupted();
        if (!seen) {
          wrongWaits.increment();
        }
      }
      if (!toInterrupt.compareAndSet(1, 0)) {
        while (toInterrupt.get() != 0) {
          Thread.onSpinWait();
        }
        waitersInterrupted.increment();
        if (seen == Thread.interrupted()) { // lost, or seen twice
          wrongWaits.increment();
        }
      } else if (seen) {
        wrongWaits.increment(); // nobody has sent one
      }
    }
  }

  private void interruptAlways(Thread waiter) {
    SplittableRandom random = new SplittableRandom(seed + 3);
    while (!stop) {
      Soak.spinNanos(random.nextInt(2_000));
      if (random.nextInt(4) == 0 && toInterrupt.compareAndSet(1, 2)) {
        waiter.interrupt();
        toInterrupt.set(0);
      }
      try {
        Thread.sleep(0, 200_000);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  // ---- what has come out

  private void settle(Node node) {
    Outcome<Integer> outcome = node.handle.outcome();
    Future.State state = stateOf(outcome);
    switch (state) {
      case SUCCESS -> succeeded++;
      case CANCELLED -> cancelled++;
      default -> failed++;
    }
    if (outcome instanceof Outcome.Success<Integer> success
        && (success.value() != node.number || node.bodies.get() == 0)) {
      fail("wrong result of " + describe(node));
    }
    tasks++;
    while (node.calledBack.get() == 0) {
      Thread.onSpinWait(); // by the thread that has decided
    }
    boolean agree =
        node.handle.state() == state
            && node.toldState == state
            && node.calledBack.get() == 1
            && node.cancelsWon.get() <= 1
            && (node.cancelsWon.get() == 0 || state == Future.State.CANCELLED)
            && (state != Future.State.CANCELLED || node.mayBeCancelled())
            && node.bodies.get() <= MAX_ATTEMPTS
            && (state != Future.State.FAILED || canFail(node));
    if (!agree && mode == Mode.ENGINE) {
      fail("outcome=" + state + " of " + describe(node));
    }
  }

  private static Future.State stateOf(Outcome<?> outcome) {
    if (outcome instanceof Outcome.Success<?>) {
      return Future.State.SUCCESS;
    }
    return outcome instanceof Outcome.Cancelled<?> ? Future.State.CANCELLED : Future.State.FAILED;
  }

  private static boolean canFail(Node node) {
    return node.kind == Kind.RETRIED
        || node.kind == Kind.TIMED
        || node.kind == Kind.TIMED_IN_TOTAL
        || node.mayBeCancelled();
  }

  private String describe(Node node) {
    String reason = "";
    try {
      reason = String.valueOf(node.handle.outcome());
    } catch (RuntimeException e) {
      reason = e.toString();
    }
    return "%s, %s, kind=%s, told=%s %d times, cancels won=%d, bodies=%d, asked=%b, %s"
        .formatted(
            node.handle,
            reason,
            node.kind,
            node.toldState,
            node.calledBack.get(),
            node.cancelsWon.get(),
            node.bodies.get(),
            node.asked,
            setting());
  }

  private void fail(String what) {
    Soak.finish("CancelStorm", false, "%s", what);
  }

  private void check() {
    EngineMetrics books = engine.metrics();
    List<Long> wrong =
        List.of(
            leaks.sum(), wrongStarts.sum(), wrongCancels.sum(), wrongWaits.sum(), wrongEnds.sum());
    boolean balanced =
        books.live() == 0
            && books.queued() == 0
            && books.running() == 0
            && books.workersReplaced() == 0 // no error of the engine's own
            && books.completed() == succeeded
            && books.failed() == failed
            && books.cancelled() == cancelled
            && books.accepted() == succeeded + failed + cancelled
            && limit.tryAcquire(limit.capacity()).isPresent();
    if (!balanced || wrong.stream().anyMatch(number -> number != 0)) {
      fail(
          "leaked interrupts=%d, ran though never started=%d, started cancelled by nobody=%d, wrong"
                  .formatted(leaks.sum(), wrongStarts.sum(), wrongCancels.sum())
              + " interrupts of waiters=%d, in the body though ended=%d, succeeded=%d, failed=%d,"
                  .formatted(wrongWaits.sum(), wrongEnds.sum(), succeeded, failed)
              + " cancelled=%d, %s, %s".formatted(cancelled, books, setting()));
    }
  }
}
