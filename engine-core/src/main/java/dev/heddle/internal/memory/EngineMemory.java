// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import dev.heddle.error.MemoryLimitException;
import dev.heddle.internal.util.Seam;
import dev.heddle.memory.MemoryReport;
import dev.heddle.memory.OwnedSegment;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The off-heap memory of an engine: hands out segments to tasks and to threads outside, and keeps
 * the books. Safe for use by any thread.
 */
/*
 * Waiting.      Blocks come back to caches, depots and the budget without a look for who waits: that would be paid by
 *               each of them. Who waits looks himself, after 100 us at first, every 5 ms later; nobody waits but where memory
 *               is spent. It is not fair: who comes by when there is some gets it.
 */
public final class EngineMemory {

  private static final long DEFAULT_ALIGNMENT = 16; // of all blocks
  private static final long FIRST_NAP_NANOS = 100_000; // of who waits for memory
  private static final long MOST_NAP_NANOS = 5_000_000;
  private static final int QUARANTINE_SHARE = 8; // of the budget
  private static final long LEAST_SLAB_BYTES = 64 << 10;
  private static final long MOST_SLAB_BYTES = 2 << 20;
  private static final Logger LOG = System.getLogger("dev.heddle.memory");

  private final String engineName;
  private final MemoryBudget budget;
  private final SlabAllocator slabs;
  private final Callers callers;
  private final ReentrantLock outsideLock = new ReentrantLock();
  private final BlockCache outside; // under outsideLock: of all threads that run no task
  private final @Nullable MemoryChecks checks;
  private final LongAdder leaks = new LongAdder();

  /**
   * Makes the memory of an engine, of which nothing is used.
   *
   * @param engineName for messages
   * @param budgetBytes how much it may take in all
   * @param workers among how many workers
   * @param checked whether to look who writes where he must not
   * @param callers says who calls
   */
  public EngineMemory(
      String engineName, long budgetBytes, int workers, boolean checked, Callers callers) {
    this.engineName = engineName;
    this.callers = callers;
    this.budget = new MemoryBudget(budgetBytes);
    this.slabs = new SlabAllocator(budget, slabBytes(budgetBytes, workers), callers);
    this.outside = slabs.newCache();
    this.checks = checked ? new MemoryChecks(budgetBytes / QUARANTINE_SHARE) : null;
    budget.whenSpent(this::budgetSpent);
    budget.whenRefused(bytes -> MemoryEvents.exhausted(engineName, bytes, budget));
  }

  private static long slabBytes(long budgetBytes, int workers) {
    return Math.clamp(budgetBytes / (8L * workers), LEAST_SLAB_BYTES, MOST_SLAB_BYTES);
  }

  /**
   * Returns what all memory counts against.
   *
   * @return the budget
   */
  public MemoryBudget budget() {
    return budget;
  }

  /**
   * Makes the memory of the tasks that run on one thread.
   *
   * @return the memory
   */
  public TaskMemory newTaskMemory() {
    return new TaskMemory(slabs);
  }

  /**
   * Allocates. All bytes are 0.
   *
   * @param byteSize zero or more
   * @param byteAlignment a power of two
   * @return a segment of the calling task or thread
   * @throws MemoryLimitException if there is no memory for it
   */
  public OwnedSegment allocate(long byteSize, long byteAlignment) {
    return zeroed(takeBlock(byteSize, byteAlignment), byteSize);
  }

  private OwnedBlock zeroed(OwnedBlock block, long byteSize) {
    if (checks != null || byteSize <= SizeClasses.LARGEST) { // the JDK has zeroed what is large
      block.zero();
    }
    return block;
  }

  /**
   * Allocates. The bytes are what they are.
   *
   * @param byteSize zero or more
   * @param byteAlignment a power of two
   * @return a segment of the calling task or thread
   * @throws MemoryLimitException if there is no memory for it
   */
  public OwnedSegment allocateRaw(long byteSize, long byteAlignment) {
    return takeBlock(byteSize, byteAlignment);
  }

