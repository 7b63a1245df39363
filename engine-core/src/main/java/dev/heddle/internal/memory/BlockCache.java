// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import dev.heddle.error.MemoryLimitException;
import org.jspecify.annotations.Nullable;

/** Free blocks that one thread keeps for itself. */
/*
 * Roles.        lists: the thread's own; read by who reports, who may miss a list that is new, and see stale counts in others.
 */
final class BlockCache {

  private final SlabAllocator allocator;
  private final long batchBytes;
  private final @Nullable FreeBlocks[] lists = new FreeBlocks[SizeClasses.COUNT];

  BlockCache(SlabAllocator allocator, long batchBytes) {
    this.allocator = allocator;
    this.batchBytes = batchBytes;
  }

  /** Takes a block, from the depot if need be. */
  long take(int sizeClass) {
    FreeBlocks list = lists[sizeClass];
    if (list == null || list.count == 0) {
      list = refill(sizeClass);
    }
    return list.blocks[--list.count];
  }

  private FreeBlocks refill(int sizeClass) {
    FreeBlocks list = list(sizeClass);
    try {
      list.count = allocator.takeBatch(sizeClass, list.blocks, list.batch);
    } catch (MemoryLimitException e) {
      drainAll(); // perhaps what this thread keeps is a slab
      list.count = allocator.takeBatch(sizeClass, list.blocks, list.batch);
    }
    list.fromDepot += list.count;
    return list;
  }

  /** Gives back a block that may have been another thread's. */
  void give(int sizeClass, long block) {
    FreeBlocks list = lists[sizeClass];
    if (list == null || list.isFull()) {
      list = drain(sizeClass);
    }
    list.blocks[list.count++] = block;
  }

  private FreeBlocks drain(int sizeClass) {
    FreeBlocks list = list(sizeClass);
    if (list.isFull()) { // the oldest: the others are in the processor's cache
      allocator.giveBatch(sizeClass, list.blocks, list.batch);
      list.count -= list.batch;
      list.fromDepot -= list.batch;
      System.arraycopy(list.blocks, list.batch, list.blocks, 0, list.count);
    }
    return list;
  }

  private FreeBlocks list(int sizeClass) {
    FreeBlocks list = lists[sizeClass];
    if (list == null) {
      list = new FreeBlocks(sizeClass, batchBytes);
      lists[sizeClass] = list;
    }
    return list;
  }

  /** Gives all free blocks to the depot. */
  void drainAll() {
    for (int sizeClass = 0; sizeClass < lists.length; sizeClass++) {
      FreeBlocks list = lists[sizeClass];
      if (list != null && list.count > 0) {
        allocator.giveBatch(sizeClass, list.blocks, list.count);
        list.fromDepot -= list.count;
        list.count = 0;
      }
    }
  }

  /** How many bytes of free blocks there are. Called by any thread: may be stale. */
  long keptBytes() {
    long bytes = 0;
    for (int sizeClass = 0; sizeClass < lists.length; sizeClass++) {
      FreeBlocks list = lists[sizeClass];
      bytes += list == null ? 0 : list.count * SizeClasses.bytes(sizeClass);
    }
    return bytes;
  }

  /** Returns {@link FreeBlocks#used()} of a class. Called by any thread. */
  long used(int sizeClass) {
    FreeBlocks list = lists[sizeClass];
    return list == null ? 0 : list.used();
  }
}
