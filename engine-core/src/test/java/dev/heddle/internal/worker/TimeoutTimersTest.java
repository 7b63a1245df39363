// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.awaitility.Awaitility.await;

import dev.heddle.EngineProbe;
import dev.heddle.Retry;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What tasks that were quick enough leave with the timer thread. */
class TimeoutTimersTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final int TASKS = 10_000;

  /** How many cancelled timers may be held, as Timers says, and some others. */
  private static final int FEW = 5_000;

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  static List<TaskOptions> limits() {
    TaskOptions none = TaskOptions.defaults();
    return List.of(
        none.timeout(DAY),
        none.totalTimeout(DAY),
        none.timeout(DAY).retry(Retry.fixed(Duration.ZERO, 2)));
  }

  @ParameterizedTest
  @MethodSource("limits")
  void timeout_bodiesReturnOrThrowBefore_noTimerOfTheirsIsLeft(TaskOptions options) {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(2).queueCapacity(2 * TASKS));
    Task<Integer> returns = context -> 1;
    Task<Integer> fails =
        context -> {
          throw new IOException("expected");
        };
    List<TaskHandle<Integer>> handles = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      handles.add(engine.submit(i % 2 == 0 ? returns : fails, options));
    }
    handles.forEach(TaskHandle::outcome);
    await().atMost(LIMIT).until(() -> ((TaskEngineImpl) engine).timers.size() < FEW);
  }
}
