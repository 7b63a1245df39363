// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.memory;

import dev.heddle.error.SegmentReleasedException;
import java.lang.foreign.MemorySegment;

/**
 * One reader's handle to off-heap memory that nobody writes any more. Its memory is freed when all
 * readers have closed theirs.
 *
 * <p>Threads: any thread may use it. What the owner wrote before {@link OwnedSegment#share}
 * happens-before each use of a handle that was got from it by a way that synchronizes.
 */
public interface SharedSegment extends AutoCloseable {

  /**
   * Returns the memory.
   *
   * @return a read-only segment
   * @throws SegmentReleasedException if this handle was closed
   */
  MemorySegment segment();

  /**
   * Makes a handle for another reader.
   *
   * @return the handle, which has to be closed, too
   * @throws SegmentReleasedException if this handle was closed
   */
  SharedSegment retain();

  /**
   * Ends this handle and, if it is the last one, frees the memory.
   *
   * @throws SegmentReleasedException if this handle was closed before
   */
  @Override
  void close();
}
