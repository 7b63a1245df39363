// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resource.Lease;
import dev.heddle.resource.Limit;
import dev.heddle.resource.ResourcePool;
import dev.heddle.resource.Uses;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AcquisitionTest {

  private final Limit a = Limit.of("a", 2);
  private final Limit b = Limit.of("b", 2);
  private final ResourcePool<String> c = ResourcePool.of("c", List.of("item"));
  private final Uses all = Uses.none().and(c).and(b, 2).and(a);

  private final HeldLeases held = new HeldLeases();
  private int calls;
  private final Acquisition acquisition = new Acquisition(all, held, () -> calls++);

  private void assertAllIsBack() {
    assertThat(a.available()).isEqualTo(2);
    assertThat(b.available()).isEqualTo(2);
    assertThat(c.available()).isEqualTo(1);
    assertThat(a.waiting() + b.waiting() + c.waiting()).isZero();
  }

  @Test
  void start_allFree_holdsAllWithoutACall() {
    assertThat(acquisition.start()).isTrue();

    assertThat(calls).isZero();
    assertThat(held.lease(a).permits()).isEqualTo(1);
    assertThat(held.lease(b).permits()).isEqualTo(2);
    assertThat(held.lease(c).value()).isEqualTo("item");
    assertThat(acquisition.withdraw()).isFalse();
    assertThat(held.lease(a).permits()).as("still held").isEqualTo(1);
    assertThat(held.releaseAll()).as("left open by the body").isZero();
    assertAllIsBack();
  }

  @Test
  void start_nothingUsed_holdsNothing() {
    assertThat(new Acquisition(Uses.none(), held, () -> calls++).start()).isTrue();
    assertThat(held.releaseAll()).isZero();
  }

  @Test
  void start_oneAfterTheOther_takesNoneOutOfOrder() {
    Lease<@Nullable Void> ofB = b.tryAcquire().orElseThrow();
    Lease<String> ofC = c.tryAcquire().orElseThrow();

    assertThat(acquisition.start()).isFalse();
    assertThat(a.available()).isEqualTo(1);
    assertThat(b.waiting()).isEqualTo(1);
    assertThat(c.waiting()).as("not asked for yet").isZero();
    ofB.close();
    assertThat(b.available()).isZero();
    assertThat(c.waiting()).isEqualTo(1);
    assertThat(calls).isZero();
    ofC.close();

    assertThat(calls).isEqualTo(1);
    assertThat(held.lease(c).value()).isEqualTo("item");
    assertThat(held.waitsFor()).isEmpty();
    assertThat(held.releaseAll()).isZero();
    assertAllIsBack();
  }

  @Test
  void start_grantedBeforeItReturns_goesOnOnceAlone() {
    Runnable[] afterTake = new Runnable[1];
    Permits permits =
        new Permits(1) {
          @Override
          @SuppressWarnings("UnsynchronizedOverridesSynchronized") // what it calls is
          boolean take(LeaseImpl<?> lease, boolean mayWait) {
            boolean opened = super.take(lease, mayWait);
            afterTake[0].run();
            return opened;
          }
        };
    LimitImpl slow = new LimitImpl("slow", permits);
    afterTake[0] = () -> {};
    Lease<@Nullable Void> other = slow.tryAcquire().orElseThrow();
    afterTake[0] = other::close;
    Limit last = Limit.of("z", 1);
    Lease<@Nullable Void> ofLast = last.tryAcquire().orElseThrow();
    Acquisition granted = new Acquisition(Uses.none().and(slow).and(last), held, () -> calls++);

    assertThat(granted.start()).as("the one who grants goes on, and waits").isFalse();

    assertThat(last.waiting()).isEqualTo(1);
    assertThat(calls).isZero();
    ofLast.close();
    assertThat(calls).isEqualTo(1);
    assertThat(held.lease(slow).permits()).isEqualTo(1);
  }

  @Test
  void withdraw_atEachStage_givesAllBackAndCallsNobody() {
    for (int stage = 0; stage < 4; stage++) {
      HeldLeases run = new HeldLeases();
      Acquisition tried = new Acquisition(all, run, () -> calls++);
      Lease<@Nullable Void> ofA = a.tryAcquire(2).orElseThrow();
      Lease<@Nullable Void> ofB = b.tryAcquire().orElseThrow();
      Lease<String> ofC = c.tryAcquire().orElseThrow();
      boolean early = stage == 0 && tried.withdraw();
      assertThat(tried.start()).isFalse();
      if (stage >= 2) {
        ofA.close();
      }
      if (stage >= 3) {
        ofB.close();
      }

      assertThat(tried.withdraw()).isEqualTo(!early);
      assertThat(tried.withdraw()).isFalse();

      assertThat(a.waiting() + b.waiting() + c.waiting()).isZero();
      if (stage < 2) {
        ofA.close();
      }
      if (stage < 3) {
        ofB.close();
      }
      ofC.close();
      assertThat(run.releaseAll()).isZero();
      assertAllIsBack();
    }
    assertThat(calls).isZero();
  }

  @Test
  void withdraw_largeRequest_letsThoseBehindItGoOn() {
    Lease<@Nullable Void> ofB = b.tryAcquire().orElseThrow();
    assertThat(acquisition.start()).isFalse();
    HeldLeases small = new HeldLeases();
    List<String> told = new ArrayList<>();
    Acquisition behind = new Acquisition(Uses.none().and(b), small, () -> told.add("small"));
    assertThat(behind.start()).as("does not overtake").isFalse();

    acquisition.withdraw();

    assertThat(told).containsExactly("small");
    small.releaseAll();
    ofB.close();
    assertAllIsBack();
  }

  @Test
  void lease_ofUses_mayBeClosedByTheBody() {
    acquisition.start();

    held.lease(b).close();

    assertThat(b.available()).isEqualTo(2);
    assertThat(held.releaseAll()).isZero();
    assertAllIsBack();
  }
}