  /**
   * Allocates, all bytes 0, or waits for memory.
   *
   * @param byteSize zero or more
   * @param nanos how long
   * @return a segment of the calling task or thread
   * @throws MemoryLimitException if there is no memory for it by then
   * @throws InterruptedException if the caller is interrupted; its interrupt status is cleared
   */
  public OwnedSegment allocateWithin(long byteSize, long nanos) throws InterruptedException {
    long start = Seam.nanoTime();
    long nap = FIRST_NAP_NANOS;
    for (; ; ) {
      try {
        return zeroed(takeBlock(byteSize, DEFAULT_ALIGNMENT), byteSize);
      } catch (MemoryLimitException e) {
        long left = nanos - (Seam.nanoTime() - start);
        if (left <= 0 || byteSize > budget.limitBytes()) {
          throw e;
        }
        Seam.parkNanos(this, Math.min(nap, left));
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      nap = Math.min(2 * nap, MOST_NAP_NANOS);
    }
  }

  private OwnedBlock takeBlock(long byteSize, long byteAlignment) {
    int sizeClass = sizeClass(byteSize, byteAlignment);
    TaskMemory here = memoryOfCaller();
    if (here == null || sizeClass == Slab.LARGE || checks != null) {
      return takeSlowly(here, sizeClass, byteSize, byteAlignment);
    }
    return own(here, sizeClass, here.cache().take(sizeClass), byteSize);
  }

  /** Returns the class of blocks that are large enough and aligned, after a look at the values. */
  private int sizeClass(long byteSize, long byteAlignment) {
    if (byteAlignment != DEFAULT_ALIGNMENT || byteSize < 0 || byteSize > SizeClasses.LARGEST) {
      return sizeClassSlowly(byteSize, byteAlignment);
    }
    return SizeClasses.of(byteSize);
  }

  private int sizeClassSlowly(long byteSize, long byteAlignment) {
    if (byteSize < 0) {
      throw new IllegalArgumentException(
          "byteSize must be zero or more: byteSize=" + byteSize + " (use how many bytes you need)");
    }
    if (byteAlignment <= 0 || (byteAlignment & (byteAlignment - 1)) != 0) {
      throw new IllegalArgumentException(
          "byteAlignment must be a power of two: byteAlignment="
              + byteAlignment
              + " (use 1, 8, 64 or the like)");
    }
    if (slabs.isClosed()) {
      throw callers.engineClosed();
    }
    if (byteSize > SizeClasses.LARGEST || byteAlignment > Slab.ALIGNMENT) {
      return Slab.LARGE;
    }
    return SizeClasses.of(byteSize, byteAlignment);
  }

  private OwnedBlock takeSlowly(
      @Nullable TaskMemory here, int sizeClass, long byteSize, long byteAlignment) {
    if (checks != null) {
      return takeChecked(here, byteSize, byteAlignment);
    }
    if (sizeClass == Slab.LARGE) {
      Slab slab = slabs.takeLarge(byteSize, byteAlignment);
      return new OwnedBlock(this, slab, sizeClass, 0, 0, byteSize, here);
    }
    return own(here, sizeClass, takeFrom(here, sizeClass), byteSize);
  }

  private long takeFrom(@Nullable TaskMemory here, int sizeClass) {
    return here == null ? takeOutside(sizeClass) : here.cache().take(sizeClass);
  }

  /** Takes a block for a segment between two red zones. */
  private OwnedBlock takeChecked(@Nullable TaskMemory here, long byteSize, long byteAlignment) {
    long front = MemoryChecks.frontBytes(byteAlignment);
    long gross = MemoryChecks.grossBytes(byteSize, byteAlignment);
    int sizeClass = sizeClassSlowly(gross, byteAlignment);
    if (sizeClass == Slab.LARGE) {
      Slab slab = slabs.takeLarge(gross, byteAlignment);
      MemoryChecks.fill(slab.segment);
      return new OwnedBlock(this, slab, sizeClass, 0, front, byteSize, here);
    }
    long block = takeFrom(here, sizeClass);
    Slab slab = slabOf(block);
    MemoryChecks.fill(slab.slice(block, slab.blockBytes));
    long start = Slab.offsetOf(block) + front;
    return new OwnedBlock(this, slab, sizeClass, block, start, byteSize, here);
  }

  private OwnedBlock own(@Nullable TaskMemory here, int sizeClass, long block, long byteSize) {
    Slab slab = slabOf(block);
    return new OwnedBlock(this, slab, sizeClass, block, Slab.offsetOf(block), byteSize, here);
  }

  private Slab slabOf(long block) {
    Slab slab = slabs.slabOf(block);
    if (slab == null) {
      throw callers.engineClosed();
    }
    return slab;
  }

  private long takeOutside(int sizeClass) {
    outsideLock.lock();
    try {
      return outside.take(sizeClass);
    } finally {
      outsideLock.unlock();
    }
  }

  /** Frees a block, on the caller's side. */
  void free(
      @Nullable TaskMemory here, Slab slab, int sizeClass, long block, long start, long byteSize) {
    if (here != null && sizeClass != Slab.LARGE && checks == null) {
      here.cache().give(sizeClass, block);
    } else if (here != null && checks == null) {
      slabs.giveLarge(slab, true);
    } else {
      freeSlowly(slab, sizeClass, block, start, byteSize);
    }
  }

  private void freeSlowly(Slab slab, int sizeClass, long block, long start, long byteSize) {
    if (checks == null || slabs.isClosed()) {
      giveOutside(slab, sizeClass, block);
      return;
    }
    try {
      MemorySegment whole = slab.slice(block, slab.blockBytes);
      MemoryChecks.checkAndDestroy(whole, start - Slab.offsetOf(block), byteSize);
    } finally {
      if (sizeClass == Slab.LARGE) { // the JDK refuses what comes after the close
        slabs.giveLarge(slab, false);
      } else {
        checks.keep(new MemoryChecks.Block(slab, sizeClass, block, slab.blockBytes));
        for (MemoryChecks.Block each; (each = checks.takeSurplus()) != null; ) {
          giveOutside(each.slab(), each.sizeClass(), each.block());
        }
      }
    }
  }

  private void giveOutside(Slab slab, int sizeClass, long block) {
    if (sizeClass == Slab.LARGE) {
      slabs.giveLarge(slab, false);
      return;
    }
    outsideLock.lock();
    try {
      outside.give(sizeClass, block);
    } finally {
      outsideLock.unlock();
    }
  }

  @Nullable TaskMemory memoryOfCaller() {
    return callers.memoryOfCaller();
  }

  /**
   * Counts and logs what a task has left open.
   *
   * @param segments how many
   * @param task says which task
   */
  public void leaked(long segments, String task) {
    leaks.add(segments);
    LOG.log(
        Level.WARNING,
        "task ended and left segments open: engine="
            + engineName
            + ", "
            + task
            + ", segments="
            + segments
            + " (close them, or move() what others go on with)");
  }

  /**
   * Returns what is used now. May be stale where tasks run.
   *
   * @param workers what each keeps
   * @param holders which tasks hold memory
   * @return the report
   */
  public MemoryReport report(List<MemoryReport.Kept> workers, List<MemoryReport.Holder> holders) {
    List<MemoryReport.SizeClass> classes = new ArrayList<>();
    long used = slabs.largeBytes();
    for (int sizeClass = 0; sizeClass < SizeClasses.COUNT; sizeClass++) {
      long bytes = slabs.usedBytes(sizeClass);
      if (bytes > 0) {
        classes.add(new MemoryReport.SizeClass(SizeClasses.bytes(sizeClass), bytes));
        used += bytes;
      }
    }
    return new MemoryReport(
        budget.limitBytes(),
        budget.usedBytes(),
        used - (checks == null ? 0 : checks.keptBytes()),
        leaks.sum(),
        checks != null,
        checks == null ? 0 : checks.overwritten(),
        classes,
        workers,
        holders);
  }

  /**
   * Tells whether a worker with nothing to do should give back what it keeps.
   *
   * @return whether {@link #trimSurplus} has something to do
   */
  public boolean hasSurplus() {
    return slabs.hasSurplus();
  }

  /** Gives back memory that is not used. */
  public void trimSurplus() {
    slabs.trimSurplus();
  }

  /**
   * Gives back what can be given back, before somebody is refused: under the lock of growth or
   * none.
   */
  private void budgetSpent() {
    if (outsideLock.tryLock()) { // who has it may be waiting for growth, and will come here himself
      try {
        emptyQuarantine();
        outside.drainAll();
      } finally {
        outsideLock.unlock();
      }
    }
    slabs.budgetSpent();
  }

  private void emptyQuarantine() {
    if (checks != null) {
      for (MemoryChecks.Block each; (each = checks.take()) != null; ) {
        giveOutside(each.slab(), each.sizeClass(), each.block());
      }
    }
  }

  /**
   * Frees everything: whatever is still used is refused by the JDK from now on; what native
   * functions use, when they have returned.
   */
  public void close() {
    emptyQuarantine();
    List<Slab> open = slabs.close();
    if (!open.isEmpty()) {
      LOG.log(
          Level.WARNING,
          "memory must not be in use by native functions when the engine has ended: engine="
              + engineName
              + ", slabs="
              + open.size()
              + " (wait for them before you close; it is freed when they have returned)");
      Thread late =
          Seam.newThread(
              Thread.ofPlatform().daemon().name("heddle-" + engineName + "-memory").factory(),
              () -> slabs.giveBackLate(open));
      late.start();
    }
  }
}
