// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.error.DeadlockException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks that wait for each other are told so at once. */
@Timeout(120)
class DeadlockTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  /** Tasks in a circle, each of which waits for the next when all run. */
  private static List<TaskHandle<String>> circle(List<TaskEngine> where) {
    List<CompletableFuture<TaskHandle<String>>> handles = new ArrayList<>();
    CountDownLatch allRun = new CountDownLatch(where.size());
    where.forEach(engine -> handles.add(new CompletableFuture<>()));
    for (int i = 0; i < where.size(); i++) {
      CompletableFuture<TaskHandle<String>> next = handles.get((i + 1) % where.size());
      handles
          .get(i)
          .complete(
              where
                  .get(i)
                  .submit(
                      context -> {
                        allRun.countDown();
                        Gate.await(allRun);
                        try {
                          return next.get().join();
                        } catch (DeadlockException e) {
                          return String.valueOf(e.getMessage());
                        }
                      },
                      TaskOptions.defaults().name("t" + i)));
    }
    return handles.stream().map(CompletableFuture::join).toList();
  }

  private static void assertToldSo(List<TaskHandle<String>> tasks) {
    for (TaskHandle<String> task : tasks) {
      assertThat(task.join(LIMIT)).startsWith("tasks wait for each other: ");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void join_tasksWaitForEachOther_isRefused_andNamesThem(int tasks) {
    TaskEngine engine = engines.start(TaskEngine.builder().name("ring").workers(tasks));
    for (int round = 0; round < 50; round++) {
      List<TaskHandle<String>> circle =
          circle(java.util.stream.Stream.generate(() -> engine).limit(tasks).toList());
      assertToldSo(circle);
      for (int i = 0; i < tasks; i++) {
        assertThat(circle.getFirst().join()).contains("t" + i + " (id=").contains("engine=ring");
      }
    }
  }

  @Test
  void join_acrossTwoEngines_isRefused() {
    TaskEngine left = engines.start(TaskEngine.builder().name("left").workers(1));
    TaskEngine right = engines.start(TaskEngine.builder().name("right").workers(1));
    for (int round = 0; round < 50; round++) {
      List<TaskHandle<String>> circle = circle(List.of(left, right));
      assertToldSo(circle);
      assertThat(circle.getFirst().join()).contains("engine=left").contains("engine=right");
    }
  }

  @Test
  void join_onVirtualThreads_isRefused() {
    TaskEngine engine = engines.start(1);
    CompletableFuture<TaskHandle<String>> second = new CompletableFuture<>();
    TaskHandle<String> first =
        engine.submit(
            Task.blocking(
                context -> {
                  try {
                    return second.get().join();
                  } catch (DeadlockException e) {
                    return String.valueOf(e.getMessage());
                  }
                }));
    second.complete(
        engine.submit(
            Task.blocking(
                context -> {
                  try {
                    return first.join();
                  } catch (DeadlockException e) {
                    return String.valueOf(e.getMessage());
                  }
                })));
    assertToldSo(List.of(first));
  }

  /** The one that waits inside another, on the same thread, closes a circle, too. */
  @Test
  void join_insideATaskThatWaits_forTheOuterOne_isRefused() {
    TaskEngine engine = engines.start(1);
    CompletableFuture<TaskHandle<String>> outer = new CompletableFuture<>();
    outer.complete(
        engine.submit(
            context ->
                engine
                    .submit(
                        inner -> {
                          try {
                            return outer.get().join();
                          } catch (DeadlockException e) {
                            return "refused";
                          }
                        })
                    .join()));
    assertThat(outer.join().join(LIMIT)).isEqualTo("refused");
  }

  @Test
  void join_ofTasksWithTimeouts_isRefused() {
    TaskEngine engine = engines.start(2);
    CompletableFuture<TaskHandle<String>> second = new CompletableFuture<>();
    TaskOptions guarded = TaskOptions.defaults().timeout(LIMIT);
    CountDownLatch bothRun = new CountDownLatch(2); // else one may run inside the other
    TaskHandle<String> first =
        engine.submit(
            context -> {
              bothRun.countDown();
              Gate.await(bothRun);
              try {
                return second.get().join();
              } catch (DeadlockException e) {
                return String.valueOf(e.getMessage());
              }
            },
            guarded);
    second.complete(
        engine.submit(
            context -> {
              bothRun.countDown();
              Gate.await(bothRun);
              try {
                return first.join();
              } catch (DeadlockException e) {
                return String.valueOf(e.getMessage());
              }
            },
            guarded));
    assertToldSo(List.of(first));
  }

  /** A chain that has an end is none. */
  @Test
  void join_longChains_areNotRefused() {
    TaskEngine engine = engines.start(4);
    for (int round = 0; round < 500; round++) {
      TaskHandle<Integer> last = engine.submit(() -> 0);
      List<TaskHandle<Integer>> chain = new ArrayList<>(List.of(last));
      for (int i = 0; i < 20; i++) {
        TaskHandle<Integer> before = chain.getLast();
        chain.add(engine.submit(context -> before.join() + 1));
      }
      assertThat(chain.getLast().join(LIMIT)).isEqualTo(20);
    }
  }

  // ---- locks held across waits

  /**
   * Rayon's issue 592, and Polars': a lock is held while a child is waited for that others want.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void join_underALockThatOthersWant_endsEachTime(int workers) {
    TaskEngine engine = engines.start(workers);
    ReentrantLock lock = new ReentrantLock();
    for (int round = 0; round < 200; round++) {
      List<TaskHandle<Integer>> tasks = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        tasks.add(
            engine.submit(
                context -> {
                  lock.lock();
                  try {
                    return engine.submit(() -> 1).join() + engine.submit(() -> 2).join();
                  } finally {
                    lock.unlock();
                  }
                }));
      }
      tasks.forEach(task -> assertThat(task.join(LIMIT)).isEqualTo(3));
    }
  }

  /**
   * CompletableFuture's get ignores that its task was cancelled with an interrupt; a join here
   * ends.
   */
  @Test
  void cancelTrue_taskWaitsForAnother_waitEnds() throws Exception {
    TaskEngine engine = engines.start(2);
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    TaskHandle<Integer> elsewhere =
        engine.submit(
            Task.blocking(
                context -> {
                  Gate.await(open);
                  return 1;
                }));
    TaskHandle<Integer> waits =
        engine.submit(
            context -> {
              running.countDown();
              try {
                return elsewhere.join();
              } catch (RuntimeException e) {
                ended.complete(e);
                throw e;
              }
            });
    Gate.await(running);
    assertThat(waits.cancel(true)).isTrue();
    assertThat(ended.get(1, TimeUnit.MINUTES))
        .isInstanceOf(dev.heddle.error.TaskInterruptedException.class);
    open.countDown();
    assertThat(elsewhere.join(LIMIT)).isEqualTo(1);
  }
}
