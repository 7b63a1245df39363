// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.EngineLog;
import dev.heddle.EngineProbe;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.RejectedTaskException;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Reads what a monitoring system would read, and compares it with the engine's own books. */
class EngineMetersTest {

  private static final Pattern SAMPLE =
      Pattern.compile("(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*(?:\\{[^}]*})?) (\\S+)$");

  @RegisterExtension final EngineProbe engines = new EngineProbe();
  @RegisterExtension final EngineLog log = new EngineLog();

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  @AfterEach
  void closeRegistry() {
    registry.close();
  }

  private TaskEngine start(String name) {
    return engines.start(TaskEngine.builder().workers(2).queueCapacity(2_000).name(name));
  }

  /** The samples of a scrape; each must be there once. */
  private Map<String, Double> scrape() {
    Map<String, Double> samples = new HashMap<>();
    Matcher sample = SAMPLE.matcher(registry.scrape());
    while (sample.find()) {
      assertThat(samples.put(sample.group(1), Double.valueOf(sample.group(2)))).isNull();
    }
    return samples;
  }

  private static Map<String, Double> expected(EngineMetrics books) {
    String engine = "engine=\"" + books.engine() + "\"";
    Map<String, Double> samples = new HashMap<>();
    samples.put(
        "heddle_tasks_offered_total{" + engine + ",result=\"accepted\"}",
        (double) books.accepted());
    samples.put(
        "heddle_tasks_offered_total{" + engine + ",result=\"rejected\"}",
        (double) books.rejected());
    samples.put(
        "heddle_tasks_ended_total{" + engine + ",outcome=\"completed\"}",
        (double) books.completed());
    samples.put(
        "heddle_tasks_ended_total{" + engine + ",outcome=\"failed\"}", (double) books.failed());
    samples.put(
        "heddle_tasks_ended_total{" + engine + ",outcome=\"cancelled\"}",
        (double) books.cancelled());
    samples.put(
        "heddle_tasks_ended_total{" + engine + ",outcome=\"discarded\"}",
        (double) books.discarded());
    samples.put("heddle_tasks_stolen_total{" + engine + "}", (double) books.stolen());
    samples.put(
        "heddle_failures_unobserved_total{" + engine + "}", (double) books.unobservedFailures());
    samples.put("heddle_workers_replaced_total{" + engine + "}", (double) books.workersReplaced());
    samples.put("heddle_workers_quarantined_total{" + engine + "}", (double) books.quarantined());
    samples.put("heddle_workers_standins{" + engine + "}", (double) books.standIns());
    samples.put("heddle_tasks_retries_total{" + engine + "}", (double) books.retries());
    samples.put("heddle_tasks_timeouts_total{" + engine + "}", (double) books.timeouts());
    samples.put("heddle_tasks_longest_seconds{" + engine + "}", books.longest().toNanos() / 1e9);
    Map<String, TaskTimes> times = Map.of("waited", books.waited(), "ran", books.ran());
    times.forEach(
        (name, sampled) -> {
          String tags = "{" + engine + ",sampled=\"1/64\"}";
          samples.put("heddle_tasks_" + name + "_seconds_count" + tags, (double) sampled.samples());
          samples.put(
              "heddle_tasks_" + name + "_seconds_sum" + tags, sampled.total().toNanos() / 1e9);
        });
    return samples;
  }

