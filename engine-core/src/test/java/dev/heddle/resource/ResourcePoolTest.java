// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.ResourceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ResourcePoolTest {

  /** Equal to all others: only identity tells them apart. */
  private static final class Item {
    @Override
    public String toString() {
      return "an item";
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Item;
    }

    @Override
    public int hashCode() {
      return 1;
    }
  }

  private final Item a = new Item();
  private final Item b = new Item();
  private final ResourcePool<Item> pool = ResourcePool.of("items", List.of(a, b));

  private Lease<Item> lease() {
    return pool.tryAcquire().orElseThrow();
  }

  @Test
  void tryAcquire_items_areLentOnceEach() {
    Lease<Item> first = lease();
    Lease<Item> second = lease();

    assertThat(first.value()).isSameAs(a);
    assertThat(second.value()).isSameAs(b);
    assertThat(first.permits()).isEqualTo(1);
    assertThat(first.resource()).isSameAs(pool);
    assertThat(pool.tryAcquire()).isEmpty();
    assertThat(pool.capacity()).isEqualTo(2);
    assertThat(pool).hasToString("pool items: capacity=2, available=0, waiting=0");
  }

  @Test
  void tryAcquire_severalCameBack_theLatestIsLent() {
    Lease<Item> first = lease();
    Lease<Item> second = lease();
    second.close();
    first.close();

    assertThat(lease().value()).isSameAs(a);
    assertThat(lease().value()).isSameAs(b);
  }

  @Test
  void acquire_whileWaiting_getsWhatComesBack() {
    Lease<Item> first = lease();
    Lease<Item> second = lease();
    CompletableFuture<Item> got = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (Lease<Item> lease = pool.acquire(Duration.ofMinutes(1))) {
                got.complete(lease.value());
              }
            });
    thread.start();
    await().until(() -> pool.waiting() == 1);

    second.close();

    assertThat(got.join()).isSameAs(b);
    first.close();
    await().until(() -> pool.available() == 2);
  }

  @Test
  void value_afterClose_isRefused() {
    Lease<Item> lease = lease();
    lease.close();

    for (Runnable use : List.<Runnable>of(lease::value, () -> lease.replace(new Item()))) {
      ResourceException e = catchThrowableOfType(ResourceException.class, use::run);
      assertThat(e.code()).isEqualTo(ErrorCode.LEASE_MISUSE);
      assertThat(e)
          .hasMessageStartingWith("lease is for its holder until it is closed: pool=items");
    }
    assertThat(pool.available()).isEqualTo(2);
  }

  @Test
  void replace_brokenItem_thePoolGetsTheOtherOne() {
    Item other = new Item();
    try (Lease<Item> lease = lease()) {
      lease.replace(other);
      assertThat(lease.value()).isSameAs(other);
      lease.replace(other); // is its own
    }

    Lease<Item> next = lease();
    assertThat(next.value()).isSameAs(other);
    next.replace(a); // the pool has it no longer
    assertThat(lease().value()).isSameAs(b);
    assertThat(pool.tryAcquire()).isEmpty();
  }

  @Test
  void replace_itemOfThePool_isRefused() {
    Lease<Item> lease = lease();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> lease.replace(b))
        .withMessage(
            "other must not be in the pool already: other=an item, pool=items (give an item that is"
                + " new, or close the lease)");
    assertThat(lease.value()).isSameAs(a);
    lease.close();
    assertThat(pool.available()).isEqualTo(2);
  }

  @Test
  void of_noItems_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResourcePool.of("items", List.of()))
        .withMessage("items must be at least one: items=0 (a pool lends something)");
  }

  @Test
  void of_itemTwice_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResourcePool.of("items", List.of("x", "y", "x")))
        .withMessage(
            "items must be distinct: item=\"x\""
                + " (give each one once; two leases must not hold the same)");
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void of_nullItem_isRefused() {
    assertThatNullPointerException()
        .isThrownBy(() -> ResourcePool.of("items", Arrays.asList("x", null)))
        .withMessage("item");
  }

  @Test
  void of_itsCollection_isCopied() {
    List<String> items = new ArrayList<>(List.of("x"));
    ResourcePool<String> copy = ResourcePool.of("items", items);
    items.clear();

    assertThat(copy.capacity()).isEqualTo(1);
    assertThat(copy.tryAcquire().orElseThrow().value()).isEqualTo("x");
  }
}
