// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import static dev.heddle.dsl.TaskDefinition.define;

import dev.heddle.CancelReport;
import dev.heddle.CancelReport.End;
import dev.heddle.Retry;
import dev.heddle.Task;
import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import dev.heddle.TaskGroup;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.dsl.TaskDefinition;
import dev.heddle.error.DeadlockException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.nativeops.NativeControl;
import dev.heddle.nativeops.NativeOps;
import dev.heddle.observe.EngineDump;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.observe.Explanation;
import dev.heddle.resource.Lease;
import dev.heddle.resource.Limit;
import dev.heddle.resource.ResourcePool;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The program to read after {@link BasicUsage}: what tasks do when something goes wrong. Tries
 * again, gives up in time, cancels work in Java and in C, shares what is scarce, blocks, and looks
 * at what failures say.
 *
 * <p>Checks every result; none depends on how fast the machine is. Exit codes: 0 if all were right,
 * 1 if not, 2 if there are arguments.
 */
public final class AdvancedFeatures {

  /** How long anything here may take that should take no time at all. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final Duration SOON = Duration.ofMillis(20);

  /** Waits 1 ms, then 2, each up to a half less; only after errors that may go away. */
  private static final Retry THRICE =
      Retry.exponential(Duration.ofMillis(1), 3).on(IOException.class);

  /** Fails so many times as it is told. */
  private static final TaskDefinition<Integer, Integer> PRICE =
      define("price")
          .input(Integer.class)
          .output(Integer.class)
          .retry(THRICE)
          .handler(AdvancedFeatures::ask);

  /** The fallback comes after the last attempt, as an attempt of its own. */
  private static final TaskDefinition<Integer, String> QUOTE =
      define("quote")
          .input(Integer.class)
          .output(String.class)
          .retry(Retry.fixed(Duration.ofMillis(1), 2))
          .fallback((error, context) -> "yesterday's price, as " + error.getMessage())
          .handler((failures, context) -> "price " + ask(failures, context));

  /** The total timeout counts the pauses, too, and ends them. */
  private static final TaskDefinition<Integer, Integer> PATIENT =
      define("patient")
          .input(Integer.class)
          .output(Integer.class)
          .retry(Retry.fixed(Duration.ofHours(1), 5))
          .totalTimeout(SOON)
          .handler(AdvancedFeatures::ask);

  /** The first success is the result; who comes too late is cancelled. */
  private static final TaskDefinition<Boolean, Integer> HEDGED =
      define("hedged")
          .input(Boolean.class)
          .output(Integer.class)
          .hedge(Duration.ofMillis(1))
          .handler(
              (firstIsSlow, context) -> {
                if (firstIsSlow && context.attempt() == 1) { // it ends when it is cancelled
                  awaitCancel(context);
                }
                return context.attempt();
              });

  private final TaskEngine engine;
  private final LogLines log;
  private final Checklist results;
  private final PrintStream out;

  private AdvancedFeatures(TaskEngine engine, LogLines log, Checklist results, PrintStream out) {
    this.engine = engine;
    this.log = log;
    this.results = results;
    this.out = out;
  }

  /**
   * Runs the program.
   *
   * @param args none
   * @throws Exception if it is interrupted, or a body fails that should not
   */
  public static void main(String[] args) throws Exception {
    System.exit(run(args, System.out, System.err));
  }

  /** Does what {@link #main} does, but returns the exit code. */
  static int run(String[] args, PrintStream out, PrintStream err) throws Exception {
    if (Arguments.refuseAny(args, err)) {
      return Arguments.USAGE;
    }
    Checklist results = new Checklist(out, err);
    try (LogLines log = new LogLines();
        TaskEngine engine = TaskEngine.builder().name("advanced").workers(2).build()) {
      new AdvancedFeatures(engine, log, results, out).runAll();
    }
    return results.exitCode();
  }

  private void runAll() throws Exception {
    tryAgain();
    failAfterRetries();
    doSomethingElseInstead();
    limitTheTimeOfAnAttempt();
    limitTheTimeOfTheTask();
    tryBesideASlowAttempt();
    shareConnections();
    acquireInTheBody();
    blockMoreThanThereAreWorkers();
    cancelWhatListens();
    cancelWhatDoesNotListen();
    cancelNativeWork();
    refuseADeadlock();
    explainWhatWaits();
    closeAndPrintMetrics();
  }

  /** Fails so many times with an error that may go away, then returns what attempt it is. */
  private static int ask(int failures, TaskContext context) throws IOException {
    if (context.attempt() <= failures) {
      throw new IOException("connection was reset: attempt=" + context.attempt());
    }
    return context.attempt();
  }

