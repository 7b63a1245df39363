// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.observe.Explanation;
import dev.heddle.observe.Explanation.State;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Why a task has not run yet. */
class ExplainTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private TaskEngine engine() {
    return engines.start(TaskEngine.builder().name("why").workers(1).compensationLimit(0));
  }

  @Test
  void explain_queued_namesWhatTheWorkersDo() {
    TaskEngine engine = engine();
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    TaskHandle<Integer> first =
        engine.submit(
            context -> {
              running.countDown();
              Gate.await(open);
              return 1;
            },
            TaskOptions.defaults().name("first"));
    Gate.await(running);
    TaskHandle<Integer> second = engine.submit(context -> 2, TaskOptions.defaults().name("second"));
    Explanation queued = engine.explain(second);
    assertThat(queued.state()).isEqualTo(State.QUEUED);
    assertThat(queued.task()).startsWith("name=second, id=");
    assertThat(queued.reasons().get(0)).isEqualTo("it waits for a worker: queued=1, workers=1");
    assertThat(queued.reasons().get(1))
        .startsWith("heddle-why-worker-0: inbox=1, runs name=first")
        .contains("WAITING, at=");
    assertThat(queued).asString().contains("QUEUED\n  it waits");

    Explanation running2 = engine.explain(first);
    assertThat(running2.state()).isEqualTo(State.RUNNING);
    assertThat(running2.reasons().get(0)).startsWith("it runs: name=first");
    open.countDown();
    second.join(LIMIT);
    assertThat(engine.explain(second).state()).isEqualTo(State.ENDED);
    assertThat(engine.explain(second).reasons()).containsExactly("it has ended: state=SUCCESS");
  }

  @Test
  void explain_waitsForAnotherTask_namesIt() {
    TaskEngine engine = engine();
    CountDownLatch open = new CountDownLatch(1);
    TaskHandle<Integer> elsewhere =
        engine.submit(
            Task.blocking(
                context -> {
                  Gate.await(open);
                  return 1;
                }),
            TaskOptions.defaults().name("elsewhere"));
    TaskHandle<Integer> waits = engine.submit(context -> elsewhere.join());
    await()
        .atMost(LIMIT)
        .until(
            () ->
                engine.explain(waits).reasons().stream()
                    .anyMatch(
                        line -> line.startsWith("it waits for another task: name=elsewhere")));
    open.countDown();
    waits.join(LIMIT);
  }

  @Test
  void explain_delayed_andBetweenAttempts_saysHowLong() {
    TaskEngine engine = engine();
    TaskHandle<Integer> delayed = engine.schedule(context -> 1, Duration.ofDays(1));
    assertThat(engine.explain(delayed).state()).isEqualTo(State.DELAYED);
    assertThat(engine.explain(delayed).reasons())
        .singleElement()
        .asString()
        .startsWith("it is due in PT23H59M");
    delayed.cancel();
    TaskHandle<Object> retried =
        engine.submit(
            context -> {
              throw new IOException("once");
            },
            TaskOptions.defaults().retry(Retry.fixed(Duration.ofHours(2), 2)));
    await().atMost(LIMIT).until(() -> engine.explain(retried).state() == State.DELAYED);
    await()
        .atMost(LIMIT)
        .until(
            () ->
                engine.explain(retried).toString().contains("its next attempt is due in PT1H59M"));
    retried.cancel();
  }

  @Test
  void explain_withAStrategy_namesIt() {
    TaskEngine engine = engine();
    TaskHandle<Integer> held =
        engine.submit(context -> 1, TaskOptions.defaults().strategy(execution -> {}));
    Explanation why = engine.explain(held);
    assertThat(why.state()).isEqualTo(State.WAITS_FOR_ITS_STRATEGY);
    held.cancel();
  }

  @Test
  void explain_cancelledBodyGoesOn_isSaid() {
    TaskEngine engine = engine();
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    TaskHandle<Integer> deaf =
        engine.submit(
            context -> {
              running.countDown();
              Gate.await(open);
              return 1;
            });
    Gate.await(running);
    deaf.cancel();
    assertThat(engine.explain(deaf).toString()).contains("its body goes on: thread=heddle-why");
    open.countDown();
  }

  @Test
  void explain_handleOfAnotherEngine_isRefused() {
    TaskEngine engine = engine();
    TaskEngine other = engines.start(TaskEngine.builder().name("other").workers(1));
    TaskHandle<Integer> foreign = other.submit(() -> 1);
    assertThatThrownBy(() -> engine.explain(foreign))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("handle must be of this engine: handle=TaskHandle[name=task");
  }
}
