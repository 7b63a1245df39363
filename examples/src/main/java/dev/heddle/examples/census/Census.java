// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import static java.util.Objects.requireNonNull;

import dev.heddle.EngineConfig;
import dev.heddle.TaskEngine;
import dev.heddle.error.ConfigurationException;
import dev.heddle.examples.census.Report.RunReport;
import dev.heddle.examples.cli.Program;
import dev.heddle.examples.progress.Progress;
import dev.heddle.examples.progress.ProgressDisplay;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Counts the instructions in the class files of the JDK, or of a jar, with a task for each package,
 * and checks the result against a sequential run of the same code.
 *
 * <p>Shows a real batch on the engine: {@link TaskEngine#submitEach} over many pieces of unequal
 * size, results that are added up in a fixed order, and what becomes of bad input.
 *
 * <p>Exit codes: 0 if both runs counted the same, 1 if not, 2 if the input or an option is wrong.
 */
@Command(
    name = "census",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    description = {
      "Counts the instructions in the class files of the running JDK, or of a jar:"
          + " by opcode, in the longest methods, and which methods are called most."
          + " Works package by package on the Heddle engine and checks the result against"
          + " a sequential run.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:both runs counted the same",
      "1:the runs differ, or the program has an error",
      "2:the input or an option is wrong"
    })
public final class Census implements Callable<Integer> {

  private static final int DIFFERENT = 1;
  private static final long MEGABYTE = 1_000_000;
  private static final int DEFAULT_TOP = 20;
  private static final int DEFAULT_ROUNDS = 2;
  private static final List<String> ORDER =
      List.of("warm-up (on the engine, untimed)", "sequential", "engine");

  private final PrintStream out;
  private final PrintStream err;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--jar",
      paramLabel = "FILE",
      description =
          "Count the classes of this jar instead of the JDK's; of a multi-release jar those that"
              + " the running JDK would load.")
  private @Nullable Path jar;

  @Option(names = "--json", description = "Write the result as JSON, with all opcodes.")
  private boolean json;

  @Option(
      names = "--progress",
      negatable = true,
      description = "Draw progress bars on standard error. By default only if it is a terminal.")
  private @Nullable Boolean progress;

  private int top = DEFAULT_TOP;
  private int rounds = DEFAULT_ROUNDS;
  private int workers = EngineConfig.defaults().workers();

  Census(PrintStream out, PrintStream err) {
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
    return Program.run(
        new Census(out, err),
        args,
        out,
        err,
        Set.of(InputException.class, ConfigurationException.class));
  }

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Length of the rankings (default: " + DEFAULT_TOP + ").")
  void setTop(int top) {
    this.top = positive("top", top, DEFAULT_TOP);
  }

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "How often each run is timed; the fastest is reported (default: " + DEFAULT_ROUNDS + ").")
  void setRounds(int rounds) {
    this.rounds = positive("rounds", rounds, DEFAULT_ROUNDS);
  }

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Workers of the engine (default: one a processor).")
  void setWorkers(int workers) {
    try {
      TaskEngine.builder().workers(workers);
    } catch (ConfigurationException e) {
      throw usageError(String.valueOf(e.getMessage()));
    }
    this.workers = workers;
  }

  private int positive(String option, int value, int byDefault) {
    if (value < 1) {
      throw usageError(
          option
              + " must be at least 1: "
              + option
              + "="
              + value
              + " (leave it out for "
              + byDefault
              + ")");
    }
    return value;
  }

  private ParameterException usageError(String message) {
    return new ParameterException(requireNonNull(spec, "spec").commandLine(), message);
  }

  /**
   * Makes the census that the options ask for.
   *
   * @return the exit code
   * @throws InputException if a class file or the jar cannot be read
   * @throws IOException if the jar cannot be closed
   */
  @Override
  public Integer call() throws InputException, IOException {
    try (ClassSource source = jar == null ? new RuntimeImage() : JarSource.open(jar)) {
      return count(source);
    }
  }

  private int count(ClassSource source) throws InputException {
    List<ClassPackage> packages = source.packages();
    PackageCounter counter = new PackageCounter(top);
    ProgressDisplay display = new ProgressDisplay(progress, err);

    // The timed runs find the files in the system's cache and most of the code compiled.
    runOnEngine("warm-up", packages, counter, display);
    Comparison best = compare(packages, counter, display);
    for (int round = 1; round < rounds && best.difference().isEmpty(); round++) {
      Comparison next = compare(packages, counter, display);
      best = next.difference().isPresent() ? next : best.fastest(next);
    }
    return conclude(source.description(), packages.size(), best);
  }

  private Comparison compare(
      List<ClassPackage> packages, PackageCounter counter, ProgressDisplay display)
      throws InputException {
    System.gc(); // neither run pays for what the one before it has left in the heap
    Run sequential;
    try (Progress bar = start(display, "sequential", packages)) {
      sequential = Run.sequential(packages, counter, bar);
    }
    System.gc();
    return new Comparison(sequential, runOnEngine("engine", packages, counter, display));
  }

  private Run runOnEngine(
      String name, List<ClassPackage> packages, PackageCounter counter, ProgressDisplay display)
      throws InputException {
    try (Progress bar = start(display, name, packages)) {
      return Run.onEngine(packages, counter, workers, bar);
    }
  }

  private static Progress start(ProgressDisplay display, String run, List<ClassPackage> packages) {
    long bytes = packages.stream().mapToLong(ClassPackage::size).sum();
    return display.start(run, bytes, " MB", MEGABYTE);
  }

  /** Writes the report and returns the exit code. */
  int conclude(String source, int packages, Comparison runs) {
    Optional<String> difference = runs.difference();
    Tally tally = runs.engine().tally();
    Report report =
        new Report(
            source,
            packages,
            tally.totals(),
            tally.opcodes(),
            tally.longestMethods(),
            tally.mostCalledMethods(top),
            ORDER,
            rounds,
            RunReport.of(runs.sequential(), 1),
            RunReport.of(runs.engine(), workers),
            difference.isEmpty(),
            runs.speedUp());
    if (json) {
      JsonReport.write(report, out);
    } else {
      TextReport.write(report, top, out);
    }
    difference.ifPresent(
        what ->
            err.println(
                "census: runs must count the same: difference=" + what + " (report it as a bug)"));
    return difference.isEmpty() ? ExitCode.OK : DIFFERENT;
  }
}
