// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How much of a core does an engine use that has nothing to do?
 *
 * <p><b>Method.</b> Starts an engine with a worker for each processor, has it run tasks and a
 * timer, lets it fall asleep for a second, and adds up the CPU time that its threads use in the
 * given number of seconds (10 unless given as the argument). The time of the whole process is
 * printed beside it, for it has the garbage collector and the compiler in it too.
 *
 * <p>Exit codes: 0 if the engine's threads use at most {@value #MAX_PERCENT} % of a core, 1 if they
 * use more, 2 if the argument is wrong or the JVM does not tell the CPU time of threads.
 *
 * <p><b>Traps avoided.</b> An engine that has never run a task is not the one that idles in
 * production: this one has been busy and has used its timer. A thread that ends in between would
 * take its time with it: that is an error here.
 */
public final class IdleCpuCheck {

  /** The most that an idle engine may use. */
  static final double MAX_PERCENT = 0.5;

  private static final int USAGE = 2;
  private static final int DEFAULT_SECONDS = 10;
  private static final int MAX_SECONDS = 3_600;
  private static final int TASKS = 10_000;
  private static final String NAME = "idle-cpu-check";

  private IdleCpuCheck() {}

  /**
   * Runs the check.
   *
   * @param args none, or the number of seconds
   */
  public static void main(String[] args) throws InterruptedException {
    System.exit(run(args, System.out, System.err));
  }

  /** Does what {@link #main} does, but returns the exit code. */
  static int run(String[] args, PrintStream out, PrintStream err) throws InterruptedException {
    int seconds = args.length == 0 ? DEFAULT_SECONDS : parseSeconds(args);
    if (seconds < 1 || seconds > MAX_SECONDS) {
      err.printf(
          "idle-cpu-check: seconds must be one number from 1 to %d: arguments=%s"
              + " (leave it out for %d)%n",
          MAX_SECONDS, Arrays.toString(args).replaceAll("\\p{Cntrl}+", " "), DEFAULT_SECONDS);
      return USAGE;
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    if (!threads.isThreadCpuTimeSupported() || !threads.isThreadCpuTimeEnabled()) {
      err.println("idle-cpu-check: JVM must tell the CPU time of threads (try another JVM)");
      return USAGE;
    }
    int workers = Runtime.getRuntime().availableProcessors();
    try (TaskEngine engine = TaskEngine.builder().name(NAME).workers(workers).build()) {
      useOnce(engine);
      Thread.sleep(1_000);
      return check(engine, seconds, out, err);
    }
  }

  /** Returns the only argument as a number, or -1. */
  private static int parseSeconds(String[] args) {
    try {
      return args.length == 1 ? Integer.parseInt(args[0]) : -1;
    } catch (NumberFormatException _) {
      return -1;
    }
  }

  private static void useOnce(TaskEngine engine) {
    Bodies bodies = new Bodies();
    engine.submitAll(IntStream.range(0, TASKS).mapToObj(bodies::task).toList()).join();
    engine.schedule(bodies.task(0), Duration.ofMillis(1)).join();
  }

  /** Measures an engine, prints what it uses, and returns the exit code. */
  static int check(TaskEngine engine, int seconds, PrintStream out, PrintStream err)
      throws InterruptedException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    String prefix = "heddle-" + engine.config().name() + "-";
    long start = System.nanoTime();
    long processBefore = processCpuNanos();
    Map<Long, Long> before = cpuNanosByThread(threads, prefix);
    Thread.sleep(seconds * 1_000L);
    Map<Long, Long> after = cpuNanosByThread(threads, prefix);
    long processNanos = processCpuNanos() - processBefore;
    long nanos = System.nanoTime() - start;

    if (before.isEmpty() || !after.keySet().containsAll(before.keySet())) {
      throw new IllegalStateException(
          "engine must keep its threads: before=" + before.keySet() + ", after=" + after.keySet());
    }
    long threadNanos = sum(after) - sum(before);
    double percent = 100.0 * threadNanos / nanos;
    out.printf(
        Locale.ROOT,
        "idle engine: %.3f %% of a core in %d s, %d threads (limit %.1f %%); whole process: %.3f"
            + " %%%n",
        percent,
        seconds,
        after.size(),
        MAX_PERCENT,
        100.0 * processNanos / nanos);
    if (percent > MAX_PERCENT) {
      err.printf(
          Locale.ROOT,
          "idle-cpu-check: idle engine must use at most %.1f %% of a core: percent=%.3f%n",
          MAX_PERCENT,
          percent);
      return 1;
    }
    return 0;
  }

  private static long sum(Map<Long, Long> nanosByThread) {
    return nanosByThread.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns the CPU time of each thread whose name begins like that, by its id. */
  private static Map<Long, Long> cpuNanosByThread(ThreadMXBean threads, String prefix) {
    Map<Long, Long> nanos = new HashMap<>();
    for (ThreadInfo each :
        Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
            .filter(Objects::nonNull)
            .filter(thread -> thread.getThreadName().startsWith(prefix))
            .collect(Collectors.toList())) {
      long cpuNanos = threads.getThreadCpuTime(each.getThreadId());
      if (cpuNanos >= 0) {
        nanos.put(each.getThreadId(), cpuNanos);
      }
    }
    return nanos;
  }

  private static long processCpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }
}
