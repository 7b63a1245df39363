// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import dev.heddle.error.MemoryLimitException;
import dev.heddle.internal.util.Seam;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Off-heap blocks of an engine. Each thread keeps some free blocks of each class; a depot a class
 * exchanges batches of them, so that a block may be given back by another thread than has taken it.
 * (Magazines and depots: Bonwick and Adams, "Magazines and Vmem", 2001.)
 */
/*
 * Roles.        slabs: replaced under growth, read by anybody who holds a block of the slab.
 *               A depot: under its lock. Lock order: growth, then a depot.
 * Slabs.        The first of a class is small, each next one an eighth of what there is, up to slabBytes. A slab gets out
 *               of use if all its blocks are in the depot; that is looked for when the budget is spent, and when a worker has
 *               nothing to do, never on the path of a task otherwise. So does what was large, when a task closes it. What
 *               is out of use is closed in the same two cases, after the locks: nobody can get at it, but a native
 *               function may still be in it, and then it is tried again.
 * Evidence.     SlabAllocatorTest, OwnedSegmentTest; soak BlockPatterns.
 */
final class SlabAllocator {

  private static final long FIRST_SLAB_BYTES = Slab.ALIGNMENT;
  private static final int LEAST_BLOCKS = 2;
  private static final int GROWTH_SHARE = 8; // of what a class has already
  private static final int BATCHES_A_SLAB = 16;
  private static final long MOST_BATCH_BYTES = 32 << 10;
  private static final long SPIN_NANOS = 10_000_000;
  private static final long CLOSE_NAP_NANOS = 1_000_000;
  private static final long MOST_WAIT_NANOS = 1_000_000_000;

  private final Callers callers;
  private final MemoryBudget budget;
  private final long slabBytes;
  private final Depot[] depots = new Depot[SizeClasses.COUNT];
  private final List<BlockCache> caches = new CopyOnWriteArrayList<>();
  private final ReentrantLock growth = new ReentrantLock();
  private final ArrayDeque<Integer> freeNumbers = new ArrayDeque<>(); // under growth
  private int numbers; // under growth: how many have been given
  private volatile @Nullable Slab[] slabs = new Slab[16];
  private final Set<Slab> large = ConcurrentHashMap.newKeySet();
  private final Queue<Slab> ended = new ConcurrentLinkedQueue<>(); // out of use, to be closed
  private volatile boolean surplus;
  private volatile boolean closed;

  /** Free blocks of a class that no thread keeps. */
  private static final class Depot {
    final ReentrantLock lock = new ReentrantLock();
    final ArrayDeque<Slab> uncut = new ArrayDeque<>(); // with blocks that nobody has had yet
    long[] blocks = new long[64];
    int count;
    long slabBytes; // all that are not closed; under growth

    void push(long[] from, int length) {
      if (blocks.length - count < length) {
        blocks = Arrays.copyOf(blocks, Math.max(2 * blocks.length, count + length));
      }
      System.arraycopy(from, 0, blocks, count, length);
      count += length;
    }

    /** Takes up to so many blocks; returns how many. */
    int pop(long[] into, int most) {
      int taken = Math.min(most, count);
      count -= taken;
      System.arraycopy(blocks, count, into, 0, taken);
      while (taken < most && !uncut.isEmpty()) {
        Slab slab = uncut.peek();
        into[taken++] = slab.cutBlock();
        if (slab.cut == slab.blocks) {
          uncut.remove();
        }
      }
      return taken;
    }
  }

  /**
   * Makes an allocator without memory.
   *
   * @param budget what its slabs count against
   * @param slabBytes how large slabs get
   * @param callers says that the engine has closed
   */
  SlabAllocator(MemoryBudget budget, long slabBytes, Callers callers) {
    this.callers = callers;
    this.budget = budget;
    this.slabBytes = slabBytes;
    for (int i = 0; i < depots.length; i++) {
      depots[i] = new Depot();
    }
  }

  /** Makes the cache of a thread. */
  BlockCache newCache() {
    BlockCache cache = new BlockCache(this, Math.min(slabBytes / BATCHES_A_SLAB, MOST_BATCH_BYTES));
    caches.add(cache);
    return cache;
  }

