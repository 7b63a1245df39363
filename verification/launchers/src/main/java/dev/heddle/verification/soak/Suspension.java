// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.Schedule;
import dev.heddle.ScheduledHandle;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A process is suspended as a whole, for a minute. Afterwards an overdue periodic task runs once,
 * not once for each time it has missed, and no delayed task ran before its time. The suspended
 * process is a child of this one, stopped and continued by the signals of POSIX.
 */
public final class Suspension {

  private static final Duration PERIOD = Duration.ofMillis(100);
  private static final int RUNS_AFTERWARDS = 20;

  private Suspension() {}

  /**
   * Runs.
   *
   * @param args seed, which nothing here needs; seconds of suspension
   * @throws Exception if the child cannot be started or signalled
   */
  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("child")) {
      runChild(Long.parseLong(args[1]));
      return;
    }
    long seconds = Soak.count(args, 60);
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Suspension.class.getName(),
                "child",
                Long.toString(seconds))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      expect(lines.readLine(), "ready");
      signal(child, "STOP");
      Thread.sleep(Duration.ofSeconds(seconds));
      signal(child, "CONT");
      String report = lines.readLine();
      boolean passed = child.waitFor() == 0;
      Soak.finish("Suspension", passed, "suspended=%d s; %s", seconds, report);
    } finally {
      child.destroyForcibly();
    }
  }

  private static void expect(String line, String expected) {
    if (!expected.equals(line)) {
      Soak.finish("Suspension", false, "child said %s", line);
    }
  }

  private static void signal(Process child, String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(child.pid())).start();
    if (kill.waitFor() != 0) {
      Soak.finish("Suspension", false, "signal could not be sent: signal=%s", name);
    }
  }

  private static void runChild(long seconds) throws InterruptedException {
    List<Long> starts = new ArrayList<>();
    boolean early;
    long missed;
    try (TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      long submitted = System.nanoTime();
      Duration delay = Duration.ofSeconds(seconds + 5);
      TaskHandle<Long> delayed = engine.schedule(context -> System.nanoTime(), delay);
      ScheduledHandle periodic =
          engine.schedule(
              context -> {
                synchronized (starts) {
                  starts.add(System.nanoTime());
                  starts.notifyAll();
                }
                return null;
              },
              Schedule.fixedRate(PERIOD),
              TaskOptions.defaults());
      awaitRuns(starts, 10);
      System.out.println("ready");
      awaitRuns(starts, 10 + RUNS_AFTERWARDS);
      periodic.cancel();
      early = delayed.join() - submitted < delay.toNanos();
      missed = Duration.ofSeconds(seconds).dividedBy(PERIOD);
    }
    long longest = 0;
    long close = 0; // runs that came too close to the one before: those that were caught up
    for (int i = 1; i < starts.size(); i++) {
      long gap = starts.get(i) - starts.get(i - 1);
      longest = Math.max(longest, gap);
      close += gap < PERIOD.toNanos() / 4 ? 1 : 0;
    }
    boolean suspended = longest > Duration.ofSeconds(seconds).toNanos() * 9 / 10;
    System.out.printf(
        "periods missed=%d, caught up=%d, longest pause=%d ms, delayed task early=%b%n",
        missed, close, longest / 1_000_000, early);
    System.exit(suspended && close <= 1 && !early ? 0 : 1);
  }

  private static void awaitRuns(List<Long> starts, int runs) throws InterruptedException {
    synchronized (starts) {
      while (starts.size() < runs) {
        starts.wait();
      }
    }
  }
}
