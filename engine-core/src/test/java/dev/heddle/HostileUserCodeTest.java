// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.TaskFailedException;
import dev.heddle.error.ThreadStartException;
import dev.heddle.observe.EngineMetrics;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Bodies, callbacks, handlers and factories of users that throw or break their contract: the engine
 * reports it and goes on.
 */
class HostileUserCodeTest {

  private static final Task<Integer> ANSWER = context -> 42;

  @RegisterExtension final EngineProbe engines = new EngineProbe();
  @RegisterExtension final EngineLog log = new EngineLog();

  // ---- user code that throws

  @Test
  void onComplete_callbackThrows_othersRunAndTheHandlerHears() {
    List<Throwable> heard = new CopyOnWriteArrayList<>();
    TaskEngine engine =
        engines.start(
            TaskEngine.builder().workers(1).uncaughtHandler((thread, error) -> heard.add(error)));
    List<String> called = new CopyOnWriteArrayList<>();
    Error error = new AssertionError("from a callback");
    try (Gate gate = Gate.holding(engine, 1)) {
      TaskHandle<Integer> handle = engine.submit(ANSWER);
      handle
          .onComplete(outcome -> called.add("first"))
          .onComplete(
              outcome -> {
                throw error;
              })
          .onComplete(outcome -> called.add("last"));
      gate.open();
      assertThat(handle.join()).isEqualTo(42);
      await().until(() -> called.size() == 2);
      assertThat(called).containsExactly("first", "last");
      assertThat(heard).containsExactly(error);
      assertThat(engine.metrics().failed()).isZero();
    }
  }

  @Test
  void onComplete_callbackOfADoneTaskThrows_theCallerDoesNotSeeIt() {
    List<Thread> threads = new CopyOnWriteArrayList<>();
    TaskEngine engine =
        engines.start(
            TaskEngine.builder()
                .workers(1)
                .uncaughtHandler((thread, error) -> threads.add(thread)));
    TaskHandle<Integer> handle = engine.submit(ANSWER);
    handle.join();

    assertThat(
            handle.onComplete(
                outcome -> {
                  throw new IllegalStateException("from a callback");
                }))
        .isSameAs(handle);
    assertThat(threads).containsExactly(Thread.currentThread());
  }

