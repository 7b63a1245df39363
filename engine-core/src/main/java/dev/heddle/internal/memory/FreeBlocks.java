// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

/** Free blocks of one class that one thread keeps, last in, first out. */
/*
 * Roles.        All is the thread's own. count and fromDepot are read by who reports: what that sees may be stale.
 */
final class FreeBlocks {

  private static final int MOST_A_BATCH = 32;

  /** How many blocks come from the depot, or go there, at a time. */
  final int batch;

  final long[] blocks;
  int count;
  int fromDepot; // less those that have gone there: wraps, as a difference may

  FreeBlocks(int sizeClass, long batchBytes) {
    this.batch = Math.clamp(batchBytes / SizeClasses.bytes(sizeClass), 1, MOST_A_BATCH);
    this.blocks = new long[2 * batch];
  }

  boolean isFull() {
    return count == blocks.length;
  }

  /** How many blocks are in use that came from here, less those that came back here. */
  int used() {
    return fromDepot - count;
  }
}
