// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.heddle.EngineProbe;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.ErrorCode;
import dev.heddle.error.ForkDepthException;
import dev.heddle.error.ForkScopeException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.spi.OverflowPolicy;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a scope does and refuses. */
@Timeout(120)
class ForkScopeTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private static final ForkLong FIB =
      (scope, n) -> n < 2 ? n : scope.joinLong(ForkScopeTest.FIB, n - 1, n - 2, Long::sum);

  private static final ForkLong2 SUM =
      (scope, lo, hi) ->
          hi - lo == 1
              ? lo
              : scope.joinLong(ForkScopeTest.SUM, lo, (lo + hi) / 2, (lo + hi) / 2, hi, Long::sum);

  private static final ForkInt INT_FIB =
      (scope, n) -> n < 2 ? n : scope.joinInt(ForkScopeTest.INT_FIB, n - 1, n - 2, Integer::sum);

  private static final ForkDouble HALVES =
      (scope, x) -> x < 1 ? x : scope.joinDouble(ForkScopeTest.HALVES, x / 2, x / 4, Double::sum);

  private static final ForkDouble2 INTEGRAL =
      (scope, lo, hi) ->
          hi - lo < 1e-3
              ? (hi - lo) * (lo + hi) / 2
              : scope.joinDouble(
                  ForkScopeTest.INTEGRAL, lo, (lo + hi) / 2, (lo + hi) / 2, hi, Double::sum);

  private static final Fork<String, String> REVERSE =
      (scope, text) ->
          text.length() < 2
              ? text
              : scope.join(
                  ForkScopeTest.REVERSE,
                  text.substring(0, text.length() / 2),
                  text.substring(text.length() / 2),
                  (left, right) -> right + left);

  private static double halves(double x) {
    return x < 1 ? x : halves(x / 2) + halves(x / 4);
  }

  private static long fib(ForkScope scope, long n) {
    return n < 2
        ? n
        : scope.joinLong(left -> fib(left, n - 1), right -> fib(right, n - 2), Long::sum);
  }

  // ---- forms

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void compute_functionForms_asSequentially(int workers) {
    TaskEngine engine = engines.start(workers);
    assertThat(engine.computeLong(FIB, 20)).isEqualTo(6_765);
    assertThat(engine.computeLong(SUM, 0, 10_000)).isEqualTo(49_995_000);
    assertThat(engine.computeInt(INT_FIB, 20)).isEqualTo(6_765);
    assertThat(engine.computeDouble(HALVES, 1_000)).isEqualTo(halves(1_000));
    assertThat(engine.computeDouble(INTEGRAL, 0, 2)).isBetween(1.999_999, 2.000_001);
    assertThat(engine.compute(REVERSE, "abcdefghij")).isEqualTo("jihgfedcba");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void compute_capturedForms_asSequentially(int workers) {
    TaskEngine engine = engines.start(workers);
    assertThat(engine.<Long>compute(scope -> fib(scope, 18))).isEqualTo(2_584);
    assertThat(engine.<Integer>compute(scope -> scope.joinInt(l -> 3, r -> 4, (a, b) -> a - b)))
        .isEqualTo(-1);
    assertThat(
            engine.<Double>compute(scope -> scope.joinDouble(l -> 0.5, r -> 0.25, (a, b) -> a - b)))
        .isEqualTo(0.25);
    assertThat(
            engine.<String>compute(
                scope -> scope.join(l -> "a", r -> 1, (text, number) -> text + number)))
        .isEqualTo("a1");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 100})
  void joinAll_anyNumberOfBranches_eachRunsOnce(int branches) {
    TaskEngine engine = engines.start(2);
    AtomicInteger[] runs = new AtomicInteger[branches];
    ForkAction[] actions = new ForkAction[branches];
    for (int i = 0; i < branches; i++) {
      AtomicInteger run = new AtomicInteger();
      runs[i] = run;
      actions[i] = scope -> run.incrementAndGet();
    }
    engine.compute(
        scope -> {
          scope.joinAll(actions);
          return "done";
        });
    assertThat(Arrays.stream(runs).mapToInt(AtomicInteger::get)).allMatch(run -> run == 1);
  }

  @Test
  void compute_extremeValues_comeThrough() {
    TaskEngine engine = engines.start(2);
    ForkLong same = (scope, n) -> n;
    assertThat(
            engine.computeLong(
                (scope, n) -> scope.joinLong(same, Long.MIN_VALUE, Long.MAX_VALUE, (a, b) -> a ^ b),
                0))
        .isEqualTo(-1);
    ForkDouble number = (scope, x) -> x;
    assertThat(
            engine.computeDouble(
                (scope, x) ->
                    scope.joinDouble(number, Double.NaN, Double.NEGATIVE_INFINITY, (a, b) -> a),
                0))
        .isNaN();
    assertThat(engine.<Object>compute(scope -> scope.join(l -> null, r -> null, (a, b) -> null)))
        .isNull();
  }

  /** In a task, in a computation, in a task that is run inside another, on a foreign thread. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void compute_inOtherPlaces_asOutside(int workers) {
    TaskEngine engine = engines.start(workers);
    assertThat(engine.submit(() -> engine.computeLong(FIB, 15)).join()).isEqualTo(610);
    assertThat(
            engine.computeLong(
                (scope, n) ->
                    scope.joinLong((inner, m) -> engine.computeLong(FIB, m), n, n - 1, Long::sum),
                15))
        .isEqualTo(987);
    assertThat(
            engine.computeLong(
                (scope, n) ->
                    scope.joinLong(FIB, n, n - 1, Long::sum)
                        + engine.submit(() -> engine.computeLong(FIB, n)).join(),
                15))
        .isEqualTo(987 + 610);
    assertThat(engine.submit(Task.blocking(context -> engine.computeLong(FIB, 15))).join())
        .isEqualTo(610);
  }

  @Test
  void compute_fullEngineWhoseCallersRun_computesInTheCaller() throws Exception {
    TaskEngine engine =
        engines.start(
            TaskEngine.builder().workers(1).queueCapacity(1).overflow(OverflowPolicy.callerRuns()));
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    engine.execute(
        () -> {
          started.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    started.await();
    engine.execute(() -> {});
    assertThat(engine.computeLong(FIB, 15)).isEqualTo(610);
    release.countDown();
  }

  @Test
  void compute_withoutStealing_asSequentially() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(2).workStealing(false));
    assertThat(engine.computeLong(FIB, 20)).isEqualTo(6_765);
  }

  // ---- branches on two workers

  /**
   * Waits until another branch has started elsewhere. Forks meanwhile: only at forks and joins can
   * an idle worker ask for what is pending.
   */
  private static void awaitTaken(ForkScope scope, CountDownLatch latch) {
    long start = System.nanoTime();
    while (latch.getCount() > 0) {
      scope.joinLong(FIB, 2, 1, Long::sum);
      if (System.nanoTime() - start > TimeUnit.MINUTES.toNanos(1)) {
        throw new AssertionError("the other branch must be taken");
      }
    }
  }

  @Test
  void join_otherWorkerIdle_branchesRunAtTheSameTime() {
    TaskEngine engine = engines.start(2);
    for (int round = 0; round < 100; round++) {
      CountDownLatch right = new CountDownLatch(1);
      CountDownLatch left = new CountDownLatch(1);
      String result =
          engine.compute(
              scope ->
                  scope.join(
                      l -> {
                        left.countDown();
                        awaitTaken(l, right);
                        return "left";
                      },
                      r -> {
                        right.countDown();
                        awaitTaken(r, left);
                        return "right";
                      },
                      (a, b) -> a + b));
      assertThat(result).isEqualTo("leftright");
    }
  }

  /** Of a right-nested chain, the rest is offered while the first leaf runs. */
  @Test
  void join_rightNested_restIsTakenWhileALeafRuns() {
    TaskEngine engine = engines.start(2);
    List<CountDownLatch> started = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      started.add(new CountDownLatch(1));
    }
    engine.compute(scope -> chain(scope, started, 0));
    assertThat(started).allMatch(each -> each.getCount() == 0);
  }

  /** The first leaf waits for the second one to start. */
  private static String chain(ForkScope scope, List<CountDownLatch> started, int from) {
    if (from == started.size() - 1) {
      started.get(from).countDown();
      return "end";
    }
    return scope.join(
        left -> {
          started.get(from).countDown();
          if (from == 0) {
            awaitTaken(left, started.get(from + 1));
          }
          return "leaf";
        },
        right -> chain(right, started, from + 1),
        (a, b) -> b);
  }

  // ---- errors

  private static final class BranchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BranchException(String message) {
      super(message);
    }
  }

  @Test
  void join_leftThrows_rightIsNotStartedAndScopeStaysUsable() {
    TaskEngine engine = engines.start(1);
    AtomicBoolean right = new AtomicBoolean();
    String result =
        engine.compute(
            scope -> {
              try {
                return scope.join(
                    l -> {
                      throw new BranchException("left");
                    },
                    r -> right.getAndSet(true) ? "a" : "b",
                    (a, b) -> "none");
              } catch (BranchException e) {
                return e.getMessage() + scope.joinLong(FIB, 10, 9, Long::sum);
              }
            });
    assertThat(result).isEqualTo("left89");
    assertThat(right).isFalse();
  }

  @Test
  void join_rightThrows_comesOutAndScopeStaysUsable() {
    TaskEngine engine = engines.start(1);
    String result =
        engine.compute(
            scope -> {
              try {
                return scope.<String, String, String>join(
                    l -> "left",
                    r -> {
                      throw new BranchException("right");
                    },
                    (a, b) -> "none");
              } catch (BranchException e) {
                return e.getMessage() + scope.joinLong(FIB, 10, 9, Long::sum);
              }
            });
    assertThat(result).isEqualTo("right89");
  }

  @Test
  void join_bothThrow_leftHasRightSuppressed() {
    TaskEngine engine = engines.start(2);
    CountDownLatch right = new CountDownLatch(1);
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(
            () ->
                engine.compute(
                    scope ->
                        scope.join(
                            l -> {
                              awaitTaken(l, right);
                              throw new BranchException("left");
                            },
                            r -> {
                              right.countDown();
                              throw new BranchException("right");
                            },
                            (a, b) -> "none")))
        .satisfies(
            e -> {
              assertThat(e.getCause()).isInstanceOf(BranchException.class).hasMessage("left");
              assertThat(requireNonNull(e.getCause()).getSuppressed())
                  .singleElement()
                  .satisfies(other -> assertThat(other).hasMessage("right"));
            });
  }

  @Test
  void compute_functionThrowsInATask_sameExceptionAsOutside() {
    TaskEngine engine = engines.start(1);
    ForkLong fails =
        (scope, n) -> {
          throw new BranchException("no " + n);
        };
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(() -> engine.computeLong(fails, 3))
        .havingCause()
        .withMessage("no 3");
    String caught =
        engine
            .submit(
                () -> {
                  try {
                    return "none" + engine.computeLong(fails, 4);
                  } catch (TaskFailedException e) {
                    return requireNonNull(e.getCause()).getMessage();
                  }
                })
            .join();
    assertThat(caught).isEqualTo("no 4");
  }

  @Test
  void compute_closedEngine_refused() {
    TaskEngine engine = TaskEngine.builder().workers(1).build();
    engine.close();
    assertThatExceptionOfType(dev.heddle.error.RejectedTaskException.class)
        .isThrownBy(() -> engine.computeLong(FIB, 3))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.ENGINE_CLOSED));
  }

  // ---- misuse

  private void assertMisused(TaskEngine engine, ForkBody<Object> body, String message) {
    assertThatExceptionOfType(ForkScopeException.class)
        .isThrownBy(() -> engine.compute(body))
        .withMessageStartingWith(message)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FORK_MISUSE));
    assertThat(engine.computeLong(FIB, 15)).isEqualTo(610);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void scope_usedInABranch_refused(int workers) {
    TaskEngine engine = engines.start(workers);
    ForkBody<Object> inLeft =
        scope -> scope.join(l -> scope.joinLong(FIB, 3, 2, Long::sum), r -> 1L, (a, b) -> "none");
    assertMisused(engine, inLeft, "scope is for its own branch: usedIn=");
    ForkBody<Object> deeper =
        scope ->
            scope.join(
                l -> l.joinLong(inner -> scope.joinLong(FIB, 3, 2, Long::sum), r -> 1, Long::sum),
                r -> 1L,
                (a, b) -> "none");
    assertMisused(engine, deeper, "scope is for its own branch: usedIn=");
  }

  @Test
  void scope_usedInTheRightBranch_refused() {
    assertMisused(
        engines.start(1),
        scope -> scope.join(l -> 1L, r -> scope.joinLong(FIB, 3, 2, Long::sum), (a, b) -> "none"),
        "scope is for its own branch: usedIn=");
  }

  @Test
  void scope_usedInARightBranchThatWasTaken_refused() {
    CountDownLatch right = new CountDownLatch(1);
    assertMisused(
        engines.start(2),
        scope ->
            scope.join(
                l -> {
                  awaitTaken(l, right);
                  return 1L;
                },
                r -> {
                  right.countDown();
                  return scope.joinLong(FIB, 3, 2, Long::sum);
                },
                (a, b) -> "none"),
        "scope is for the thread that runs its branch: thread=");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void scope_usedAfterItsBranch_refused(int workers) {
    AtomicReference<ForkScope> kept = new AtomicReference<>();
    assertMisused(
        engines.start(workers),
        scope -> {
          scope.joinLong(
              l -> {
                kept.set(l);
                return 1;
              },
              r -> 2,
              Long::sum);
          return kept.get().joinLong(FIB, 3, 2, Long::sum);
        },
        "scope is for the time its branch runs");
  }

  @Test
  void scope_usedByAnotherThread_refused() {
    assertMisused(
        engines.start(1),
        scope -> {
          FutureTask<Long> other = new FutureTask<>(() -> scope.joinLong(FIB, 3, 2, Long::sum));
          new Thread(other, "other").start();
          try {
            return other.get(1, TimeUnit.MINUTES);
          } catch (Exception e) {
            throw (ForkScopeException) e.getCause();
          }
        },
        "scope is for the thread that runs its branch: thread=other");
  }

  // ---- cancelling

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void compute_taskCancelled_endsSoon(int workers) throws Exception {
    TaskEngine engine = engines.start(workers);
    CountDownLatch started = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    TaskHandle<Long> handle =
        engine.submit(
            context -> {
              started.countDown();
              try {
                return engine.computeLong(FIB, 90); // would take years
              } catch (Throwable e) {
                thrown.set(e);
                throw e;
              }
            },
            TaskOptions.defaults().name("endless"));
    started.await();
    assertThat(handle.cancel()).isTrue();
    await().untilAtomic(thrown, org.hamcrest.Matchers.notNullValue());
    assertThat(thrown.get()).isInstanceOf(TaskCancelledException.class);
  }

  /** The computation begins after the cancellation: nobody could tell its stack. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void compute_inATaskCancelledBefore_endsSoon(int workers) throws Exception {
    TaskEngine engine = engines.start(workers);
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    TaskHandle<Long> handle =
        engine.submit(
            () -> {
              started.countDown();
              cancelled.await();
              try {
                return engine.computeLong(FIB, 90);
              } catch (Throwable e) {
                thrown.set(e);
                throw e;
              }
            });
    started.await();
    handle.cancel();
    cancelled.countDown();
    await().untilAtomic(thrown, org.hamcrest.Matchers.notNullValue());
    assertThat(thrown.get()).isInstanceOf(TaskCancelledException.class);
  }

  /** A branch that another worker runs begins a computation of its own: it belongs to the task. */
  @Test
  void compute_inATakenBranchOfACancelledTask_endsSoon() throws Exception {
    TaskEngine engine = engines.start(2);
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    TaskHandle<Long> handle =
        engine.submit(
            () ->
                engine.<Long>compute(
                    scope ->
                        scope.joinLong(
                            l -> {
                              awaitTaken(l, taken);
                              return 1;
                            },
                            r -> {
                              taken.countDown();
                              try {
                                return engine.computeLong(FIB, 90);
                              } finally {
                                ended.countDown();
                              }
                            },
                            Long::sum)));
    taken.await();
    handle.cancel();
    assertThat(ended.await(1, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  void compute_atTheEndOfTheStack_engineStillEnds() {
    for (int round = 0; round < 20; round++) {
      TaskEngine engine = TaskEngine.builder().workers(2).build();
      engine.submit(() -> computeDeeper(engine, 0)).join();
      assertThat(engine.computeLong(FIB, 15)).isEqualTo(610);
      engine.close();
    }
  }

  private static int computeDeeper(TaskEngine engine, int depth) {
    if (depth == Integer.MAX_VALUE) {
      return depth;
    }
    try {
      engine.computeLong(FIB, 3);
      return computeDeeper(engine, depth + 1);
    } catch (StackOverflowError | TaskFailedException | ForkDepthException e) {
      return depth;
    }
  }

  @Test
  void joinAll_oneBranchInAnEndedScope_refused() {
    AtomicReference<ForkScope> kept = new AtomicReference<>();
    assertMisused(
        engines.start(1),
        scope -> {
          scope.joinAll(kept::set);
          kept.get().joinAll(inner -> {});
          return "none";
        },
        "scope is for the time its branch runs");
  }

  @Test
  void close_whileComputing_endsIt() {
    TaskEngine engine = TaskEngine.builder().workers(2).build();
    TaskHandle<Long> handle = engine.submit(() -> engine.computeLong(FIB, 90));
    assertThat(engine.close(java.time.Duration.ofMillis(20)).stillRunning()).isEmpty();
    assertThat(handle.isCancelled()).isTrue();
  }

  // ---- depth

  private static final ForkLong DEEP =
      (scope, n) -> n == 0 ? 0 : scope.joinLong(ForkScopeTest.DEEP, n - 1, 0, Math::max) + 1;

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void compute_deeperThanTheStack_typedErrorAndUsable(int workers) {
    TaskEngine engine = engines.start(workers);
    for (int round = 0; round < 3; round++) {
      assertThatExceptionOfType(ForkDepthException.class)
          .isThrownBy(() -> engine.computeLong(DEEP, 100_000_000))
          .withMessageStartingWith("recursion must not be deeper than the stack of its thread");
      assertThat(engine.computeLong(DEEP, 1_000)).isEqualTo(1_000);
      assertThat(engine.computeLong(FIB, 20)).isEqualTo(6_765);
    }
  }

  // ---- retention

  @Test
  void compute_captured_isForgottenAfterTheTask() {
    TaskEngine engine = engines.start(2);
    List<WeakReference<Object>> references = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      references.add(computeWithALargeObject(engine));
    }
    engine.computeLong(FIB, 5);
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(references).allMatch(each -> each.refersTo(null));
            });
  }

  private static WeakReference<Object> computeWithALargeObject(TaskEngine engine) {
    byte[] large = new byte[100_000];
    engine.compute(scope -> scope.joinInt(l -> large.length, r -> large[0], Integer::sum));
    return new WeakReference<>(large);
  }
}
