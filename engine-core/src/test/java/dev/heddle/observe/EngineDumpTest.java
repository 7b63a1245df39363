// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.heddle.EngineProbe;
import dev.heddle.Task;
import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.TaskContextException;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.internal.util.TestSeam.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class EngineDumpTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private static TaskOptions named(String name) {
    return TaskOptions.defaults().name(name);
  }

  private static List<EngineDump.Run> runs(TaskEngine engine) {
    List<EngineDump.Run> runs = new ArrayList<>();
    engine.dump().threads().forEach(thread -> runs.addAll(thread.runs()));
    return runs;
  }

  private static EngineDump.Run runOf(TaskEngine engine, String name) {
    return runs(engine).stream().filter(run -> run.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void dump_idleEngine_workersWithoutRuns() {
    TaskEngine engine = engines.start(3);
    engine.submit(() -> 1).join();
    EngineProbe.awaitIdle(engine);

    EngineDump dump = engine.dump();

    assertThat(dump.threads()).hasSize(3);
    assertThat(dump.threads()).allMatch(thread -> thread.runs().isEmpty());
    assertThat(dump.threads()).allMatch(thread -> thread.stack().isEmpty());
    assertThat(dump.metrics().completed()).isEqualTo(1);
    assertThat(dump.metrics().longest()).isZero();
  }

  @Test
  void dump_runningTask_itsStory() throws Exception {
    try (VirtualClock clock = TestSeam.stopClock()) {
      TaskEngine engine = engines.start(1);
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch mayEnd = new CountDownLatch(1);
      TaskHandle<Integer> handle =
          engine.submit(
              context -> {
                context.progress(3, 10);
                context.arena().allocate(100);
                started.countDown();
                mayEnd.await();
                return 1;
              },
              named("story"));
      started.await();
      engine.execute(() -> {});
      clock.advance(Duration.ofSeconds(7));

      EngineDump dump = engine.dump();
      EngineDump.Run run = runOf(engine, "story");

      assertThat(run.taskId()).isEqualTo(handle.id());
      assertThat(run.parentId()).isZero();
      assertThat(run.attempt()).isEqualTo(1);
      assertThat(run.running()).isEqualTo(Duration.ofSeconds(7));
      assertThat(run.done()).isEqualTo(3);
      assertThat(run.total()).isEqualTo(10);
      assertThat(run.arenaBytes()).isEqualTo(1_024);
      assertThat(run.waitsFor()).isZero();
      assertThat(run.bodyClass()).startsWith(EngineDumpTest.class.getName());
      assertThat(run.site())
          .hasValueSatisfying(site -> assertThat(site).contains("EngineDumpTest"));
      assertThat(dump.metrics().longest()).isEqualTo(Duration.ofSeconds(7));
      EngineDump.OnThread thread = dump.threads().getFirst();
      assertThat(thread.queued()).isEqualTo(1);
      assertThat(thread.stack()).anyMatch(frame -> frame.getClassName().contains("EngineDumpTest"));
      assertThat(dump.toString())
          .contains("worker-0: queued=1")
          .contains("name=story, id=" + handle.id() + ", attempt=1")
          .contains("progress=3/10")
          .contains("at ")
          .contains("longest=PT7S");
      mayEnd.countDown();
      handle.join();
    }
  }

  @Test
  void dump_bodyWithoutAHandle_execute() throws Exception {
    TaskEngine engine = engines.start(1);
    AtomicReference<EngineDump> seen = new AtomicReference<>();
    CountDownLatch ended = new CountDownLatch(1);

    engine.execute(
        () -> {
          seen.set(engine.dump());
          ended.countDown();
        });
    ended.await();

    EngineDump.Run run = seen.get().threads().getFirst().runs().getFirst();
    assertThat(run.name()).isEqualTo("execute");
    assertThat(run.taskId()).isZero();
    assertThat(run.bodyClass()).startsWith(EngineDumpTest.class.getName());
    assertThat(run.site()).isEmpty();
  }

  @Test
  void dump_taskOfATask_namesItsParent() {
    TaskEngine engine = engines.start(2);
    Task<TaskHandle<List<EngineDump.Run>>> parent =
        context -> engine.submit(inner -> runs(engine), named("child"));
    TaskHandle<TaskHandle<List<EngineDump.Run>>> handle = engine.submit(parent, named("parent"));

    List<EngineDump.Run> runs = handle.join().join();

    EngineDump.Run child =
        runs.stream().filter(run -> run.name().equals("child")).findFirst().orElseThrow();
    assertThat(child.parentId()).isEqualTo(handle.id());
    assertThat(child.toString()).contains("parent=" + handle.id());
  }

  @Test
  void dump_taskThatRunsInsideOneThatWaits_bothInOrder() {
    TaskEngine engine = engines.start(1);
    TaskHandle<List<EngineDump.Run>> handle =
        engine.submit(
            context -> {
              List<EngineDump.Run> inside =
                  engine.submit(inner -> runs(engine), named("inner")).join();
              assertThat(runs(engine)).extracting(EngineDump.Run::name).containsExactly("outer");
              return inside;
            },
            named("outer"));

    List<EngineDump.Run> runs = handle.join();

    assertThat(runs).extracting(EngineDump.Run::name).containsExactly("outer", "inner");
    assertThat(runs.getFirst().taskId()).isEqualTo(handle.id());
    assertThat(runs.getLast().parentId()).isEqualTo(handle.id());
  }

  @Test
  void dump_taskInsideABodyWithoutAHandle_isNotTakenForIt() throws Exception {
    TaskEngine engine = engines.start(1);
    AtomicReference<List<EngineDump.Run>> seen = new AtomicReference<>();
    CountDownLatch ended = new CountDownLatch(1);
    engine.execute(
        () -> {
          seen.set(engine.submit(context -> runs(engine), named("inner")).join());
          ended.countDown();
        });
    ended.await();

    assertThat(seen.get()).extracting(EngineDump.Run::name).containsExactly("execute", "inner");
    assertThat(seen.get().getFirst().taskId()).isZero();
  }

  @Test
  void dump_taskThatWaitsForAnother_saysForWhich() throws Exception {
    TaskEngine engine = engines.start(2);
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    TaskHandle<@Nullable Void> slow =
        engine.submit(
            Task.action(
                context -> {
                  started.countDown();
                  mayEnd.await();
                }),
            named("slow"));
    started.await();
    TaskHandle<@Nullable Void> waiting =
        engine.submit(Task.action(context -> slow.join()), named("waiting"));
    while (runs(engine).stream().noneMatch(run -> run.waitsFor() == slow.id())) {
      Thread.onSpinWait();
    }

    assertThat(runOf(engine, "waiting").toString()).contains("waitsFor=" + slow.id());
    mayEnd.countDown();
    waiting.join();
  }

  @Test
  void dump_blockingTask_isOnAThreadOfItsOwn() {
    TaskEngine engine = engines.start(1);

    EngineDump dump =
        engine.submit(Task.blocking(context -> engine.dump()), named("blocking")).join();

    assertThat(dump.threads()).hasSize(2);
    assertThat(dump.threads().getLast().runs()).hasSize(1);
    assertThat(dump.threads().getLast().runs().getFirst().name()).isEqualTo("blocking");
    EngineProbe.awaitIdle(engine);
    assertThat(engine.dump().threads()).hasSize(1);
  }

  @Test
  void dump_afterTheEnd_nothingRuns() {
    TaskEngine engine = engines.start(2);
    engine.submit(() -> 1).join();
    engine.close();

    assertThat(engine.dump().threads()).hasSize(2).allMatch(thread -> thread.runs().isEmpty());
  }

  @Test
  void dump_whileShortTasksRun_onlyWhatIsTrue() {
    TaskEngine engine = engines.start(2);
    List<TaskHandle<Integer>> handles = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      handles.add(engine.submit(context -> 1, named("short")));
      if (i % 100 == 0) {
        for (EngineDump.Run run : runs(engine)) {
          assertThat(run.name()).isIn("short", "execute"); // without its handle if it has ended
          assertThat(run.running()).isLessThan(Duration.ofMinutes(1));
        }
        if (handles.size() > 500) {
          handles.forEach(TaskHandle::join);
          handles.clear();
        }
      }
    }
    handles.forEach(TaskHandle::join);
  }

  @Test
  void progress_badValues_areRefused() {
    TaskEngine engine = engines.start(1);

    engine
        .submit(
            context -> {
              assertThatIllegalArgumentException()
                  .isThrownBy(() -> context.progress(-1, 5))
                  .withMessage(
                      "done must be 0 to total: done=-1, total=5 (count what has been done, of what"
                          + " there is)");
              assertThatIllegalArgumentException().isThrownBy(() -> context.progress(6, 5));
              context.progress(0, 0);
              context.progress(Long.MAX_VALUE, Long.MAX_VALUE);
              return 1;
            })
        .join();
  }

  @Test
  void progress_outsideOfTheRun_isRefused() {
    TaskEngine engine = engines.start(1);
    TaskContext kept = engine.submit(context -> context).join();

    assertThatExceptionOfType(TaskContextException.class)
        .isThrownBy(() -> kept.progress(1, 2))
        .withMessageStartingWith(
            "progress is for the thread that runs the task, while it runs: name=task");
  }
}
