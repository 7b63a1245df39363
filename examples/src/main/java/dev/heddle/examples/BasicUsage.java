// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import static dev.heddle.MemorySize.mebibytes;

import dev.heddle.CloseReport;
import dev.heddle.Outcome;
import dev.heddle.TaskEngine;
import dev.heddle.TaskGroup;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.nativeops.MathOps;
import dev.heddle.nativeops.NativeOps;
import dev.heddle.nativeops.NativeTask;
import dev.heddle.observe.EngineMetrics;
import java.io.PrintStream;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The first program to read: builds an engine, submits tasks in each of the ways there are, looks
 * at how they ended, closes the engine and prints its books.
 *
 * <p>Checks every result. Exit codes: 0 if all were right, 1 if not, 2 if there are arguments.
 */
public final class BasicUsage {

  private static final TaskOptions REVERSE = TaskOptions.defaults().name("reverse");
  private static final TaskOptions OFF_HEAP = TaskOptions.defaults().name("sum-off-heap");

  private final TaskEngine engine;
  private final Checklist results;
  private final PrintStream out;

  private BasicUsage(TaskEngine engine, Checklist results, PrintStream out) {
    this.engine = engine;
    this.results = results;
    this.out = out;
  }

  /**
   * Runs the program.
   *
   * @param args none
   */
  public static void main(String[] args) {
    System.exit(run(args, System.out, System.err));
  }

  /** Does what {@link #main} does, but returns the exit code. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    if (Arguments.refuseAny(args, err)) {
      return Arguments.USAGE;
    }
    Checklist results = new Checklist(out, err);
    try (TaskEngine engine =
        TaskEngine.builder()
            .name("basic")
            .workers(8)
            .queueCapacity(1_000)
            .memory(mebibytes(1))
            .workStealing(true)
            .build()) {
      new BasicUsage(engine, results, out).runAll();
    }
    return results.exitCode();
  }

  private void runAll() {
    out.println(engine.config());
    computeNumbers();
    changeTexts();
    submitForEachItem();
    submitIfThereIsRoom();
    callNativeOperations();
    lookAtOutcomes();
    closeAndPrintMetrics();
  }

  /** A handle for each task; {@code join} waits for the result. */
  private void computeNumbers() {
    out.println("Numbers");
    TaskHandle<Integer> sum = engine.submit(() -> MathTasks.add(2, 40));
    TaskHandle<Long> product = engine.submit(() -> MathTasks.multiply(6_000_000_007L, 7));
    TaskHandle<BigInteger> factorial = engine.submit(() -> MathTasks.factorial(25));
    results.check("2 + 40", 42, sum.join());
    results.check("6,000,000,007 * 7", 42_000_000_049L, product.join());
    results.check("25!", new BigInteger("15511210043330985984000000"), factorial.join());
  }

  private void changeTexts() {
    out.println("Texts");
    TaskHandle<String> reversed =
        engine.submit(() -> StringTasks.reverse("loom \uD83E\uDDF5 heddle"));
    TaskHandle<String> upperCase = engine.submit(() -> StringTasks.upperCase("heddle"));
    TaskHandle<String> hash = engine.submit(() -> StringTasks.sha256("heddle"));
    results.check("reversed by code point", "elddeh \uD83E\uDDF5 mool", reversed.join());
    results.check("upper case", "HEDDLE", upperCase.join());
    results.check(
        "SHA-256", "751737768ed4354feb5c30cb5432d7efb608367d9291827772bfd03321e78e95", hash.join());
  }

  /** A task for each item of a collection; the results come in the order of the items. */
  private void submitForEachItem() {
    out.println("A task for each item");
    List<String> words = List.of("warp", "weft", "shed", "pick");
    TaskGroup<String> reversed =
        engine.submitEach(words, (word, context) -> StringTasks.reverse(word), REVERSE);
    results.check(words + " reversed", List.of("praw", "tfew", "dehs", "kcip"), reversed.join());

    List<Integer> sizes = IntStream.rangeClosed(1, 100).boxed().toList();
    TaskGroup<Integer> doubled =
        engine.submitEach(sizes, (n, context) -> MathTasks.add(n, n), TaskOptions.defaults());
    int sum = doubled.join().stream().mapToInt(Integer::intValue).sum();
    results.check("2 + 4 + ... + 200", 10_100, sum);
  }

  /** A refused task is an empty result here; {@code submit} would throw. */
  private void submitIfThereIsRoom() {
    out.println("Off-heap memory, if there is room for the task");
    Optional<TaskHandle<Long>> sum =
        engine.trySubmit(context -> MathTasks.sumOffHeap(1_000, context), OFF_HEAP);
    results.check("1 + 2 + ... + 1,000", Optional.of(500_500L), sum.map(TaskHandle::join));
  }

  /** Off-heap memory goes to C without a copy; cancelling the task would stop C, too. */
  private void callNativeOperations() {
    out.println("Native operations, by " + NativeOps.get().provider());
    try (NativeTask<Long> primes =
        NativeTask.of(
            engine.allocate(MathOps.sieveBytes(1_000_000)),
            (bits, context) -> MathTasks.countPrimes(1_000_000, bits, context))) {
      results.check("primes to 1,000,000", 78_498L, engine.submit(primes).join());
    }
    TaskHandle<Long> codePoints = engine.submit(() -> StringTasks.codePoints("warp \uD83E\uDDF5"));
    results.check("code points", 6L, codePoints.join());
  }

  /** {@code outcome} waits like {@code join}, but tells how a task ended instead of throwing. */
  private void lookAtOutcomes() {
    out.println("Outcomes");
    TaskHandle<Integer> succeeds = engine.submit(() -> MathTasks.add(20, 22));
    TaskHandle<Integer> fails = engine.submit(() -> MathTasks.add(Integer.MAX_VALUE, 1));
    TaskHandle<Integer> waits =
        engine.submit(
            context -> {
              while (true) { // a body that has no end must look whether it is still wanted
                context.checkCancelled();
                Thread.onSpinWait();
              }
            });
    waits.cancel();
    results.check("20 + 22", "is 42", describe(succeeds.outcome()));
    results.check("greatest int + 1", "failed by ArithmeticException", describe(fails.outcome()));
    results.check("a task without an end", "was cancelled", describe(waits.outcome()));
  }

  private static String describe(Outcome<Integer> outcome) {
    return switch (outcome) {
      case Outcome.Success<Integer>(Integer value) -> "is " + value;
      case Outcome.Failure<Integer>(Throwable error) ->
          "failed by " + error.getClass().getSimpleName();
      case Outcome.Cancelled<Integer>(String reason) -> "was cancelled";
      case Outcome.Rejected<Integer>(RejectedTaskException error) -> "was dropped by a full engine";
    };
  }

  /** The books are exact once the engine is closed. */
  private void closeAndPrintMetrics() {
    CloseReport report = engine.close(Duration.ofMinutes(1));
    EngineMetrics metrics = engine.metrics();
    out.println("Metrics of the closed engine");
    results.check("workers have ended", true, report.terminated());
    results.check("workers", 8, metrics.workers());
    results.check("accepted", 116L, metrics.accepted());
    results.check("rejected", 0L, metrics.rejected());
    results.check("completed", 114L, metrics.completed());
    results.check("failed", 1L, metrics.failed());
    results.check("cancelled", 1L, metrics.cancelled());
    results.check("live", 0L, metrics.live());
    out.printf("  %-34s %s (differs from run to run)%n", "stolen", metrics.stolen());
  }
}
