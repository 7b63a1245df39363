// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.EngineProbe;
import dev.heddle.Outcome;
import dev.heddle.TaskOptions;
import dev.heddle.error.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tasks in the hands of a strategy. */
class GuestsTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  @Test
  void startLater_strategyThrowsWhenItIsTime_outcomeIsRejectedAndBooksAddUp() {
    TaskEngineImpl engine = (TaskEngineImpl) engines.start(1);
    IllegalStateException broken = new IllegalStateException("broken");
    TaskHandleImpl<Integer> task =
        engine.newHandle(context -> 1, TaskOptions.defaults().name("quote"));

    engine.startLater(
        task,
        0,
        execution -> {
          throw broken;
        });

    assertThat(task.outcome())
        .isInstanceOfSatisfying(
            Outcome.Rejected.class,
            rejected -> {
              assertThat(rejected.error().code()).isEqualTo(ErrorCode.STRATEGY_FAILED);
              assertThat(rejected.error()).hasCause(broken);
            });
    assertThat(EngineProbe.awaitIdle(engine).discarded()).isEqualTo(1);
  }
}
