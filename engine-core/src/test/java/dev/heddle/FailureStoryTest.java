// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.FailureContext;
import dev.heddle.error.FailureContext.Parent;
import dev.heddle.error.TaskException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.internal.util.TestSeam.VirtualClock;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A failure tells which task it was, where it ran, who has submitted it where, and its times. */
@Timeout(60)
class FailureStoryTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();
  @RegisterExtension final EngineLog log = new EngineLog();

  private static final TaskOptions PARSE = named("parse");

  private static TaskOptions named(String name) {
    return TaskOptions.defaults().name(name);
  }

  private static FailureContext storyOf(TaskHandle<?> handle) {
    return catchThrowableOfType(TaskFailedException.class, handle::join).context().orElseThrow();
  }

  private static StackTraceElement lineAfter(StackTraceElement here, int lines) {
    return new StackTraceElement(
        here.getClassName(),
        here.getMethodName(),
        here.getFileName(),
        here.getLineNumber() + lines);
  }

  private static StackTraceElement here() {
    return new Exception().getStackTrace()[1];
  }

  // ---- who and where

  @Test
  void context_ofAFailure_saysWhichTaskOnWhichThread() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).name("orders"));
    AtomicReference<String> thread = new AtomicReference<>();
    TaskHandle<Object> handle =
        engine.submit(
            context -> {
              thread.set(Thread.currentThread().getName());
              throw new IllegalStateException("no");
            },
            named("parse"));

    FailureContext story = storyOf(handle);

    assertThat(story.engine()).isEqualTo("orders");
    assertThat(story.taskId()).isEqualTo(handle.id());
    assertThat(story.taskName()).isEqualTo("parse");
    assertThat(story.attempt()).isEqualTo(1);
    assertThat(story.worker()).isEqualTo(thread.get());
    assertThat(story.parents()).isEmpty();
    assertThat(story.note()).isEmpty();
    assertThat(storyOf(handle)).as("the same each time").isEqualTo(story);
  }

  @Test
  void context_childOfAChild_namesAllThatHaveSubmitted() {
    TaskEngine engine = engines.start(1);
    AtomicReference<TaskHandle<Object>> failed = new AtomicReference<>();
    TaskHandle<Object> root =
        engine.submit(
            a -> {
              TaskHandle<Object> first =
                  engine.submit(
                      b -> {
                        TaskHandle<Object> second =
                            engine.submit(
                                c -> {
                                  failed.set(
                                      engine.submit(
                                          d -> {
                                            throw new IllegalStateException("no");
                                          },
                                          named("leaf")));
                                  return failed.get().join();
                                },
                                named("third"));
                        return second.join();
                      },
                      named("second"));
              return first.join();
            },
            named("first"));

    TaskFailedException e = catchThrowableOfType(TaskFailedException.class, root::join);

    List<Parent> parents = storyOf(failed.get()).parents();
    assertThat(parents).extracting(Parent::name).containsExactly("third", "second", "first");
    assertThat(parents.getLast().id()).isEqualTo(root.id());
    assertThat(e.context().orElseThrow().taskName()).isEqualTo("first");
    TaskException below = (TaskException) requireNonNull(e.getCause());
    assertThat(below.context().orElseThrow().taskName()).isEqualTo("second");
    assertThat(below.context().orElseThrow().parents())
        .extracting(Parent::name)
        .containsExactly("first");
    assertThat(e.toMap())
        .extracting("cause")
        .extracting("context")
        .extracting("taskName")
        .isEqualTo("second");
  }

  @Test
  void context_manyParents_namesSixteen() {
    TaskEngine engine = engines.start(1);
    AtomicReference<@Nullable FailureContext> story = new AtomicReference<>();

    Throwable e = catchThrowable(() -> nested(engine, 20, story).join());

    assertThat(e).isInstanceOf(TaskFailedException.class);
    List<Parent> parents = requireNonNull(story.get()).parents();
    assertThat(parents).hasSize(16);
    assertThat(parents.getFirst().name()).isEqualTo("depth1");
  }

  private static TaskHandle<Object> nested(
      TaskEngine engine, int depth, AtomicReference<@Nullable FailureContext> story) {
    return engine.submit(
        context -> {
          if (depth == 0) {
            throw new IllegalStateException("no");
          }
          TaskHandle<Object> inner = nested(engine, depth - 1, story);
          TaskFailedException e = catchThrowableOfType(TaskFailedException.class, inner::join);
          story.compareAndSet(null, e.context().orElseThrow());
          throw e;
        },
        named("depth" + depth));
  }

  @Test
  void context_parentHasEnded_namesItAndNoneAboveIt() throws Exception {
    TaskEngine engine = engines.start(2);
    CountDownLatch mayFail = new CountDownLatch(1);
    AtomicReference<TaskHandle<Object>> failed = new AtomicReference<>();
    engine
        .submit(
            a ->
                engine
                    .submit(
                        b -> {
                          failed.set(
                              engine.submit(
                                  c -> {
                                    mayFail.await();
                                    throw new IllegalStateException("no");
                                  }));
                          return 1;
                        },
                        named("ended"))
                    .join(),
            named("above"))
        .join();
    mayFail.countDown();

    assertThat(storyOf(failed.get()).parents()).extracting(Parent::name).containsExactly("ended");
  }

  // ---- times

  @Test
  void times_exactSamples_areThoseOfTheTask() throws Exception {
    try (VirtualClock clock = TestSeam.stopClock(1_000)) {
      TaskEngine engine = engines.start(TaskEngine.builder().workers(1).exactSamples(true));
      Gate gate = Gate.holding(engine, 1);
      TaskHandle<Object> handle =
          engine.submit(
              context -> {
                clock.advance(Duration.ofSeconds(5));
                throw new IllegalStateException("no");
              });
      clock.advance(Duration.ofSeconds(3));
      gate.open();

      FailureContext story = storyOf(handle);

      assertThat(story.waited().orElseThrow())
          .isCloseTo(Duration.ofSeconds(3), Duration.ofNanos(2));
      assertThat(story.ran()).contains(Duration.ofSeconds(5));
      engine.close();
    }
  }

  @Test
  void times_notSampled_areNotGuessed() throws Exception {
    try (VirtualClock clock = TestSeam.stopClock(1_000)) {
      TaskEngine engine = engines.start(1);
      Gate gate = Gate.holding(engine, 1); // its times are taken, it is the first
      TaskHandle<Object> handle =
          engine.submit(
              context -> {
                clock.advance(Duration.ofSeconds(5));
                throw new IllegalStateException("no");
              });
      gate.open();

      FailureContext story = storyOf(handle);

      assertThat(story.waited()).isEmpty();
      assertThat(story.ran()).as("the clock is read for one of 64 short ones").isEmpty();
      engine.close();
    }
  }

  @Test
  void times_clockWasReadAtTheStart_ranIsKnownThoughWaitedIsNot() throws Exception {
    try (VirtualClock clock = TestSeam.stopClock(1_000)) {
      TaskEngine engine = engines.start(1);
      Gate gate = Gate.holding(engine, 1);
      for (int i = 0; i < 63; i++) {
        engine.execute(() -> {}); // is not sampled, but counts as one of 64 starts
      }
      TaskHandle<Object> handle =
          engine.submit(
              context -> {
                clock.advance(Duration.ofSeconds(7));
                throw new IllegalStateException("no");
              });
      gate.open();

      FailureContext story = storyOf(handle);

      assertThat(story.waited()).isEmpty();
      assertThat(story.ran()).contains(Duration.ofSeconds(7));
      engine.close();
    }
  }

  // ---- the site

  @Test
  void stack_ofEachWait_endsAtTheSubmission() {
    TaskEngine engine = engines.start(1);
    StackTraceElement before = here();
    TaskHandle<Object> handle = engine.submit(FailureStoryTest::fail, PARSE);
    StackTraceElement site = lineAfter(before, 1);

    assertEndsAt(site, handle::join);
    assertEndsAt(site, () -> handle.join(Duration.ofMinutes(1)));
    assertEndsAt(site, handle::get);
    assertEndsAt(site, () -> handle.get(1, TimeUnit.MINUTES));
    assertThat(storyOf(handle).site()).map(StackTraceElement::toString).contains(site.toString());
  }

  @Test
  void stack_ofAGroup_endsAtTheSubmission() {
    TaskEngine engine = engines.start(1);
    StackTraceElement before = here();
    TaskGroup<Object> group = engine.submitEach(List.of(1), FailureStoryTest::failItem, PARSE);
    StackTraceElement site = lineAfter(before, 1);

    assertEndsAt(site, group::join);
    assertEndsAt(site, group::first);
  }

  private static Object fail(TaskContext context) {
    throw new IllegalStateException("no");
  }

  private static Object failItem(int item, TaskContext context) {
    throw new IllegalStateException("no " + item);
  }

  private static void assertEndsAt(StackTraceElement site, ThrowingCallable wait) {
    Throwable e = catchThrowable(wait);
    StackTraceElement[] stack = e.getStackTrace();
    assertThat(stack[0].getClassName()).startsWith("dev.heddle.internal.");
    assertThat(stack[stack.length - 2]).hasToString("dev.heddle.task.submittedAt(parse)");
    StackTraceElement last = stack[stack.length - 1];
    assertThat(last.toString()).isEqualTo(site.toString());
    FailureContext story = TaskException.of(e).context().orElseThrow();
    assertThat(e.toString()).contains("\n  task parse (id " + story.taskId() + "), attempt 1, on ");
  }

  @Test
  void bodysException_everyWait_isTheSameAndUntouched() {
    TaskEngine engine = engines.start(1);
    IllegalStateException error = new IllegalStateException("no");
    StackTraceElement[] stack = error.getStackTrace();
    TaskHandle<Object> handle =
        engine.submit(
            context -> {
              throw error;
            });

    TaskFailedException joined = catchThrowableOfType(TaskFailedException.class, handle::join);
    ExecutionException got = catchThrowableOfType(ExecutionException.class, handle::get);

    assertThat(joined.getCause()).isSameAs(error);
    assertThat(got.getCause()).isSameAs(error);
    assertThat(TaskException.of(got)).isInstanceOf(TaskFailedException.class);
    assertThat(error.getStackTrace()).containsExactly(stack);
    assertThat(error.getSuppressed()).isEmpty();
    assertThat(error).hasNoCause().hasMessage("no");
  }

  // ---- what is kept, what is logged

  @Test
  void keptHandle_parentHasEnded_doesNotKeepIt() {
    TaskEngine engine = engines.start(1);
    AtomicReference<TaskHandle<Object>> failed = new AtomicReference<>();
    WeakReference<Object> parent = submitParent(engine, failed);

    TaskFailedException e = catchThrowableOfType(TaskFailedException.class, failed.get()::join);

    assertThat(e.context().orElseThrow().parents()).hasSize(1);
    await()
        .until(
            () -> {
              System.gc();
              engine.submit(() -> 1).join();
              return parent.get() == null;
            });
    assertThat(failed.get().isDone()).isTrue();
    assertThat(e).hasMessageStartingWith("task failed");
  }

  private static WeakReference<Object> submitParent(
      TaskEngine engine, AtomicReference<TaskHandle<Object>> failed) {
    TaskHandle<Object> parent =
        engine.submit(
            context -> {
              failed.set(engine.submit(FailureStoryTest::fail));
              return 1;
            });
    parent.join();
    return new WeakReference<>(parent);
  }

  @Test
  void log_nobodyLooked_tellsTheStoryInOneLine() {
    TaskEngine engine =
        TaskEngine.builder()
            .workers(2) // one waits until the other has run the child
            .name("orders")
            .threadFactory(body -> new Thread(body, "a\nb"))
            .build();
    engine
        .submit(
            context -> {
              TaskHandle<Object> child = engine.submit(FailureStoryTest::fail, named("child"));
              await().until(child::isDone);
              return child.id();
            },
            named("parent"))
        .join();
    engine.close(Duration.ofMinutes(1));

    assertThat(log.messages())
        .singleElement()
        .asString()
        .matches(
            "task failed and nobody looked at its handle: engine=orders, name=child, id=\\d+,"
                + " site=[^,]*FailureStoryTest[^,]*, attempt=1, worker=a\\\\u000ab,"
                + " parents=\\[parent \\(id \\d+\\)\\]");
  }
}
