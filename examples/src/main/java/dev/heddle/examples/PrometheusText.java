// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import static java.util.Map.entry;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.observe.EngineMeters;
import dev.heddle.observe.EngineMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Shows an engine to Prometheus: binds its meters to a registry of Micrometer, runs tasks of which
 * some fail, some are cancelled and one is refused, closes the engine and prints what a scrape
 * would see.
 *
 * <p>Checks the text against the engine's own books. Exit codes: 0 if they agree, 1 if not, 2 if
 * there are arguments.
 */
public final class PrometheusText {

  private static final int WORKERS = 2;
  private static final int CAPACITY = 16;
  private static final int CANCELLED = 4;
  private static final int EMPTY_EVERY = 4; // one order in four is of nothing and fails
  private static final TaskOptions ORDER = TaskOptions.defaults().name("order");

  private PrometheusText() {}

  /**
   * Runs the program.
   *
   * @param args none
   * @throws InterruptedException if the main thread is interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    System.exit(run(args, System.out, System.err));
  }

  /** Does what {@link #main} does, but returns the exit code. */
  static int run(String[] args, PrintStream out, PrintStream err) throws InterruptedException {
    if (Arguments.refuseAny(args, err)) {
      return Arguments.USAGE;
    }
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    TaskEngine engine =
        TaskEngine.builder().name("shop").workers(WORKERS).queueCapacity(CAPACITY).build();
    try (engine) {
      new EngineMeters(engine).bindTo(registry);
      fillAndEmpty(engine);
    }
    // The books of a closed engine stay readable, also through the registry. That one holds the
    // engine
    // weakly, so the variable must live until the scrape.
    String text = registry.scrape();
    out.print(text);
    return compare(text, engine.metrics(), new Checklist(out, err));
  }

  /**
   * Keeps the workers busy until the queue is full, so that the numbers are the same at each run.
   */
  private static void fillAndEmpty(TaskEngine engine) throws InterruptedException {
    CountDownLatch started = new CountDownLatch(WORKERS);
    AtomicBoolean open = new AtomicBoolean();
    List<TaskHandle<?>> orders = new ArrayList<>();
    try {
      for (int worker = 0; worker < WORKERS; worker++) {
        orders.add(
            engine.submit(
                () -> {
                  started.countDown();
                  while (!open.get()) { // a worker that is seen to wait would be relieved
                    Thread.onSpinWait();
                  }
                  return "first customer";
                }));
      }
      started.await();
      for (int number = 0; number < CAPACITY; number++) {
        int items = number % EMPTY_EVERY;
        orders.add(engine.submit(context -> ship(items), ORDER));
      }
      engine.trySubmit(context -> ship(1), ORDER).ifPresent(orders::add); // refused: no room
      orders.subList(orders.size() - CANCELLED, orders.size()).forEach(TaskHandle::cancel);
    } finally {
      open.set(true); // or the engine could not be closed
    }
    orders.forEach(TaskHandle::outcome); // a failure that nobody looks at would be logged
  }

  private static String ship(int items) {
    if (items == 0) {
      throw new IllegalArgumentException("order must have items: items=0 (add one)");
    }
    return items + " shipped";
  }

  private static int compare(String text, EngineMetrics metrics, Checklist results) {
    Map<String, Double> samples = ScrapeText.samples(text);
    Map<String, Number> books =
        Map.ofEntries(
            entry(
                "heddle_tasks_offered_total{engine=\"shop\",result=\"accepted\"}",
                metrics.accepted()),
            entry(
                "heddle_tasks_offered_total{engine=\"shop\",result=\"rejected\"}",
                metrics.rejected()),
            entry(
                "heddle_tasks_ended_total{engine=\"shop\",outcome=\"completed\"}",
                metrics.completed()),
            entry("heddle_tasks_ended_total{engine=\"shop\",outcome=\"failed\"}", metrics.failed()),
            entry(
                "heddle_tasks_ended_total{engine=\"shop\",outcome=\"cancelled\"}",
                metrics.cancelled()),
            entry(
                "heddle_tasks_ended_total{engine=\"shop\",outcome=\"discarded\"}",
                metrics.discarded()),
            entry("heddle_tasks_stolen_total{engine=\"shop\"}", metrics.stolen()),
            entry(
                "heddle_tasks_longest_seconds{engine=\"shop\"}", metrics.longest().toNanos() / 1e9),
            entry(
                "heddle_failures_unobserved_total{engine=\"shop\"}", metrics.unobservedFailures()),
            entry("heddle_workers_replaced_total{engine=\"shop\"}", metrics.workersReplaced()),
            entry("heddle_workers_quarantined_total{engine=\"shop\"}", metrics.quarantined()),
            entry("heddle_workers_standins{engine=\"shop\"}", metrics.standIns()),
            entry("heddle_tasks_retries_total{engine=\"shop\"}", metrics.retries()),
            entry("heddle_tasks_timeouts_total{engine=\"shop\"}", metrics.timeouts()),
            entry(
                "heddle_tasks_waited_seconds_count{engine=\"shop\",sampled=\"1/64\"}",
                metrics.waited().samples()),
            entry(
                "heddle_tasks_waited_seconds_sum{engine=\"shop\",sampled=\"1/64\"}",
                metrics.waited().total().toNanos() / 1e9),
            entry(
                "heddle_tasks_ran_seconds_count{engine=\"shop\",sampled=\"1/64\"}",
                metrics.ran().samples()),
            entry(
                "heddle_tasks_ran_seconds_sum{engine=\"shop\",sampled=\"1/64\"}",
                metrics.ran().total().toNanos() / 1e9));
    books.forEach(
        (sample, value) -> results.expect(sample, value.doubleValue(), samples.get(sample)));
    results.expect("number of samples", books.size(), samples.size());
    results.expect("rejected", 1L, metrics.rejected());
    results.expect("cancelled", (long) CANCELLED, metrics.cancelled());
    results.expect("live", 0L, metrics.live());
    return results.exitCode();
  }
}
