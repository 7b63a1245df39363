// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.Outcome;
import dev.heddle.TaskEngine;
import dev.heddle.TaskOptions;
import dev.heddle.observe.EngineMeters;
import dev.heddle.observe.EngineMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {

  @Test
  void run_withoutArguments_printsScrapeThatAgreesWithTheBooks() throws Exception {
    Console console = Console.of(PrometheusText::run);
    assertThat(console.err()).isEmpty();
    assertThat(console.exitCode()).isZero();
    assertThat(console.out().lines())
        .contains(
            "# TYPE heddle_tasks_ended_total counter",
            "heddle_tasks_offered_total{engine=\"shop\",result=\"accepted\"} 18.0",
            "heddle_tasks_offered_total{engine=\"shop\",result=\"rejected\"} 1.0",
            "heddle_tasks_ended_total{engine=\"shop\",outcome=\"completed\"} 11.0",
            "heddle_tasks_ended_total{engine=\"shop\",outcome=\"failed\"} 3.0",
            "heddle_tasks_ended_total{engine=\"shop\",outcome=\"cancelled\"} 4.0",
            "heddle_tasks_ended_total{engine=\"shop\",outcome=\"discarded\"} 0.0",
            "heddle_failures_unobserved_total{engine=\"shop\"} 0.0",
            "heddle_workers_replaced_total{engine=\"shop\"} 0.0");
  }

  @Test
  void run_withArguments_refuses() throws Exception {
    Console console = Console.of(PrometheusText::run, "a", "b");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err())
        .isEqualToIgnoringNewLines("program takes no arguments: arguments=[a, b] (leave them out)");
  }

  /** Reads the text by itself, without the code of the example. */
  @Test
  void scrape_ofClosedEngine_equalsMetrics() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    TaskEngine engine = TaskEngine.builder().name("scraped").workers(2).build();
    try (engine) {
      new EngineMeters(engine).bindTo(registry);
      List<Integer> divisors = IntStream.range(0, 100).map(i -> i % 10).boxed().toList();
      assertThat(
              engine
                  .submitEach(divisors, (d, context) -> 1_000 / d, TaskOptions.defaults())
                  .outcomes())
          .filteredOn(Outcome.Failure.class::isInstance)
          .hasSize(10);
    }
    EngineMetrics metrics = engine.metrics();
    String text = registry.scrape();
    assertThat(metrics.failed()).isEqualTo(10);
    Map<String, Long> expected =
        Map.ofEntries(
            entry("tasks_offered_total result=accepted", metrics.accepted()),
            entry("tasks_offered_total result=rejected", metrics.rejected()),
            entry("tasks_ended_total outcome=completed", metrics.completed()),
            entry("tasks_ended_total outcome=failed", metrics.failed()),
            entry("tasks_ended_total outcome=cancelled", metrics.cancelled()),
            entry("tasks_ended_total outcome=discarded", metrics.discarded()),
            entry("tasks_stolen_total ", metrics.stolen()),
            entry("tasks_longest_seconds ", metrics.longest().toSeconds()),
            entry("tasks_retries_total ", metrics.retries()),
            entry("tasks_timeouts_total ", metrics.timeouts()),
            entry("failures_unobserved_total ", metrics.unobservedFailures()),
            entry("workers_replaced_total ", metrics.workersReplaced()),
            entry("workers_quarantined_total ", metrics.quarantined()),
            entry("workers_standins ", metrics.standIns()));
    assertThat(parse(text)).isEqualTo(expected);
  }

  private static Map<String, Long> parse(String text) {
    Pattern sample =
        Pattern.compile(
            "^heddle_(\\w+)\\{engine=\"scraped\"(?:,(\\w+)=\"(\\w+)\")?\\} (\\d+)\\.0$",
            Pattern.MULTILINE);
    return sample
        .matcher(text)
        .results()
        .collect(
            Collectors.toMap(
                match -> match.group(1) + " " + label(match),
                match -> Long.valueOf(match.group(4))));
  }

  private static String label(MatchResult match) {
    return match.group(2) == null ? "" : match.group(2) + "=" + match.group(3);
  }
}
