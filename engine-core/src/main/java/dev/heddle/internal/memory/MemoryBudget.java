// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import dev.heddle.error.MemoryLimitException;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the off-heap bytes that running tasks hold. Safe for use by any thread. */
public final class MemoryBudget {

  private final long limitBytes;
  private final AtomicLong usedBytes = new AtomicLong();

  /**
   * Makes a budget of which nothing is spent.
   *
   * @param limitBytes the limit
   */
  public MemoryBudget(long limitBytes) {
    this.limitBytes = limitBytes;
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
    for (; ; ) {
      long used = usedBytes.get();
      if (bytes > limitBytes - used - padding) { // used <= limitBytes: neither difference wraps
        throw new MemoryLimitException(
            "memory budget of the engine is spent: byteSize="
                + bytes
                + (padding == 0 ? "" : ", padding=" + padding)
                + ", used="
                + used
                + ", memory="
                + limitBytes
                + " (raise memory, or run fewer such tasks at a time)");
      }
      if (usedBytes.compareAndSet(used, used + bytes + padding)) {
        return;
      }
    }
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
   * Returns what is reserved now.
   *
   * @return bytes
   */
  public long usedBytes() {
    return usedBytes.get();
  }
}
