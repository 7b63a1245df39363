// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import dev.heddle.CloseReport;
import dev.heddle.Outcome;
import dev.heddle.TaskEngine;
import dev.heddle.TaskGroup;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.dsl.TaskDefinition;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.nativeops.NativeOps;
import dev.heddle.nativeops.NativeTask;
import dev.heddle.observe.EngineMetrics;
import java.io.PrintStream;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The first program to read: builds an engine, submits tasks in each of the ways there are, looks
 * at how they ended, closes the engine and prints its books.
 *
 * <p>Checks every result. Exit codes: 0 if all were right, 1 if not, 2 if there are arguments.
 */
public final class BasicUsage {

  /** A definition of its own, step by step. */
  private static final TaskDefinition<Long, Long> SQUARE =
      TaskDefinition.define("square")
          .input(Long.class)
          .output(Long.class)
          .timeout(Duration.ofSeconds(10))
          .handler((n, context) -> Math.multiplyExact(n, n));

  private static final TaskOptions OFF_HEAP = TaskOptions.defaults().name("sum-off-heap");

  private final MathTasks math = MathTasks.of(new NativeMath());
  private final StringOps texts = new NativeStrings(NativeOps.get());
  private final StringTasks strings = StringTasks.of(texts);
  private final TaskEngine engine;
  private final BasicSettings settings;
  private final Checklist results;
  private final PrintStream out;

  private BasicUsage(
      TaskEngine engine, BasicSettings settings, Checklist results, PrintStream out) {
    this.engine = engine;
    this.settings = settings;
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
    BasicSettings settings = BasicSettingsLoader.load(System.getProperties());
    Checklist results = new Checklist(out, err);
    try (TaskEngine engine = BasicSettingsLoader.engine(settings).name("basic").build()) {
      new BasicUsage(engine, settings, results, out).runAll();
    }
    return results.exitCode();
  }

  private void runAll() {
    out.println(engine.config());
    computeNumbers();
    changeTexts();
    computeARecursion();
    submitForEachItem();
    submitIfThereIsRoom();
    callNativeOperations();
    lookAtOutcomes();
    closeAndPrintMetrics();
  }

  /** A handle for each task; {@code join} waits for the result. */
  private void computeNumbers() {
    out.println("Numbers");
    TaskHandle<Long> sum = engine.submit(math.add(2, 40)); // of an interface: see MathOps
    TaskHandle<Long> product = math.submit(engine, new MathTask.Multiply(6_000_000_007L, 7));
    TaskHandle<BigInteger> factorial = math.submit(engine, new MathTask.Factorial(25));
    TaskHandle<Long> square = SQUARE.submit(engine, 12L); // of a definition
    TaskHandle<Integer> lambda = engine.submit(() -> 6 * 7);
    results.check("2 + 40", 42L, sum.join());
    results.check("12 * 12", 144L, square.join());
    results.check("6 * 7", 42, lambda.join());
    results.check("6,000,000,007 * 7", 42_000_000_049L, product.join());
    results.check("25!", new BigInteger("15511210043330985984000000"), factorial.join());
  }

  private void changeTexts() {
    out.println("Texts");
    TaskHandle<String> reversed = engine.submit(strings.reverse("loom \uD83E\uDDF5 heddle"));
    TaskHandle<String> upperCase = engine.submit(strings.uppercase("heddle"));
    TaskHandle<Long> hash = strings.submit(engine, new StringTask.Hash("heddle"));
    results.check("reversed by code point", "elddeh \uD83E\uDDF5 mool", reversed.join());
    results.check("upper case", "HEDDLE", upperCase.join());
    long inJava = new NativeStrings(NativeOps.java()).hash("heddle");
    results.check("hash, by whichever provider", inJava, hash.join());
    results.check("a task as data", "turns heddle round", tell(new StringTask.Reverse("heddle")));
  }

  /** The records of a task set are all there are, so the compiler knows that none is missing. */
  private static String tell(StringTask<?> task) {
    return switch (task) {
      case StringTask.Reverse(String text) -> "turns " + text + " round";
      case StringTask.Uppercase(String text) -> "makes " + text + " upper case";
      case StringTask.Hash(String text) -> "hashes " + text;
    };
  }

