// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.InvalidNameException;
import dev.heddle.error.MemoryLimitException;
import dev.heddle.error.TaskContextException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.observe.EngineMeters;
import dev.heddle.observe.EngineMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.AbstractCollection;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a caller may get wrong. After each test, {@link EngineProbe} runs 1,000 ordinary tasks on
 * every engine that is still open. For {@code null}, see {@link NullArgumentTest}.
 */
class BadInputTest {

  private static final Task<Integer> ANSWER = context -> 42;

  private static final Duration LONGEST = Duration.ofSeconds(Long.MAX_VALUE);

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  // ---- durations

  @Test
  void join_negativeDuration_isRefused() {
    TaskHandle<Integer> handle = engines.start(1).submit(context -> 42);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> handle.join(Duration.ofNanos(-1)))
        .withMessage(
            "atMost must not be negative: atMost=PT-0.000000001S"
                + " (use zero to look without waiting)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> handle.join(Duration.ofSeconds(Long.MIN_VALUE)))
        .withMessageStartingWith("atMost must not be negative: atMost=PT-2562047788015215H");
    assertThat(handle.join()).isEqualTo(42);
  }

  @Test
  void close_negativeDuration_isRefusedAndTheEngineStaysOpen() {
    TaskEngine engine = engines.start(1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> engine.close(Duration.ofMillis(-1)))
        .withMessage(
            "atMost must not be negative: atMost=PT-0.001S (use zero to look without waiting)");
    assertThat(engine.submit(context -> 42).join()).isEqualTo(42);
  }

