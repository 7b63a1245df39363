// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * A loop over a memory segment, in slices: whole elements, a few to many thousands at a time. Where
 * it runs, what errors do, and what is visible when: as {@link IntLoop} says.
 */
public interface SegmentLoop {

  /**
   * Does something with each slice.
   *
   * {@snippet class="dev.heddle.ParallelSnippets" region="segment"}
   *
   * @param body what to do; called by several threads at the same time
   */
  void forEachSlice(Consumer<MemorySegment> body);

  /**
   * Adds up what a function returns for slices; wraps around.
   *
   * @param terms the sum of a slice
   * @return the sum, 0 if the segment is empty
   */
  long sumLong(ToLongFunction<MemorySegment> terms);

  /**
   * Adds up what a function returns for slices. The slices, and so the bits of the result, are the
   * same for any number of workers.
   *
   * @param terms the sum of a slice
   * @return the sum, 0 if the segment is empty
   */
  double sumDouble(ToDoubleFunction<MemorySegment> terms);
}
