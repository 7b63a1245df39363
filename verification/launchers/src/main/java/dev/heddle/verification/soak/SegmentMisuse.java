// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.MemorySize;
import dev.heddle.TaskEngine;
import dev.heddle.error.SegmentOverrunException;
import dev.heddle.error.SegmentOwnerException;
import dev.heddle.error.SegmentReleasedException;
import dev.heddle.memory.OwnedSegment;
import dev.heddle.memory.SharedSegment;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * Does with segments what nobody should, each time something else, beside segments that are used
 * well: each misuse must be found out, and the neighbours must keep what is in them. With the
 * memory checks on; those of the handles once more without.
 */
public final class SegmentMisuse {

  private static final int NEIGHBOURS = 64;
  private static final int LOG_MOST_BYTES = 13;
  private static final int MOST_LOG_ALIGNMENT = 12;
  private static final int OF_HANDLES = 8;
  private static final int KINDS = 11;

  private final TaskEngine engine;
  private final SplittableRandom random;
  private final OwnedSegment[] neighbours = new OwnedSegment[NEIGHBOURS];
  private final byte[] patterns = new byte[NEIGHBOURS];
  private long writtenAfterClose;

  private SegmentMisuse(TaskEngine engine, SplittableRandom random) {
    this.engine = engine;
    this.random = random;
  }

  /**
   * Runs.
   *
   * @param args seed, number of misuses
   */
  public static void main(String[] args) {
    Soak.silence();
    long seed = Soak.seed(args);
    long misuses = Soak.count(args, 100_000);
    SplittableRandom random = new SplittableRandom(seed);
    misuse(random.split(), misuses, true);
    misuse(random.split(), misuses, false);
    long sizes = extremes();
    Soak.finish(
        "SegmentMisuse", true, "misuses=2 x %d, extremes=%d, seed=%d", misuses, sizes, seed);
  }

  private static void misuse(SplittableRandom random, long misuses, boolean checks) {
    TaskEngine.Builder settings =
        TaskEngine.builder().workers(2).memory(MemorySize.mebibytes(64)).memoryChecks(checks);
    try (TaskEngine engine = settings.build()) {
      SegmentMisuse soak = new SegmentMisuse(engine, random);
      for (long i = 0; i < misuses; i++) {
        soak.lookAtANeighbour();
        soak.misuse(random.nextInt(checks ? KINDS : OF_HANDLES));
      }
      soak.end(checks);
    }
  }

  private OwnedSegment allocate() {
    long bytes = 1 + random.nextLong(1L << random.nextInt(LOG_MOST_BYTES));
    return engine.allocate(bytes, 1L << random.nextInt(MOST_LOG_ALIGNMENT + 1));
  }

  /** Looks whether a neighbour has kept what is in it, and puts another one in its place. */
  private void lookAtANeighbour() {
    int number = random.nextInt(NEIGHBOURS);
    OwnedSegment owned = neighbours[number];
    if (owned != null) {
      for (long at = 0; at < owned.byteSize(); at++) {
        require(owned.segment().get(ValueLayout.JAVA_BYTE, at) == patterns[number], "neighbour");
      }
      owned.close();
    }
    owned = allocate();
    patterns[number] = (byte) random.nextInt();
    owned.segment().fill(patterns[number]);
    neighbours[number] = owned;
  }

  private void misuse(int kind) {
    OwnedSegment owned = allocate();
    switch (kind) {
      case 0 -> {
        owned.close();
        refused(owned::close);
      }
      case 1 -> {
        owned.close();
        refused(owned::segment);
      }
      case 2 -> {
        owned.close();
        refused(owned::move);
        refused(owned::share);
      }
      case 3 -> {
        OwnedSegment next = owned.move();
        refused(owned::segment);
        refused(owned::close);
        next.close();
      }
      case 4 -> {
        SharedSegment shared = owned.share();
        refused(owned::segment);
        refused(owned::close);
        shared.close();
        refused(shared::segment);
        refused(shared::retain);
        refused(shared::close);
      }
      case 5 -> {
        refusedInTask(owned::close);
        owned.close();
      }
      case 6 -> {
        refusedInTask(owned::move);
        refusedInTask(owned::share);
        owned.close();
      }
      case 7 -> {
        OwnedSegment ofTask = engine.submit(context -> engine.allocate(8).move()).join();
        ofTask.segment().fill((byte) 1); // it is this thread's from now on
        refusedInTask(ofTask::close);
        ofTask.close();
        owned.close();
      }
      case 8 -> writeBeyond(owned, owned.byteSize());
      case 9 -> writeBeyond(owned, -1);
      default -> {
        MemorySegment kept = owned.segment();
        owned.close();
        byte there = kept.get(ValueLayout.JAVA_BYTE, 0);
        kept.set(ValueLayout.JAVA_BYTE, 0, (byte) (there + 1));
        writtenAfterClose++;
      }
    }
  }

  /** Writes one byte beside a segment, as native code would that counts wrongly. */
  private static void writeBeyond(OwnedSegment owned, long at) {
    MemorySegment all = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    long address = owned.segment().address() + at;
    byte there = all.get(ValueLayout.JAVA_BYTE, address);
    all.set(ValueLayout.JAVA_BYTE, address, (byte) (there + 1));
    try {
      owned.close();
    } catch (SegmentOverrunException e) {
      require(e.getMessage().contains("written=" + at), e.getMessage());
      return;
    }
    require(false, "one byte beyond: at=" + at);
  }

  private static void refused(Runnable misuse) {
    try {
      misuse.run();
    } catch (SegmentReleasedException e) {
      return;
    }
    require(false, "use of a handle that has ended");
  }

  private void refusedInTask(Runnable misuse) {
    boolean refused =
        engine
            .submit(
                context -> {
                  try {
                    misuse.run();
                  } catch (SegmentOwnerException e) {
                    return true;
                  }
                  return false;
                })
            .join();
    require(refused, "use by a task that does not own it");
  }

  private void end(boolean checks) {
    for (OwnedSegment each : neighbours) {
      if (each != null) {
        each.close();
      }
    }
    require(engine.memory().usedBytes() == 0, "all comes back: " + engine.memory());
    require(engine.memory().leaks() == 0, "nothing leaks: " + engine.memory());
    engine.close(); // what is in quarantine is looked at
    long found = engine.memory().overwritten();
    require(!checks || found == writtenAfterClose, found + " found of " + writtenAfterClose);
  }

  /** The largest and the oddest sizes and alignments. */
  private static long extremes() {
    long sizes = 0;
    TaskEngine.Builder settings =
        TaskEngine.builder().workers(1).memory(MemorySize.mebibytes(4 << 10));
    try (TaskEngine engine = settings.build()) {
      long[] interesting = {0, 1, 15, 16, 17, 4_095, 4_096, 4_097, (1L << 31) - 1, 1L << 31};
      for (long base : interesting) {
        for (long alignment = 1; alignment <= 4_096; alignment *= 8) {
          long bytes = base + (base >>> 31); // 2^31 + 1
          try (OwnedSegment owned = engine.allocateRaw(bytes, alignment)) {
            require(owned.segment().address() % alignment == 0, "alignment=" + alignment);
            require(owned.segment().byteSize() == bytes, "byteSize=" + bytes);
            if (bytes > 0) {
              owned.segment().set(ValueLayout.JAVA_BYTE, bytes - 1, (byte) 1);
            }
            sizes++;
          }
        }
      }
      require(engine.memory().usedBytes() == 0, "all comes back: " + engine.memory());
    }
    return sizes;
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      Soak.finish("SegmentMisuse", false, "%s", what);
    }
  }
}