  @Test
  void execute_bodyThrows_theHandlerHearsOnTheWorker() {
    List<String> heard = new CopyOnWriteArrayList<>();
    TaskEngine engine =
        engines.start(
            TaskEngine.builder()
                .workers(1)
                .name("orders")
                .uncaughtHandler(
                    (thread, error) -> heard.add(thread.getName() + ": " + error.getMessage())));

    engine.execute(
        () -> {
          throw new IllegalStateException("from a body");
        });

    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.failed()).isEqualTo(1);
    assertThat(heard).containsExactly("heddle-orders-worker-0: from a body");
    assertThat(log.records()).isEmpty();
  }

  @Test
  void execute_bodyThrowsWithoutHandler_isLogged() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).name("orders"));
    Error error = new StackOverflowError("from a body");

    engine.execute(
        () -> {
          throw error;
        });

    EngineProbe.awaitIdle(engine);
    assertThat(log.messages())
        .containsExactly(
            "task without a handle, or a callback, threw: thread=heddle-orders-worker-0");
    assertThat(log.records().getFirst().getThrown()).isSameAs(error);
  }

  @Test
  void execute_handlerThrows_bothAreLogged() {
    Error fromHandler = new OutOfMemoryError("from a handler");
    Error fromBody = new LinkageError("from a body");
    TaskEngine engine =
        engines.start(
            TaskEngine.builder()
                .workers(1)
                .name("orders")
                .uncaughtHandler(
                    (thread, error) -> {
                      throw fromHandler;
                    }));

    engine.execute(
        () -> {
          throw fromBody;
        });

    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.failed()).isEqualTo(1);
    assertThat(books.workersReplaced()).isZero();
    assertThat(log.records())
        .extracting(record -> record.getThrown())
        .containsExactly(fromHandler, fromBody);
    assertThat(log.messages().getFirst()).isEqualTo("uncaught handler threw: engine=orders");
  }

  private static final class Unprintable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("from getMessage");
    }

    @Override
    public String toString() {
      throw new IllegalStateException("from toString");
    }
  }

  @Test
  void submit_everythingHasAToStringThatThrows_isReportedAsAlways() {
    TaskEngine engine = engines.start(1);
    Unprintable error = new Unprintable();
    Task<Object> task =
        new Task<>() {
          @Override
          public Object run(TaskContext context) {
            throw error;
          }

          @Override
          public String toString() {
            throw error;
          }
        };

    TaskHandle<Object> handle = engine.submit(task);

    assertThat(handle.outcome()).isInstanceOf(Outcome.Failure.class);
    assertThat(handle.exceptionNow()).isSameAs(error);
    TaskFailedException e = catchThrowableOfType(TaskFailedException.class, handle::join);
    assertThat(e)
        .hasMessageStartingWith("task failed: name=task, id=" + handle.id() + ", site=dev.heddle.");
    assertThat(handle.toString())
        .isEqualTo("TaskHandle[name=task, id=" + handle.id() + ", state=FAILED]");
    engine.execute(
        () -> {
          throw error;
        });
    assertThat(EngineProbe.awaitIdle(engine).failed()).isEqualTo(2);
  }

  @Test
  void submit_everyKindOfThrowable_failsThatTaskAlone() {
    TaskEngine engine = engines.start(1);
    List<Throwable> errors =
        List.of(
            new RuntimeException("unchecked"),
            new Exception("checked"),
            new OutOfMemoryError("error"),
            new StackOverflowError("error"),
            new LinkageError("error"),
            new ThreadDeathLike(),
            new InterruptedException("interrupt"));
    for (Throwable error : errors) {
      TaskHandle<@Nullable Void> handle =
          engine.submit(
              Task.action(
                  context -> {
                    throw unchecked(RuntimeException.class, error);
                  }));
      assertThat(handle.outcome()).isEqualTo(new Outcome.Failure<@Nullable Void>(error));
    }
    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.failed()).isEqualTo(errors.size());
    assertThat(books.workersReplaced()).isZero();
  }

  private static final class ThreadDeathLike extends Throwable {
    private static final long serialVersionUID = 1L;
  }

  /** Lets a throwable of any kind pass for one that need not be declared. */
  @SuppressWarnings("unchecked") // that is the trick: the type is erased
  private static <X extends Throwable> X unchecked(Class<X> as, Throwable error) throws X {
    assertThat(as).isNotNull();
    throw (X) error;
  }

  // ---- thread factories

  @Test
  void build_factoryThrows_isReportedAndNothingIsLeft() {
    List<Thread> made = new CopyOnWriteArrayList<>();
    IllegalStateException error = new IllegalStateException("no more threads");
    ThreadFactory factory =
        body -> {
          if (made.size() == 2) {
            throw error;
          }
          made.add(new Thread(body));
          return made.getLast();
        };

    ThreadStartException e = startFails(factory);

    assertThat(e).hasMessage("thread factory threw: engine=orders, worker=2").hasCause(error);
    assertThat(made).hasSize(2).noneMatch(Thread::isAlive);
  }

  @Test
  void build_factoryThrowsAnError_isReportedAndNothingIsLeft() {
    OutOfMemoryError error = new OutOfMemoryError("unable to create native thread");

    ThreadStartException e =
        startFails(
            body -> {
              throw error;
            });

    assertThat(e).hasMessage("thread factory threw: engine=orders, worker=0").hasCause(error);
  }

  @Test
  void build_factoryReturnsNull_isReportedAndNothingIsLeft() {
    List<Thread> made = new CopyOnWriteArrayList<>();
    ThreadFactory factory =
        body -> {
          made.add(new Thread(body));
          return made.size() == 3 ? null : made.getLast();
        };

    ThreadStartException e = startFails(factory);

    assertThat(e).hasMessage("thread factory must return a thread: engine=orders, worker=2");
    assertThat(made).hasSize(3).noneMatch(Thread::isAlive);
  }

  @Test
  void build_factoryReturnsAStartedThread_isReportedAndNothingIsLeft() {
    ThreadFactory factory =
        body -> {
          Thread thread = new Thread(() -> {});
          thread.start();
          return thread;
        };

    ThreadStartException e = startFails(factory);

    assertThat(e)
        .hasMessage("thread could not be started: engine=orders, worker=0")
        .hasCauseInstanceOf(IllegalThreadStateException.class);
  }

  @Test
  void build_factoryReturnsOneThreadTwice_isReportedAndNothingIsLeft() {
    List<Thread> made = new CopyOnWriteArrayList<>();
    ThreadFactory factory =
        body -> {
          if (made.isEmpty()) {
            made.add(new Thread(body));
          }
          return made.getFirst();
        };

    ThreadStartException e = startFails(factory);

    assertThat(e).hasMessage("thread could not be started: engine=orders, worker=1");
    assertThat(made).noneMatch(Thread::isAlive);
  }

  private ThreadStartException startFails(ThreadFactory factory) {
    TaskEngine.Builder builder = TaskEngine.builder().name("orders").workers(4);
    ThreadStartException e =
        catchThrowableOfType(
            ThreadStartException.class, () -> builder.threadFactory(factory).build());
    assertThat(e.code()).isEqualTo(ErrorCode.THREAD_START);
    engines.start(builder.threadFactory(Thread::new)); // the builder is as good as before
    return e;
  }

  @Test
  void build_ownFactory_itsThreadsAreUsedAsTheyAre() {
    TaskEngine engine =
        engines.start(
            TaskEngine.builder()
                .workers(1)
                .threadFactory(
                    body -> {
                      Thread thread = new Thread(body, "mine");
                      thread.setDaemon(true);
                      return thread;
                    }));

    Thread worker = engine.submit(Thread::currentThread).join();

    assertThat(worker.getName()).isEqualTo("mine");
    assertThat(worker.isDaemon()).isTrue();
  }

  @Test
  void build_factoryOfVirtualThreads_works() {
    TaskEngine engine =
        engines.start(TaskEngine.builder().workers(2).threadFactory(Thread.ofVirtual().factory()));

    TaskHandle<Boolean> handle =
        engine.submit(
            context -> context.engine().submit(() -> Thread.currentThread().isVirtual()).join());

    assertThat(handle.join()).isTrue();
  }
}
