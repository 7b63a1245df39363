// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@link CompletableFuture} whose stages run on a view; see {@link ExecutorViewContractTest}. What
 * stages are to each other is the JDK's business; asked here is that every stage given to the view
 * runs, once, on a worker, whoever completes the stage before it.
 */
@ParameterizedClass(name = "workers={0}")
@ValueSource(ints = {1, 2, 8})
@Timeout(120)
class CompletableFutureOnEngineTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private final int workers;

  CompletableFutureOnEngineTest(int workers) {
    this.workers = workers;
  }

  private ExecutorService newView() {
    return engines.start(workers).asExecutorService();
  }

  private static <T> T result(CompletableFuture<T> future) throws Exception {
    return future.get(1, TimeUnit.MINUTES);
  }

  private static Thread startThread(Runnable body) {
    Thread thread = new Thread(body);
    thread.start();
    return thread;
  }

  // ---- single stages

  @Test
  void supplyAsync_runsOnAWorker() throws Exception {
    Thread ranOn = result(CompletableFuture.supplyAsync(Thread::currentThread, newView()));

    assertThat(ranOn.getName()).startsWith("heddle-");
  }

  @Test
  void runAsync_completesAfterTheRun() throws Exception {
    AtomicBoolean ran = new AtomicBoolean();

    result(CompletableFuture.runAsync(() -> ran.set(true), newView()));

    assertThat(ran).isTrue();
  }

  @Test
  void asyncStages_passValuesOn_allOnWorkers() throws Exception {
    ExecutorService view = newView();
    Set<Thread> threads =
        Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    AtomicReference<String> accepted = new AtomicReference<>();

    CompletableFuture<String> text =
        CompletableFuture.supplyAsync(() -> 20, view)
            .thenApplyAsync(n -> n + 1, view)
            .thenCombineAsync(CompletableFuture.supplyAsync(() -> 2, view), (a, b) -> a * b, view)
            .thenApplyAsync(
                n -> {
                  threads.add(Thread.currentThread());
                  return "n=" + n;
                },
                view)
            .whenCompleteAsync((value, e) -> threads.add(Thread.currentThread()), view);
    CompletableFuture<Void> end =
        text.thenAcceptAsync(accepted::set, view)
            .thenRunAsync(() -> threads.add(Thread.currentThread()), view);

    assertThat(result(text)).isEqualTo("n=42");
    result(end);
    assertThat(accepted).hasValue("n=42");
    assertThat(threads).allMatch(thread -> thread.getName().startsWith("heddle-"));
  }

  @Test
  void thenCompose_flattens() throws Exception {
    ExecutorService view = newView();

    CompletableFuture<Integer> sum = CompletableFuture.completedFuture(0);
    for (int i = 1; i <= 100; i++) {
      int number = i;
      sum =
          sum.thenComposeAsync(
              before -> CompletableFuture.supplyAsync(() -> before + number, view), view);
    }

    assertThat(result(sum)).isEqualTo(5_050);
  }

  @Test
  void eitherStage_theOtherNeverComes_runs() throws Exception {
    ExecutorService view = newView();
    CompletableFuture<String> never = new CompletableFuture<>();

    CompletableFuture<String> came = CompletableFuture.supplyAsync(() -> "came", view);

    String either = result(never.applyToEitherAsync(came, s -> s + "!", view));

    assertThat(either).isEqualTo("came!");
  }

  @Test
  void allOf_waitsForAll() throws Exception {
    ExecutorService view = newView();
    AtomicInteger runs = new AtomicInteger();
    List<CompletableFuture<Integer>> parts = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      parts.add(CompletableFuture.supplyAsync(runs::incrementAndGet, view));
    }

    result(CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0])));

    assertThat(runs).hasValue(1_000);
    assertThat(parts).allMatch(CompletableFuture::isDone);
  }

  @Test
  void anyOf_takesTheOneThatComes() throws Exception {
    ExecutorService view = newView();

    Object first =
        result(
            CompletableFuture.anyOf(
                new CompletableFuture<String>(),
                CompletableFuture.supplyAsync(() -> "came", view)));

    assertThat(first).isEqualTo("came");
  }

  // ---- failures

  @Test
  void supplierThrows_dependentsSeeItAsCause() throws Exception {
    ExecutorService view = newView();
    RuntimeException error = new IllegalStateException("deliberate");
    AtomicBoolean ran = new AtomicBoolean();
    CompletableFuture<String> failed =
        CompletableFuture.supplyAsync(
            () -> {
              throw error;
            },
            view);
    CompletableFuture<Void> dependent = failed.thenAcceptAsync(value -> ran.set(true), view);

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> result(failed))
        .withCause(error);
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(dependent::join)
        .withCause(error);
    assertThat(ran).isFalse();
    assertThat(result(failed.exceptionallyAsync(e -> "saved", view))).isEqualTo("saved");
    CompletableFuture<String> message = failed.handleAsync((value, e) -> e.getMessage(), view);
    assertThat(result(message)).contains("deliberate");
    assertThat(
            result(
                failed.exceptionallyComposeAsync(
                    e -> CompletableFuture.supplyAsync(() -> "saved", view), view)))
        .isEqualTo("saved");
  }

  @Test
  void orTimeout_neverCompleted_failsAndDependentsRunOnTheView() throws Exception {
    ExecutorService view = newView();

    CompletableFuture<String> text =
        new CompletableFuture<String>()
            .orTimeout(5, TimeUnit.MILLISECONDS)
            .handleAsync(
                (value, e) -> e.getClass().getName() + Thread.currentThread().getName(), view);

    assertThat(result(text)).startsWith(TimeoutException.class.getName() + "heddle-");
  }

  @Test
  void completeOnTimeout_taskQueued_givesTheDefault() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    try (Gate gate = Gate.holding(engine, workers)) {
      CompletableFuture<String> late =
          CompletableFuture.supplyAsync(() -> "late", view)
              .completeOnTimeout("default", 5, TimeUnit.MILLISECONDS);
      assertThat(result(late)).isEqualTo("default");
      gate.open();
    }
  }

  @Test
  void cancel_queued_supplierDoesNotRun() throws Exception {
    TaskEngine engine = engines.start(workers);
    ExecutorService view = engine.asExecutorService();
    AtomicBoolean ran = new AtomicBoolean();
    try (Gate gate = Gate.holding(engine, workers)) {
      CompletableFuture<Void> future = CompletableFuture.runAsync(() -> ran.set(true), view);
      assertThat(future.cancel(true)).isTrue();
      assertThatExceptionOfType(CancellationException.class).isThrownBy(future::get);
      gate.open();
    }
    EngineProbe.awaitIdle(engine);
    assertThat(ran).isFalse();
  }

  @Test
  void viewShutDown_firstStageThrowsAndLaterStageFails() {
    ExecutorService view = newView();
    CompletableFuture<String> source = new CompletableFuture<>();
    CompletableFuture<String> dependent = source.thenApplyAsync(s -> s + "!", view);
    view.shutdown();

    assertThatExceptionOfType(RejectedExecutionException.class)
        .isThrownBy(() -> CompletableFuture.supplyAsync(() -> "late", view));
    source.complete("value");
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(dependent::join)
        .withCauseInstanceOf(RejectedExecutionException.class);
  }

  // ---- from foreign threads

  @Test
  void complete_byAForeignThread_asyncStageRunsOnAWorker() throws Exception {
    ExecutorService view = newView();
    CompletableFuture<String> source = new CompletableFuture<>();
    CompletableFuture<Thread> ranOn = source.thenApplyAsync(s -> Thread.currentThread(), view);

    Thread foreign = startThread(() -> source.complete("value"));
    foreign.join();

    assertThat(result(ranOn)).isNotSameAs(foreign);
    assertThat(result(ranOn).getName()).startsWith("heddle-");
  }

  @Test
  void complete_byManyForeignThreads_noStageIsLost() throws Exception {
    ExecutorService view = newView();
    int threads = 4;
    int each = 500;
    AtomicInteger runs = new AtomicInteger();
    List<CompletableFuture<Integer>> ends = new ArrayList<>();
    List<Thread> completers = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      List<CompletableFuture<Integer>> sources = new ArrayList<>();
      for (int i = 0; i < each; i++) {
        CompletableFuture<Integer> source = new CompletableFuture<>();
        sources.add(source);
        ends.add(
            source
                .thenApplyAsync(
                    n -> {
                      runs.incrementAndGet();
                      return n + 1;
                    },
                    view)
                .thenApplyAsync(n -> n + 1, view));
      }
      completers.add(
          new Thread(() -> sources.forEach(source -> assertThat(source.complete(1)).isTrue())));
    }
    completers.forEach(Thread::start);
    for (Thread completer : completers) {
      completer.join();
    }
    for (CompletableFuture<Integer> end : ends) {
      assertThat(result(end)).isEqualTo(3);
    }
    assertThat(runs).hasValue(threads * each);
  }

  // ---- none lost

  @Test
  void tenThousandStages_inAChain_eachRunsOnce() throws Exception {
    ExecutorService view = newView();
    CompletableFuture<Integer> source = new CompletableFuture<>();
    CompletableFuture<Integer> end = source;
    for (int i = 0; i < 10_000; i++) {
      end = end.thenApplyAsync(n -> n + 1, view);
    }

    source.complete(0);

    assertThat(result(end)).isEqualTo(10_000);
  }

  @Test
  void tenThousandStages_onOneSource_eachRunsOnce() throws Exception {
    ExecutorService view = newView();
    CompletableFuture<Integer> source = new CompletableFuture<>();
    AtomicInteger runs = new AtomicInteger();
    List<CompletableFuture<Integer>> ends = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      ends.add(source.thenApplyAsync(n -> runs.addAndGet(n), view));
    }

    source.complete(1);

    result(CompletableFuture.allOf(ends.toArray(new CompletableFuture<?>[0])));
    assertThat(runs).hasValue(10_000);
  }

  @Test
  void engineFull_noStageIsLost() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(workers).queueCapacity(1));
    ExecutorService view = engine.asExecutorService();
    AtomicInteger runs = new AtomicInteger();
    List<CompletableFuture<Integer>> ends = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      ends.add(
          CompletableFuture.supplyAsync(runs::incrementAndGet, view)
              .thenApplyAsync(n -> runs.incrementAndGet(), view)
              .thenComposeAsync(
                  n -> CompletableFuture.supplyAsync(runs::incrementAndGet, view), view));
    }
    result(CompletableFuture.allOf(ends.toArray(new CompletableFuture<?>[0])));
    assertThat(runs).hasValue(3_000);
  }

  @Test
  void engineFull_allWorkersHeld_stagesRunInWhoCompletes() throws Exception {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(workers).queueCapacity(1));
    ExecutorService view = engine.asExecutorService();
    try (Gate gate = Gate.holding(engine, workers)) {
      CompletableFuture<String> queued = CompletableFuture.supplyAsync(() -> "queued", view);
      CompletableFuture<String> source = new CompletableFuture<>();
      CompletableFuture<Thread> ranOn = source.thenApplyAsync(s -> Thread.currentThread(), view);

      source.complete("value");

      assertThat(ranOn.isDone()).isTrue();
      assertThat(ranOn.join()).isSameAs(Thread.currentThread());
      assertThat(queued.isDone()).isFalse();
      gate.open();
      assertThat(result(queued)).isEqualTo("queued");
    }
  }

  @Test
  void close_afterTheFirstStages_thoseRun() throws Exception {
    List<CompletableFuture<String>> stages = new ArrayList<>();
    try (ExecutorService view = newView()) {
      for (int i = 0; i < 100; i++) {
        stages.add(CompletableFuture.supplyAsync(() -> "run", view));
      }
    }
    assertThat(stages).allMatch(stage -> stage.resultNow().equals("run"));
  }

  // ---- nobody starves while tasks wait for each other's stages

  /**
   * A task gives a stage to the view and blocks until it has run: the worker that is left must find
   * it in the inbox of the one that blocks. Once a worker oversleeps that, the round never ends.
   */
  @Test
  void waitingForAStageOfOnesOwn_otherWorkersRunIt() throws Exception {
    ExecutorService view = engines.start(Math.max(2, workers)).asExecutorService();
    int rounds = 35_000; // three times
    for (int i = 0; i < rounds; i++) {
      int number = i;
      CompletableFuture<Integer> outer =
          CompletableFuture.supplyAsync(
              () -> CompletableFuture.supplyAsync(() -> number, view).join() + 1, view);
      assertThat(outer.get(1, TimeUnit.MINUTES)).isEqualTo(i + 1);
    }
  }

  /**
   * All workers but one block until a stage has run that is completed by a task which they have
   * submitted themselves: all of that must come through the one that is left.
   */
  @Test
  void allButOneWaitForStagesThatOthersComplete_allRun() throws Exception {
    int workers = Math.max(2, this.workers);
    ExecutorService view = engines.start(workers).asExecutorService();
    for (int round = 0; round < 5_000; round++) {
      List<CompletableFuture<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < workers - 1; i++) {
        CountDownLatch stageRan = new CountDownLatch(1);
        CompletableFuture<String> source = new CompletableFuture<>();
        tasks.add(source.thenRunAsync(stageRan::countDown, view));
        tasks.add(
            CompletableFuture.runAsync(
                () -> {
                  view.execute(() -> source.complete("go"));
                  Gate.await(stageRan);
                },
                view));
      }
      result(CompletableFuture.allOf(tasks.toArray(new CompletableFuture<?>[0])));
    }
  }
}
