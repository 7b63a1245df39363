// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.InvalidNameException;
import dev.heddle.error.ResourceException;
import dev.heddle.error.TaskInterruptedException;
import dev.heddle.internal.util.TestSeam;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LimitTest {

  private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Limit limit = Limit.of("db", 3);

  private static <T extends @Nullable Object> T got(Optional<T> optional) {
    return optional.orElseThrow();
  }

  /** Runs something on a thread of its own and waits until so many wait for the limit. */
  private Thread waiter(int waiting, Runnable body) {
    Thread thread = new Thread(body, "waiter-" + waiting);
    thread.start();
    await().until(() -> limit.waiting() == waiting && isParked(thread)); // its limit of time runs
    return thread;
  }

  private static boolean isParked(Thread thread) {
    Thread.State state = thread.getState();
    return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
  }

  private void assertStillUsable() {
    assertThat(limit.waiting()).isZero();
    assertThat(limit.available()).isEqualTo(3);
    limit.acquire(3, Duration.ZERO).close();
    assertThat(limit.available()).isEqualTo(3);
  }

  @Test
  void tryAcquire_asManyAsThereAre_thenNone() {
    Lease<@Nullable Void> two = got(limit.tryAcquire(2));
    Lease<@Nullable Void> one = got(limit.tryAcquire());

    assertThat(limit.available()).isZero();
    assertThat(limit.tryAcquire()).isEmpty();
    assertThat(two.permits()).isEqualTo(2);
    assertThat(two.value()).isNull();
    assertThat(two.resource()).isSameAs(limit);
    assertThat(limit).hasToString("limit db: capacity=3, available=0, waiting=0");
    assertThat(one).hasToString("Lease[limit=db, permits=1, state=OPEN]");
    two.close();
    assertThat(limit.available()).isEqualTo(2);
    one.close();
    assertStillUsable();
  }

  @Test
  void acquire_free_doesNotWait() {
    Thread.currentThread().interrupt(); // which only a wait would notice

    limit.acquire(FOR_EVER).close();

    assertThat(Thread.interrupted()).isTrue();
    assertStillUsable();
  }

  @Test
  void acquire_untilGivenBack_parks() throws InterruptedException {
    Lease<@Nullable Void> all = limit.acquire(3, Duration.ZERO);
    Thread thread = waiter(1, () -> limit.acquire(2, FOR_EVER).close());

    all.close();

    thread.join();
    assertStillUsable();
  }

  @Test
  void acquire_largeAtTheHead_isNotOvertaken() throws InterruptedException {
    List<String> order = new CopyOnWriteArrayList<>();
    Lease<@Nullable Void> first = got(limit.tryAcquire());
    CompletableFuture<Void> largeDone = new CompletableFuture<>();
    Thread large =
        waiter(
            1,
            () -> {
              try (var lease = limit.acquire(3, FOR_EVER)) {
                order.add("large");
                largeDone.join();
              }
            });
    Thread small =
        waiter(
            2,
            () -> {
              try (var lease = limit.acquire(FOR_EVER)) {
                order.add("small");
              }
            });

    assertThat(limit.available()).isEqualTo(2);
    assertThat(limit.tryAcquire()).as("would overtake").isEmpty();
    assertTimedOut(() -> limit.acquire(Duration.ZERO));
    first.close();
    await().until(() -> !order.isEmpty());
    assertThat(order).containsExactly("large");
    largeDone.complete(null);
    large.join();
    small.join();
    assertThat(order).containsExactly("large", "small");
    assertStillUsable();
  }

  private static ResourceException assertTimedOut(Runnable call) {
    ResourceException e = catchThrowableOfType(ResourceException.class, call::run);
    assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_TIMEOUT);
    return e;
  }

  @Test
  void acquire_timeIsOver_isATypedErrorAndNothingIsTaken() {
    Lease<@Nullable Void> two = got(limit.tryAcquire(2));

    assertThat(assertTimedOut(() -> limit.acquire(2, Duration.ofMillis(3))))
        .hasMessage(
            "limit was not free in time: limit=db, permits=2, atMost=PT0.003S, capacity=3,"
                + " available=1, waiting=0"
                + " (wait longer, close leases earlier, or raise the capacity)");
    two.close();
    assertStillUsable();
  }

  @Test
  void acquire_longWait_endsWhenTheClockSaysSo() throws InterruptedException {
    try (TestSeam.VirtualClock clock = TestSeam.stopClock()) {
      Lease<@Nullable Void> all = got(limit.tryAcquire(3));
      CompletableFuture<ResourceException> error = new CompletableFuture<>();
      Thread thread = waiter(1, () -> error.complete(assertTimedOut(() -> limit.acquire(MINUTE))));

      clock.advance(MINUTE.minusNanos(1));
      assertThat(limit.waiting()).isEqualTo(1);
      assertThat(error).isNotDone();
      clock.advance(Duration.ofNanos(1));

      assertThat(error.join()).hasMessageContaining("atMost=PT1M");
      thread.join();
      all.close();
    }
    assertStillUsable();
  }

  @Test
  void acquire_largeOneTimesOut_thoseBehindItGoOn() throws InterruptedException {
    try (TestSeam.VirtualClock clock = TestSeam.stopClock()) {
      Lease<@Nullable Void> first = got(limit.tryAcquire());
      Thread large = waiter(1, () -> assertTimedOut(() -> limit.acquire(3, MINUTE)));
      Thread small = waiter(2, () -> limit.acquire(FOR_EVER).close());

      clock.advance(MINUTE);

      large.join();
      small.join();
      first.close();
    }
    assertStillUsable();
  }

  @Test
  void acquire_interruptedWhileWaiting_throwsAndKeepsTheStatus() {
    Lease<@Nullable Void> all = got(limit.tryAcquire(3));
    CompletableFuture<TaskInterruptedException> error = new CompletableFuture<>();
    CompletableFuture<Boolean> status = new CompletableFuture<>();
    Thread thread =
        waiter(
            1,
            () -> {
              error.complete(
                  catchThrowableOfType(
                      TaskInterruptedException.class, () -> limit.acquire(2, FOR_EVER)));
              status.complete(Thread.currentThread().isInterrupted());
            });

    thread.interrupt();

    assertThat(error.join())
        .hasMessage(
            "interrupted while waiting for a resource: limit=db, permits=2"
                + " (nothing is held; the thread's interrupt status is set)")
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(status.join()).isTrue();
    all.close();
    assertStillUsable();
  }

  @Test
  void close_twice_isRefusedAndGivesNothingTwice() {
    Lease<@Nullable Void> lease = got(limit.tryAcquire(2));
    lease.close();

    ResourceException e = catchThrowableOfType(ResourceException.class, lease::close);

    assertThat(e.code()).isEqualTo(ErrorCode.LEASE_MISUSE);
    assertThat(e)
        .hasMessage(
            "lease is for its holder until it is closed: limit=db, state=closed"
                + " (close it once, and acquire another one for further use)");
    assertThatExceptionOfType(ResourceException.class).isThrownBy(lease::value);
    assertStillUsable();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void permits_lessThanOne_areRefused(int permits) {
    for (Runnable call :
        List.<Runnable>of(
            () -> Limit.of("db", permits),
            () -> limit.tryAcquire(permits),
            () -> limit.acquire(permits, MINUTE),
            () -> Uses.none().and(limit, permits))) {
      assertThatIllegalArgumentException()
          .isThrownBy(call::run)
          .withMessageStartingWith("permits must be at least 1: permits=" + permits + " (");
    }
    assertStillUsable();
  }

  @ParameterizedTest
  @ValueSource(ints = {4, Integer.MAX_VALUE})
  void permits_moreThanTheCapacity_areRefused(int permits) {
    for (Runnable call :
        List.<Runnable>of(
            () -> limit.tryAcquire(permits),
            () -> limit.acquire(permits, MINUTE),
            () -> Uses.none().and(limit, permits))) {
      assertThatIllegalArgumentException()
          .isThrownBy(call::run)
          .withMessage(
              "permits must be at most the capacity: permits="
                  + permits
                  + ", limit=db, capacity=3 (ask for less, or raise the capacity)");
    }
    assertStillUsable();
  }

  @Test
  void of_allTheNumbersThereAre_doNotOverflow() {
    Limit large = Limit.of("large", Integer.MAX_VALUE);
    Lease<@Nullable Void> all = got(large.tryAcquire(Integer.MAX_VALUE));
    assertThat(large.tryAcquire()).isEmpty();
    all.close();
    assertThat(large.available()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void atMost_negative_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limit.acquire(Duration.ofNanos(-1)))
        .withMessage(
            "atMost must not be negative: atMost=PT-0.000000001S"
                + " (use zero to look without waiting)");
    assertStillUsable();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a/b", "a\nb", "\u00e4"})
  void name_outsideThePattern_isRefused(String name) {
    assertThatExceptionOfType(InvalidNameException.class).isThrownBy(() -> Limit.of(name, 1));
    assertThatExceptionOfType(InvalidNameException.class)
        .isThrownBy(() -> ResourcePool.of(name, List.of(1)));
  }

  @Test
  void uses_inAnyOrder_areEqualAndPrintInTheOrderOfNames() {
    Limit other = Limit.of("cpu", 1);

    Uses uses = Uses.none().and(limit, 2).and(other);

    assertThat(uses).hasToString("[cpu, db x 2]").isEqualTo(Uses.none().and(other).and(limit, 2));
    assertThat(uses.isEmpty()).isFalse();
    assertThat(Uses.none().isEmpty()).isTrue();
  }

  @Test
  void uses_oneNameTwice_isRefused() {
    Uses uses = Uses.none().and(limit);

    ResourceException same =
        catchThrowableOfType(ResourceException.class, () -> uses.and(limit, 2));
    ResourceException twin =
        catchThrowableOfType(ResourceException.class, () -> uses.and(Limit.of("db", 1)));

    assertThat(same.code()).isEqualTo(ErrorCode.RESOURCE_ORDER);
    assertThat(same)
        .hasMessage(
            "resources of a task must have different names: name=db"
                + " (ask once, for several permits)");
    assertThat(twin.code()).isEqualTo(ErrorCode.RESOURCE_ORDER);
    assertThat(twin)
        .hasMessage(
            "resources of a task must have different names: name=db"
                + " (there are two of that name: rename one, so that there is an order)");
  }
}