  /** The slab of a block that is in use; {@code null} if all have been closed. */
  @Nullable Slab slabOf(long block) {
    return slabs[Slab.numberOf(block)];
  }

  /**
   * Takes blocks.
   *
   * @return how many, at least one
   * @throws MemoryLimitException if there is none and no memory for one
   */
  int takeBatch(int sizeClass, long[] into, int most) {
    Depot depot = depots[sizeClass];
    for (; ; ) {
      depot.lock.lock();
      try {
        int taken = depot.pop(into, most);
        if (taken > 0) {
          return taken;
        }
      } finally {
        depot.lock.unlock();
      }
      addSlab(sizeClass, depot);
    }
  }

  void giveBatch(int sizeClass, long[] blocks, int length) {
    Depot depot = depots[sizeClass];
    depot.lock.lock();
    try {
      depot.push(blocks, length);
      if (depot.count * SizeClasses.bytes(sizeClass) > 2 * slabBytes) {
        surplus = true;
      }
    } finally {
      depot.lock.unlock();
    }
  }

  private void addSlab(int sizeClass, Depot depot) {
    growth.lock();
    try {
      if (closed) {
        throw callers.engineClosed();
      }
      long blockBytes = SizeClasses.bytes(sizeClass);
      long wanted =
          Math.clamp(depot.slabBytes / GROWTH_SHARE, FIRST_SLAB_BYTES, slabBytes) / blockBytes;
      int blocks = reserve((int) Math.max(wanted, LEAST_BLOCKS), blockBytes);
      Integer free = freeNumbers.peek();
      int number = free == null ? numbers : free;
      Slab slab = make(() -> new Slab(number, sizeClass, blocks), blocks * blockBytes, 0);
      if (free == null) {
        numbers++;
      } else {
        freeNumbers.remove();
      }
      publish(slab);
      depot.lock.lock();
      try {
        depot.uncut.add(slab);
        depot.slabBytes += slab.reservedBytes();
      } finally {
        depot.lock.unlock();
      }
    } finally {
      growth.unlock();
    }
  }

  private void publish(Slab slab) {
    @Nullable Slab[] all = slabs;
    if (slab.number >= all.length) {
      all = Arrays.copyOf(all, 2 * all.length);
    }
    all[slab.number] = slab;
    slabs = all; // volatile, also if it is the same array
  }

  /** Reserves memory for so many blocks or, if the budget does not allow that, one. */
  private int reserve(int blocks, long blockBytes) {
    if (budget.tryReserve(blocks * blockBytes, 0)) {
      return blocks;
    }
    budget.reserve(blockBytes);
    return 1;
  }

  /**
   * Takes memory of its own for something large.
   *
   * @throws MemoryLimitException if there is none
   */
  Slab takeLarge(long byteSize, long byteAlignment) {
    long padding = MemoryBudget.padding(byteAlignment);
    budget.reserve(byteSize, padding);
    Slab slab = make(() -> new Slab(byteSize, byteAlignment), byteSize, padding);
    large.add(slab);
    if (closed && large.remove(slab)) { // since it was looked at
      giveBack(slab);
      throw callers.engineClosed();
    }
    return slab;
  }

  /** Makes a slab for which memory has been reserved, or gives that back. */
  private Slab make(Supplier<Slab> maker, long byteSize, long padding) {
    try {
      return maker.get();
    } catch (OutOfMemoryError e) {
      budget.release(byteSize + padding);
      throw budget.refused(byteSize, padding, e);
    } catch (Throwable e) {
      budget.release(byteSize + padding);
      throw e;
    }
  }

  /** Gives back what is large: at once, or later if a task must not pay for that. */
  void giveLarge(Slab slab, boolean later) {
    if (!large.remove(slab)) {
      return; // close() has it
    }
    if (later || !giveBack(slab)) {
      ended.add(slab);
      surplus = true;
    }
    if (closed) { // since: it may have been too late for close()
      closeEnded();
    }
  }

  /** Closes what is out of use. Not under a depot's lock: it is a handshake with all threads. */
  private void closeEnded() {
    for (int i = ended.size(); i > 0; i--) { // each of them once
      Slab slab = ended.poll();
      if (slab != null && !tryGiveBack(slab)) {
        ended.add(slab);
        surplus = true;
      }
    }
  }

