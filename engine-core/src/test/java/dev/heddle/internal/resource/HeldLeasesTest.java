// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.ResourceException;
import dev.heddle.resource.Lease;
import dev.heddle.resource.Limit;
import dev.heddle.resource.Resource;
import dev.heddle.resource.ResourcePool;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeldLeasesTest {

  private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

  private final Limit cpu = Limit.of("cpu", 2);
  private final Limit db = Limit.of("db", 2);
  private final ResourcePool<String> lines = ResourcePool.of("lines", List.of("x", "y"));
  private final HeldLeases held = new HeldLeases();

  private static ResourceException refused(ErrorCode code, Runnable call) {
    ResourceException e = catchThrowableOfType(ResourceException.class, call::run);
    assertThat(e.code()).isEqualTo(code);
    return e;
  }

  private void assertAllIsBack() {
    for (Resource<?> resource : List.of(cpu, db, lines)) {
      assertThat(resource.available()).as("%s", resource).isEqualTo(resource.capacity());
      assertThat(resource.waiting()).as("%s", resource).isZero();
    }
  }

  @Test
  void acquire_inOrder_isFoundByItsKey() {
    held.acquire(cpu, 2, Duration.ZERO);
    Lease<String> line = requireNonNull(held.acquire(lines, 1, Duration.ZERO));

    assertThat(held.lease(lines)).isSameAs(line);
    assertThat(held.lease(lines).value()).isEqualTo("x");
    assertThat(held.lease(cpu).permits()).isEqualTo(2);
    assertThat(refused(ErrorCode.RESOURCE_NOT_HELD, () -> held.lease(db)))
        .hasMessage(
            "task must hold a resource to use it: wanted=db (name it in uses, or acquire it)");
    line.close();
    refused(ErrorCode.RESOURCE_NOT_HELD, () -> held.lease(lines));
    assertThat(held.releaseAll()).isEqualTo(1);
    assertAllIsBack();
  }

  @Test
  void acquire_beforeWhatIsHeld_isRefusedThoughItIsFree() {
    held.acquire(db, 1, Duration.ZERO);

    assertThat(refused(ErrorCode.RESOURCE_ORDER, () -> held.acquire(cpu, 1, FOR_EVER)))
        .hasMessage(
            "resources must be acquired in the order of their names: held=db, wanted=cpu"
                + " (acquire it first, or both together by uses)");
    refused(ErrorCode.RESOURCE_ORDER, () -> held.acquire(db, 1, FOR_EVER));
    refused(ErrorCode.RESOURCE_ORDER, () -> held.acquire(Limit.of("db", 1), 1, FOR_EVER));
    assertThat(cpu.available()).isEqualTo(2);
    assertThat(db.available()).isEqualTo(1);
    held.lease(db).close();
    held.acquire(cpu, 1, Duration.ZERO);
    assertThat(held.releaseAll()).isEqualTo(1);
    assertAllIsBack();
  }

  @Test
  void tryAcquire_beforeWhatIsHeld_isAllowedAndCounts() {
    held.acquire(cpu, 1, Duration.ZERO);
    assertThat(held.tryAcquire(lines, 1)).isPresent();
    assertThat(held.tryAcquire(db, 1)).isPresent();

    refused(ErrorCode.RESOURCE_ORDER, () -> held.acquire(Limit.of("km", 1), 1, FOR_EVER));
    assertThat(held.tryAcquire(db, 2)).isEmpty();
    assertThat(held.releaseAll()).isEqualTo(3);
    assertAllIsBack();
  }

  @Test
  void acquire_wrongNumbers_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> held.tryAcquire(db, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> held.tryAcquire(db, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> held.acquire(db, 3, FOR_EVER));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> held.tryAcquire(lines, 2))
        .withMessage(
            "permits of a pool must be 1: permits=2, pool=lines (acquire a lease for each item)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> held.acquire(db, 1, Duration.ofNanos(-1)));
    assertAllIsBack();
  }

  @Test
  void acquire_timeIsOver_isATypedErrorAndTheRunGoesOn() {
    Lease<@Nullable Void> other = db.tryAcquire(2).orElseThrow();

    refused(ErrorCode.RESOURCE_TIMEOUT, () -> held.acquire(db, 1, Duration.ZERO));
    refused(ErrorCode.RESOURCE_TIMEOUT, () -> held.acquire(db, 1, Duration.ofMillis(2)));
    other.close();

    assertThat(held.acquire(db, 1, Duration.ZERO)).isNotNull();
    assertThat(held.releaseAll()).isEqualTo(1);
    assertAllIsBack();
  }

  @Test
  void releaseAll_openLeases_endAndCannotBeUsed() {
    Lease<String> line = held.tryAcquire(lines, 1).orElseThrow();
    Lease<@Nullable Void> closed = held.tryAcquire(db, 1).orElseThrow();
    closed.close();

    assertThat(held.releaseAll()).isEqualTo(1);
    assertThat(held.releaseAll()).isZero();

    assertThat(refused(ErrorCode.LEASE_MISUSE, line::value))
        .hasMessage(
            "lease is for its holder until it is closed: pool=lines,"
                + " state=given back by the end of its task"
                + " (close it once, and acquire another one for further use)");
    refused(ErrorCode.LEASE_MISUSE, line::close);
    refused(ErrorCode.LEASE_MISUSE, closed::close);
    assertAllIsBack();
  }

  @Test
  void acquire_afterTheEnd_isRefused() {
    held.releaseAll();

    assertThat(refused(ErrorCode.LEASE_MISUSE, () -> held.tryAcquire(db, 1)))
        .hasMessage(
            "resources are for a task that runs: wanted=db, state=ended"
                + " (acquire inside the body, on its thread)");
    refused(ErrorCode.LEASE_MISUSE, () -> held.acquire(db, 1, FOR_EVER));
    assertAllIsBack();
  }

  /** Waits on a thread of its own. */
  private CompletableFuture<Optional<Lease<@Nullable Void>>> waits() {
    CompletableFuture<Optional<Lease<@Nullable Void>>> got = new CompletableFuture<>();
    Thread thread =
        new Thread(() -> got.complete(Optional.ofNullable(held.acquire(db, 1, FOR_EVER))));
    thread.start();
    await().until(() -> db.waiting() == 1);
    return got;
  }

  @Test
  void waitsFor_whoWaits_isDescribed() {
    Lease<@Nullable Void> other = db.tryAcquire(2).orElseThrow();
    assertThat(held.waitsFor()).isEmpty();
    var got = waits();
    HeldLeases second = new HeldLeases();
    Acquisition acquisition = new Acquisition(UsesImpl.NONE.and(db, 2), second, () -> {});
    assertThat(acquisition.start()).isFalse();

    assertThat(held.waitsFor()).hasValue("waits for 1 permit of limit db: capacity=2, 0 ahead");
    assertThat(second.waitsFor()).hasValue("waits for 2 permits of limit db: capacity=2, 1 ahead");
    assertThat(acquisition.withdraw()).isTrue();
    other.close();
    assertThat(got.join()).isPresent();
    assertThat(held.waitsFor()).isEmpty();
    assertThat(held.releaseAll()).isEqualTo(1);
    assertAllIsBack();
  }

  @Test
  void cancelWaits_whoWaits_returnsAndKeepsWhatItHolds() {
    held.acquire(cpu, 1, Duration.ZERO);
    Lease<@Nullable Void> other = db.tryAcquire(2).orElseThrow();
    var got = waits();

    held.cancelWaits();

    assertThat(got.join()).isEmpty();
    assertThat(held.acquire(db, 1, FOR_EVER)).as("does not wait any more").isNull();
    assertThat(cpu.available()).isEqualTo(1);
    other.close();
    assertThat(held.acquire(db, 1, FOR_EVER)).as("is there at once").isNotNull();
    assertThat(held.releaseAll()).isEqualTo(2);
    assertAllIsBack();
  }

  @Test
  void releaseAll_whileAnotherThreadWaits_wakesIt() {
    Lease<@Nullable Void> other = db.tryAcquire(2).orElseThrow();
    var got = waits();

    assertThat(held.releaseAll()).isZero();

    assertThat(got.join()).isEmpty();
    other.close();
    assertAllIsBack();
  }
}
