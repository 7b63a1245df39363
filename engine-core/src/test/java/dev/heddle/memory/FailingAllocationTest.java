// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.CloseReport;
import dev.heddle.EngineProbe;
import dev.heddle.Schedule;
import dev.heddle.ScheduledHandle;
import dev.heddle.Task;
import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.MemoryLimitException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.fork.ForkLong;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.spi.ExecutionStrategy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The JVM refuses the first, the second, ... allocation of off-heap memory, once or for good: who
 * needed it hears of it by the right error, nothing is lost, and the engine goes on.
 */
@Timeout(300)
class FailingAllocationTest {

  /** What a user does. */
  private interface Scenario {
    void run(TaskEngine engine) throws Exception;
  }

  private static final Map<String, Scenario> SCENARIOS = scenarios();
  private static final int LIMIT = 500;

  private static void use(TaskEngine engine, long byteSize) {
    try (OwnedSegment owned = engine.allocate(byteSize)) {
      owned.segment().fill((byte) 1);
    }
  }

  private static Scenario inTask(Scenario scenario) {
    return engine ->
        engine
            .submit(
                context -> {
                  scenario.run(engine);
                  return 1;
                })
            .join();
  }

  private static Scenario inContext(Task<Integer> task) {
    return engine -> engine.submit(task).join();
  }

  private static Integer fill(Arena arena, int segments, long byteSize) {
    for (int i = 0; i < segments; i++) {
      arena.allocate(byteSize).fill((byte) i);
    }
    return segments;
  }

  private static void all(TaskEngine engine, List<Task<Integer>> tasks) {
    for (var outcome : engine.submitAll(tasks).outcomes()) {
      outcome.orThrow();
    }
  }

  /** Adds n numbers, with a segment at each leaf. */
  private static final class Leaves {
    private final TaskEngine engine;
    private final ForkLong sum = (scope, n) -> n < 8 ? leaf(n) : half(scope, n);

    Leaves(TaskEngine engine) {
      this.engine = engine;
    }

    private long half(dev.heddle.fork.ForkScope scope, long n) {
      return scope.joinLong(sum, n / 2, n - n / 2, Long::sum);
    }

    private long leaf(long n) {
      try (OwnedSegment owned = engine.allocate(64 + n)) {
        owned.segment().set(ValueLayout.JAVA_LONG, 0, n);
        return owned.segment().get(ValueLayout.JAVA_LONG, 0);
      }
    }
  }

