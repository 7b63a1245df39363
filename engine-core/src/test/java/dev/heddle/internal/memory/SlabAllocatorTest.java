// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.heddle.error.MemoryLimitException;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.memory.OwnedSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SlabAllocatorTest {

  private static final long BUDGET = 16 << 20;

  private final Caller caller = new Caller();
  private final EngineMemory memory = new EngineMemory("test", BUDGET, 2, false, caller);

  /** One thread that is two workers, one after the other, or none. */
  private static final class Caller implements Callers {
    private @Nullable TaskMemory current;

    @Override
    public @Nullable TaskMemory memoryOfCaller() {
      return current;
    }

    @Override
    public RejectedTaskException engineClosed() {
      return RejectedTaskException.engineClosed("test");
    }
  }

  /** Allocates and frees at random, in two caches, against a model of intervals. */
  @Property(tries = 100)
  void allocateAndFree_anyOrder_noTwoOverlap(@ForAll @LongRange(min = 0) long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TaskMemory[] workers = {memory.newTaskMemory(), memory.newTaskMemory()};
    TreeMap<Long, Long> intervals = new TreeMap<>();
    List<OwnedSegment> open = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      caller.current = workers[random.nextInt(2)];
      if (open.isEmpty() || random.nextInt(5) < 3) {
        long size = 1 + random.nextLong(1L << random.nextInt(1, 15));
        long alignment = 1L << random.nextInt(13);
        OwnedSegment owned = memory.allocateRaw(size, alignment);
        long start = owned.segment().address();
        assertThat(start % alignment).isZero();
        Map.Entry<Long, Long> before = intervals.floorEntry(start + size - 1);
        assertThat(before == null || before.getValue() <= start).isTrue();
        intervals.put(start, start + size);
        open.add(owned.move());
      } else {
        OwnedSegment owned = open.remove(random.nextInt(open.size()));
        intervals.remove(owned.segment().address());
        owned.close();
      }
    }
    open.forEach(OwnedSegment::close);
    assertThat(memory.report(List.of(), List.of()).usedBytes()).isZero();
    giveAllBack(workers);
    assertThat(memory.report(List.of(), List.of()).reservedBytes()).isZero();
  }

  private void giveAllBack(TaskMemory... workers) {
    for (TaskMemory worker : workers) {
      worker.drain();
    }
    memory.trimSurplus();
  }

  @Test
  void trim_emptySlabsAlone_areClosed() {
    TaskMemory worker = memory.newTaskMemory();
    caller.current = worker;
    List<OwnedSegment> open = fill(1_000, 4_000);
    OwnedSegment last = open.removeLast();
    open.forEach(OwnedSegment::close);
    assertThat(memory.hasSurplus()).isTrue();
    giveAllBack(worker);
    assertThat(memory.hasSurplus()).isFalse();
    assertThat(memory.report(List.of(), List.of()).reservedBytes()).isBetween(1_000L, 2L << 20);
    last.close();
    giveAllBack(worker);
    assertThat(memory.report(List.of(), List.of()).reservedBytes()).isZero();
  }

  private List<OwnedSegment> fill(long size, int times) {
    List<OwnedSegment> open = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      open.add(memory.allocateRaw(size, 16));
    }
    return open;
  }

  @Test
  void allocate_otherSizesAfterTheBudgetWasSpent_emptySlabsGiveWay() {
    caller.current = memory.newTaskMemory();
    for (long size : new long[] {100, 3_000, 200_000, 1 << 20, 48}) {
      List<OwnedSegment> open = new ArrayList<>();
      assertThatExceptionOfType(MemoryLimitException.class)
          .isThrownBy(
              () -> {
                while (true) {
                  open.add(memory.allocateRaw(size, 16));
                }
              });
      assertThat(open.size() * size).as("of size %d", size).isGreaterThan(BUDGET * 3 / 4);
      open.forEach(OwnedSegment::close);
    }
  }

  @Test
  void allocate_outsideAfterAWorkerHasSpentTheBudget_findsWhatOthersFreed() {
    TaskMemory worker = memory.newTaskMemory();
    caller.current = worker;
    List<OwnedSegment> open = fill(60_000, 200);
    caller.current = null;
    List<OwnedSegment> outside = fill(500, 100);
    outside.forEach(OwnedSegment::close);
    caller.current = worker;
    open.forEach(OwnedSegment::close);
    worker.drain();
    assertThat(fill(250_000, 50)).hasSize(50).allSatisfy(OwnedSegment::close);
  }

  /** A trace of sizes as programs have them, short-lived and long-lived ones: what is lost? */
  @Test
  void replay_ofATrace_fragmentationIsAtMostAQuarter() {
    caller.current = memory.newTaskMemory();
    SplittableRandom random = new SplittableRandom(42);
    List<OwnedSegment> open = new ArrayList<>();
    long live = 0;
    for (int i = 0; i < 200_000; i++) {
      long size = random.nextLong(8, 16L << random.nextInt(1, 9));
      open.add(memory.allocateRaw(size, 16));
      live += size;
      while (live > BUDGET / 2) {
        int victim = random.nextInt(open.size());
        OwnedSegment owned = open.set(victim, open.getLast());
        open.removeLast();
        live -= owned.byteSize();
        owned.close();
      }
    }
    long reserved = memory.report(List.of(), List.of()).reservedBytes();
    assertThat(1 - (double) live / reserved).isLessThan(0.25);
    open.forEach(OwnedSegment::close);
  }
}
