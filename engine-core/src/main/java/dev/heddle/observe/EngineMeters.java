// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.observe;

import static java.util.Objects.requireNonNull;

import dev.heddle.TaskEngine;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Shows an engine's books to a Micrometer registry. Nothing is paid while tasks run: the registry
 * reads {@link TaskEngine#metrics()} when it publishes.
 *
 * <p>Meters, all monotonic counters with the tag {@code engine}: {@code heddle.tasks.offered} (tag
 * {@code result}: accepted, rejected), {@code heddle.tasks.ended} (tag {@code outcome}: completed,
 * failed, cancelled, discarded), {@code heddle.tasks.stolen}, {@code heddle.failures.unobserved},
 * {@code heddle.workers.replaced}, {@code heddle.tasks.retries}, {@code heddle.tasks.timeouts},
 * {@code heddle.workers.quarantined}. Two gauges: {@code heddle.tasks.longest}, how long the task
 * has run that was started first of those that run, and {@code heddle.workers.standins}, threads
 * that stand in for blocked workers.
 *
 * <p>This class needs {@code io.micrometer:micrometer-core}, which is an optional dependency;
 * nothing else in the engine does. The registry holds the engine weakly.
 */
public final class EngineMeters implements MeterBinder {

  private final TaskEngine engine;

  /**
   * Makes a binder.
   *
   * @param engine the engine to show
   */
  public EngineMeters(TaskEngine engine) {
    this.engine = requireNonNull(engine, "engine");
  }

  /**
   * Registers the meters.
   *
   * @param registry where to
   * @throws IllegalArgumentException if the registry shows an engine of the same name already,
   *     whose numbers would hide this one's
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    requireNonNull(registry, "registry");
    String name = engine.config().name();
    if (registry.find("heddle.tasks.offered").tag("engine", name).functionCounter() != null) {
      throw new IllegalArgumentException(
          "registry shows an engine of this name already: engine="
              + name
              + " (give each engine a name of its own)");
    }
    Tags tags = Tags.of("engine", name);
    String offered = "Tasks submitted to the engine";
    count(
        registry,
        "heddle.tasks.offered",
        tags.and("result", "accepted"),
        offered,
        EngineMetrics::accepted);
    count(
        registry,
        "heddle.tasks.offered",
        tags.and("result", "rejected"),
        offered,
        EngineMetrics::rejected);
    String ended = "Tasks that have an outcome";
    count(
        registry,
        "heddle.tasks.ended",
        tags.and("outcome", "completed"),
        ended,
        EngineMetrics::completed);
    count(
        registry,
        "heddle.tasks.ended",
        tags.and("outcome", "failed"),
        ended,
        EngineMetrics::failed);
    count(
        registry,
        "heddle.tasks.ended",
        tags.and("outcome", "cancelled"),
        ended,
        EngineMetrics::cancelled);
    count(
        registry,
        "heddle.tasks.ended",
        tags.and("outcome", "discarded"),
        ended,
        EngineMetrics::discarded);
    count(
        registry,
        "heddle.tasks.stolen",
        tags,
        "Tasks taken from another worker's queue",
        EngineMetrics::stolen);
    count(
        registry,
        "heddle.failures.unobserved",
        tags,
        "Failures that nobody looked at",
        EngineMetrics::unobservedFailures);
    count(
        registry,
        "heddle.workers.replaced",
        tags,
        "Worker threads replaced after an error",
        EngineMetrics::workersReplaced);
    count(
        registry,
        "heddle.tasks.retries",
        tags,
        "Attempts of tasks after their first",
        EngineMetrics::retries);
    count(
        registry,
        "heddle.tasks.timeouts",
        tags,
        "Attempts and tasks that took longer than allowed",
        EngineMetrics::timeouts);
    count(
        registry,
        "heddle.workers.quarantined",
        tags,
        "Workers replaced since their task went on after its cancellation",
        EngineMetrics::quarantined);
    Gauge.builder("heddle.workers.standins", engine, shown -> shown.metrics().standIns())
        .tags(tags)
        .description("Threads that stand in for blocked workers")
        .register(registry);
    TimeGauge.builder(
            "heddle.tasks.longest",
            engine,
            TimeUnit.NANOSECONDS,
            shown -> shown.metrics().longest().toNanos())
        .tags(tags)
        .description("How long the task that was started first has run")
        .register(registry);
    Tags sampled = tags.and("sampled", "1/" + engine.metrics().ran().sampledOneIn());
    time(
        registry,
        "heddle.tasks.waited",
        sampled,
        "Time from submission to start, of some tasks",
        EngineMetrics::waited);
    time(
        registry,
        "heddle.tasks.ran",
        sampled,
        "Time from start to end, of some tasks",
        EngineMetrics::ran);
  }

  private void time(
      MeterRegistry registry,
      String name,
      Tags tags,
      String description,
      Function<EngineMetrics, TaskTimes> times) {
    FunctionTimer.builder(
            name,
            engine,
            shown -> times.apply(shown.metrics()).samples(),
            shown -> times.apply(shown.metrics()).total().toNanos(),
            TimeUnit.NANOSECONDS)
        .tags(tags)
        .description(description)
        .register(registry);
  }

  private void count(
      MeterRegistry registry,
      String name,
      Tags tags,
      String description,
      ToDoubleFunction<EngineMetrics> value) {
    FunctionCounter.builder(name, engine, shown -> value.applyAsDouble(shown.metrics()))
        .tags(tags)
        .description(description)
        .register(registry);
  }
}
