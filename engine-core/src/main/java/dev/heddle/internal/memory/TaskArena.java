// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import dev.heddle.error.MemoryLimitException;
import dev.heddle.internal.util.Seam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;

/**
 * The arena of one run of a task: confined to its thread, counted against the engine's budget,
 * freed by the worker when the body ends.
 *
 * <p>Small segments are cut from pieces, the first of 1 KiB, each next one four times as large, up
 * to 64 KiB; a piece counts as a whole. Without room for that in the budget, and for all others,
 * what counts is what the JDK takes: for an alignment of more than 16 bytes it takes as many more,
 * less one, also for a segment of no bytes. Not counted are its rounding to 8 bytes and the
 * allocator's own headers.
 */
/*
 * Safe because all is of the JDK's confined arena: a piece is one segment of it, whose slices have its scope.
 */
public final class TaskArena implements Arena {

  private static final long FIRST_PIECE_BYTES = 1024;
  private static final long MOST_PIECE_BYTES = 64 << 10;
  private static final int GROWTH = 4;

  /** What pieces are aligned to, and the most that a segment in one may ask for. */
  private static final long PIECE_ALIGNMENT = 16;

  private final Arena memory = Arena.ofConfined();
  private final Thread thread = Thread.currentThread();
  private final MemoryBudget budget;
  private final LongConsumer whenGrown;
  private long reservedBytes;
  private MemorySegment piece = MemorySegment.NULL;
  private long cut; // of the piece
  private long nextPieceBytes = FIRST_PIECE_BYTES;

  /**
   * Makes an arena that holds nothing, for the calling thread.
   *
   * @param budget what its bytes count against
   */
  public TaskArena(MemoryBudget budget) {
    this(budget, bytes -> {});
  }

  /**
   * Makes an arena that holds nothing, for the calling thread.
   *
   * @param budget what its bytes count against
   * @param whenGrown is told how many bytes it has taken in all
   */
  public TaskArena(MemoryBudget budget, LongConsumer whenGrown) {
    this.budget = budget;
    this.whenGrown = whenGrown;
  }

  /**
   * Allocates a segment as {@link Arena#allocate(long, long)} does.
   *
   * @throws MemoryLimitException if the budget is spent, or if the JVM has not got the memory,
   *     whose {@link OutOfMemoryError} is the cause then; nothing is reserved
   */
  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    if (byteSize <= 0 // none is cut from no piece
        || byteAlignment <= 0
        || byteAlignment > PIECE_ALIGNMENT
        || (byteAlignment & (byteAlignment - 1)) != 0
        || Thread.currentThread() != thread) {
      return allocateAlone(byteSize, byteAlignment);
    }
    long offset = (cut + byteAlignment - 1) & -byteAlignment;
    if (byteSize > piece.byteSize() - offset) {
      if (byteSize > nextPieceBytes / 2 || !addPiece()) {
        return allocateAlone(byteSize, byteAlignment);
      }
      offset = 0;
    }
    cut = offset + byteSize;
    return piece.asSlice(offset, byteSize);
  }

  private boolean addPiece() {
    long bytes = nextPieceBytes;
    if (!memory.scope().isAlive() || !budget.tryReserve(bytes, 0)) {
      return false;
    }
    piece = allocateReserved(bytes, PIECE_ALIGNMENT, 0);
    cut = 0;
    nextPieceBytes = Math.min(GROWTH * bytes, MOST_PIECE_BYTES);
    return true;
  }

  private MemorySegment allocateAlone(long byteSize, long byteAlignment) {
    if (byteSize < 0 || byteAlignment <= 0 || (byteAlignment & (byteAlignment - 1)) != 0) {
      return memory.allocate(byteSize, byteAlignment); // is refused by the JDK
    }
    long padding = MemoryBudget.padding(byteAlignment);
    budget.reserve(byteSize, padding);
    return allocateReserved(byteSize, byteAlignment, padding);
  }

  /** Allocates what the budget has been asked for, or gives that back. */
  private MemorySegment allocateReserved(long byteSize, long byteAlignment, long padding) {
    try {
      Seam.allocating(byteSize);
      MemorySegment segment = memory.allocate(byteSize, byteAlignment);
      reservedBytes += byteSize + padding;
      whenGrown.accept(reservedBytes);
      return segment;
    } catch (OutOfMemoryError e) {
      budget.release(byteSize + padding);
      throw budget.refused(byteSize, padding, e);
    } catch (Throwable e) {
      budget.release(byteSize + padding);
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
    piece = MemorySegment.NULL;
    cut = 0;
    budget.release(reservedBytes);
  }
}
