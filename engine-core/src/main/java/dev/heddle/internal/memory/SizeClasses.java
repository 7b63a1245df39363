// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

/**
 * The sizes of blocks: multiples of 16 up to 128 bytes, then eight sizes to each doubling. So a
 * block is less than 16 bytes larger than what is asked for, or at most 12.5 % (as in jemalloc,
 * Evans 2006).
 */
final class SizeClasses {

  /** The largest block: what is larger has memory of its own. */
  static final long LARGEST = 256 << 10;

  private static final int QUANTUM = 16;
  private static final int SMALL = 8; // multiples of the quantum
  private static final int LOG_SMALL_LIMIT = 7;
  private static final int LOG_STEPS = 3;

  /** How many classes there are. */
  static final int COUNT = of(LARGEST) + 1;

  private SizeClasses() {}

  /**
   * Returns the class of the smallest blocks that are large enough.
   *
   * @param byteSize at most {@link #LARGEST}
   */
  static int of(long byteSize) {
    if (byteSize <= SMALL * QUANTUM) {
      return (int) Math.max(byteSize - 1, 0) / QUANTUM;
    }
    int log = Long.SIZE - 1 - Long.numberOfLeadingZeros(byteSize - 1);
    int step = (int) ((byteSize - 1) >>> (log - LOG_STEPS)) & ((1 << LOG_STEPS) - 1);
    return SMALL + ((log - LOG_SMALL_LIMIT) << LOG_STEPS) + step;
  }

  /**
   * Returns the class of the smallest blocks that are large enough and, one after the other from an
   * aligned address on, aligned.
   *
   * @param byteSize at most {@link #LARGEST}
   * @param byteAlignment a power of two, at most {@link #LARGEST}
   */
  static int of(long byteSize, long byteAlignment) {
    int sizeClass = of(Math.max(byteSize, byteAlignment));
    while ((bytes(sizeClass) & (byteAlignment - 1)) != 0) {
      sizeClass++; // at most to the next power of two
    }
    return sizeClass;
  }

  /** Returns the size of the blocks of a class. */
  static long bytes(int sizeClass) {
    if (sizeClass < SMALL) {
      return (sizeClass + 1L) * QUANTUM;
    }
    int steps = sizeClass - SMALL;
    int log = LOG_SMALL_LIMIT + (steps >>> LOG_STEPS);
    long step = steps & ((1 << LOG_STEPS) - 1);
    return ((1 << LOG_STEPS) + step + 1) << (log - LOG_STEPS);
  }
}