  /** Between its attempts a task is on the engine's timer: it holds no worker. */
  private void tryAgain() {
    out.println("Retries");
    results.check("which attempt succeeded", 3, PRICE.submit(engine, 2).join());
    TaskOptions untilEven =
        TaskOptions.defaults()
            .retry(Retry.fixed(Duration.ZERO, 9).onResult(Integer.class, n -> n % 2 == 1));
    results.check("first even attempt", 2, engine.submit(TaskContext::attempt, untilEven).join());
  }

  /** Which task it was, where it was submitted, and what its last attempt threw, and where. */
  private void failAfterRetries() {
    out.println("A failure");
    TaskHandle<Integer> price = PRICE.submit(engine, 99);
    try {
      results.check("a task that cannot succeed", "a failure", price.join());
    } catch (TaskFailedException e) {
      e.printStackTrace(out);
      String story = String.valueOf(e.getMessage());
      results.check("names the task", true, story.startsWith("task failed: name=price, id="));
      results.check(
          "and where it was submitted",
          true,
          story.contains("site=" + AdvancedFeatures.class.getName() + ".failAfterRetries"));
      results.check(
          "its cause",
          "java.io.IOException: connection was reset: attempt=3",
          String.valueOf(e.getCause()));
    }
  }

  private void doSomethingElseInstead() {
    out.println("A fallback");
    results.check(
        "after two attempts",
        "yesterday's price, as connection was reset: attempt=2",
        QUOTE.submit(engine, 99).join());
  }

  /** A timeout releases who waits at once; that the body hears of it is another matter. */
  private void limitTheTimeOfAnAttempt() throws InterruptedException {
    out.println("Timeouts");
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    TaskHandle<Boolean> slow =
        engine.submit(
            context -> {
              context.blocking(() -> await(open));
              ended.countDown();
              return context.isCancelled();
            },
            TaskOptions.defaults().name("slow").timeout(SOON));
    results.check(
        "the attempt",
        "attempt took longer than its timeout: name=slow, id="
            + slow.id()
            + ", attempt=1, timeout=PT0.02S (look at isCancelled() in the body, or raise the"
            + " timeout)",
        failureOf(slow));
    results.check("its body goes on", true, ended.getCount() == 1);
    open.countDown();
    await(ended);
  }

  private void limitTheTimeOfTheTask() {
    TaskHandle<Integer> patient = PATIENT.submit(engine, 99);
    String told = failureOf(patient);
    out.println("  " + told);
    results.check(
        "the task", true, told.startsWith("task took longer than its total timeout: name=patient"));
  }

  private static String failureOf(TaskHandle<?> handle) {
    try {
      return "none, but " + handle.join(LIMIT);
    } catch (TaskFailedException e) {
      Throwable cause = e.getCause();
      return cause == null ? e.toString() : String.valueOf(cause.getMessage());
    }
  }

  private void tryBesideASlowAttempt() {
    out.println("A second attempt beside a slow one");
    results.check("which attempt was first", 2, HEDGED.submit(engine, true).join());
  }

  /** Something that there is only so much of. */
  private record Connection(String name) {
    int query(int n) {
      return n * n;
    }
  }

