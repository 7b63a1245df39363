// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.TaskEngine;
import dev.heddle.TaskOptions;
import dev.heddle.memory.OwnedSegment;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tasks on two workers allocate blocks of random sizes, fill each with its owner's pattern, keep
 * some, pass some on, and look at every long of the pattern before they free a block. So a block
 * that two have at a time, or that is larger than what is free, is found out. What the process
 * takes for it off-heap must not grow after the first tenth.
 */
public final class BlockPatterns {

  private static final int WORKERS = 2;
  private static final int BLOCKS_A_TASK = 1_000;
  private static final int MOST_KEPT = 200;
  private static final int LOG_MOST_BYTES = 15;
  private static final long MOST_GROWTH_KIB = 1024;

  private BlockPatterns() {}

  /** A block and what its owner has written into it. */
  private record Filled(OwnedSegment owned, long pattern) {
    void checkAndClose() {
      try (owned) {
        MemorySegment segment = owned.segment();
        for (long at = 0; at + Long.BYTES <= segment.byteSize(); at += Long.BYTES) {
          long found = segment.get(ValueLayout.JAVA_LONG, at);
          if (found != pattern) {
            Soak.finish(
                "BlockPatterns",
                false,
                "bytes=%d, at=%d, expected=%x, found=%x",
                segment.byteSize(),
                at,
                pattern,
                found);
          }
        }
      }
    }
  }

  /**
   * Runs.
   *
   * @param args seed, number of blocks
   */
  public static void main(String[] args) {
    long seed = Soak.seed(args);
    long blocks = Soak.count(args, 100_000_000);
    SplittableRandom random = new SplittableRandom(seed);
    AtomicLong passedOn = new AtomicLong();
    try (TaskEngine engine = TaskEngine.builder().workers(WORKERS).build()) {
      List<Filled> before = List.of();
      long early = 0;
      for (long done = 0; done < blocks; done += WORKERS * BLOCKS_A_TASK) {
        List<SplittableRandom> seeds = new ArrayList<>();
        for (int w = 0; w < WORKERS; w++) {
          seeds.add(random.split());
        }
        List<Filled> taken = before;
        List<Filled> left = new ArrayList<>();
        var group =
            engine.submitEach(
                seeds,
                (each, context) -> {
                  context.arena().allocate(each.nextInt(1 << LOG_MOST_BYTES)).fill((byte) 1);
                  return work(engine, each, each == seeds.getFirst() ? taken : List.of());
                },
                TaskOptions.defaults());
        group.join().forEach(left::addAll);
        passedOn.addAndGet(left.size());
        before = left;
        if (early == 0 && done >= blocks / 10) {
          early = Soak.offHeapKib();
        }
      }
      long growth = Soak.offHeapKib() - early;
      before.forEach(Filled::checkAndClose);
      Soak.finish(
          "BlockPatterns",
          engine.memory().usedBytes() == 0
              && engine.memory().leaks() == 0
              && growth <= MOST_GROWTH_KIB,
          "blocks=%d, passedOn=%d, offHeapGrowth=%d KiB, report=%s, seed=%d",
          blocks,
          passedOn.get(),
          growth,
          engine.memory(),
          seed);
    }
  }

  private static List<Filled> work(TaskEngine engine, SplittableRandom random, List<Filled> taken) {
    taken.forEach(Filled::checkAndClose);
    List<Filled> kept = new ArrayList<>();
    for (int i = 0; i < BLOCKS_A_TASK; i++) {
      long bytes = random.nextLong(1L << random.nextInt(LOG_MOST_BYTES));
      Filled filled = new Filled(engine.allocateRaw(bytes), random.nextLong());
      MemorySegment segment = filled.owned.segment();
      for (long at = 0; at + Long.BYTES <= bytes; at += Long.BYTES) {
        segment.set(ValueLayout.JAVA_LONG, at, filled.pattern);
      }
      kept.add(filled);
      if (kept.size() > MOST_KEPT) {
        kept.set(random.nextInt(MOST_KEPT), kept.removeLast()).checkAndClose();
      }
    }
    List<Filled> moved = new ArrayList<>();
    for (Filled each : kept) {
      moved.add(new Filled(each.owned.move(), each.pattern));
    }
    return moved;
  }
}
