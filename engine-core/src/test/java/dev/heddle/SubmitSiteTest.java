// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.heddle.error.TaskFailedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A failure says where its task was submitted. */
class SubmitSiteTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();
  @RegisterExtension final EngineLog log = new EngineLog();

  private static final Task<Integer> FAILS =
      context -> {
        throw new IllegalStateException("no");
      };

  private static TaskHandle<Integer> submitHere(TaskEngine engine) {
    return engine.submit(FAILS);
  }

  private static TaskHandle<Integer> submitThere(TaskEngine engine) {
    return engine.submit(FAILS);
  }

  private static String siteOf(TaskHandle<Integer> handle) {
    String message =
        requireNonNull(
            catchThrowableOfType(TaskFailedException.class, () -> handle.join()).getMessage());
    return message.substring(message.indexOf("site=") + "site=".length());
  }

  @Test
  void join_taskFailed_messageNamesTheSubmitSite() {
    TaskEngine engine = engines.start(1);

    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(() -> submitHere(engine).join())
        .withMessageMatching(
            "task failed: name=task, id=\\d+,"
                + " site=.*dev\\.heddle\\.SubmitSiteTest\\.submitHere\\(SubmitSiteTest\\.java:\\d+\\)");
  }

  @Test
  void site_manySubmissionsOfAClass_isLookedUpNowAndThen() {
    TaskEngine engine = engines.start(1);
    for (int i = 0; i < 8; i++) {
      assertThat(siteOf(submitHere(engine))).contains("submitHere");
    }
    List<String> later = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      later.add(siteOf(submitThere(engine)));
    }

    assertThat(later.getFirst()).as("of the class, not of the task").contains("submitHere");
    assertThat(later.getLast()).as("looked up one time in 1,024").contains("submitThere");
  }

  @Test
  void site_exactSamples_isThatOfEachTask() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).exactSamples(true));
    for (int i = 0; i < 50; i++) {
      TaskHandle<Integer> here = submitHere(engine);
      TaskHandle<Integer> there = submitThere(engine);

      assertThat(siteOf(here)).contains("submitHere");
      assertThat(siteOf(there)).contains("submitThere");
    }
  }

  @Test
  void log_nobodyLooked_namesTheSite() {
    TaskEngine engine = TaskEngine.builder().workers(1).build();
    submitThere(engine);
    engine.close(Duration.ofMinutes(1));

    assertThat(log.messages()).anyMatch(message -> message.contains("submitThere"));
  }
}