  /** Offers tasks that end in each way, and some that are refused. */
  private static void runTasksOfEachKind(TaskEngine engine) {
    CountDownLatch started = new CountDownLatch(2);
    CountDownLatch opened = new CountDownLatch(1);
    Task<@Nullable Void> holds =
        Task.action(
            context -> {
              started.countDown();
              opened.await();
            });
    List<TaskHandle<@Nullable Void>> holders = List.of(engine.submit(holds), engine.submit(holds));
    try {
      started.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    engine.submitAll(Collections.<Task<Integer>>nCopies(3, context -> 1)).cancel();
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> engine.submitAll(Collections.<Task<Integer>>nCopies(2_000, context -> 1))))
        .isInstanceOf(RejectedTaskException.class);
    opened.countDown();
    holders.forEach(TaskHandle::join);
    engine.submitAll(Collections.<Task<Integer>>nCopies(500, context -> 1)).join();
    for (int i = 0; i < 7; i++) {
      engine
          .submit(
              context -> {
                throw new IllegalStateException("one of seven");
              })
          .outcome();
    }
  }

  @Test
  void scrape_tasksOfEachKind_agreesWithTheEnginesBooks() {
    TaskEngine engine = start("orders");
    new EngineMeters(engine).bindTo(registry);

    runTasksOfEachKind(engine);

    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.completed()).isEqualTo(502);
    assertThat(books.failed()).isEqualTo(7);
    assertThat(books.cancelled()).isEqualTo(3);
    assertThat(books.rejected()).isEqualTo(2_000);
    assertThat(books.accepted()).isEqualTo(512);
    assertThat(books.offered()).isEqualTo(2_512);
    assertThat(scrape()).isEqualTo(expected(books));
  }

  @Test
  void scrape_unobservedFailures_areShownAfterClose() {
    TaskEngine engine = start("orders");
    new EngineMeters(engine).bindTo(registry);
    List<TaskHandle<Integer>> kept = new java.util.ArrayList<>();
    for (int i = 0; i < 3; i++) {
      kept.add(
          engine.submit(
              context -> {
                throw new IllegalStateException("nobody looks");
              },
              TaskOptions.defaults().name("lost")));
    }

    engine.close();

    assertThat(engine.metrics().unobservedFailures()).isEqualTo(3);
    assertThat(scrape())
        .isEqualTo(expected(engine.metrics()))
        .containsEntry("heddle_failures_unobserved_total{engine=\"orders\"}", 3.0);
    assertThat(log.messages())
        .hasSize(3)
        .allMatch(
            message ->
                message.startsWith(
                    "task failed and nobody looked at its handle: engine=orders, name=lost, id="));
    assertThat(kept).hasSize(3);
  }

  @Test
  void scrape_twice_showsWhatHappenedInBetween() {
    TaskEngine engine = start("orders");
    new EngineMeters(engine).bindTo(registry);
    assertThat(scrape()).isEqualTo(expected(EngineProbe.awaitIdle(engine)));

    engine.submit(context -> 42).join();

    assertThat(scrape())
        .isEqualTo(expected(EngineProbe.awaitIdle(engine)))
        .containsEntry("heddle_tasks_ended_total{engine=\"orders\",outcome=\"completed\"}", 1.0);
  }

  @Test
  void scrape_twoEngines_showsEachUnderItsName() {
    TaskEngine orders = start("orders");
    TaskEngine quotes = start("quotes");
    new EngineMeters(orders).bindTo(registry);
    new EngineMeters(quotes).bindTo(registry);

    orders.submit(context -> 42).join();

    Map<String, Double> both = new HashMap<>(expected(EngineProbe.awaitIdle(orders)));
    both.putAll(expected(EngineProbe.awaitIdle(quotes)));
    assertThat(both).hasSize(36);
    assertThat(scrape()).isEqualTo(both);
  }

  @Test
  void bindTo_anyRegistry_usesNamesByMicrometersConventions() {
    new EngineMeters(start("orders")).bindTo(registry);

    Set<String> names = new TreeSet<>();
    for (Meter meter : registry.getMeters()) {
      Meter.Id id = meter.getId();
      names.add(id.getName());
      assertThat(id.getName()).matches("heddle(\\.[a-z]+)+").doesNotEndWith(".total");
      assertThat(id.getType()).isIn(Meter.Type.COUNTER, Meter.Type.TIMER, Meter.Type.GAUGE);
      assertThat(id.getDescription()).isNotBlank();
      assertThat(id.getTags()).contains(Tag.of("engine", "orders"));
      assertThat(id.getTags()).extracting(Tag::getKey).allMatch(key -> key.matches("[a-z]+"));
    }
    assertThat(names)
        .containsExactly(
            "heddle.failures.unobserved",
            "heddle.tasks.ended",
            "heddle.tasks.longest",
            "heddle.tasks.offered",
            "heddle.tasks.ran",
            "heddle.tasks.retries",
            "heddle.tasks.stolen",
            "heddle.tasks.timeouts",
            "heddle.tasks.waited",
            "heddle.workers.quarantined",
            "heddle.workers.replaced",
            "heddle.workers.standins");
  }

  @Test
  void metrics_whileTasksRun_equationsHoldInEachSnapshot() {
    TaskEngine engine = start("orders");
    var group = engine.submitAll(Collections.<Task<Integer>>nCopies(2_000, context -> 1));
    EngineMetrics books;
    do {
      books = engine.metrics();
      assertThat(books.offered()).isEqualTo(books.accepted() + books.rejected());
      assertThat(books.accepted())
          .isEqualTo(books.completed() + books.failed() + books.cancelled() + books.live());
      assertThat(books.live()).isBetween(0L, 2_000L);
      assertThat(books.queued()).isBetween(0L, 2_000L);
      assertThat(books.running()).isGreaterThanOrEqualTo(0);
      assertThat(books.workers()).isEqualTo(2);
    } while (books.live() > 0);
    assertThat(group.join()).hasSize(2_000);
    assertThat(engine.metrics().completed()).isEqualTo(2_000);
  }
}
