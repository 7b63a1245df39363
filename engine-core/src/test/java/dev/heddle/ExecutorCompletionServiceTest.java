// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The JDK's completion service on a view; see {@link ExecutorViewContractTest}. */
@ParameterizedClass(name = "workers={0}")
@ValueSource(ints = {1, 2, 8})
@Timeout(60)
class ExecutorCompletionServiceTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private final int workers;

  ExecutorCompletionServiceTest(int workers) {
    this.workers = workers;
  }

  private static <T> Future<T> next(CompletionService<T> service) throws InterruptedException {
    Future<T> future = service.poll(1, TimeUnit.MINUTES);
    assertThat(future).as("a completed task").isNotNull();
    assertThat(future.isDone()).isTrue();
    return future;
  }

  @Test
  void submit_many_eachIsTakenOnce() throws Exception {
    CompletionService<Integer> service =
        new ExecutorCompletionService<>(engines.start(workers).asExecutorService());
    List<Future<Integer>> submitted = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      int number = i;
      submitted.add(service.submit(() -> number));
    }

    List<Future<Integer>> taken = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      taken.add(next(service));
    }

    assertThat(taken).containsExactlyInAnyOrderElementsOf(submitted);
    assertThat(service.poll()).isNull();
    for (int i = 0; i < 1_000; i++) {
      assertThat(submitted.get(i).get()).isEqualTo(i);
    }
  }

  @Test
  void submit_runnable_isTakenWithItsResult() throws Exception {
    CompletionService<String> service =
        new ExecutorCompletionService<>(engines.start(workers).asExecutorService());
    AtomicBoolean ran = new AtomicBoolean();

    Future<String> submitted = service.submit(() -> ran.set(true), "given");

    assertThat(next(service)).isSameAs(submitted);
    assertThat(submitted.get()).isEqualTo("given");
    assertThat(ran).isTrue();
  }

  @Test
  void submit_null_throwsNpe() {
    ExecutorService view = engines.start(workers).asExecutorService();
    CompletionService<String> service = new ExecutorCompletionService<>(view);

    assertThatNullPointerException().isThrownBy(() -> service.submit(null));
    assertThatNullPointerException().isThrownBy(() -> service.submit(null, "given"));
    assertThatNullPointerException().isThrownBy(() -> new ExecutorCompletionService<>(null));
    assertThatNullPointerException().isThrownBy(() -> new ExecutorCompletionService<>(view, null));
    assertThat(service.poll()).isNull();
  }

  @Test
  void take_order_isThatOfCompletion() throws Exception {
    TaskEngine engine = engines.start(Math.max(2, workers)); // the second must not be held up
    CompletionService<String> service = new ExecutorCompletionService<>(engine.asExecutorService());
    try (Gate gate = Gate.closed()) {
      CountDownLatch started = new CountDownLatch(1);
      service.submit(
          () -> {
            started.countDown();
            gate.pass();
            return "slow";
          });
      Gate.await(started);
      service.submit(() -> "quick");

      assertThat(service.take().get()).isEqualTo("quick");
      assertThat(service.poll()).isNull();
      gate.open();
      assertThat(service.take().get()).isEqualTo("slow");
    }
  }

  @Test
  void poll_nothingDone_returnsNull() throws Exception {
    CompletionService<String> service =
        new ExecutorCompletionService<>(engines.start(workers).asExecutorService());
    try (Gate gate = Gate.closed()) {
      service.submit(
          () -> {
            gate.pass();
            return "passed";
          });

      assertThat(service.poll()).isNull();
      assertThat(service.poll(1, TimeUnit.MILLISECONDS)).isNull();
      assertThat(service.poll(0, TimeUnit.MILLISECONDS)).isNull();
      assertThat(service.poll(-1, TimeUnit.DAYS)).isNull();
      gate.open();
      assertThat(next(service).get()).isEqualTo("passed");
    }
  }

  @Test
  void take_failedTask_getThrowsItsException() throws Exception {
    CompletionService<String> service =
        new ExecutorCompletionService<>(engines.start(workers).asExecutorService());
    IOException error = new IOException("deliberate");
    service.submit(
        () -> {
          throw error;
        });

    Future<String> taken = next(service);

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> taken.get())
        .withCause(error);
  }

  @Test
  void take_cancelledTask_isTaken() throws Exception {
    TaskEngine engine = engines.start(workers);
    CompletionService<String> service = new ExecutorCompletionService<>(engine.asExecutorService());
    try (Gate gate = Gate.holding(engine, workers)) {
      Future<String> submitted = service.submit(() -> "never");
      assertThat(submitted.cancel(false)).isTrue();
      gate.open();

      assertThat(next(service)).isSameAs(submitted);
      assertThat(submitted.isCancelled()).isTrue();
    }
  }

  @Test
  void take_interrupted_throws() throws Exception {
    CompletionService<String> service =
        new ExecutorCompletionService<>(engines.start(workers).asExecutorService());
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread taker =
        new Thread(
            () -> {
              try {
                thrown.set(new AssertionError(service.take()));
              } catch (InterruptedException e) {
                thrown.set(e);
              }
            });
    taker.start();
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollDelay(Duration.ZERO)
        .until(() -> taker.getState() == Thread.State.WAITING);

    taker.interrupt();
    taker.join();

    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
  }

  @Test
  void ownQueue_receivesTheFutures() throws Exception {
    BlockingQueue<Future<String>> queue = new LinkedBlockingQueue<>();
    CompletionService<String> service =
        new ExecutorCompletionService<>(engines.start(workers).asExecutorService(), queue);

    Future<String> submitted = service.submit(() -> "result");

    assertThat(queue.poll(1, TimeUnit.MINUTES)).isSameAs(submitted);
    assertThat(service.poll()).isNull();
  }

  @Test
  void get_byATaskBeforeTheStart_stillArrivesInTheQueue() throws Exception {
    ExecutorService view = engines.start(workers).asExecutorService();
    CompletionService<Integer> service = new ExecutorCompletionService<>(view);

    Future<Integer> outer = view.submit(() -> service.submit(() -> 7).get());

    assertThat(outer.get(1, TimeUnit.MINUTES)).isEqualTo(7);
    assertThat(next(service).get()).isEqualTo(7);
    assertThat(service.poll()).isNull();
  }

  @Test
  void submit_engineFull_isTaken() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(workers).queueCapacity(1));
    CompletionService<Integer> service =
        new ExecutorCompletionService<>(engine.asExecutorService());
    long sum = 0;
    for (int i = 0; i < 1_000; i++) {
      int number = i;
      service.submit(() -> number);
    }
    for (int i = 0; i < 1_000; i++) {
      sum += next(service).get();
    }
    assertThat(sum).isEqualTo(999L * 500);
  }

  @Test
  void submit_viewShutDown_isRejectedAndNeverTaken() {
    ExecutorService view = engines.start(workers).asExecutorService();
    CompletionService<String> service = new ExecutorCompletionService<>(view);
    Callable<String> task = () -> "result";
    view.shutdown();

    assertThatExceptionOfType(RejectedExecutionException.class)
        .isThrownBy(() -> service.submit(task));
    assertThat(service.poll()).isNull();
  }
}