  /** A task that uses something is queued when it has it; it comes back however the task ends. */
  private void shareConnections() {
    out.println("Two connections for ten tasks");
    ResourcePool<Connection> connections =
        ResourcePool.of("connections", List.of(new Connection("warp"), new Connection("weft")));
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    TaskGroup<Integer> squares =
        engine.submitEach(
            IntStream.rangeClosed(1, 10).boxed().toList(),
            (n, context) -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              try {
                return context.lease(connections).value().query(n);
              } finally {
                now.decrementAndGet();
              }
            },
            TaskOptions.defaults().name("query").uses(connections));
    results.check(
        "1 * 1 + 2 * 2 + ... + 10 * 10",
        385,
        squares.join().stream().mapToInt(Integer::intValue).sum());
    results.check("never more than two at a time", true, most.get() <= 2);
  }

  /** Waits in the body let other tasks have the worker. Resources have an order, by their names. */
  private void acquireInTheBody() {
    out.println("Permits");
    Limit readers = engine.limit("readers", 3);
    Limit writers = engine.limit("writers", 1);
    TaskHandle<Integer> reads =
        engine.submit(
            context -> {
              try (Lease<?> two = context.acquire(readers, 2, LIMIT)) {
                return readers.available() + two.permits();
              }
            });
    results.check("permits of readers", 3, reads.join());
    TaskHandle<Integer> wrongOrder =
        engine.submit(
            context -> {
              try (Lease<?> first = context.acquire(writers, 1, LIMIT);
                  Lease<?> second = context.acquire(readers, 1, LIMIT)) {
                return first.permits() + second.permits();
              }
            });
    results.check(
        "the wrong order",
        "resources must be acquired in the order of their names: held=writers, wanted=readers"
            + " (acquire it first, or both together by uses)",
        failureOf(wrongOrder));
    results.check("permits that came back", 4, readers.available() + writers.available());
  }

  /** Another thread takes the place of a worker that blocks, so two workers can block sixfold. */
  private void blockMoreThanThereAreWorkers() throws InterruptedException {
    out.println("Six blocked tasks on two workers");
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(6);
    TaskGroup<Boolean> blocking =
        engine.submitEach(
            IntStream.range(0, 6).boxed().toList(),
            (n, context) ->
                context.blocking(
                    () -> {
                      blocked.countDown();
                      return await(open);
                    }),
            TaskOptions.defaults().name("blocking"));
    await(blocked);
    results.check("at least six stand in", true, engine.metrics().standIns() >= 6);
    results.check("other tasks run", 42, engine.submit(() -> 40 + 2).join());
    open.countDown();
    results.check("and they all go on", 6, blocking.join().size());
  }

  /** Three ways for a body to hear of its end. */
  private void cancelWhatListens() throws InterruptedException {
    out.println("Cancelling tasks that listen");
    cancelAndCheck(
        "one that looks",
        (context, runs) -> {
          runs.countDown();
          while (true) {
            context.checkCancelled();
            Thread.onSpinWait();
          }
        },
        TaskOptions.defaults().name("looks"));
    cancelAndCheck(
        "one that is called back",
        (context, runs) -> {
          runs.countDown();
          awaitCancel(context);
        },
        TaskOptions.defaults().name("called"));
    cancelAndCheck(
        "one that may be interrupted",
        (context, runs) -> {
          runs.countDown();
          context.blocking(() -> await(new CountDownLatch(1)));
        },
        TaskOptions.defaults().name("interrupted").interruptible(true));
  }

  /** A body that says when it runs. */
  @FunctionalInterface
  private interface Body {
    void run(TaskContext context, CountDownLatch runs) throws Exception;
  }

  private void cancelAndCheck(String what, Body body, TaskOptions options)
      throws InterruptedException {
    CountDownLatch runs = new CountDownLatch(1);
    Task<@Nullable Void> task = Task.action(context -> body.run(context, runs));
    TaskHandle<@Nullable Void> handle = engine.submit(task, options);
    await(runs);
    CancelReport report = handle.cancel(LIMIT);
    results.check(what, End.ENDED, report.end());
    results.expect(what + ": this call decided", true, report.decided());
  }

  /** Java cannot stop a thread; so it is left to the body, and another one does its work. */
  private void cancelWhatDoesNotListen() throws InterruptedException {
    out.println("Cancelling a task that does not listen");
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch runs = new CountDownLatch(1);
    TaskHandle<Integer> deaf =
        engine.submit(
            context -> {
              runs.countDown();
              spinUntil(open);
              return 1;
            },
            TaskOptions.defaults().name("deaf"));
    await(runs);
    CancelReport report = deaf.cancel(SOON);
    results.check("after 20 ms", End.IGNORED, report.end());
    results.check(
        "the report shows where it is",
        true,
        report.stack().stream().anyMatch(frame -> frame.getMethodName().equals("spinUntil")));
    String line =
        log.await("task was cancelled and goes on, its worker is replaced: name=deaf", LIMIT);
    results.check("the log", true, line.contains("site=" + AdvancedFeatures.class.getName()));
    out.println("  " + line);
    results.check("two workers are left", true, engine.metrics().quarantined() >= 1);
    open.countDown();
    results.check("when it has ended after all", End.ENDED, deaf.cancel(LIMIT).end());
  }

  /** C looks at a flag of the task after each millisecond of work, and tells how far it is. */
  private void cancelNativeWork() throws InterruptedException {
    out.println("Cancelling work in native code, by " + NativeOps.get().provider());
    long endless = Long.MAX_VALUE;
    CountDownLatch runs = new CountDownLatch(1);
    TaskHandle<Long> points =
        engine.submit(
            context ->
                NativeOps.get()
                    .math()
                    .monteCarlo(
                        endless,
                        1,
                        NativeControl.of(context)
                            .withListener(
                                (done, total) -> {
                                  context.progress(done, total);
                                  if (done > 0) {
                                    runs.countDown();
                                  }
                                })),
            TaskOptions.defaults().name("pi"));
    await(runs);
    List<EngineDump.Run> seen =
        engine.dump().threads().stream()
            .flatMap(thread -> thread.runs().stream())
            .filter(run -> run.name().equals("pi") && run.done() > 0 && run.total() == endless)
            .toList();
    seen.forEach(run -> out.println("  " + run));
    results.check("its progress is seen", 1, seen.size());
    results.check("the endless function", End.ENDED, points.cancel(LIMIT).end());
  }

  /** The wait that would close the circle is refused, in one of the tasks at least. */
  private void refuseADeadlock() {
    out.println("A deadlock");
    CountDownLatch bothRun = new CountDownLatch(2);
    CompletableFuture<TaskHandle<String>> warp = new CompletableFuture<>();
    CompletableFuture<TaskHandle<String>> weft = new CompletableFuture<>();
    warp.complete(submitWaiter("warp", bothRun, weft));
    weft.complete(submitWaiter("weft", bothRun, warp));
    String told = warp.join().join(LIMIT);
    out.println("  " + told);
    results.check(
        "both know",
        true,
        told.startsWith("tasks wait for each other: ")
            && weft.join().join(LIMIT).startsWith("tasks wait for each other: "));
  }

  private TaskHandle<String> submitWaiter(
      String name, CountDownLatch bothRun, CompletableFuture<TaskHandle<String>> other) {
    return engine.submit(
        context -> {
          bothRun.countDown();
          context.blocking(() -> await(bothRun));
          try {
            return handleOf(other).join();
          } catch (DeadlockException e) {
            return String.valueOf(e.getMessage());
          }
        },
        TaskOptions.defaults().name(name));
  }

  private static <R> TaskHandle<R> handleOf(CompletableFuture<TaskHandle<R>> future)
      throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Why does it not run? */
  private void explainWhatWaits() throws InterruptedException {
    out.println("Explanations");
    Limit licence = engine.limit("licence", 1);
    TaskHandle<Integer> needs =
        engine.submit(context -> 1, TaskOptions.defaults().name("report").uses(licence));
    results.check("with a permit", 1, needs.join());
    TaskHandle<Integer> waits;
    try (Lease<?> outside = licence.acquire(LIMIT)) {
      waits = engine.submit(context -> 2, TaskOptions.defaults().name("report").uses(licence));
      Explanation why = engine.explain(waits);
      out.println(why.toString().indent(2).stripTrailing());
      results.check("without one", Explanation.State.WAITS_FOR_RESOURCES, why.state());
      results.expect("permits in other hands", 1, outside.permits());
    }
    results.check("with one again", 2, waits.join());

    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch run = new CountDownLatch(2);
    TaskGroup<Integer> busy =
        engine.submitEach(
            List.of(1, 2),
            (n, context) -> {
              run.countDown();
              spinUntil(open);
              return n;
            },
            TaskOptions.defaults().name("busy"));
    await(run);
    TaskHandle<Integer> queued = engine.submit(context -> 3, TaskOptions.defaults().name("queued"));
    Explanation why = engine.explain(queued);
    out.println(why.toString().indent(2).stripTrailing());
    results.check("behind two others", Explanation.State.QUEUED, why.state());
    results.check("cancelled", End.NEVER_STARTED, queued.cancel(Duration.ZERO).end());
    open.countDown();
    results.check("the two others", List.of(1, 2), busy.join());
  }

  /** A task counts once, however many attempts it takes. */
  private void closeAndPrintMetrics() {
    results.check("workers have ended", true, engine.close(LIMIT).terminated());
    EngineMetrics metrics = engine.metrics();
    out.println("Metrics of the closed engine");
    results.check("accepted", 38L, metrics.accepted());
    results.check("completed", 28L, metrics.completed());
    results.check("failed", 4L, metrics.failed());
    results.check("cancelled", 6L, metrics.cancelled());
    results.check("live", 0L, metrics.live());
    results.check("timeouts", 2L, metrics.timeouts());
    out.printf("  %-34s %s%n", "retries", metrics.retries());
  }

  // ---- what bodies here wait for

  /** Waits until the task is cancelled, as one does who reads from a socket that is closed then. */
  private static void awaitCancel(TaskContext context) throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    context.onCancel(cancelled::countDown);
    context.blocking(() -> await(cancelled));
  }

  private static boolean await(CountDownLatch latch) throws InterruptedException {
    if (!latch.await(LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new IllegalStateException("event must happen in time: atMost=" + LIMIT);
    }
    return true;
  }

  /** Computes for as long as it takes, and looks at nothing else. */
  private static void spinUntil(CountDownLatch open) {
    while (open.getCount() > 0) {
      Thread.onSpinWait();
    }
  }
}
