// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import dev.heddle.error.MemoryLimitException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The arena of one run of a task: confined to its thread, counted against the engine's budget,
 * freed by the worker when the body ends.
 *
 * <p>What counts is what the JDK takes: for an alignment of more than 16 bytes it takes as many
 * more, less one, also for a segment of no bytes. Not counted are its rounding to 8 bytes and the
 * allocator's own headers.
 */
public final class TaskArena implements Arena {

  /** What the JDK's allocator aligns to without taking more bytes. */
  private static final long MALLOC_ALIGNMENT = 16;

  private final Arena memory = Arena.ofConfined();
  private final MemoryBudget budget;
  private long reservedBytes;

  /**
   * Makes an arena that holds nothing.
   *
   * @param budget what its bytes count against
   */
  public TaskArena(MemoryBudget budget) {
    this.budget = budget;
  }

  /**
   * Allocates a segment as {@link Arena#allocate(long, long)} does.
   *
   * @throws MemoryLimitException if the budget is spent, or if the JVM has not got the memory,
   *     whose {@link OutOfMemoryError} is the cause then; nothing is reserved
   */
  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    if (byteSize < 0 || byteAlignment <= 0 || (byteAlignment & (byteAlignment - 1)) != 0) {
      return memory.allocate(byteSize, byteAlignment); // is refused by the JDK
    }
    long padding = byteAlignment <= MALLOC_ALIGNMENT ? 0 : byteAlignment - 1;
    budget.reserve(byteSize, padding);
    try {
      MemorySegment segment = memory.allocate(byteSize, byteAlignment);
      reservedBytes += byteSize + padding;
      return segment;
    } catch (OutOfMemoryError e) {
      budget.release(byteSize + padding);
      throw refused(byteSize, padding, e);
    } catch (Throwable e) {
      budget.release(byteSize + padding);
      throw e;
    }
  }

  private static MemoryLimitException refused(long byteSize, long padding, OutOfMemoryError error) {
    return new MemoryLimitException(
        "memory of the machine or of the JVM is spent: byteSize="
            + byteSize
            + (padding == 0 ? "" : ", padding=" + padding)
            + " (lower memory of the engine, or raise -XX:MaxDirectMemorySize)",
        error);
  }

  @Override
  public MemorySegment.Scope scope() {
    return memory.scope();
  }

  /** Refuses: the arena ends with the run of its task. */
  @Override
  public void close() {
    throw new UnsupportedOperationException(
        "the arena of a task is closed by the engine (return from the body instead)");
  }

  /** Frees the memory. Called by the worker on the arena's own thread. */
  public void release() {
    memory.close();
    budget.release(reservedBytes);
  }
}
