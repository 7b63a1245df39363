// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.heddle.error.ErrorCode;
import dev.heddle.error.MemoryLimitException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {

  @Test
  void reserve_upToTheLimit_isGranted() {
    MemoryBudget budget = new MemoryBudget(100);

    budget.reserve(0);
    budget.reserve(99);
    budget.reserve(1);
    budget.reserve(0);

    assertThat(budget.usedBytes()).isEqualTo(100);
  }

  @Test
  void reserve_overTheLimit_reservesNothing() {
    MemoryBudget budget = new MemoryBudget(100);
    budget.reserve(60);

    MemoryLimitException e =
        catchThrowableOfType(MemoryLimitException.class, () -> budget.reserve(41));

    assertThat(e.code()).isEqualTo(ErrorCode.MEMORY_LIMIT);
    assertThat(e)
        .hasMessage(
            "memory budget of the engine is spent: byteSize=41, used=60, memory=100"
                + " (raise memory, or run fewer such tasks at a time)");
    assertThat(budget.usedBytes()).isEqualTo(60);
    budget.reserve(40);
  }

  @Test
  void reserve_sumBeyondALong_isRefused() {
    MemoryBudget budget = new MemoryBudget(Long.MAX_VALUE);
    budget.reserve(Long.MAX_VALUE - 1);

    assertThatExceptionOfType(MemoryLimitException.class)
        .isThrownBy(() -> budget.reserve(Long.MAX_VALUE));
    assertThat(budget.usedBytes()).isEqualTo(Long.MAX_VALUE - 1);
  }

  @Test
  void release_reservedBytes_canBeReservedAgain() {
    MemoryBudget budget = new MemoryBudget(100);
    budget.reserve(100);
    budget.release(30);

    assertThat(budget.usedBytes()).isEqualTo(70);
    budget.reserve(30);
    budget.release(100);
    assertThat(budget.usedBytes()).isZero();
  }

  @Test
  void reserve_manyThreads_neverGoOverTheLimitAndGiveAllBack() throws Exception {
    int limit = 10;
    MemoryBudget budget = new MemoryBudget(limit);
    CountDownLatch start = new CountDownLatch(1);
    List<CompletableFuture<Long>> highest = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int bytes = i + 3;
      CompletableFuture<Long> seen = new CompletableFuture<>();
      highest.add(seen);
      Thread.ofPlatform()
          .start(
              () -> {
                try {
                  start.await();
                  long max = 0;
                  for (int round = 0; round < 20_000; round++) {
                    try {
                      budget.reserve(bytes);
                    } catch (MemoryLimitException e) {
                      continue;
                    }
                    max = Math.max(max, budget.usedBytes());
                    budget.release(bytes);
                  }
                  seen.complete(max);
                } catch (Throwable e) {
                  seen.completeExceptionally(e);
                }
              });
    }
    start.countDown();

    for (CompletableFuture<Long> seen : highest) {
      assertThat(seen.get(1, TimeUnit.MINUTES)).isLessThanOrEqualTo(limit);
    }
    assertThat(budget.usedBytes()).isZero();
  }
}
