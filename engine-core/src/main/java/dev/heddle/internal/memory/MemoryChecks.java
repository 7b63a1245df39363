// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import dev.heddle.error.SegmentOverrunException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who writes where he must not. Each segment lies between two red zones, which are looked
 * at when it is closed; its block is then filled with a pattern and kept out of use for a while, to
 * see whether somebody still writes into it.
 */
final class MemoryChecks {

  /** What is before, behind and, as long as nobody has written it, in a segment. */
  private static final byte UNWRITTEN = (byte) 0xA5;

  /** What is in a block that was closed. */
  private static final byte CLOSED = 0x5A;

  private static final long BACK_BYTES = 16;
  private static final Logger LOG = System.getLogger("dev.heddle.memory");

  private final long quarantineBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Block> quarantine = new ArrayDeque<>(); // under lock
  private long kept; // under lock
  private final LongAdder overwritten = new LongAdder();

  /** A block out of use. */
  record Block(Slab slab, int sizeClass, long block, long byteSize) {}

  /**
   * Makes checks with nothing in quarantine.
   *
   * @param quarantineBytes how many bytes are kept out of use
   */
  MemoryChecks(long quarantineBytes) {
    this.quarantineBytes = quarantineBytes;
  }

  /** How many bytes before a segment are a red zone. */
  static long frontBytes(long byteAlignment) {
    return Math.max(byteAlignment, BACK_BYTES);
  }

  /** How many bytes a segment takes with its red zones; more than a long holds is the most. */
  static long grossBytes(long byteSize, long byteAlignment) {
    long zones = frontBytes(byteAlignment) + BACK_BYTES;
    return byteSize > Long.MAX_VALUE - zones ? Long.MAX_VALUE : byteSize + zones;
  }

  /** Fills a block that is given out. */
  static void fill(MemorySegment block) {
    block.fill(UNWRITTEN);
  }

  /** Looks at the red zones of a segment that is closed, and destroys what is in it. */
  static void checkAndDestroy(MemorySegment block, long start, long byteSize) {
    long bad = firstOther(block, 0, start, UNWRITTEN);
    if (bad < 0) {
      bad = firstOther(block, start + byteSize, block.byteSize(), UNWRITTEN);
    }
    block.fill(CLOSED);
    if (bad >= 0) {
      throw new SegmentOverrunException(
          "segment must be written between its ends: byteSize="
              + byteSize
              + ", written="
              + (bad - start)
              + " (look for native code, or for slices of another segment, that write there)");
    }
  }

  private static long firstOther(MemorySegment block, long from, long to, byte expected) {
    for (long at = from; at < to; at++) {
      if (block.get(ValueLayout.JAVA_BYTE, at) != expected) {
        return at;
      }
    }
    return -1;
  }

  /** Puts a closed block into quarantine. */
  void keep(Block block) {
    lock.lock();
    try {
      quarantine.add(block);
      kept += block.byteSize;
    } finally {
      lock.unlock();
    }
  }

  /** Takes out of quarantine what it has no room for, {@code null} if there is nothing. */
  @Nullable Block takeSurplus() {
    return take(quarantineBytes);
  }

  /** Takes a block out of quarantine, {@code null} if there is none. */
  @Nullable Block take() {
    return take(0);
  }

  /** Takes the oldest block, if there are more bytes than so many, and looks at it. */
  private @Nullable Block take(long mostBytes) {
    Block oldest;
    lock.lock();
    try {
      oldest = kept > mostBytes ? quarantine.remove() : null;
      kept -= oldest == null ? 0 : oldest.byteSize;
    } finally {
      lock.unlock();
    }
    if (oldest != null) {
      lookForWrites(oldest);
    }
    return oldest;
  }

  private void lookForWrites(Block block) {
    MemorySegment segment = block.slab.slice(block.block, block.byteSize);
    long bad = firstOther(segment, 0, block.byteSize, CLOSED);
    if (bad >= 0) {
      overwritten.increment();
      LOG.log(
          Level.WARNING,
          "memory must not be written after it was closed: blockBytes="
              + block.byteSize
              + ", written="
              + bad
              + " (look for segments that are kept beyond the close of their owner)");
    }
  }

  /** How many bytes are in quarantine. */
  long keptBytes() {
    lock.lock();
    try {
      return kept;
    } finally {
      lock.unlock();
    }
  }

  /** How many closed blocks somebody has written into. */
  long overwritten() {
    return overwritten.sum();
  }
}
