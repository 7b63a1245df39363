// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.LaneException;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.observe.EngineMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A lane: one producer's own queue. */
@Timeout(60)
@SuppressWarnings("ThreadPriorityCheck") // producers of a full lane let its worker go on
class TaskLaneTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private static <T> T inThread(java.util.concurrent.Callable<T> body) throws Exception {
    FutureTask<T> task = new FutureTask<>(body);
    new Thread(task, "second").start();
    return task.get(1, TimeUnit.MINUTES);
  }

  @ParameterizedTest
  @CsvSource({"1,true", "2,true", "2,false", "8,true"})
  void execute_manyLanesBesideOtherTasks_eachRunsOnce(int workers, boolean stealing)
      throws Exception {
    int tasks = 50_000;
    int producers = 3;
    TaskEngine engine = engines.start(TaskEngine.builder().workers(workers).workStealing(stealing));
    AtomicIntegerArray runs = new AtomicIntegerArray(producers * tasks);
    List<Thread> threads = new ArrayList<>();
    for (int p = 0; p < producers; p++) {
      int first = p * tasks;
      threads.add(
          new Thread(
              () -> {
                try (TaskLane lane = engine.openLane(64)) {
                  for (int i = 0; i < tasks; i++) {
                    int number = first + i;
                    Runnable body = () -> runs.incrementAndGet(number);
                    if (i % 5 == 0) {
                      engine.execute(body);
                    } else {
                      while (!lane.tryExecute(body)) {
                        Thread.yield();
                      }
                    }
                  }
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    EngineMetrics books = EngineProbe.awaitIdle(engine);
    assertThat(books.completed()).isEqualTo((long) producers * tasks);
    for (int i = 0; i < producers * tasks; i++) {
      assertThat(runs.get(i)).isEqualTo(1);
    }
  }

  @Test
  void execute_full_isRefusedAndTakesNoPlaceOfTheEngine() {
    TaskEngine engine = engines.start(TaskEngine.builder().workers(1).queueCapacity(2));
    TaskLane lane = engine.openLane(5);
    AtomicInteger ran = new AtomicInteger();
    try (Gate gate = Gate.holding(engine, 1)) {
      for (int i = 0; i < 8; i++) {
        lane.execute(ran::incrementAndGet);
      }

      assertThat(lane.capacity()).isEqualTo(8);
      assertThat(lane.tryExecute(ran::incrementAndGet)).isFalse();
      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> lane.execute(ran::incrementAndGet))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.LANE_FULL))
          .withMessageContaining("engine=default, capacity=8");
      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> lane.submit(context -> 1));
      engine.execute(ran::incrementAndGet);
      engine.execute(ran::incrementAndGet);
      assertThat(engine.metrics().queued()).isEqualTo(10);
      assertThat(engine.metrics().rejected()).isEqualTo(3);
      assertThat(gate.holders()).hasSize(1);
    }
    EngineProbe.awaitIdle(engine);
    assertThat(ran).hasValue(10);
  }

  @Test
  void submit_anyOutcome_handleKnowsIt() {
    TaskEngine engine = engines.start(2);
    try (TaskLane lane = engine.openLane(16)) {
      TaskHandle<Integer> works = lane.submit(context -> 7);
      TaskHandle<Integer> fails =
          lane.submit(
              context -> {
                throw new IllegalStateException("no");
              });

      assertThat(works.join()).isEqualTo(7);
      assertThat(fails.outcome()).isInstanceOf(Outcome.Failure.class);
      TaskHandle<Integer> cancelled;
      try (Gate gate = Gate.holding(engine, 2)) {
        cancelled = lane.submit(context -> 7);
        cancelled.cancel();
        assertThat(gate.holders()).hasSize(2);
      }
      assertThat(cancelled.isCancelled()).isTrue();
    }
  }

  @Test
  void join_taskOfALaneOnTheOnlyWorker_runsItInside() throws Exception {
    TaskEngine engine = engines.start(1);
    TaskLane lane = engine.openLane(16);
    CountDownLatch submitted = new CountDownLatch(1);
    List<TaskHandle<Integer>> handles = new ArrayList<>();
    TaskHandle<Integer> outer =
        engine.submit(
            context -> {
              submitted.await();
              return handles.getFirst().join();
            });
    handles.add(lane.submit(context -> 9));
    submitted.countDown();

    assertThat(outer.join()).isEqualTo(9);
    assertThat(EngineProbe.awaitIdle(engine).completed()).isEqualTo(2);
  }

  @Test
  void lane_workersStuckOrBusyWithTheirInboxes_isServed() {
    TaskEngine engine = engines.start(2);
    TaskLane lane = engine.openLane(16);
    AtomicInteger busy = new AtomicInteger(1);
    CountDownLatch ran = new CountDownLatch(10);
    try (Gate gate = Gate.holding(engine, 1)) { // one is stuck, the other's inbox never runs dry
      engine.execute(
          new Runnable() {
            @Override
            public void run() {
              if (busy.get() == 1) {
                engine.execute(this);
              }
            }
          });
      for (int i = 0; i < 10; i++) {
        lane.execute(ran::countDown);
      }
      Gate.await(ran);
      busy.set(0);
      assertThat(gate.holders()).hasSize(1);
    }
  }

  @Test
  void use_bySecondThread_isRefusedAndNothingSubmitted() throws Exception {
    TaskEngine engine = engines.start(1);
    TaskLane lane = engine.openLane(16);
    lane.execute(() -> {});

    LaneException e =
        inThread(
            () -> {
              List<LaneException> seen = new ArrayList<>();
              for (Runnable use :
                  List.<Runnable>of(
                      () -> lane.execute(() -> {}),
                      () -> lane.tryExecute(() -> {}),
                      () -> lane.submit(context -> 1),
                      lane::close)) {
                try {
                  use.run();
                } catch (LaneException thrown) {
                  seen.add(thrown);
                }
              }
              assertThat(seen).hasSize(4);
              return seen.getFirst();
            });

    assertThat(e.code()).isEqualTo(ErrorCode.LANE_MISUSE);
    assertThat(e)
        .hasMessage(
            "lane belongs to the first thread that submits: engine=default, thread=second"
                + " (open a lane for each thread)");
    assertThat(EngineProbe.awaitIdle(engine).offered()).isEqualTo(1);
  }

  @Test
  void close_tasksInIt_runAndTheLaneIsForgotten() {
    TaskEngine engine = engines.start(1);
    AtomicInteger ran = new AtomicInteger();
    for (int round = 0; round < 1_000; round++) {
      TaskLane lane = engine.openLane(4);
      lane.execute(ran::incrementAndGet);
      lane.close();
      lane.close();

      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> lane.execute(ran::incrementAndGet))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.LANE_CLOSED));
    }
    EngineMetrics books = EngineProbe.awaitIdle(engine);

    assertThat(ran).hasValue(1_000);
    assertThat(books.accepted()).isEqualTo(1_000);
    assertThat(books.rejected()).isEqualTo(1_000);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void engineCloses_whileAProducerSubmits_everyTaskIsRefusedOrEnded(boolean orderly)
      throws Exception {
    for (int life = 0; life < 200; life++) {
      TaskEngine engine = TaskEngine.builder().workers(1 + life % 2).build();
      CountDownLatch started = new CountDownLatch(1);
      LongAdder accepted = new LongAdder();
      LongAdder refused = new LongAdder();
      LongAdder ran = new LongAdder();
      List<TaskHandle<Integer>> handles = new ArrayList<>();
      FutureTask<Void> producer =
          new FutureTask<>(
              () -> {
                TaskLane lane = engine.openLane(64);
                started.countDown();
                for (int i = 0; ; i++) {
                  try {
                    if (i % 2 == 0) {
                      lane.execute(ran::increment);
                    } else {
                      handles.add(lane.submit(context -> 1));
                    }
                    accepted.increment();
                  } catch (RejectedTaskException e) {
                    refused.increment();
                    if (e.code() == ErrorCode.ENGINE_CLOSED) {
                      return null;
                    }
                    Thread.yield();
                  }
                }
              });
      new Thread(producer).start();
      Gate.await(started);
      CloseReport report;
      if (orderly) {
        report = engine.close(Duration.ofMinutes(1));
      } else {
        report = engine.close(Duration.ZERO);
      }
      producer.get(1, TimeUnit.MINUTES);
      engine.close();

      assertThat(handles).allMatch(TaskHandle::isDone);
      EngineMetrics books = engine.metrics();
      assertThat(books.accepted()).isEqualTo(accepted.sum());
      assertThat(books.rejected()).isEqualTo(refused.sum());
      assertThat(books.live()).as("%s", books).isZero();
      assertThat(!orderly || report.terminated()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, (1 << 30) + 1, Integer.MAX_VALUE})
  void openLane_badCapacity_isRefused(int capacity) {
    TaskEngine engine = engines.start(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> engine.openLane(capacity))
        .withMessageContaining("capacity must be from 1 to 1073741824: capacity=" + capacity);
  }

  @Test
  void openLane_engineClosed_isRefused() {
    TaskEngine engine = engines.start(1);
    engine.close();
    assertThatExceptionOfType(RejectedTaskException.class).isThrownBy(() -> engine.openLane(8));
  }
}
