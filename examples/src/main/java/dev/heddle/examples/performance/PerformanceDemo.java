// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.performance;

import static java.util.Objects.requireNonNull;

import dev.heddle.TaskEngine;
import dev.heddle.examples.cli.Program;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures how fast the engine is on this machine, beside executors of the JDK: tasks a second with
 * a real body, how that grows with the workers, and how long a task waits to start; then forks,
 * loops and sorting, and how small a fork's body may be. Prints tables and draws pictures.
 *
 * <p>Contestants take turns in each round, so that a machine that is slow for a while is so for
 * all. Each run's results are compared with those of a plain loop.
 *
 * <p>Exit codes: 0 if all results were right, 1 if not, 2 if an option is wrong or the pictures
 * cannot be written.
 */
@Command(
    name = "performance",
    description = {
      "Measures the Heddle engine beside executors of the JDK: tasks per second with a real body,"
          + " over 1 to N workers, and how long a task waits to start; then forks, loops and"
          + " sorting, and how small a fork's body may be. Prints tables and draws pictures.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all results were right",
      "1:they were not, or the program has an error",
      "2:an option is wrong, or the pictures cannot be written"
    })
public final class PerformanceDemo implements Callable<Integer> {

  private static final int DIFFERENT = 1;
  private static final int DEFAULT_TASKS = 200_000;
  private static final int MAX_TASKS = 10_000_000;
  private static final int DEFAULT_DISPATCHES = 10_000;
  private static final int DEFAULT_ROUNDS = 5;
  private static final int MAX_ROUNDS = 1_000;
  private static final int MAX_WORKERS = 1_024;
  private static final String DEFAULT_FOLDER = "target/performance";
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double BOUND_MICROS = 1_000;
  private static final double[] PERCENTILES = {50, 99, 99.9, 100};
  private static final int WARM_UPS = 3;
  private static final String SEQUENTIAL = "sequential loop";

