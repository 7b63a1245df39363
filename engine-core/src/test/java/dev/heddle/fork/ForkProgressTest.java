// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.EngineProbe;
import dev.heddle.TaskEngine;
import java.nio.file.Path;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Idle workers get branches in whatever shape they come, and no wait runs what could lock it. */
@Timeout(120)
class ForkProgressTest {

  private static final int PENDING = 64;

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  // ---- shapes that are hard to share

  /** Left branches down to a leaf; each leaves a right branch pending above it. */
  private static void descend(ForkScope scope, int depth, ForkAction leaf, ForkAction pending) {
    if (depth == 0) {
      leaf.run(scope);
      return;
    }
    scope.joinAll(left -> descend(left, depth - 1, leaf, pending), pending);
  }

  /**
   * A leaf does not look at what others want. So what is above it is taken if somebody had nothing
   * to do before: nearly always here, where the other worker has waited for the round.
   */
  @Test
  void join_pendingAboveALongLeaf_isTakenWhileTheLeafRuns() {
    TaskEngine engine = engines.start(2);
    int rounds = 50;
    AtomicInteger shared = new AtomicInteger();
    for (int round = 0; round < rounds; round++) {
      AtomicInteger ran = new AtomicInteger();
      engine.compute(
          scope -> {
            descend(
                scope,
                PENDING,
                leaf -> {
                  LockSupport.parkNanos(MILLISECONDS.toNanos(5));
                  shared.addAndGet(Math.min(ran.get(), 1));
                },
                right -> ran.incrementAndGet());
            return null;
          });
      assertThat(ran).hasValue(PENDING);
    }
    assertThat(shared).hasValueGreaterThan(rounds / 5);
  }

  /** On the way up there are no forks, only joins: an owner that looks at forks alone shares 2. */
  @Test
  void join_ownerOnlyJoins_branchesAreTakenOnTheWayUp() {
    TaskEngine engine = engines.start(2);
    AtomicInteger taken = new AtomicInteger();
    engine.compute(
        scope -> {
          Thread owner = Thread.currentThread();
          descend(
              scope,
              PENDING,
              leaf -> {},
              right -> {
                LockSupport.parkNanos(MILLISECONDS.toNanos(1));
                if (Thread.currentThread() != owner) {
                  taken.incrementAndGet();
                }
              });
          return null;
        });
    assertThat(taken).hasValueGreaterThan(PENDING / 8);
  }

  @Test
  void compute_smallTreesBesideAnIdleWorker_allRight() {
    TaskEngine engine = engines.start(2);
    long sum =
        engine
            .submit(
                () -> {
                  long all = 0;
                  for (int i = 0; i < 200_000; i++) {
                    all += engine.computeLong(FIB, 8);
                  }
                  return all;
                })
            .join();
    assertThat(sum).isEqualTo(200_000L * 21);
  }

  private static final ForkLong FIB =
      (scope, n) -> n < 2 ? n : scope.joinLong(ForkProgressTest.FIB, n - 1, n - 2, Long::sum);

  // ---- locks held across joins, tasks joined inside tasks

  /** A branch that joins under a lock must not run its sibling, which wants the lock. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void join_underALockThatASiblingWants_neverRunsTheSibling(int workers) {
    TaskEngine engine = engines.start(workers);
    AtomicInteger reentered = new AtomicInteger();
    ReentrantLock lock = new ReentrantLock();
    ForkAction locked =
        scope -> {
          lock.lock();
          try {
            if (lock.getHoldCount() > 1) {
              reentered.incrementAndGet();
            }
            scope.joinLong(FIB, 6, 5, Long::sum);
          } finally {
            lock.unlock();
          }
        };
    for (int round = 0; round < 10_000; round++) {
      engine.compute(
          scope -> {
            scope.joinAll(locked, locked, locked, locked);
            return null;
          });
    }
    assertThat(reentered).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void submit_fibWhoseTasksWaitForTheirParts_ends(int workers) {
    TaskEngine engine = engines.start(workers);
    for (int round = 0; round < 10_000; round++) {
      assertThat(engine.submit(() -> fibOfTasks(engine, 7)).join()).isEqualTo(13);
    }
  }

  private static int fibOfTasks(TaskEngine engine, int n) {
    if (n < 2) {
      return n;
    }
    var left = engine.submit(() -> fibOfTasks(engine, n - 1));
    return fibOfTasks(engine, n - 2) + left.join();
  }

  // ---- depth

  /**
   * In a JVM of its own: after other tests have run into the ends of stacks, the JIT may not
   * compile this recursion any more.
   */
  @ParameterizedTest
  @CsvSource({"256", "1024"})
  void compute_downToTheEndOfTheStack_atLeastThirtyPercentOfPlain(int kibibytes) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StackDepth.class.getName(),
                String.valueOf(kibibytes))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(Double.parseDouble(output.strip())).isGreaterThan(0.3);
  }

  @Test
  void joinAll_tenThousandLevels_onAStackThatBearsThem() {
    ThreadFactory factory = body -> new Thread(null, body, "deep", 64 << 20);
    AtomicInteger ran = new AtomicInteger();
    try (TaskEngine engine = TaskEngine.builder().workers(2).threadFactory(factory).build()) {
      engine.compute(
          scope -> {
            descend(scope, 10_000, leaf -> {}, right -> ran.incrementAndGet());
            return null;
          });
    }
    assertThat(ran).hasValue(10_000);
  }
}
