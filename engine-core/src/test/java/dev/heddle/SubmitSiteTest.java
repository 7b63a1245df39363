// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.heddle.error.TaskFailedException;
import dev.heddle.observe.EngineDump;
import dev.heddle.spi.SubmitsForCaller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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

  private static String siteOf(TaskHandle<?> handle) {
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

  /** Tasks that are made of bodies are known by those, not by how they are made. */
  @Test
  void site_ofTasksMadeOfBodies_isThatOfTheirBodies() {
    TaskEngine engine = engines.start(1);
    CountDownLatch gate = new CountDownLatch(1);
    List<Task<?>> tasksHere =
        List.of(
            Task.of((n, context) -> failBehind(gate, n), "x"),
            Task.action(context -> failBehind(gate, "x")),
            Task.blocking(context -> failBehind(gate, "x")),
            Task.fallback(
                context -> failBehind(gate, "x"), (error, context) -> failBehind(gate, "x")));
    List<Task<?>> tasksThere =
        List.of(
            Task.of((n, context) -> failBehind(gate, n), "y"),
            Task.action(context -> failBehind(gate, "y")),
            Task.blocking(context -> failBehind(gate, "y")),
            Task.fallback(
                context -> failBehind(gate, "y"), (error, context) -> failBehind(gate, "y")));
    List<TaskHandle<?>> here = new ArrayList<>();
    List<TaskHandle<?>> there = new ArrayList<>();
    for (int i = 0; i < tasksHere.size(); i++) {
      here.add(submitOneHere(engine, tasksHere.get(i)));
      there.add(submitOneThere(engine, tasksThere.get(i)));
    }
    gate.countDown(); // before, the last site would be the right one for any

    assertThat(here).allSatisfy(each -> assertThat(siteOf(each)).contains("submitOneHere"));
    assertThat(there).allSatisfy(each -> assertThat(siteOf(each)).contains("submitOneThere"));
  }

  private static int failBehind(CountDownLatch gate, String text) {
    Gate.await(gate);
    return Integer.parseInt(text);
  }

  private static TaskHandle<?> submitOneHere(TaskEngine engine, Task<?> task) {
    return engine.submit(task);
  }

  private static TaskHandle<?> submitOneThere(TaskEngine engine, Task<?> task) {
    return engine.submit(task);
  }

  /** Nor are they known by the view through which they have come. */
  @Test
  void dump_ofTheExecutorView_namesTheBody() throws InterruptedException {
    TaskEngine engine = engines.start(1);
    CountDownLatch run = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    Runnable body =
        () -> {
          run.countDown();
          spinUntil(open);
        };
    engine.asExecutorService().execute(body);
    run.await();
    List<String> classes =
        engine.dump().threads().stream()
            .flatMap(thread -> thread.runs().stream())
            .map(EngineDump.Run::bodyClass)
            .toList();
    open.countDown();

    assertThat(classes).containsExactly(body.getClass().getName());
  }

  private static void spinUntil(CountDownLatch open) {
    while (open.getCount() > 0) {
      Thread.onSpinWait();
    }
  }

  @SubmitsForCaller
  private static final class Helper {
    static TaskHandle<Integer> submit(TaskEngine engine) {
      return engine.submit(FAILS);
    }
  }

  @Test
  void site_ofAHelper_isItsCaller() {
    assertThat(siteOf(Helper.submit(engines.start(1)))).contains("site_ofAHelper_isItsCaller");
  }

  @Test
  void log_nobodyLooked_namesTheSite() {
    TaskEngine engine = TaskEngine.builder().workers(1).build();
    submitThere(engine);
    engine.close(Duration.ofMinutes(1));

    assertThat(log.messages()).anyMatch(message -> message.contains("submitThere"));
  }
}