  /** A recursion forks at about the price of calls: see {@link Quadrature}. */
  private void computeARecursion() {
    out.println("A recursion");
    double area = Quadrature.halfCircle(engine, 1e-9);
    results.check("area of a circle", "3.1415927", String.format(Locale.ROOT, "%.7f", 2 * area));
  }

  /** A task for each item of a collection; the results come in the order of the items. */
  private void submitForEachItem() {
    out.println("A task for each item");
    List<String> words = List.of("warp", "weft", "shed", "pick");
    TaskGroup<String> reversed =
        engine.submitEach(
            words, (word, context) -> texts.reverse(word), StringTasks.REVERSE.options());
    results.check(words + " reversed", List.of("praw", "tfew", "dehs", "kcip"), reversed.join());

    List<Integer> sizes = IntStream.rangeClosed(1, 100).boxed().toList();
    TaskGroup<Integer> doubled =
        engine.submitEach(sizes, (n, context) -> n + n, TaskOptions.defaults());
    int sum = doubled.join().stream().mapToInt(Integer::intValue).sum();
    results.check("2 + 4 + ... + 200", 10_100, sum);
  }

  /** A refused task is an empty result here; {@code submit} would throw. */
  private void submitIfThereIsRoom() {
    out.println("Off-heap memory, if there is room for the task");
    Optional<TaskHandle<Long>> sum =
        engine.trySubmit(context -> OffHeap.sum(1_000, context), OFF_HEAP);
    results.check("1 + 2 + ... + 1,000", Optional.of(500_500L), sum.map(TaskHandle::join));
  }

  /** Off-heap memory goes to C without a copy; cancelling the task would stop C, too. */
  private void callNativeOperations() {
    out.println("Native operations, by " + NativeOps.get().provider());
    try (NativeTask<Long> primes =
        NativeTask.of(
            engine.allocate(OffHeap.bytesForPrimes(1_000_000)),
            (bits, context) -> OffHeap.countPrimes(1_000_000, bits, context))) {
      results.check("primes to 1,000,000", 78_498L, engine.submit(primes).join());
    }
    TaskHandle<Long> codePoints = engine.submit(() -> OffHeap.countCodePoints("warp \uD83E\uDDF5"));
    results.check("code points", 6L, codePoints.join());
  }

  /** {@code outcome} waits like {@code join}, but tells how a task ended instead of throwing. */
  private void lookAtOutcomes() {
    out.println("Outcomes");
    TaskHandle<Long> succeeds = engine.submit(math.add(20, 22));
    TaskHandle<Long> fails = engine.submit(math.add(Long.MAX_VALUE, 1));
    TaskHandle<Long> waits =
        engine.submit(
            context -> {
              while (true) { // a body that has no end must look whether it is still wanted
                context.checkCancelled();
                Thread.onSpinWait();
              }
            });
    waits.cancel();
    results.check("20 + 22", "is 42", describe(succeeds.outcome()));
    results.check("greatest long + 1", "failed by ArithmeticException", describe(fails.outcome()));
    results.check("a task without an end", "was cancelled", describe(waits.outcome()));
  }

  private static String describe(Outcome<Long> outcome) {
    return switch (outcome) {
      case Outcome.Success<Long>(Long value) -> "is " + value;
      case Outcome.Failure<Long>(Throwable error) ->
          "failed by " + error.getClass().getSimpleName();
      case Outcome.Cancelled<Long>(String reason) -> "was cancelled";
      case Outcome.Rejected<Long>(RejectedTaskException error) -> "was dropped by a full engine";
    };
  }

  /** The books are exact once the engine is closed. */
  private void closeAndPrintMetrics() {
    CloseReport report = engine.close(Duration.ofMinutes(1));
    EngineMetrics metrics = engine.metrics();
    out.println("Metrics of the closed engine");
    results.check("workers have ended", true, report.terminated());
    results.check("workers", settings.workers(), metrics.workers());
    results.check("accepted", 119L, metrics.accepted());
    results.check("rejected", 0L, metrics.rejected());
    results.check("completed", 117L, metrics.completed());
    results.check("failed", 1L, metrics.failed());
    results.check("cancelled", 1L, metrics.cancelled());
    results.check("live", 0L, metrics.live());
    out.printf("  %-34s %s (differs from run to run)%n", "stolen", metrics.stolen());
  }
}
