// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import dev.heddle.error.SegmentReleasedException;
import dev.heddle.memory.SharedSegment;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** One reader's handle to a block. */
public final class SharedBlock implements SharedSegment {

  private final Readers readers;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** What all handles of a block share. */
  static class Readers {
    private final EngineMemory memory;
    private final Slab slab;
    private final int sizeClass;
    private final long block;
    private final long start;
    private final MemorySegment segment;
    private final AtomicInteger open = new AtomicInteger(1);

    Readers(
        EngineMemory memory,
        Slab slab,
        int sizeClass,
        long block,
        long start,
        MemorySegment segment) {
      this.memory = memory;
      this.slab = slab;
      this.sizeClass = sizeClass;
      this.block = block;
      this.start = start;
      this.segment = segment.asReadOnly();
    }

    final void close() {
      if (open.decrementAndGet() == 0) {
        free();
      }
    }

    void free() {
      memory.free(memory.memoryOfCaller(), slab, sizeClass, block, start, segment.byteSize());
    }

    final int open() {
      return open.get();
    }

    final boolean casOpen(int expected, int update) {
      return open.compareAndSet(expected, update);
    }

    /** Adds a reader, unless the last one has gone: a handle may be closed while it is copied. */
    boolean add() {
      for (; ; ) {
        int now = open();
        if (now == 0) {
          return false;
        }
        if (casOpen(now, now + 1)) {
          return true;
        }
      }
    }
  }

  SharedBlock(Readers readers) {
    this.readers = readers;
  }

  @Override
  public MemorySegment segment() {
    if (closed.get()) {
      throw released();
    }
    return readers.segment;
  }

  @Override
  public SharedSegment retain() {
    if (closed.get() || !readers.add()) {
      throw released();
    }
    return new SharedBlock(readers);
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      throw released();
    }
    readers.close();
  }

  private SegmentReleasedException released() {
    return new SegmentReleasedException(
        "segment is for its readers until they close it: state=closed, byteSize="
            + readers.segment.byteSize()
            + " (retain() a handle for each reader)");
  }
}
