// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.memory;

import dev.heddle.error.SegmentOwnerException;
import dev.heddle.error.SegmentReleasedException;
import java.lang.foreign.MemorySegment;

/**
 * Off-heap memory that belongs to one task, or to one thread outside of the engine, until it is
 * closed or given away.
 *
 * <p>What is always detected: each use of this handle after {@link #close}, {@link #move} or {@link
 * #share}, and each of these by a task that it does not belong to. What is not: the {@link
 * MemorySegment} that {@link #segment} returns is a slice of memory that lives longer, and cannot
 * be revoked. Who keeps it after the close may read, and destroy, what is there then. Once the
 * engine has closed, the JDK refuses each access.
 *
 * <p>Who ends as the owner without closing it has leaked it: that is logged with the task, and
 * counted in {@link MemoryReport#leaks}. Its memory comes back when the engine closes. A branch of
 * a fork that another worker has taken runs on that worker, and not as the task that has forked it:
 * what it allocates it has to close, or to move.
 *
 * <p>Threads: a handle is for one thread at a time, like the task it belongs to. Memory
 * consistency: what a task does before it gives the handle to another one, by a way that
 * synchronizes, happens-before what that one does with it.
 *
 * {@snippet class="dev.heddle.MemorySnippets" region="owned"}
 */
public interface OwnedSegment extends AutoCloseable {

  /**
   * Returns the memory. Who asks is not looked at: the owner may lend it, to the branches of its
   * forks for example, and has to wait for them before it closes.
   *
   * @return a segment of {@link #byteSize} bytes, which any thread may access
   * @throws SegmentReleasedException if this handle was closed, moved or shared
   * @throws SegmentOwnerException if it was nobody's, and another task has been quicker
   */
  MemorySegment segment();

  /**
   * Returns the size.
   *
   * @return bytes, as many as were asked for
   */
  long byteSize();

  /**
   * Gives the memory away. This handle ends; what is returned belongs to nobody, until a task uses
   * it: to that, then.
   *
   * @return the handle for another task, which may also be the result of this one
   * @throws SegmentReleasedException if this handle was closed, moved or shared
   * @throws SegmentOwnerException if it belongs to another task
   */
  OwnedSegment move();

  /**
   * Makes the memory read-only and gives it to any number of readers. This handle ends.
   *
   * @return the first reader's handle; the memory is freed when the last one is closed
   * @throws SegmentReleasedException if this handle was closed, moved or shared
   * @throws SegmentOwnerException if it belongs to another task
   */
  SharedSegment share();

  /**
   * Frees the memory.
   *
   * @throws SegmentReleasedException if this handle was closed, moved or shared before
   * @throws SegmentOwnerException if it belongs to another task
   */
  @Override
  void close();
}
