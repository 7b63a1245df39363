// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.CloseReport;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.internal.util.Seam;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.observe.EngineMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Submitting and closing at the same time: every task is refused or has an outcome. */
class CloseRaceTest {

  private static final int LIVES = 150;
  private static final int SUBMITTERS = 4;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void submitWhileClosing_booksReconcile(boolean orderly) throws InterruptedException {
    for (int life = 0; life < LIVES; life++) {
      TaskEngine engine =
          TaskEngine.builder().workers(1 + life % 3).workStealing(life % 2 == 0).build();
      LongAdder ran = new LongAdder();
      LongAdder accepted = new LongAdder();
      LongAdder refused = new LongAdder();
      Queue<TaskHandle<?>> handles = new ConcurrentLinkedQueue<>();
      CountDownLatch started = new CountDownLatch(SUBMITTERS);
      List<Thread> submitters = new ArrayList<>();
      for (int s = 0; s < SUBMITTERS; s++) {
        boolean withHandle = s % 2 == 0;
        submitters.add(
            new Thread(
                () -> {
                  started.countDown();
                  for (; ; ) {
                    try {
                      if (withHandle) {
                        handles.add(engine.submit((Runnable) ran::increment));
                      } else {
                        engine.execute(ran::increment);
                      }
                      accepted.increment();
                    } catch (RejectedTaskException e) {
                      refused.increment();
                      if (e.code() == dev.heddle.error.ErrorCode.ENGINE_CLOSED) {
                        return;
                      }
                    }
                  }
                }));
      }
      submitters.forEach(Thread::start);
      started.await();
      CloseReport report = null;
      if (orderly) {
        engine.close();
      } else {
        report = engine.close(Duration.ZERO);
      }
      for (Thread submitter : submitters) {
        submitter.join();
      }
      engine.close();

      assertThat(handles).allMatch(TaskHandle::isDone);
      EngineMetrics books = engine.metrics();
      assertThat(books.accepted()).isEqualTo(accepted.sum());
      assertThat(books.rejected()).isEqualTo(refused.sum());
      assertThat(books.live()).as("%s", books).isZero();
      assertThat(books.queued()).as("%s", books).isZero();
      if (report == null) {
        assertThat(books.completed()).isEqualTo(ran.sum());
        assertThat(books.cancelled()).isZero();
      } else { // a body that was running when its task was cancelled may have gone on to its end
        assertThat(report.neverStarted()).isLessThanOrEqualTo(books.cancelled());
        assertThat(ran.sum())
            .isBetween(books.completed(), books.accepted() - report.neverStarted());
      }
    }
  }