  @Test
  void get_negativeTime_looksWithoutWaiting() throws Exception {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<@Nullable Void> waiting = gate.holders().getFirst();
      assertThatExceptionOfType(TimeoutException.class)
          .isThrownBy(() -> waiting.get(Long.MIN_VALUE, TimeUnit.DAYS));
    }
    TaskHandle<Integer> done = engine.submit(context -> 42);
    done.join();
    assertThat(done.get(-1, TimeUnit.SECONDS)).isEqualTo(42);
  }

  @Test
  void join_longestDuration_waitsForTheTask() throws Exception {
    TaskEngine engine = engines.start(1);
    Gate gate = Gate.holding(engine, 1);
    TaskHandle<Integer> handle = engine.submit(context -> 42);
    Thread opener = Thread.ofPlatform().start(gate::open);

    assertThat(handle.join(LONGEST)).isEqualTo(42);
    assertThat(handle.get(Long.MAX_VALUE, TimeUnit.DAYS)).isEqualTo(42);
    opener.join();
  }

  @Test
  void close_longestDuration_waitsForTheTasks() throws Exception {
    TaskEngine engine = engines.start(1);
    Gate gate = Gate.holding(engine, 1);
    TaskHandle<Integer> handle = engine.submit(context -> 42);
    Thread opener = Thread.ofPlatform().start(gate::open);

    CloseReport report = engine.close(LONGEST);

    assertThat(report.terminated()).isTrue();
    assertThat(report.completed()).isEqualTo(2);
    assertThat(report.neverStarted()).isZero();
    assertThat(handle.resultNow()).isEqualTo(42);
    opener.join();
  }

  // ---- names

  static Stream<String> wrongNames() {
    return Stream.of(
        "",
        " ",
        "a b",
        " a",
        "a/b",
        "a:b",
        "../x",
        "a\nb",
        "a\u0000",
        "\u00e4",
        "\u0661",
        "\ud83d\ude00",
        "a\u202eb",
        "${jndi:ldap://x}",
        "x".repeat(129),
        "x".repeat(1 << 20));
  }

  @ParameterizedTest
  @MethodSource("wrongNames")
  void name_outsideThePattern_isRefused(String name) {
    TaskEngine.Builder builder = TaskEngine.builder().workers(1);
    TaskOptions options = TaskOptions.defaults();

    for (Consumer<String> setter : List.<Consumer<String>>of(builder::name, options::name)) {
      InvalidNameException e =
          catchThrowableOfType(InvalidNameException.class, () -> setter.accept(name));
      assertThat(e.code()).isEqualTo(ErrorCode.INVALID_NAME);
      assertThat(e.getMessage())
          .startsWith("name must be 1 to 128 characters of A-Z a-z 0-9 . _ -: name=\"")
          .matches("[ -~]{1,1000}");
    }
    assertThat(options.name()).isEqualTo("task");
    assertThat(engines.start(builder).config().name()).isEqualTo("default");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "A.z_0-9", "-", "...", "0"})
  void name_insideThePattern_isTaken(String name) {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).name(name));
    TaskOptions options = TaskOptions.defaults().name(name.repeat(128 / name.length()));

    TaskHandle<String> handle = engine.submit(TaskContext::taskName, options);

    assertThat(handle.name()).isEqualTo(options.name());
    assertThat(handle.join()).isEqualTo(options.name());
    assertThat(engine.config().name()).isEqualTo(name);
    assertThat(engine.metrics().engine()).isEqualTo(name);
  }

  // ---- collections

  /** Gives some elements and then throws. */
  private static <T> Collection<T> throwingAfter(List<T> elements) {
    return new AbstractCollection<>() {
      @Override
      public Iterator<T> iterator() {
        Iterator<T> inner = elements.iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public T next() {
            if (!inner.hasNext()) {
              throw new UnsupportedOperationException("from the iterator");
            }
            return inner.next();
          }
        };
      }

      @Override
      public int size() {
        return elements.size();
      }
    };
  }

  private static void assertNothingAccepted(TaskEngine engine, Runnable submission) {
    EngineMetrics before = engine.metrics();
    long nextId = engine.submit(ANSWER).id();
    assertThat(catchThrowable(submission::run)).isNotNull();
    EngineMetrics after = EngineProbe.awaitIdle(engine);
    assertThat(after.accepted()).isEqualTo(before.accepted() + 1);
    assertThat(after.rejected()).isEqualTo(before.rejected());
    assertThat(engine.submit(ANSWER).id()).as("no number was used").isEqualTo(nextId + 1);
  }

  @Test
  void submitAll_nullElement_acceptsNothing() {
    TaskEngine engine = engines.start(1);
    List<Task<Integer>> tasks = Arrays.asList(ANSWER, null, ANSWER);

    assertThatNullPointerException().isThrownBy(() -> engine.submitAll(tasks)).withMessage("task");
    assertNothingAccepted(engine, () -> engine.submitAll(tasks));
  }

  @Test
  void submitAll_throwingIterator_acceptsNothing() {
    TaskEngine engine = engines.start(1);
    Collection<Task<Integer>> tasks = throwingAfter(List.of(ANSWER, ANSWER));

    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> engine.submitAll(tasks))
        .withMessage("from the iterator");
    assertNothingAccepted(engine, () -> engine.submitAll(tasks));
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void submitAll_nullCollection_acceptsNothing() {
    TaskEngine engine = engines.start(1);

    assertNothingAccepted(engine, () -> engine.submitAll(null));
  }

  @Test
  void submitAll_collectionThatLiesAboutItsSize_submitsWhatItGives() {
    TaskEngine engine = engines.start(1);
    AtomicInteger iterations = new AtomicInteger();
    Collection<Task<Integer>> tasks =
        new AbstractCollection<>() {
          @Override
          public Iterator<Task<Integer>> iterator() {
            iterations.incrementAndGet();
            return List.of(ANSWER, ANSWER, ANSWER).iterator();
          }

          @Override
          public int size() {
            return Integer.MAX_VALUE;
          }
        };

    assertThat(engine.submitAll(tasks).join()).containsExactly(42, 42, 42);
    assertThat(iterations).hasValue(1);
  }

  @Test
  void submitEach_throwingIterator_acceptsNothing() {
    TaskEngine engine = engines.start(1);

    assertNothingAccepted(
        engine,
        () ->
            engine.submitEach(
                throwingAfter(List.of(1, 2)), (item, context) -> item, TaskOptions.defaults()));
  }

  @Test
  void submitEach_nullItems_areItems() {
    TaskEngine engine = engines.start(1);
    List<String> items = Arrays.asList("a", null);

    TaskGroup<String> group =
        engine.submitEach(items, (item, context) -> item + "!", TaskOptions.defaults());

    assertThat(group.join()).containsExactly("a!", "null!");
  }

  // ---- the same thing twice

  @Test
  void submit_sameTaskTwiceAtOnce_runsTwice() {
    TaskEngine engine = engines.start(2);
    CyclicBarrier both = new CyclicBarrier(2);
    Task<Long> task =
        context -> {
          both.await(1, TimeUnit.MINUTES);
          return context.taskId();
        };

    TaskHandle<Long> first = engine.submit(task);
    TaskHandle<Long> second = engine.submit(task);

    assertThat(first.join()).isEqualTo(first.id()).isNotEqualTo(second.join());
    assertThat(second.join()).isEqualTo(second.id());
  }

  @Test
  void build_twoLiveEnginesOfOneName_bothWork() {
    TaskEngine first = engines.start(TaskEngine.builder().workers(1).name("twin"));
    TaskEngine second = engines.start(TaskEngine.builder().workers(1).name("twin"));

    assertThat(first.submit(TaskContext::engine).join()).isSameAs(first);
    assertThat(second.submit(TaskContext::engine).join()).isSameAs(second);
  }

  @Test
  void bindTo_secondEngineOfOneName_isRefused() {
    TaskEngine first = engines.start(TaskEngine.builder().workers(1).name("twin"));
    TaskEngine second = engines.start(TaskEngine.builder().workers(1).name("twin"));
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    new EngineMeters(first).bindTo(registry);
    int meters = registry.getMeters().size();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EngineMeters(second).bindTo(registry))
        .withMessage(
            "registry shows an engine of this name already: engine=twin"
                + " (give each engine a name of its own)");
    assertThat(registry.getMeters()).hasSize(meters);
    registry.close();
  }

  // ---- odd places

  private static final class EngineOfItsClass {
    static final TaskEngine ENGINE = TaskEngine.builder().workers(1).name("static").build();
    static final int ANSWER_OF_IT = ENGINE.submit(new AnswerTask()).join();
  }

  /** Not a lambda: the body of a lambda belongs to the class that is being initialised. */
  private static final class AnswerTask implements Task<Integer> {
    @Override
    public Integer run(TaskContext context) {
      return 42;
    }
  }

  @Test
  void build_inAStaticInitialiser_works() {
    assertThat(EngineOfItsClass.ANSWER_OF_IT).isEqualTo(42);
    EngineProbe.assertStillUsable(EngineOfItsClass.ENGINE);
    assertThat(EngineOfItsClass.ENGINE.close(Duration.ofMinutes(1)).terminated()).isTrue();
  }

  @Test
  void build_insideATaskOfAnotherEngine_works() {
    TaskEngine outer = engines.start(1);

    Integer answer =
        outer
            .submit(
                context -> {
                  try (TaskEngine inner = TaskEngine.builder().workers(1).build()) {
                    return inner.submit(ANSWER).join();
                  }
                })
            .join();

    assertThat(answer).isEqualTo(42);
  }

  // ---- Future's own view

  @Test
  void resultNow_otherThanSuccess_isRefused() {
    TaskEngine engine = engines.start(1);
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER);
      String who = "name=task, id=" + handle.id();
      assertThat(handle.state()).isEqualTo(Future.State.RUNNING);
      assertThatIllegalStateException()
          .isThrownBy(handle::resultNow)
          .withMessage("task has no result: " + who + ", state=RUNNING");
      assertThatIllegalStateException()
          .isThrownBy(handle::exceptionNow)
          .withMessage("task has not failed: " + who + ", state=RUNNING");
      handle.cancel();
      assertThat(handle.state()).isEqualTo(Future.State.CANCELLED);
      assertThatIllegalStateException()
          .isThrownBy(handle::resultNow)
          .withMessage("task has no result: " + who + ", state=CANCELLED");
      assertThatIllegalStateException().isThrownBy(handle::exceptionNow);
      gate.open();
    }
    Exception error = new Exception("failure");
    TaskHandle<Integer> failed =
        engine.submit(
            context -> {
              throw error;
            });
    assertThat(failed.outcome()).isEqualTo(new Outcome.Failure<Integer>(error));
    assertThat(failed.state()).isEqualTo(Future.State.FAILED);
    assertThat(failed.exceptionNow()).isSameAs(error);
    assertThatIllegalStateException().isThrownBy(failed::resultNow);
  }

  // ---- the arena

  private static TaskContextException arenaMisuse(TaskContext context) {
    TaskContextException e = catchThrowableOfType(TaskContextException.class, context::arena);
    assertThat(e.code()).isEqualTo(ErrorCode.CONTEXT_MISUSE);
    assertThat(e)
        .hasMessage(
            "the arena is for the thread that runs the task, while it runs: name=task, id="
                + context.taskId());
    return e;
  }

  @Test
  void arena_afterTheRun_isRefused() {
    TaskEngine engine = engines.start(1);
    TaskContext kept = engine.submit(context -> context).join();

    assertThat(arenaMisuse(kept)).isNotNull();
    Object byAnotherTask = engine.submit(context -> arenaMisuse(kept)).join();
    assertThat(byAnotherTask).isNotNull();
    assertThat(kept.taskName()).isEqualTo("task");
    assertThat(kept.isCancelled()).isFalse();
  }

  @Test
  void arena_fromAnotherThread_isRefused() {
    TaskEngine engine = engines.start(2);
    CompletableFuture<TaskContext> running = new CompletableFuture<>();
    try (Gate gate = Gate.closed()) {
      TaskHandle<@Nullable Void> handle =
          engine.submit(
              Task.action(
                  context -> {
                    running.complete(context);
                    gate.pass();
                  }));
      TaskContext context = running.join();
      assertThat(arenaMisuse(context)).isNotNull();
      Object byAnotherWorker = engine.submit(other -> arenaMisuse(context)).join();
      assertThat(byAnotherWorker).isNotNull();
      gate.open();
      handle.join();
    }
  }

  @Test
  void arena_overTheBudget_isRefusedAndNothingIsReserved() {
    TaskEngine engine =
        engines.start(TaskEngine.builder().workers(1).memory(MemorySize.kibibytes(64)));
    Task<Long> all = context -> context.arena().allocate(65_536).byteSize();

    TaskHandle<Throwable> handle =
        engine.submit(
            context -> {
              Arena arena = context.arena();
              assertThat(arena.allocate(10).byteSize()).isEqualTo(10); // a piece of 1 KiB counts
              Throwable refused = catchThrowable(() -> arena.allocate(64_513));
              assertThat(arena.allocate(64_512).byteSize()).isEqualTo(64_512);
              return refused;
            });

    assertThat(handle.join())
        .isInstanceOf(MemoryLimitException.class)
        .hasMessage(
            "memory budget of the engine is spent: byteSize=64513, used=1024, memory=65536"
                + " (raise memory, or run fewer such tasks at a time)");
    assertThat(engine.submit(all).join()).isEqualTo(65_536);
    assertThat(engine.submit(all).join()).isEqualTo(65_536);
  }

  @Test
  void arena_overTheBudgetInABody_failsThatTaskAlone() {
    TaskEngine engine =
        engines.start(TaskEngine.builder().workers(1).memory(MemorySize.kibibytes(64)));

    TaskHandle<Long> handle =
        engine.submit(context -> context.arena().allocate(Long.MAX_VALUE).byteSize());

    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(handle::join)
        .withCauseInstanceOf(MemoryLimitException.class);
    assertThat(engine.submit(context -> context.arena().allocate(65_536).byteSize()).join())
        .isEqualTo(65_536);
  }

  @Test
  void arena_closedByTheTask_isRefused() {
    TaskEngine engine = engines.start(1);

    Throwable refused =
        engine
            .submit(
                context -> {
                  Arena arena = context.arena();
                  Throwable thrown = catchThrowable(arena::close);
                  assertThat(arena.allocate(8).byteSize()).isEqualTo(8);
                  return thrown;
                })
            .join();

    assertThat(refused)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("the arena of a task is closed by the engine (return from the body instead)");
  }
}
