// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import dev.heddle.internal.util.Seam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of the operating system, cut in blocks of one size. */
/*
 * Roles.        cut: under the lock of its depot. All else does not change.
 */
final class Slab {

  /** What slabs begin at a multiple of. */
  static final long ALIGNMENT = 4096;

  /** The class of what has a slab of its own. */
  static final int LARGE = -1;

  private static final int OFFSET_BITS = 32;

  /** Copied where memory is to be zeroed: in half the time of {@link MemorySegment#fill}. */
  private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[4096]).asReadOnly();

  final int number;
  final MemorySegment segment;
  final int blocks;
  int cut; // blocks that have been handed out at least once
  final long blockBytes;
  private final long reservedBytes;
  private final Arena arena = Arena.ofShared();

  /**
   * Makes a slab.
   *
   * @param blocks how many; the budget has room for them
   * @throws OutOfMemoryError if the JVM or the machine has not got the memory
   */
  Slab(int number, int sizeClass, int blocks) {
    this.number = number;
    this.blocks = blocks;
    this.blockBytes = SizeClasses.bytes(sizeClass);
    this.reservedBytes = blocks * blockBytes;
    Seam.allocating(reservedBytes);
    this.segment = arena.allocate(reservedBytes, ALIGNMENT);
  }

  /**
   * Makes a slab of one block, for something large. The budget has room for it and its alignment.
   *
   * @throws OutOfMemoryError if the JVM or the machine has not got the memory
   */
  Slab(long byteSize, long byteAlignment) {
    this.number = -1;
    this.blocks = 1;
    this.blockBytes = byteSize;
    this.reservedBytes = byteSize + MemoryBudget.padding(byteAlignment);
    Seam.allocating(byteSize);
    this.segment = arena.allocate(byteSize, byteAlignment);
  }

  /** What it takes of the budget. */
  long reservedBytes() {
    return reservedBytes;
  }

  /** Cuts the next block; returns its name in free lists. */
  long cutBlock() {
    return (long) number << OFFSET_BITS | cut++ * blockBytes;
  }

  /** The number of the slab that a block is in. */
  static int numberOf(long block) {
    return (int) (block >>> OFFSET_BITS);
  }

  /** Where a block begins in its slab. */
  static long offsetOf(long block) {
    return block & ((1L << OFFSET_BITS) - 1);
  }

  /** Returns the first bytes of a block. */
  MemorySegment slice(long block, long byteSize) {
    return segment.asSlice(offsetOf(block), byteSize);
  }

  /** Makes bytes 0. Kept short: what it is compiled to has to fit into the callers' callers. */
  void zero(long start, long byteSize) {
    if (byteSize <= ZEROS.byteSize()) {
      MemorySegment.copy(ZEROS, 0, segment, start, byteSize);
    } else {
      zeroInParts(start, byteSize);
    }
  }

  private void zeroInParts(long start, long byteSize) {
    long bytes;
    for (long done = 0; done < byteSize; done += bytes) {
      bytes = Math.min(byteSize - done, ZEROS.byteSize());
      MemorySegment.copy(ZEROS, 0, segment, start + done, bytes);
    }
  }

  /**
   * Gives the memory back, unless a native function uses it. Slow, and a handshake with all
   * threads.
   */
  boolean tryClose() {
    try {
      arena.close();
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }
}