  /** A submitter is suspended inside submit while the whole engine closes and ends. */
  @ParameterizedTest
  @EnumSource(
      value = Seam.Point.class,
      names = {"SUBMIT_ADMITTED", "SUBMIT_PUBLISHED"})
  void submit_suspendedUntilTheEngineHasEnded_refusedOrRun(Seam.Point where)
      throws InterruptedException {
    CountDownLatch suspended = new CountDownLatch(1);
    CountDownLatch resume = new CountDownLatch(1);
    TaskEngine engine = TaskEngine.builder().workers(2).build();
    AtomicReference<Object> result = new AtomicReference<>();
    Thread submitter =
        new Thread(
            () -> {
              try {
                result.set(engine.submit(() -> "ran").join());
              } catch (RejectedTaskException e) {
                result.set(e.code());
              }
            });
    try (TestSeam.Change change =
        TestSeam.atPoints(
            point -> {
              if (point == where && Thread.currentThread() == submitter) {
                suspended.countDown();
                try {
                  resume.await();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              }
            })) {
      submitter.start();
      suspended.await();
      engine.close();
      resume.countDown();
      submitter.join();
    }
    boolean published = where == Seam.Point.SUBMIT_PUBLISHED;
    assertThat(result.get())
        .isEqualTo(published ? "ran" : dev.heddle.error.ErrorCode.ENGINE_CLOSED);
    EngineMetrics books = engine.metrics();
    assertThat(books.accepted()).isEqualTo(published ? 1 : 0);
    assertThat(books.offered()).isEqualTo(1);
    assertThat(books.live()).isZero();
  }

  /**
   * The control: a submitter that does not ask the life cycle leaves a task that nobody will run.
   */
  @Test
  void publish_afterTheEndWithoutAsking_strandsTheTask() {
    TaskEngine engine = TaskEngine.builder().workers(2).build();
    engine.close();
    TaskEngineImpl impl = (TaskEngineImpl) engine;
    TaskHandleImpl<Integer> stranded =
        new Handles.OfTask<>(impl, TaskOptions.defaults().name(), context -> 1);

    assertThat(impl.workers[0].inbox.offer(stranded)).isTrue();

    assertThatThrownBy(() -> stranded.join(Duration.ofMillis(50)))
        .isInstanceOf(dev.heddle.error.TaskTimeoutException.class);
    assertThat(engine.metrics().live()).isEqualTo(1);
  }

  @Test
  void close_bodyIgnoresEverything_reportNamesIt() {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch runs = new CountDownLatch(1);
    TaskEngine engine = TaskEngine.builder().name("stubborn").workers(1).build();
    engine.submit(
        context -> {
          runs.countDown();
          while (release.getCount() > 0) {
            Thread.interrupted(); // ignores cancellation
            Thread.onSpinWait();
          }
          return null;
        },
        TaskOptions.defaults().name("deaf"));
    TaskHandle<Integer> queued = engine.submit(() -> 1);
    await(runs);

    CloseReport report = engine.close(Duration.ofMillis(1));

    assertThat(report.terminated()).isFalse();
    assertThat(report.neverStarted()).isEqualTo(1);
    assertThat(report.cancelled()).isEqualTo(2);
    assertThat(report.stillRunning())
        .singleElement()
        .asString()
        .contains("name=deaf", "worker=heddle-stubborn-worker-0");
    assertThat(queued.isCancelled()).isTrue();
    release.countDown();
    engine.close();
    assertThat(engine.close(Duration.ZERO).terminated()).isTrue();
  }

  @Test
  void close_sleepingBody_isInterruptedWhenTimeIsUp() {
    CountDownLatch runs = new CountDownLatch(1);
    TaskEngine engine = TaskEngine.builder().workers(1).build();
    AtomicReference<Throwable> seen = new AtomicReference<>();
    engine.execute(
        () -> {
          runs.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            seen.set(e);
          }
        });
    await(runs);

    CloseReport report = engine.close(Duration.ofMillis(1));
    engine.close();

    assertThat(seen.get()).isInstanceOf(InterruptedException.class);
    assertThat(report.stillRunning()).hasSizeLessThanOrEqualTo(1);
    assertThat(engine.metrics().running()).isZero();
  }

  @Test
  void close_insideATask_beginsAndReturns() {
    TaskEngine engine = TaskEngine.builder().workers(2).build();
    TaskHandle<String> closer =
        engine.submit(
            context -> {
              context.engine().close();
              return "returned";
            });

    assertThat(closer.join()).isEqualTo("returned");
    engine.close();
    assertThatThrownBy(() -> engine.execute(() -> {})).isInstanceOf(RejectedTaskException.class);
  }

  @Test
  void close_leavesNoThread() {
    TaskEngine engine = TaskEngine.builder().name("leaves-nothing").workers(8).build();
    engine.submit(() -> 1).join();
    engine.close();

    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.contains("leaves-nothing"));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void closeNow_producerIsSuspended_engineEndsWhenItGoesOn() throws Throwable {
    TaskEngine engine = TaskEngine.builder().workers(2).build();
    TaskEngineImpl impl = (TaskEngineImpl) engine;
    StalledProducer producer = new StalledProducer(impl.workers[0].inbox);
    AtomicBoolean started = new AtomicBoolean();
    TaskHandleImpl<Boolean> late =
        impl.newHandle(context -> started.getAndSet(true), TaskOptions.defaults());

    CloseReport first = engine.close(Duration.ZERO);
    producer.resume(late);
    CloseReport second = engine.close(Duration.ZERO);
    engine.close();

    assertThat(first.terminated()).isFalse();
    assertThat(late.isDone()).as("run by a worker that was woken, or cancelled").isTrue();
    assertThat(second.neverStarted())
        .as("else it was cancelled while it ran, or has run")
        .isEqualTo(started.get() ? 0 : 1);
    assertThat(engine.close(Duration.ZERO).terminated()).isTrue();
  }
}
