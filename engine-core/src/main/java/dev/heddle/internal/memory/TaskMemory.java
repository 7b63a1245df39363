// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

/**
 * Off-heap memory of the tasks that run on one thread one after the other: its cache of free
 * blocks, and what the one that runs now has open.
 */
public final class TaskMemory {

  private final BlockCache cache;
  private long run;
  private long open; // segments that the running task owns

  TaskMemory(SlabAllocator slabs) {
    this(slabs.newCache());
  }

  private TaskMemory(BlockCache cache) {
    this.cache = cache;
  }

  /**
   * Makes the memory of tasks that run inside one of this memory, on the same thread.
   *
   * @return the memory
   */
  public TaskMemory inner() {
    return new TaskMemory(cache);
  }

  BlockCache cache() {
    return cache;
  }

  /** The number of the task that runs. */
  long run() {
    return run;
  }

  void opened() {
    open++;
  }

  void closed() {
    open--;
  }

  /**
   * Returns how many segments the task that runs owns. May be stale on another thread.
   *
   * @return the number
   */
  public long open() {
    return open;
  }

  /**
   * Tells whether the task that runs owns segments.
   *
   * @return whether {@link #endRun} has to be called after it
   */
  public boolean isInUse() {
    return open != 0;
  }

  /**
   * Ends the run: what it owns is nobody's from now on.
   *
   * @return how many segments that is
   */
  public long endRun() {
    long left = open;
    open = 0;
    run++;
    return left;
  }

  /**
   * Returns how many bytes of free blocks the thread keeps for itself. May be stale on another one.
   *
   * @return bytes
   */
  public long keptBytes() {
    return cache.keptBytes();
  }

  /** Gives all free blocks to the other threads. Called by the thread when it ends. */
  public void drain() {
    cache.drainAll();
  }
}
