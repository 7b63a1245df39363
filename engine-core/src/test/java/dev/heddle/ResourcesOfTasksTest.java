// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.ResourceException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.observe.Explanation;
import dev.heddle.resource.Lease;
import dev.heddle.resource.Limit;
import dev.heddle.resource.ResourcePool;
import dev.heddle.spi.ExecutionStrategy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What tasks hold while they run comes back whatever becomes of them. */
@Timeout(120)
class ResourcesOfTasksTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  @RegisterExtension final EngineProbe engines = new EngineProbe();
  @RegisterExtension final EngineLog log = new EngineLog();

  private static void awaitAllBack(Limit limit) {
    await().atMost(LIMIT).until(() -> limit.available() == limit.capacity());
  }

  /**
   * Permits are given in the order of submission: when a task begins, all before it have had
   * theirs, and fewer of them than there are permits have not ended.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void uses_limit_neverMoreRunThanItAllows_inOrder(int permits) {
    TaskEngine engine = engines.start(4);
    Limit few = engine.limit("few", permits);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger mostNotEnded = new AtomicInteger();
    AtomicIntegerArray ended = new AtomicIntegerArray(500);
    TaskGroup<Integer> group =
        engine.submitEach(
            IntStream.range(0, ended.length()).boxed().toList(),
            (n, context) -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              int notEnded = n - (int) IntStream.range(0, n).filter(i -> ended.get(i) > 0).count();
              mostNotEnded.accumulateAndGet(notEnded, Math::max);
              now.decrementAndGet();
              ended.set(n, 1);
              return n;
            },
            TaskOptions.defaults().uses(few));
    assertThat(group.join()).hasSize(500);
    assertThat(most.get()).isBetween(1, permits);
    assertThat(mostNotEnded.get()).isLessThan(permits);
    awaitAllBack(few);
  }

  @Test
  void uses_pool_bodyFindsItsItem() {
    TaskEngine engine = engines.start(2);
    ResourcePool<String> names = ResourcePool.of("names", List.of("warp", "weft"));
    Limit limit = engine.limit("pair", 4);
    TaskOptions options = TaskOptions.defaults().uses(names).uses(limit, 2);
    List<TaskHandle<String>> handles = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      handles.add(engine.submit(context -> context.lease(names).value(), options));
    }
    handles.forEach(handle -> assertThat(handle.join(LIMIT)).isIn("warp", "weft"));
    awaitAllBack(limit);
    assertThat(names.available()).isEqualTo(2);
  }

  static List<ExecutionStrategy> strategies() {
    return List.of(
        ExecutionStrategy.workStealing(),
        ExecutionStrategy.caller(),
        ExecutionStrategy.dedicatedThread(),
        ExecutionStrategy.virtualThreads(3));
  }

  /** Success, failure, retry, timeout, cancellation before and during the run. */
  @ParameterizedTest
  @MethodSource("strategies")
  void uses_howeverTasksEnd_allComesBack(ExecutionStrategy strategy) {
    TaskEngine engine = engines.start(2);
    Limit limit = engine.limit("all", 2);
    TaskOptions options = TaskOptions.defaults().uses(limit).strategy(strategy);
    CountDownLatch open = new CountDownLatch(1);
    assertThat(engine.submit(context -> 1, options).join(LIMIT)).isEqualTo(1);
    assertThat(
            engine
                .submit(
                    context -> {
                      if (context.attempt() < 3) {
                        throw new IOException("again");
                      }
                      return limit.available();
                    },
                    options.retry(Retry.fixed(Duration.ZERO, 3)))
                .join(LIMIT))
        .isEqualTo(1);
    TaskHandle<Integer> late =
        engine.submit(
            context -> {
              while (!context.isCancelled()) {
                Thread.onSpinWait();
              }
              return 1;
            },
            options.timeout(Duration.ofMillis(5)));
    assertThat(late.outcome()).isInstanceOf(Outcome.Failure.class);
    if (strategy != ExecutionStrategy.caller()) {
      List<TaskHandle<Integer>> waiting = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        waiting.add(
            engine.submit(
                context -> {
                  Gate.await(open);
                  return 1;
                },
                i % 2 == 0 ? options : options.timeout(Duration.ofMillis(20))));
      }
      waiting.forEach(TaskHandle::cancel);
      open.countDown();
      waiting.forEach(TaskHandle::outcome);
    }
    EngineProbe.awaitIdle(engine);
    awaitAllBack(limit);
  }

  @Test
  void uses_waitingHoldsNoWorker_andIsExplained() {
    TaskEngine engine = engines.start(1);
    Limit db = engine.limit("db", 1);
    Lease<?> outside = db.acquire(LIMIT);
    TaskHandle<Integer> waits =
        engine.submit(context -> 1, TaskOptions.defaults().name("query").uses(db));
    assertThat(engine.submit(() -> 5).join(LIMIT)).isEqualTo(5);
    Explanation why = engine.explain(waits);
    assertThat(why.state()).isEqualTo(Explanation.State.WAITS_FOR_RESOURCES);
    assertThat(why.reasons())
        .containsExactly("it waits for 1 permit of limit db: capacity=1, 0 ahead");
    outside.close();
    assertThat(waits.join(LIMIT)).isEqualTo(1);
  }

  /** Who gives a permit back has not submitted the task that gets it. */
  @Test
  void uses_holderIsCancelled_taskThatGetsItsPermitRuns() {
    TaskEngine engine = engines.start(1);
    TaskOptions one = TaskOptions.defaults().uses(engine.limit("one", 1));
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    TaskHandle<Integer> holder =
        engine.submit(
            context -> {
              running.countDown();
              Gate.await(open);
              return 1;
            },
            one);
    Gate.await(running);
    TaskHandle<Integer> waits = engine.submit(context -> 2, one);
    holder.cancel();
    open.countDown();
    assertThat(waits.join(LIMIT)).isEqualTo(2);
  }

  @Test
  void close_whileTasksWaitForPermits_endsThem() {
    TaskEngine engine = engines.start(1);
    Limit db = engine.limit("db", 1);
    Lease<?> outside = db.acquire(LIMIT);
    TaskHandle<Integer> waits = engine.submit(context -> 1, TaskOptions.defaults().uses(db));
    engine.close(Duration.ZERO);
    assertThat(waits.outcome()).isInstanceOf(Outcome.Cancelled.class);
    assertThat(engine.close(LIMIT).terminated()).isTrue(); // its workers may need a moment
    outside.close();
    awaitAllBack(db);
  }

  // ---- acquired in the body

  @Test
  void acquire_inABody_waitsWithoutKeepingTheWorker() {
    TaskEngine engine = engines.start(1);
    Limit db = engine.limit("db", 1);
    Lease<?> outside = db.acquire(LIMIT);
    CountDownLatch running = new CountDownLatch(1);
    TaskHandle<Integer> waits =
        engine.submit(
            context -> {
              running.countDown();
              try (Lease<?> lease = context.acquire(db, 1, LIMIT)) {
                return db.available();
              }
            });
    Gate.await(running);
    assertThat(engine.submit(() -> 5).join(LIMIT)).isEqualTo(5);
    outside.close();
    assertThat(waits.join(LIMIT)).isZero();
    awaitAllBack(db);
  }

  @Test
  void acquire_cancelledWhileItWaits_endsAtOnce() throws Exception {
    TaskEngine engine = engines.start(1);
    Limit db = engine.limit("db", 1);
    Lease<?> outside = db.acquire(LIMIT);
    CountDownLatch running = new CountDownLatch(1);
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    TaskHandle<Integer> waits =
        engine.submit(
            context -> {
              running.countDown();
              try {
                context.acquire(db, LIMIT);
                return 1;
              } catch (TaskCancelledException e) {
                ended.complete(e);
                throw e;
              }
            });
    Gate.await(running);
    await().atMost(LIMIT).until(() -> db.waiting() == 1);
    assertThat(waits.cancel()).isTrue();
    assertThat(ended.get(1, TimeUnit.MINUTES)).isInstanceOf(TaskCancelledException.class);
    outside.close();
    awaitAllBack(db);
  }

  @Test
  void acquire_outOfOrder_isRefused() {
    TaskEngine engine = engines.start(1);
    Limit a = engine.limit("a", 1);
    Limit b = engine.limit("b", 1);
    assertThatThrownBy(
            () ->
                engine
                    .submit(
                        context -> {
                          context.acquire(b, LIMIT);
                          context.acquire(a, LIMIT);
                          return 1;
                        })
                    .join())
        .cause()
        .isInstanceOfSatisfying(
            ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_ORDER))
        .hasMessage(
            "resources must be acquired in the order of their names: held=b, wanted=a (acquire it"
                + " first, or both together by uses)");
    awaitAllBack(a);
    awaitAllBack(b);
  }

  @Test
  void acquire_notClosed_comesBackAtTheEnd_andIsSaid() {
    TaskEngine engine = engines.start(1);
    Limit db = engine.limit("db", 3);
    engine
        .submit(
            context -> context.acquire(db, 2, LIMIT).permits(),
            TaskOptions.defaults().name("leaky"))
        .join(LIMIT);
    awaitAllBack(db);
    assertThat(log.messages())
        .anyMatch(
            line ->
                line.startsWith(
                    "task has ended with open leases, which are given back: open=1, name=leaky"));
  }

  @Test
  void acquire_inATaskInsideOneThatWaits_isItsOwn() {
    TaskEngine engine = engines.start(1);
    Limit db = engine.limit("db", 2);
    int held =
        engine
            .submit(
                outer -> {
                  outer.acquire(db, LIMIT);
                  engine.submit(inner -> inner.acquire(db, LIMIT).permits()).join();
                  return db.available(); // the inner one is back
                })
            .join(LIMIT);
    assertThat(held).isEqualTo(1);
    awaitAllBack(db);
  }
}
