// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.heddle.resource.Lease;
import dev.heddle.resource.Limit;
import dev.heddle.resource.Uses;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GrantsTest {

  private final Limit one = Limit.of("one", 1);
  private final List<Integer> told = new ArrayList<>();

  /** Waits for one; when it comes, calls back, which may give it back. */
  private HeldLeases waiter(Limit limit, Runnable whenHeld) {
    HeldLeases held = new HeldLeases();
    assertThat(new Acquisition(Uses.none().and(limit), held, whenHeld).start()).isFalse();
    return held;
  }

  @Test
  void close_chainOf100_000GrantsOfOneLimit_needsNoStack() {
    Lease<@Nullable Void> first = one.tryAcquire().orElseThrow();
    List<HeldLeases> all = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      int number = i;
      all.add(
          waiter(
              one,
              () -> {
                told.add(number);
                all.get(number).releaseAll();
              }));
    }

    first.close();

    assertThat(told).hasSize(100_000).isSorted();
    assertThat(one.available()).isEqualTo(1);
  }

  @Test
  void close_chainThrough100_000Limits_needsNoStack() {
    List<Limit> limits = new ArrayList<>();
    List<Lease<@Nullable Void>> leases = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      Limit limit = Limit.of("limit-" + i, 1);
      limits.add(limit);
      leases.add(limit.tryAcquire().orElseThrow());
      int number = i;
      waiter(
          limit,
          () -> {
            told.add(number);
            if (number > 0) {
              leases.get(number - 1).close();
            }
          });
    }

    leases.getLast().close();

    assertThat(told).hasSize(100_000);
    assertThat(limits).allMatch(limit -> limit.waiting() == 0);
  }

  @Test
  void close_waiterThatThrows_keepsNobodyFromBeingTold() {
    Limit two = Limit.of("two", 2);
    Lease<@Nullable Void> both = two.tryAcquire(2).orElseThrow();
    waiter(
        two,
        () -> {
          throw new IllegalStateException("from the first");
        });
    waiter(two, () -> told.add(2));

    assertThatIllegalStateException().isThrownBy(both::close).withMessage("from the first");

    assertThat(told).containsExactly(2);
    waiter(two, () -> {}); // and the thread is not left in the loop
    both(one);
  }

  private void both(Limit limit) {
    Lease<@Nullable Void> lease = limit.tryAcquire().orElseThrow();
    waiter(limit, () -> told.add(3));
    lease.close();
    assertThat(told).endsWith(3);
  }
}