  /** Closes a slab; {@code false} if a native function has used it for too long. */
  private boolean giveBack(Slab slab) {
    List<Slab> open = new ArrayList<>(List.of(slab));
    giveBack(open, MOST_WAIT_NANOS);
    return open.isEmpty();
  }

  /**
   * Closes slabs; leaves those in the list that native functions have used for too long. One that
   * is called again and again leaves short gaps: they are looked for at full speed at first.
   */
  private void giveBack(List<Slab> open, long atMostNanos) {
    long start = Seam.nanoTime();
    for (; ; ) {
      open.removeIf(this::tryGiveBack);
      long waited = Seam.nanoTime() - start;
      if (open.isEmpty() || waited > atMostNanos) {
        return;
      }
      if (waited > SPIN_NANOS) {
        Seam.parkNanos(this, CLOSE_NAP_NANOS);
      }
    }
  }

  private boolean tryGiveBack(Slab slab) {
    boolean closed = slab.tryClose();
    if (closed) {
      budget.release(slab.reservedBytes());
    }
    return closed;
  }

  /** Closes slabs that {@link #close} has left, however long that takes. */
  void giveBackLate(List<Slab> open) {
    giveBack(open, Long.MAX_VALUE);
  }

  /** What is used of memory of its own. */
  long largeBytes() {
    long bytes = 0;
    for (Slab slab : large) {
      bytes += slab.segment.byteSize();
    }
    return bytes;
  }

  /** Tells whether threads with nothing to do should give back the blocks that they keep. */
  boolean hasSurplus() {
    return surplus;
  }

  /** Closes slabs of which nothing is in use. */
  void trimSurplus() {
    surplus = false;
    reclaim();
  }

  private void reclaim() {
    growth.lock();
    try {
      for (Depot depot : depots) {
        depot.lock.lock();
        try {
          trim(depot);
        } finally {
          depot.lock.unlock();
        }
      }
    } finally {
      growth.unlock();
    }
    closeEnded();
  }

  /** Closes slabs of which nothing is in use, and asks for more. */
  void budgetSpent() {
    reclaim();
    surplus = true; // what sleeping workers keep comes back when they sleep the next time
  }

  /** Takes the slabs out of use all of whose blocks are in their depot. Under both locks. */
  private void trim(Depot depot) {
    if (depot.count == 0) {
      return;
    }
    int[] free = new int[numbers];
    for (int i = 0; i < depot.count; i++) {
      free[Slab.numberOf(depot.blocks[i])]++;
    }
    for (int number = 0; number < free.length; number++) {
      Slab slab = free[number] == 0 ? null : slabs[number];
      if (slab != null && free[number] == slab.cut) {
        slabs[number] = null;
        freeNumbers.add(number);
        depot.uncut.remove(slab);
        depot.slabBytes -= slab.reservedBytes();
        ended.add(slab);
      }
    }
    int kept = 0;
    for (int i = 0; i < depot.count; i++) {
      if (slabs[Slab.numberOf(depot.blocks[i])] != null) {
        depot.blocks[kept++] = depot.blocks[i];
      }
    }
    depot.count = kept;
  }

  /**
   * Closes all slabs: whatever uses their memory afterwards is refused by the JDK. Waits for native
   * functions that use it.
   *
   * @return the slabs that stay open, because native functions have used them for too long
   */
  List<Slab> close() {
    growth.lock();
    try {
      closed = true;
      List<Slab> open = new ArrayList<>();
      for (Slab slab : slabs) {
        if (slab != null) {
          open.add(slab);
        }
      }
      numbers = 0;
      slabs = new Slab[slabs.length];
      for (Slab slab : List.copyOf(large)) {
        if (large.remove(slab)) {
          open.add(slab);
        }
      }
      for (Slab slab; (slab = ended.poll()) != null; ) {
        open.add(slab);
      }
      giveBack(open, MOST_WAIT_NANOS);
      return open;
    } finally {
      growth.unlock();
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Returns how many bytes of blocks are in use; those of a class. May be stale. */
  long usedBytes(int sizeClass) {
    long used = 0;
    for (BlockCache cache : caches) {
      used += cache.used(sizeClass);
    }
    return used * SizeClasses.bytes(sizeClass);
  }
}
