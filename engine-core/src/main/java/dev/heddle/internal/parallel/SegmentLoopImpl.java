// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.parallel;

import static java.util.Objects.requireNonNull;

import dev.heddle.fork.SegmentLoop;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** A loop over the elements of a segment. */
final class SegmentLoopImpl implements SegmentLoop {

  private final Loops loops;
  private final MemorySegment segment;
  private final long elementByteSize;

  SegmentLoopImpl(Loops loops, MemorySegment segment, long elementByteSize) {
    this.loops = loops;
    this.segment = segment;
    this.elementByteSize = elementByteSize;
  }

  private long elements() {
    return segment.byteSize() / elementByteSize;
  }

  private MemorySegment slice(long first, long end) {
    return segment.asSlice(first * elementByteSize, (end - first) * elementByteSize);
  }

  @Override
  public void forEachSlice(Consumer<MemorySegment> body) {
    requireNonNull(body, "body");
    loops.forEach(0, elements(), (first, end) -> body.accept(slice(first, end)));
  }

  @Override
  public long sumLong(ToLongFunction<MemorySegment> terms) {
    requireNonNull(terms, "terms");
    return loops.sum(0, elements(), (first, end) -> terms.applyAsLong(slice(first, end)));
  }

  @Override
  public double sumDouble(ToDoubleFunction<MemorySegment> terms) {
    requireNonNull(terms, "terms");
    return loops.sumDouble(0, elements(), (first, end) -> terms.applyAsDouble(slice(first, end)));
  }
}
