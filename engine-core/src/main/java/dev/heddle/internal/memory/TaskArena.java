// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The arena of one run of a task: confined to its thread, counted against the engine's budget,
 * freed by the worker when the body ends.
 */
public final class TaskArena implements Arena {

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

  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    if (byteSize <= 0) {
      return memory.allocate(byteSize, byteAlignment); // takes nothing, or is refused by the JDK
    }
    budget.reserve(byteSize);
    try {
      MemorySegment segment = memory.allocate(byteSize, byteAlignment);
      reservedBytes += byteSize;
      return segment;
    } catch (Throwable e) {
      budget.release(byteSize);
      throw e;
    }
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