  private final PrintStream out;
  private final PrintStream err;
  private final int processors = Runtime.getRuntime().availableProcessors();

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  @SuppressWarnings("UnusedVariable") // picocli looks at the annotation
  private boolean help;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "Where to write the pictures (default: " + DEFAULT_FOLDER + ").")
  private Path folder = Path.of(DEFAULT_FOLDER);

  private int tasks = DEFAULT_TASKS;
  private int dispatches = DEFAULT_DISPATCHES;
  private int rounds = DEFAULT_ROUNDS;
  private int workers = Math.max(2, processors);
  private boolean different;

  private PerformanceDemo(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /**
   * Runs the program.
   *
   * @param args the options
   */
  public static void main(String[] args) {
    System.exit(run(args, System.out, System.err));
  }

  /** Does what {@link #main} does, but returns the exit code. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    return Program.run(new PerformanceDemo(out, err), args, out, err, Set.of(IOException.class));
  }

  @Option(
      names = "--tasks",
      paramLabel = "N",
      description = "Tasks a run (default: " + DEFAULT_TASKS + ").")
  void setTasks(int tasks) {
    this.tasks =
        Program.inRange(requireNonNull(spec, "spec"), "tasks", tasks, MAX_TASKS, DEFAULT_TASKS);
  }

  @Option(
      names = "--dispatches",
      paramLabel = "N",
      description = "Tasks whose wait to start is measured (default: " + DEFAULT_DISPATCHES + ").")
  void setDispatches(int dispatches) {
    this.dispatches =
        Program.inRange(
            requireNonNull(spec, "spec"), "dispatches", dispatches, MAX_TASKS, DEFAULT_DISPATCHES);
  }

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "How often each run is timed; the median is reported (default: " + DEFAULT_ROUNDS + ").")
  void setRounds(int rounds) {
    this.rounds =
        Program.inRange(requireNonNull(spec, "spec"), "rounds", rounds, MAX_ROUNDS, DEFAULT_ROUNDS);
  }

  @Option(
      names = "--workers",
      paramLabel = "N",
      description =
          "Measure 1 to N workers (default: one a processor, at least 2). More workers than"
              + " processors are listed, but not measured.")
  void setWorkers(int workers) {
    this.workers =
        Program.inRange(
            requireNonNull(spec, "spec"), "workers", workers, MAX_WORKERS, Math.max(2, processors));
  }

  /**
   * Measures what the options ask for.
   *
   * @return the exit code
   * @throws IOException if the pictures cannot be written
   * @throws ExecutionException if a task fails
   * @throws InterruptedException if this thread is interrupted
   */
  @Override
  public Integer call() throws IOException, ExecutionException, InterruptedException {
    out.printf(
        Locale.ROOT,
        "JDK %s, processors: %d; tasks: %,d a run; rounds: %d%n",
        Runtime.version(),
        processors,
        tasks,
        rounds);
    Rate sequential = measureSequential();
    List<Rate> rates = new ArrayList<>();
    for (int count = 1; count <= workers; count++) {
      rates.addAll(count <= processors ? measure(count) : notMeasured(count));
    }
    printRates(sequential, rates);
    List<Dispatch> waits = measureDispatches();
    printDispatches(waits);
    measureSubjects();
    List<Grain> grains = Grain.measure(Math.min(2, processors), rounds);
    printGrains(grains);
    for (Path each : draw(rates, waits, grains)) {
      out.println("picture: " + each);
    }
    out.println("results: " + (different ? "DIFFERENT" : "as those of a sequential loop"));
    return different ? DIFFERENT : ExitCode.OK;
  }

  private List<Path> draw(List<Rate> rates, List<Dispatch> waits, List<Grain> grains)
      throws IOException {
    try {
      return Charts.write(folder, rates, waits, grains);
    } catch (IOException e) {
      throw new IOException("pictures must be writable: problem=" + e, e);
    }
  }

  private Rate measureSequential() {
    long expected = Digest.sum(tasks); // also the warm-up
    List<Double> rates = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      long start = System.nanoTime();
      long sum = Digest.sum(tasks);
      rates.add(tasks * NANOS_PER_SECOND / (System.nanoTime() - start));
      check(SEQUENTIAL, expected, sum);
    }
    return new Rate(SEQUENTIAL, 1, rates);
  }

  /** Measures all contestants with so many workers, in turns. */
  private List<Rate> measure(int count) throws ExecutionException, InterruptedException {
    long expected = Digest.sum(tasks);
    List<List<Double>> rates = new ArrayList<>();
    Contestant.NAMES.forEach(name -> rates.add(new ArrayList<>()));
    for (int round = -1; round < rounds; round++) { // one more, which is the warm-up
      for (int i = 0; i < rates.size(); i++) {
        String name = Contestant.NAMES.get(i);
        try (Contestant contestant = Contestant.start(name, count, tasks)) {
          System.gc(); // none pays for what the one before it has left in the heap
          long start = System.nanoTime();
          long sum = contestant.sum();
          double rate = tasks * NANOS_PER_SECOND / (System.nanoTime() - start);
          check(name, expected, sum);
          if (round >= 0) {
            rates.get(i).add(rate);
          }
        }
      }
    }
    List<Rate> all = new ArrayList<>();
    for (int i = 0; i < rates.size(); i++) {
      all.add(new Rate(Contestant.NAMES.get(i), count, rates.get(i)));
    }
    return all;
  }

  private static List<Rate> notMeasured(int count) {
    return Contestant.NAMES.stream().map(name -> new Rate(name, count, List.of())).toList();
  }

  private List<Dispatch> measureDispatches() throws ExecutionException, InterruptedException {
    long expected = Digest.sum(dispatches);
    List<Dispatch> all = new ArrayList<>();
    for (String name : Contestant.NAMES) {
      try (Contestant contestant = Contestant.start(name, Math.min(workers, processors), 1)) {
        Dispatch.measure(name, contestant, dispatches); // the warm-up
        Dispatch dispatch = Dispatch.measure(name, contestant, dispatches);
        check(name, expected, dispatch.digestSum());
        all.add(dispatch);
      }
    }
    return all;
  }

  /** Measures and prints fib, tree, loop and sort beside their rivals, in turns. */
  private void measureSubjects() {
    int count = Math.min(workers, processors);
    out.printf("Parallel code on %d workers, milliseconds%n", count);
    out.printf("%-20s %12s %12s %12s  %s%n", "", "sequential", "heddle", "JDK", "by");
    try (TaskEngine engine = TaskEngine.builder().name("parallel").workers(count).build();
        ForkJoinPool pool = new ForkJoinPool(count)) {
      for (Subject subject : Subject.values()) {
        long expected = subject.plain();
        List<List<Double>> millis =
            List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        List<LongSupplier> ways =
            List.of(subject::plain, () -> subject.heddle(engine), () -> subject.jdk(pool));
        for (int round = -WARM_UPS; round < rounds; round++) {
          for (int way = 0; way < ways.size(); way++) {
            long start = System.nanoTime();
            long result = ways.get(way).getAsLong();
            double took = (System.nanoTime() - start) / 1e6;
            check(subject.title(), expected, result);
            if (round >= 0) {
              millis.get(way).add(took);
            }
          }
        }
        out.printf(Locale.ROOT, "%-20s", subject.title());
        millis.forEach(each -> out.printf(Locale.ROOT, " %,12.2f", median(each)));
        out.printf("  %s%n", subject.rival());
      }
    }
    out.println();
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private void printGrains(List<Grain> grains) {
    out.printf(
        "Smallest body of a fork at 50 %% efficiency on %d workers%n", Math.min(2, processors));
    for (Grain each : grains) {
      out.printf(Locale.ROOT, "%-20s %,12.0f ns%n", each.contestant(), each.smallestBodyNanos());
    }
    out.println();
  }

  private void check(String name, long expected, long actual) {
    if (expected != actual) {
      different = true;
      err.printf(
          "performance: result must be that of a plain loop: contestant=%s, expected=%d,"
              + " actual=%d (report it as a bug)%n",
          name, expected, actual);
    }
  }

  private void printRates(Rate sequential, List<Rate> rates) {
    out.printf("%nTasks per second, SHA-256 of 1 KiB each%n");
    out.printf(
        "%-20s %8s %12s %12s %12s %11s%n",
        "", "workers", "median", "lowest", "highest", "efficiency");
    printRate(sequential, sequential);
    for (String name : Contestant.NAMES) {
      List<Rate> own = rates.stream().filter(rate -> rate.contestant().equals(name)).toList();
      own.forEach(rate -> printRate(rate, own.getFirst()));
    }
  }

  private void printRate(Rate rate, Rate oneWorker) {
    if (rate.measured()) {
      out.printf(
          Locale.ROOT,
          "%-20s %8d %,12.0f %,12.0f %,12.0f %9.0f %%%n",
          rate.contestant(),
          rate.workers(),
          rate.median(),
          rate.lowest(),
          rate.highest(),
          100 * rate.efficiency(oneWorker));
    } else {
      out.printf(
          "%-20s %8d %12s (more workers than processors)%n",
          rate.contestant(), rate.workers(), "not measured");
    }
  }

  private void printDispatches(List<Dispatch> waits) {
    out.printf("%nDispatch in microseconds, from submit to the start of the body%n");
    out.printf("%-20s %8s %12s %12s %12s %11s%n", "", "tasks", "p50", "p99", "p99.9", "max");
    for (Dispatch each : waits) {
      out.printf(Locale.ROOT, "%-20s %,8d", each.contestant(), dispatches);
      for (double percentile : PERCENTILES) {
        out.printf(
            Locale.ROOT, percentile == 100 ? " %,11.1f" : " %,12.1f", each.micros(percentile));
      }
      out.println();
    }
    double heddle = waits.getFirst().micros(99.9);
    out.printf(
        Locale.ROOT,
        "p99.9 of heddle: %.1f us, %s 1 ms%n%n",
        heddle,
        heddle < BOUND_MICROS ? "below" : "NOT below");
  }
}