  private static Map<String, Scenario> scenarios() {
    Map<String, Scenario> all = new LinkedHashMap<>();
    all.put("outside, small", engine -> use(engine, 64));
    all.put("outside, nothing", engine -> use(engine, 0));
    all.put("outside, page", engine -> use(engine, 4_096));
    all.put("outside, largest block", engine -> use(engine, 256 << 10));
    all.put("outside, large", engine -> use(engine, 1 << 20));
    all.put("outside, raw", engine -> engine.allocateRaw(100).close());
    all.put("outside, aligned", engine -> engine.allocate(100, 4_096).close());
    all.put("outside, large and aligned", engine -> engine.allocate(100, 1 << 20).close());
    all.put(
        "outside, all sizes",
        engine -> {
          for (long byteSize = 1; byteSize <= 1 << 19; byteSize += byteSize / 2 + 1) {
            use(engine, byteSize);
          }
        });
    all.put(
        "outside, many at a time",
        engine -> {
          List<OwnedSegment> open = new ArrayList<>();
          try {
            for (int i = 0; i < 1_000; i++) {
              open.add(engine.allocate(1_000));
            }
          } finally {
            open.forEach(OwnedSegment::close);
          }
        });
    all.put("task, small", inTask(engine -> use(engine, 64)));
    all.put("task, large", inTask(engine -> use(engine, 1 << 20)));
    all.put(
        "task, two at a time",
        inTask(
            engine -> {
              try (OwnedSegment first = engine.allocate(100);
                  OwnedSegment second = engine.allocate(10_000)) {
                MemorySegment.copy(first.segment(), 0, second.segment(), 0, 100);
              }
            }));
    all.put(
        "task, moved to another",
        engine -> {
          OwnedSegment moved = engine.submit(context -> engine.allocate(64).move()).join();
          engine
              .submit(
                  context -> {
                    try (moved) {
                      return moved.segment().byteSize();
                    }
                  })
              .join();
        });
    all.put(
        "task, shared",
        inTask(
            engine -> {
              try (SharedSegment shared = engine.allocate(2_000).share();
                  SharedSegment other = shared.retain()) {
                assertThat(other.segment().isReadOnly()).isTrue();
              }
            }));
    all.put(
        "tasks, ten",
        engine ->
            all(
                engine,
                Collections.nCopies(
                    10,
                    context -> {
                      use(engine, 3_000);
                      return 1;
                    })));
    all.put(
        "task, inside one that waits",
        inTask(engine -> inTask(inner -> use(inner, 500)).run(engine)));
    all.put("arena, small", inContext(context -> fill(context.arena(), 1, 8)));
    all.put("arena, pieces", inContext(context -> fill(context.arena(), 1_000, 100)));
    all.put("arena, large", inContext(context -> fill(context.arena(), 3, 300_000)));
    all.put(
        "arena, aligned",
        inContext(context -> (int) context.arena().allocate(10, 4_096).byteSize()));
    all.put(
        "arena, inside one that waits",
        inContext(
            context -> {
              fill(context.arena(), 10, 100);
              context.engine().submit(inner -> fill(inner.arena(), 10, 100)).join();
              return fill(context.arena(), 10, 1_000);
            }));
    all.put(
        "arena and segment",
        inContext(
            context -> {
              use(context.engine(), 64);
              return fill(context.arena(), 2, 64);
            }));
    all.put(
        "blocking tasks",
        engine ->
            all(
                engine,
                Collections.nCopies(
                    3,
                    Task.blocking(
                        context -> {
                          use(engine, 64);
                          return fill(context.arena(), 1, 64);
                        }))));
    all.put("blocking tasks, forty at a time", FailingAllocationTest::fortyAtATime);
    all.put(
        "caller's strategy",
        engine ->
            engine
                .submit(
                    context -> fill(context.arena(), 3, 64),
                    TaskOptions.defaults().strategy(ExecutionStrategy.caller()))
                .join());
    all.put(
        "delayed task",
        engine ->
            engine.schedule(context -> fill(context.arena(), 3, 64), Duration.ofNanos(1)).join());
    all.put("periodic task", FailingAllocationTest::periodic);
    all.put("forks", engine -> engine.computeLong(new Leaves(engine).sum, 200));
    all.put(
        "loop",
        engine ->
            engine
                .parallel()
                .range(0, 1_000)
                .forEach(
                    i -> {
                      use(engine, i);
                    }));
    all.put("tasks inside tasks, forty deep", engine -> nested(engine, 40));
    all.put(
        "execute",
        engine -> {
          CountDownLatch ended = new CountDownLatch(1);
          engine.execute(
              () -> {
                try (OwnedSegment owned = engine.allocate(64)) {
                  owned.segment().fill((byte) 1);
                } finally {
                  ended.countDown();
                }
              });
          ended.await();
        });
    all.put(
        "executor view",
        engine -> {
          try {
            engine.asExecutorService().submit(() -> use(engine, 64)).get();
          } catch (ExecutionException e) {
            throw (Exception) e.getCause();
          }
        });
    all.put(
        "report and dump",
        inTask(
            engine -> {
              use(engine, 64);
              assertThat(engine.memory().leaks()).isZero();
              assertThat(engine.dump().threads()).isNotEmpty();
            }));
    return all;
  }

  private static void fortyAtATime(TaskEngine engine) {
    CountDownLatch started = new CountDownLatch(40);
    all(
        engine,
        Collections.nCopies(
            40,
            Task.blocking(
                context -> {
                  started.countDown();
                  started.await(); // each has a record of its own
                  return fill(context.arena(), 1, 64);
                })));
  }

  private static void periodic(TaskEngine engine) throws Exception {
    CountDownLatch runs = new CountDownLatch(3);
    Task<Integer> task =
        context -> {
          runs.countDown();
          try {
            return fill(context.arena(), 1, 64);
          } catch (MemoryLimitException e) {
            return 0; // the next run may have more luck
          }
        };
    ScheduledHandle handle =
        engine.schedule(task, Schedule.fixedRate(Duration.ofMillis(1)), TaskOptions.defaults());
    runs.await();
    handle.cancel();
  }

