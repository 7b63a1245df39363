// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import dev.heddle.error.MemoryLimitException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Counts the off-heap bytes that running tasks hold. Safe for use by any thread. */
public final class MemoryBudget {

  /** What the JDK's allocator aligns to without taking more bytes. */
  private static final long MALLOC_ALIGNMENT = 16;

  private final long limitBytes;
  private final AtomicLong usedBytes = new AtomicLong();
  private volatile Runnable whenSpent = () -> {};
  private volatile LongConsumer whenRefused = bytes -> {};

  /**
   * Makes a budget of which nothing is spent.
   *
   * @param limitBytes the limit
   */
  public MemoryBudget(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Sets what may give bytes back before somebody is refused. */
  void whenSpent(Runnable action) {
    whenSpent = action;
  }

  /** Sets who hears of bytes that were refused, by the budget or by the JVM. */
  void whenRefused(LongConsumer action) {
    whenRefused = action;
  }

  /**
   * Reserves bytes.
   *
   * @param bytes how many, zero or more
   * @throws MemoryLimitException if they are more than is left; nothing is reserved then
   */
  public void reserve(long bytes) {
    reserve(bytes, 0);
  }

  /**
   * Reserves bytes and what is lost by their alignment. The sum may be more than a {@code long}
   * holds.
   *
   * @param bytes how many, zero or more
   * @param padding how many more, zero or more
   * @throws MemoryLimitException if they are more than is left; nothing is reserved then
   */
  void reserve(long bytes, long padding) {
    if (tryReserve(bytes, padding)) {
      return;
    }
    whenSpent.run();
    if (!tryReserve(bytes, padding)) {
      whenRefused.accept(bytes);
      throw new MemoryLimitException(
          "memory budget of the engine is spent: byteSize="
              + bytes
              + (padding == 0 ? "" : ", padding=" + padding)
              + ", used="
              + usedBytes.get()
              + ", memory="
              + limitBytes
              + " (raise memory, or run fewer such tasks at a time)");
    }
  }

  /** As {@link #reserve(long, long)}, but tells whether there was enough. */
  boolean tryReserve(long bytes, long padding) {
    for (; ; ) {
      long used = usedBytes.get();
      if (bytes > limitBytes - used - padding) { // used <= limitBytes: neither difference wraps
        return false;
      }
      if (usedBytes.compareAndSet(used, used + bytes + padding)) {
        return true;
      }
    }
  }

  /** What the JDK takes besides for a segment, and loses, to align it. */
  static long padding(long byteAlignment) {
    return byteAlignment <= MALLOC_ALIGNMENT ? 0 : byteAlignment - 1;
  }

  /** What to throw if the JVM has refused what the budget allows. */
  MemoryLimitException refused(long byteSize, long padding, OutOfMemoryError error) {
    whenRefused.accept(byteSize);
    return new MemoryLimitException(
        "memory of the machine or of the JVM is spent: byteSize="
            + byteSize
            + (padding == 0 ? "" : ", padding=" + padding)
            + " (lower memory of the engine, or raise -XX:MaxDirectMemorySize)",
        error);
  }

  /**
   * Gives bytes back.
   *
   * @param bytes as many as were reserved
   */
  public void release(long bytes) {
    usedBytes.addAndGet(-bytes);
  }

  /**
   * Returns the limit.
   *
   * @return bytes
   */
  public long limitBytes() {
    return limitBytes;
  }

  /**
   * Returns what is reserved now.
   *
   * @return bytes
   */
  public long usedBytes() {
    return usedBytes.get();
  }
}
