// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import dev.heddle.error.SegmentOwnerException;
import dev.heddle.error.SegmentReleasedException;
import dev.heddle.memory.OwnedSegment;
import dev.heddle.memory.SharedSegment;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** A handle to a block of a slab. */
/*
 * Owner.        A task: the memory of its runner and the number of its run. A thread outside: that. Nobody, after a
 *               move: who comes first takes it by a CAS, the only step for which two threads compete. All else
 *               is done by the owner, and needs no atomic steps.
 * Stale         is a handle by its own state: each owner has a handle of its own, which is never used again. There is no
 *               generation that could wrap. Where a handle does not leave its method, the compiler makes no object of it.
 * Evidence.     OwnedSegmentTest; OwnedBlockStressTest.
 */
public class OwnedBlock implements OwnedSegment {

  private static final byte OPEN = 0;
  private static final byte CLOSED = 1;
  private static final byte MOVED = 2;
  private static final byte SHARED = 3;

  private final EngineMemory memory;
  private final Slab slab;
  private final int sizeClass;
  private final long block;
  private final long start; // in the slab
  private final long byteSize;
  @Nullable Object owner; // by casOwner, as long as it is nobody
  private long run;
  private byte state;

  /** Makes the handle of the calling task or, without one, the calling thread. */
  OwnedBlock(
      EngineMemory memory,
      Slab slab,
      int sizeClass,
      long block,
      long start,
      long byteSize,
      @Nullable TaskMemory here) {
    this.memory = memory;
    this.slab = slab;
    this.sizeClass = sizeClass;
    this.block = block;
    this.start = start;
    this.byteSize = byteSize;
    if (here == null) {
      this.owner = Thread.currentThread();
    } else {
      this.owner = here;
      this.run = here.run();
      here.opened();
    }
  }

  /** Makes a handle that belongs to nobody. */
  OwnedBlock(OwnedBlock from) {
    this.memory = from.memory;
    this.slab = from.slab;
    this.sizeClass = from.sizeClass;
    this.block = from.block;
    this.start = from.start;
    this.byteSize = from.byteSize;
  }

  @Override
  public final MemorySegment segment() {
    if (state != OPEN || owner == null) {
      enterSlowly(memory.memoryOfCaller());
    }
    return slice();
  }

  private MemorySegment slice() {
    return slab.segment.asSlice(start, byteSize);
  }

  /** Makes all bytes 0. Called before anybody else has the handle. */
  void zero() {
    slab.zero(start, byteSize);
  }

  @Override
  public final long byteSize() {
    return byteSize;
  }

  @Override
  public final OwnedSegment move() {
    leave(MOVED);
    return new OwnedBlock(this);
  }

  @Override
  public final SharedSegment share() {
    leave(SHARED);
    return new SharedBlock(new SharedBlock.Readers(memory, slab, sizeClass, block, start, slice()));
  }

  @Override
  public final void close() {
    memory.free(leave(CLOSED), slab, sizeClass, block, start, byteSize);
  }

  /** Ends this handle, which must be the caller's; returns the caller's memory. */
  private @Nullable TaskMemory leave(byte end) {
    TaskMemory here = memory.memoryOfCaller();
    if (state != OPEN || here == null || owner != here || run != here.run()) {
      enterSlowly(here);
    }
    state = end;
    if (here != null) {
      here.closed();
    }
    return here;
  }

  private void enterSlowly(@Nullable TaskMemory here) {
    if (state != OPEN) {
      throw new SegmentReleasedException(
          "segment is for its owner until it is given away: state="
              + (state == CLOSED ? "closed" : state == MOVED ? "moved" : "shared")
              + ", byteSize="
              + byteSize
              + " (use what move() or share() has returned, or allocate another)");
    }
    Object caller = here == null ? Thread.currentThread() : here;
    if (casOwner(caller)) {
      if (here != null) {
        run = here.run();
        here.opened();
      }
    } else if (owner != caller || (here != null && run != here.run())) {
      throw new SegmentOwnerException(
          "segment is for the task that it belongs to: byteSize="
              + byteSize
              + ", thread="
              + Thread.currentThread().getName()
              + " (let the owner move() it, and use what that returns)");
    }
  }

  boolean casOwner(Object caller) {
    return OWNER.compareAndSet(this, null, caller);
  }

  private static final VarHandle OWNER;

  static {
    try {
      OWNER = MethodHandles.lookup().findVarHandle(OwnedBlock.class, "owner", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
