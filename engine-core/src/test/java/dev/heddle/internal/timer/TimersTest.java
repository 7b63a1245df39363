// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.heddle.internal.timer.Timers.Timer;
import dev.heddle.internal.util.Seam;
import dev.heddle.internal.util.TestSeam;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimersTest {

  private static final long SECOND = 1_000_000_000;

  /**
   * How many cancelled timers may be held beside no live one: 64 ask for a sweep, and each look of
   * the thread on its way to sleep may take another that is cancelled right after.
   */
  private static final int FEW = 200;

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
  void cancel_aMillionOneByOne_noneIsHeld() {
    for (int i = 0; i < 1_000_000; i++) {
      assertThat(timers.after(Duration.ofDays(1).toNanos(), fire(i)).cancel()).isTrue();
      assertThat(timers.size()).isLessThanOrEqualTo(FEW);
    }
    assertThat(fired).isEmpty();
  }

  /** Two by two, the older one first: it lies below the other, and is taken off after it. */
  @Test
  void cancel_inTheOrderOfSetting_noneIsHeld() {
    for (int i = 0; i < 10_000; i++) {
      Timer first = timers.after(Duration.ofDays(1).toNanos(), fire(i));
      Timer second = timers.after(Duration.ofDays(1).toNanos(), fire(i));
      first.cancel();
      second.cancel();
      assertThat(timers.size()).isLessThanOrEqualTo(FEW);
    }
  }

  /** Each one is cancelled when the next has been set, so that none is ever on top. */
  @Test
  void cancel_neverOnTop_areThrownAway() {
    Timer last = timers.after(Duration.ofDays(1).toNanos(), fire(0));
    for (int i = 0; i < 100_000; i++) {
      Timer next = timers.after(Duration.ofDays(1).toNanos(), fire(i));
      last.cancel();
      last = next;
    }
    await().until(() -> timers.size() < 5_000);
    assertThat(last.cancel()).isTrue();
  }

  @Test
  void cancel_allButOneOfManyHeld_areSweptOut() {
    List<Timer> held = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      held.add(timers.after(Duration.ofDays(1).toNanos(), fire(i)));
    }
    settle(); // all are in the heap
    assertThat(timers.size()).isEqualTo(100_000);
    Timer kept = held.remove(50_000);
    held.forEach(Timer::cancel);

    await().until(() -> timers.size() <= FEW);
    assertThat(timers.size()).isPositive();
    assertThat(kept.cancel()).isTrue();
    assertThat(fired).isEmpty();
  }

  @Test
  void cancel_forgetsTheActionAndTheOthers() {
    Timer held = timers.after(Duration.ofDays(1).toNanos(), fire(1));
    awaitAsleep(Thread.State.TIMED_WAITING, () -> timers.after(0, () -> {}));
    Timer first = timers.after(Duration.ofDays(2).toNanos(), fire(2));
    Timer second = timers.after(Duration.ofDays(2).toNanos(), fire(3));

    held.cancel();
    first.cancel();
    second.cancel();
    timers.after(Duration.ofDays(2).toNanos(), fire(4));

    assertThat(List.of(held, first, second))
        .extracting("action", "next")
        .containsOnly(tuple(null, null));
  }

  /** Timers that count how often they wake their thread. */
  private static final class Counted extends Timers {
    private final AtomicInteger wakeUps = new AtomicInteger();

    Counted(ThreadFactory threads, Consumer<Throwable> onFailure) {
      super(threads, onFailure);
    }

    @Override
    void wake() {
      wakeUps.incrementAndGet();
      super.wake();
    }
  }

  /** The thread sleeps until the first one would have been due, and the others are due later. */
  @ParameterizedTest
  @ValueSource(longs = {0, Long.MIN_VALUE, Long.MAX_VALUE - 3 * SECOND})
  void cancel_atOnce_wakesTheThreadOncePerDelay(long start) {
    TestSeam.VirtualClock stopped = stopClock(start);
    Counted counted = new Counted(this::newThread, failures::add);
    try {
      stopped.letSleepersLie();
      awaitAsleep(Thread.State.TIMED_WAITING, () -> counted.after(SECOND, fire(0)).cancel());
      int before = counted.wakeUps.get();
      for (int i = 0; i < 10_000; i++) {
        counted.after(SECOND, fire(i)).cancel();
        stopped.advance(Duration.ofNanos(10_000));
      }
      assertThat(counted.wakeUps).hasValue(before);

      stopped.advance(Duration.ofSeconds(1));
      awaitAsleep( // nobody has set a timer: for good
          Thread.State.WAITING, () -> LockSupport.unpark(threads.getFirst()));
      counted.after(SECOND, fire(1)).cancel();
      assertThat(counted.wakeUps).hasValue(before + 1);
    } finally {
      counted.close();
    }
    assertThat(fired).isEmpty();
  }

  @Test
  void after_laterThanTheFirst_doesNotWakeTheThread() {
    stopClock(0).letSleepersLie();
    Counted counted = new Counted(this::newThread, failures::add);
    try {
      awaitAsleep(Thread.State.TIMED_WAITING, () -> counted.after(SECOND, fire(1)));
      int before = counted.wakeUps.get();
      counted.after(2 * SECOND, fire(2));
      assertThat(counted.wakeUps).hasValue(before);
      counted.after(SECOND - 1, fire(0));
      assertThat(counted.wakeUps).hasValue(before + 1);
    } finally {
      counted.close();
    }
  }

  private void awaitState(Thread.State state) {
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> threads.size() == 1 && threads.getFirst().getState() == state);
  }

  /**
   * Wakes the timer thread, does something while it stalls on its way back to sleep, and lets it go
   * on without a permit that is left.
   *
   * @param state in which it will sleep; until then it is not seen in it
   */
  private void whileTheThreadFallsAsleep(Thread.State state, Runnable wakeUp, Runnable meanwhile) {
    CountDownLatch stalled = new CountDownLatch(1);
    AtomicBoolean resume = new AtomicBoolean();
    try (TestSeam.Change change =
        TestSeam.atPoints(
            point -> {
              if (point == Seam.Point.TIMER_SLEEPS
                  && Thread.currentThread() == threads.getFirst()) {
                stalled.countDown();
                while (!resume.get()) { // a latch would leave permits
                  Thread.onSpinWait();
                }
                dropPermit(state);
              }
            })) {
      wakeUp.run();
      awaitRelease(stalled);
      meanwhile.run();
    } finally {
      resume.set(true);
    }
  }

  private static void dropPermit(Thread.State notIn) {
    if (notIn == Thread.State.WAITING) {
      LockSupport.parkNanos(1);
    } else {
      LockSupport.unpark(Thread.currentThread());
      LockSupport.park();
    }
  }

  /** Returns when the timer thread, once awake, sleeps until somebody wakes it from now on. */
  private void awaitAsleep(Thread.State state, Runnable wakeUp) {
    whileTheThreadFallsAsleep(state, wakeUp, () -> {});
    awaitState(state);
  }

  // ---- falling asleep

  /** Sets a timer while the timer thread is awake with nothing to do. */
  private CountDownLatch setWhileTheThreadFallsAsleep(Timers sleepy) {
    CountDownLatch called = new CountDownLatch(1);
    awaitAsleep(Thread.State.WAITING, () -> sleepy.after(0, fire(0)));
    whileTheThreadFallsAsleep(
        Thread.State.WAITING,
        () -> sleepy.after(0, fire(1)),
        () -> sleepy.after(0, called::countDown));
    return called;
  }

  @Test
  void after_whileTheThreadFallsAsleep_isNotOverslept() {
    stopClock(0);

    awaitRelease(setWhileTheThreadFallsAsleep(timers));
    assertThat(fired).containsExactly(0, 1);
  }

  /** The control: without the second look at the stack, the timer is overslept. */
  @Test
  void after_withoutTheSecondLook_isOverslept() {
    stopClock(0);
    Timers weakened =
        new Timers(this::newThread, failures::add) {
          @Override
          boolean nothingNew() {
            return true;
          }
        };
    try {
      CountDownLatch called = setWhileTheThreadFallsAsleep(weakened);
      awaitState(Thread.State.WAITING);
      assertThat(called.getCount()).as("the control oversleeps").isEqualTo(1);

      LockSupport.unpark(threads.getFirst());
      awaitRelease(called);
    } finally {
      LockSupport.unpark(threads.getFirst());
      weakened.close();
    }
  }

  // ---- many threads

  /**
   * Each timer of four threads is either cancelled or fires, once and never early, while others
   * fire and are cancelled.
   */
  @Test
  void afterAndCancel_fourThreads_eachOnceAndNoneEarly() throws InterruptedException {
    int perThread = 30_000;
    int setters = 4;
    AtomicIntegerArray ends = new AtomicIntegerArray(setters * perThread);
    AtomicInteger early = new AtomicInteger();
    AtomicInteger left = new AtomicInteger(setters * perThread);
    CountDownLatch all = new CountDownLatch(1);
    IntConsumer ended =
        number -> {
          ends.incrementAndGet(number);
          if (left.decrementAndGet() == 0) {
            all.countDown();
          }
        };
    List<Thread> setting = new ArrayList<>();
    for (int s = 0; s < setters; s++) {
      int setter = s;
      Thread.Builder builder = s % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
      setting.add(
          builder.start(
              () -> {
                Random random = new Random(setter);
                ArrayDeque<Map.Entry<Timer, Integer>> open = new ArrayDeque<>();
                for (int i = 0; i < perThread; i++) {
                  int number = setter * perThread + i;
                  long delay = random.nextInt(1_000_000);
                  long due = Seam.nanoTime() + delay;
                  Runnable action =
                      () -> {
                        if (Seam.nanoTime() - due < 0) {
                          early.incrementAndGet();
                        }
                        ended.accept(number);
                      };
                  open.add(Map.entry(timers.after(delay, action), number));
                  int cancels = random.nextInt(3);
                  for (int c = 0; c < cancels && !open.isEmpty(); c++) {
                    var one = random.nextBoolean() ? open.pollFirst() : open.pollLast();
                    if (random.nextInt(4) != 0 && one.getKey().cancel()) {
                      ended.accept(one.getValue());
                    }
                  }
                }
              }));
    }
    for (Thread thread : setting) {
      thread.join();
    }
    awaitRelease(all);

    for (int i = 0; i < ends.length(); i++) {
      if (ends.get(i) != 1) {
        throw new AssertionError("timer " + i + " ended " + ends.get(i) + " times");
      }
    }
    assertThat(early).hasValue(0);
    assertThat(failures).isEmpty();
    await().until(() -> timers.size() == 0);
  }

  @Test
  void after_sameTimeFromStackAndHeap_firesInTheOrderOfSetting() {
    TestSeam.VirtualClock stopped = stopClock(0);
    for (int i = 0; i < 1_000; i++) {
      timers.after(SECOND, fire(i));
      if (i % 100 == 50) {
        settle(); // those so far are in the heap
      }
      if (i % 3 == 0) {
        timers.after(SECOND, fire(-1)).cancel();
      }
    }
    stopped.advance(Duration.ofSeconds(1));
    settle();

    assertThat(fired).containsExactlyElementsOf(IntStream.range(0, 1_000).boxed().toList());
  }

  /** They fire in the order of their times, and who sets them knows that the thread is awake. */
  @Test
  void after_whileAnActionRuns_firesInOrderAndWakesNobody() {
    stopClock(0);
    Counted counted = new Counted(this::newThread, failures::add);
    try {
      counted.after(Duration.ofDays(1).toNanos(), fire(-2));
      awaitState(Thread.State.TIMED_WAITING);
      CountDownLatch running = new CountDownLatch(1);
      CountDownLatch resume = new CountDownLatch(1);
      counted.after(
          0,
          () -> {
            running.countDown();
            awaitRelease(resume);
          });
      awaitRelease(running);
      int before = counted.wakeUps.get();
      for (int i = 0; i < 100; i++) {
        counted.after(0, fire(i));
      }
      Timer cancelled = counted.after(0, fire(-1));
      CountDownLatch last = new CountDownLatch(1);
      counted.after(0, last::countDown);
      assertThat(cancelled.cancel()).isTrue();
      assertThat(counted.wakeUps).hasValue(before);
      resume.countDown();
      awaitRelease(last);
    } finally {
      counted.close();
    }
    assertThat(fired).containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
  }

  // ---- failures

  @Test
  void after_threadCannotBeStarted_throwsAndSetsNoTimer() {
    AtomicBoolean refuse = new AtomicBoolean(true);
    Timers unlucky =
        new Timers(
            body -> {
              if (refuse.get()) {
                throw new OutOfMemoryError("simulated");
              }
              return newThread(body);
            },
            failures::add);
    try {
      assertThatThrownBy(() -> unlucky.after(0, fire(1))).isInstanceOf(OutOfMemoryError.class);
      assertThat(unlucky.size()).isZero();

      refuse.set(false);
      CountDownLatch called = new CountDownLatch(1);
      unlucky.after(0, called::countDown);
      awaitRelease(called);
      assertThat(fired).isEmpty();
    } finally {
      unlucky.close();
    }
  }

  @Test
  void after_noAction_isRefused() {
    assertThatNullPointerException().isThrownBy(() -> timers.after(0, null)).withMessage("action");
    assertThat(threads).isEmpty();
  }

  /** An error outside of the actions is told, and no timer is lost: those held and new ones. */
  @Test
  void timerThread_errorOfItsOwn_goesOn() {
    TestSeam.VirtualClock stopped = stopClock(0);
    timers.after(SECOND, fire(1));
    settle();
    AtomicInteger errors = new AtomicInteger();
    try (TestSeam.Change change =
        TestSeam.atPoints(
            point -> {
              if (point == Seam.Point.TIMER_SLEEPS) {
                errors.incrementAndGet();
                throw new OutOfMemoryError("simulated");
              }
            })) {
      await().until(() -> errors.get() > 2);
      settle();
      stopped.advance(Duration.ofSeconds(1));
      settle();
      assertThat(fired).containsExactly(1);
    }
    settle();
    assertThat(failures)
        .hasSizeGreaterThan(2)
        .allMatch(failure -> failure instanceof OutOfMemoryError);
    assertThat(threads).hasSize(1).allMatch(Thread::isAlive);
  }

  /** No memory for the heap, while others are due: those fire, and the new ones come in later. */
  @Test
  void timerThread_noMemoryForTheHeap_nothingIsLost() {
    TestSeam.VirtualClock stopped = stopClock(0);
    AtomicBoolean full = new AtomicBoolean();
    PriorityQueue<Timer> heap =
        new PriorityQueue<>(Timers.IN_ORDER) {
          @Override
          public boolean add(Timer timer) {
            if (full.get()) {
              throw new OutOfMemoryError("simulated");
            }
            return super.add(timer);
          }
        };
    Timers poor = new Timers(this::newThread, failures::add, heap);
    try {
      CountDownLatch held = new CountDownLatch(1);
      poor.after(SECOND, fire(0));
      poor.after(0, held::countDown);
      awaitRelease(held);
      full.set(true);
      for (int i = 1; i < 10; i++) {
        poor.after(2 * SECOND + i, fire(i));
      }
      Timer cancelled = poor.after(0, fire(-1));
      await().until(() -> failures.size() > 2);
      stopped.advance(Duration.ofSeconds(1));
      await().until(() -> fired.contains(0));
      assertThat(cancelled.cancel()).isTrue();
      full.set(false);
      stopped.advance(Duration.ofSeconds(2));
      await().until(() -> fired.size() == 10 && poor.size() == 0);
    } finally {
      poor.close();
    }
    assertThat(fired).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @Test
  void fire_whoHearsOfFailuresFails_theNextOneFires() {
    Timers unheard =
        new Timers(
            this::newThread,
            failure -> {
              throw new IllegalStateException("expected");
            });
    try {
      CountDownLatch called = new CountDownLatch(1);
      unheard.after(
          0,
          () -> {
            throw new AssertionError("expected");
          });
      unheard.after(0, called::countDown);
      awaitRelease(called);
      assertThat(threads).hasSize(1).allMatch(Thread::isAlive);
    } finally {
      unheard.close();
    }
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
    assertThat(timers.after(0, fire(1)).cancel()).isTrue();
    assertThat(timers.size()).isZero();
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
