// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

/**
 * A number of bytes. Immutable.
 *
 * @param bytes the number, zero or more
 */
public record MemorySize(long bytes) implements Comparable<MemorySize> {

  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  /** As good as no limit. */
  static final MemorySize MAX = new MemorySize(Long.MAX_VALUE);

  /**
   * Checks the size.
   *
   * @throws IllegalArgumentException if negative
   */
  public MemorySize {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes must not be negative: bytes=" + bytes);
    }
  }

  /**
   * Returns a number of bytes as a size.
   *
   * @param count zero or more
   * @return the size
   */
  public static MemorySize bytes(long count) {
    return new MemorySize(count);
  }

  /**
   * Returns a number of 1,024 bytes.
   *
   * @param count zero or more
   * @return the size
   * @throws IllegalArgumentException if the size in bytes does not fit a {@code long}
   */
  public static MemorySize kibibytes(long count) {
    return times(count, KIB);
  }

  /**
   * Returns a number of 1,048,576 bytes.
   *
   * @param count zero or more
   * @return the size
   * @throws IllegalArgumentException if the size in bytes does not fit a {@code long}
   */
  public static MemorySize mebibytes(long count) {
    return times(count, MIB);
  }

  /**
   * Returns a number of 1,073,741,824 bytes.
   *
   * @param count zero or more
   * @return the size
   * @throws IllegalArgumentException if the size in bytes does not fit a {@code long}
   */
  public static MemorySize gibibytes(long count) {
    return times(count, GIB);
  }

  private static MemorySize times(long count, long unit) {
    if (count < 0 || count > Long.MAX_VALUE / unit) {
      throw new IllegalArgumentException(
          "size must be from 0 to " + Long.MAX_VALUE / unit + ": count=" + count);
    }
    return new MemorySize(count * unit);
  }

  @Override
  public int compareTo(MemorySize other) {
    return Long.compare(bytes, requireNonNull(other, "other").bytes);
  }

  /**
   * Returns the size in the largest unit that divides it, such as {@code 64MiB} or {@code 100B}.
   */
  @Override
  public String toString() {
    if (bytes != 0 && bytes % GIB == 0) {
      return bytes / GIB + "GiB";
    }
    if (bytes != 0 && bytes % MIB == 0) {
      return bytes / MIB + "MiB";
    }
    if (bytes != 0 && bytes % KIB == 0) {
      return bytes / KIB + "KiB";
    }
    return bytes + "B";
  }
}