  private static int nested(TaskEngine engine, int depth) {
    if (depth == 0) {
      return 0;
    }
    return engine.submit(context -> nested(engine, depth - 1)).join()
        + engine.submit(context -> fill(context.arena(), 1, 64)).join();
  }

  static Stream<String> names() {
    return SCENARIOS.keySet().stream();
  }

  @Test
  void scenarios_thereAre_atLeastThirty() {
    assertThat(SCENARIOS).hasSizeGreaterThanOrEqualTo(30);
  }

  @ParameterizedTest
  @MethodSource("names")
  void scenario_nthAllocationFails_onlyWhoNeededItHearsOfIt(String name) throws Exception {
    failEach(name, false, builder -> builder);
  }

  @ParameterizedTest
  @MethodSource("names")
  void scenario_allAllocationsFromTheNthFail_onlyWhoNeededItHearsOfIt(String name)
      throws Exception {
    failEach(name, true, builder -> builder);
  }

  @ParameterizedTest
  @MethodSource("names")
  void scenario_nthAllocationFailsWithChecks_onlyWhoNeededItHearsOfIt(String name)
      throws Exception {
    failEach(name, false, builder -> builder.memoryChecks(true));
  }

  private static void failEach(
      String name, boolean forGood, UnaryOperator<TaskEngine.Builder> settings) throws Exception {
    Scenario scenario = java.util.Objects.requireNonNull(SCENARIOS.get(name));
    boolean failed = true;
    for (int nth = 1; failed; nth++) {
      assertThat(nth).as("allocations of %s", name).isLessThan(LIMIT);
      failed = failNth(scenario, nth, forGood, settings);
      assertThat(failed || nth > 1).as("%s allocates", name).isTrue();
    }
  }

  /** Runs a scenario and returns whether it has got as far as the allocation that fails. */
  private static boolean failNth(
      Scenario scenario, int nth, boolean forGood, UnaryOperator<TaskEngine.Builder> settings)
      throws Exception {
    AtomicInteger allocations = new AtomicInteger();
    TaskEngine engine =
        settings
            .apply(TaskEngine.builder().workers(2).uncaughtHandler((thread, error) -> {}))
            .build();
    try (TestSeam.Change change =
        TestSeam.atAllocations(
            bytes -> {
              int number = allocations.incrementAndGet();
              if (forGood ? number >= nth : number == nth) {
                throw new OutOfMemoryError("refused by the test: allocation=" + number);
              }
            })) {
      assertThat(change).isNotNull();
      scenario.run(engine);
    } catch (MemoryLimitException | TaskFailedException e) {
      assertThat(refusal(e)).as("what %s is about", e).isInstanceOf(OutOfMemoryError.class);
    }
    EngineProbe.assertStillUsable(engine);
    MemoryReport report = engine.memory();
    assertThat(report.usedBytes()).as("%s", report).isZero();
    assertThat(report.leaks()).isZero();
    CloseReport closed = engine.close(Duration.ofMinutes(1));
    assertThat(closed.terminated()).isTrue();
    assertThat(engine.memory().reservedBytes()).isZero();
    return allocations.get() >= nth;
  }

  /** The innermost cause. */
  private static Throwable refusal(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  @Test
  void create_recordsRefused_noEngine() {
    try (TestSeam.Change change =
        TestSeam.atAllocations(
            bytes -> {
              throw new OutOfMemoryError("refused by the test");
            })) {
      assertThat(change).isNotNull();
      @Nullable MemoryLimitException refused = null;
      try {
        TaskEngine.create().close();
      } catch (MemoryLimitException e) {
        refused = e;
      }
      assertThat(refused)
          .hasMessage(
              "memory of the machine or of the JVM is spent: records=32 (raise"
                  + " -XX:MaxDirectMemorySize)")
          .hasCauseInstanceOf(OutOfMemoryError.class);
    }
    try (TaskEngine engine = TaskEngine.create()) {
      TaskHandle<Integer> handle = engine.submit((TaskContext context) -> 1);
      assertThat(handle.join()).isEqualTo(1);
    }
  }
}
