// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.internal.timer.Timers.Timer;
import dev.heddle.internal.util.Seam;
import dev.heddle.internal.util.TestSeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimersTest {

  private static final long SECOND = 1_000_000_000;

  private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
  private final List<Integer> fired = Collections.synchronizedList(new ArrayList<>());
  private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
  private final Timers timers = new Timers(this::newThread, failures::add);
  private TestSeam.@Nullable VirtualClock clock;

  private Thread newThread(Runnable body) {
    Thread thread = new Thread(body, "timers-test");
    thread.setDaemon(true);
    threads.add(thread);
    return thread;
  }

  private TestSeam.VirtualClock stopClock(long nanos) {
    TestSeam.VirtualClock stopped = TestSeam.stopClock(nanos);
    clock = stopped;
    return stopped;
  }

  @AfterEach
  void end() {
    timers.close();
    if (clock != null) {
      clock.close();
    }
  }

  private Runnable fire(int number) {
    return () -> fired.add(number);
  }

  /** Returns when every timer that is due by now has fired. */
  private void settle() {
    CountDownLatch now = new CountDownLatch(1);
    timers.after(0, now::countDown);
    awaitRelease(now);
  }

  private static void awaitRelease(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MIN_VALUE, Long.MAX_VALUE - 3 * SECOND, -2 * SECOND})
  void after_anyStateOfTheClock_firesInOrderAndNeverEarly(long start) {
    TestSeam.VirtualClock stopped = stopClock(start);
    timers.after(5 * SECOND, fire(5));
    timers.after(3 * SECOND, fire(3));
    timers.after(3 * SECOND, fire(30));
    timers.after(8 * SECOND, fire(8));
    timers.after(-1, fire(0));
    settle();
    assertThat(fired).containsExactly(0);

    stopped.advance(Duration.ofNanos(3 * SECOND - 1));
    settle();
    assertThat(fired).containsExactly(0);
    stopped.advance(Duration.ofNanos(1));
    settle();
    assertThat(fired).containsExactly(0, 3, 30);
    stopped.advance(Duration.ofDays(1)); // suspended
    settle();
    assertThat(fired).containsExactly(0, 3, 30, 5, 8);
    assertThat(timers.size()).isZero();
  }

  @Test
  void after_clockStepsAtRandom_zeroEarly() {
    long start = Long.MAX_VALUE - 1_000;
    TestSeam.VirtualClock stopped = stopClock(start);
    Random random = new Random(42);
    List<Long> due = Collections.synchronizedList(new ArrayList<>());
    List<Long> early = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger called = new AtomicInteger();
    long now = 0;
    for (int i = 0; i < 10_000; i++) {
      long at = now + random.nextInt(1_000);
      due.add(at);
      timers.after(
          at - now,
          () -> {
            called.incrementAndGet();
            if (Seam.nanoTime() - start < at) {
              early.add(at);
            }
          });
      if (random.nextInt(10) == 0) {
        int step = random.nextInt(200);
        stopped.advance(Duration.ofNanos(step));
        now += step;
      }
    }
    stopped.advance(Duration.ofSeconds(1));
    settle();

    assertThat(called).hasValue(due.size());
    assertThat(early).isEmpty();
  }

  @Test
  void after_earlierThanAllOthers_isNotOverslept() {
    timers.after(Duration.ofDays(1).toNanos(), fire(1));
    for (int i = 0; i < 1_000; i++) {
      CountDownLatch called = new CountDownLatch(1);
      timers.after(i % 3 * 1_000L, called::countDown);
      awaitRelease(called);
    }
    assertThat(fired).isEmpty();
    assertThat(threads).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE / 2 + 1})
  void after_hugeDelay_isHeld(long nanos) {
    TestSeam.VirtualClock stopped = stopClock(1);
    Timer timer = timers.after(nanos, fire(1));
    stopped.advance(Duration.ofDays(365 * 140));
    settle();

    assertThat(fired).isEmpty();
    assertThat(timer.leftNanos()).isPositive();
    assertThat(timer.cancel()).isTrue();
  }

  @Test
  void cancel_once_andNeverAfterItFired() {
    TestSeam.VirtualClock stopped = stopClock(0);
    Timer first = timers.after(SECOND, fire(1));
    Timer second = timers.after(SECOND, fire(2));
    assertThat(first.leftNanos()).isEqualTo(SECOND);

    assertThat(first.cancel()).isTrue();
    assertThat(first.cancel()).isFalse();
    stopped.advance(Duration.ofSeconds(3));
    settle();

    assertThat(fired).containsExactly(2);
    assertThat(second.cancel()).isFalse();
    assertThat(second.leftNanos()).isEqualTo(-2 * SECOND);
  }

  @Test
  void cancel_aMillion_areSweptOut() {
    for (int i = 0; i < 1_000_000; i++) {
      assertThat(timers.after(Duration.ofDays(1).toNanos(), fire(i)).cancel()).isTrue();
    }
    assertThat(timers.size()).isLessThan(200);

    List<Timer> held = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      held.add(timers.after(Duration.ofDays(1).toNanos(), fire(i)));
    }
    Timer kept = held.removeLast();
    held.forEach(Timer::cancel);
    assertThat(timers.size()).isBetween(1, 200);
    assertThat(kept.cancel()).isTrue();
    assertThat(fired).isEmpty();
  }

  @Test
  void fire_actionThrows_isReportedAndTheNextOneFires() {
    Error error = new AssertionError("expected");
    timers.after(
        0,
        () -> {
          throw error;
        });
    settle();

    assertThat(failures).containsExactly(error);
    assertThat(threads).hasSize(1).allMatch(Thread::isAlive);
  }

  @Test
  void fire_actionInterruptsItsThread_theNextOneFires() {
    timers.after(0, () -> Thread.currentThread().interrupt());
    for (int i = 0; i < 100; i++) {
      settle();
    }
    await().until(() -> !threads.getFirst().isInterrupted());
    assertThat(failures).isEmpty();
  }

  @Test
  void fire_actionSetsAndCancels_isAllowed() {
    CountDownLatch last = new CountDownLatch(1);
    timers.after(
        0,
        () -> {
          timers.after(SECOND, fire(1)).cancel();
          timers.after(0, last::countDown);
        });
    awaitRelease(last);
    assertThat(fired).isEmpty();
  }

  @Test
  void close_timersLeft_neverFireAndTheThreadEnds() {
    TestSeam.VirtualClock stopped = stopClock(0);
    Timer before = timers.after(SECOND, fire(1));

    timers.close();

    assertThat(threads).hasSize(1).noneMatch(Thread::isAlive);
    assertThat(timers.size()).isZero();
    Timer after = timers.after(0, fire(2));
    stopped.advance(Duration.ofSeconds(2));
    assertThat(timers.size()).isZero();
    assertThat(after.cancel()).isTrue();
    assertThat(before.cancel()).isTrue();
    timers.close();
    assertThat(fired).isEmpty();
    assertThat(threads).hasSize(1);
  }

  @Test
  void close_neverUsed_startsNoThread() {
    timers.close();
    assertThat(threads).isEmpty();
  }

  @Test
  void close_byAnAction_endsTheThread() {
    CountDownLatch closed = new CountDownLatch(1);
    timers.after(
        0,
        () -> {
          timers.close();
          closed.countDown();
        });
    awaitRelease(closed);
    await().until(() -> !threads.getFirst().isAlive());
    assertThat(failures).isEmpty();
  }

  @Test
  void close_interruptedCaller_waitsAndKeepsItsStatus() {
    timers.after(0, fire(1));
    Thread.currentThread().interrupt();

    timers.close();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(threads).noneMatch(Thread::isAlive);
  }
}
