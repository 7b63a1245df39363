// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.parallel;

import static java.util.Objects.requireNonNull;

import dev.heddle.fork.IntLoop;
import dev.heddle.fork.ListLoop;
import dev.heddle.fork.LongLoop;
import dev.heddle.fork.Parallel;
import dev.heddle.fork.SegmentLoop;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/** The loops of an engine. */
public final class ParallelImpl implements Parallel {

  private final LoopRunner runner;
  private final Loops loops;

  /**
   * Makes it.
   *
   * @param runner runs the loops
   */
  public ParallelImpl(LoopRunner runner) {
    this.runner = runner;
    this.loops = new Loops(runner);
  }

  @Override
  public IntLoop range(int from, int to) {
    requireRange(from, to);
    return new IntLoopImpl(loops, from, to);
  }

  @Override
  public LongLoop range(long from, long to) {
    requireRange(from, to);
    if (to - from < 0) {
      throw new IllegalArgumentException(
          "range must have at most 2^63 - 1 elements: from="
              + from
              + ", to="
              + to
              + " (loop over a part of it)");
    }
    return new LongLoopImpl(loops, from, to);
  }

  private static void requireRange(long from, long to) {
    if (to < from) {
      throw new IllegalArgumentException(
          "to must not be less than from: from=" + from + ", to=" + to + " (exchange them)");
    }
  }

  @Override
  public <T extends @Nullable Object> ListLoop<T> over(List<T> list) {
    return new ListLoopImpl<>(loops, requireNonNull(list, "list"));
  }

  @Override
  public <T extends @Nullable Object> ListLoop<T> over(T[] array) {
    return new ListLoopImpl<>(loops, Arrays.asList(requireNonNull(array, "array")));
  }

  @Override
  public SegmentLoop over(MemorySegment segment, long elementByteSize) {
    requireNonNull(segment, "segment");
    if (elementByteSize < 1 || segment.byteSize() % elementByteSize != 0) {
      throw new IllegalArgumentException(
          "elementByteSize must divide the size of the segment: elementByteSize="
              + elementByteSize
              + ", byteSize="
              + segment.byteSize()
              + " (take a slice of whole elements)");
    }
    if (!segment.isAccessibleBy(new Thread())) {
      throw new IllegalArgumentException(
          "segment must be accessible by all workers: segment="
              + segment
              + " (allocate it from Arena.ofShared() or Arena.ofAuto())");
    }
    return new SegmentLoopImpl(loops, segment, elementByteSize);
  }

  @Override
  public void sort(int[] array) {
    new MergeSort.OfInts().sort(runner, loops, requireNonNull(array, "array"), array.length);
  }

  @Override
  public void sort(long[] array) {
    new MergeSort.OfLongs().sort(runner, loops, requireNonNull(array, "array"), array.length);
  }

  @Override
  public void sort(double[] array) {
    new MergeSort.OfDoubles().sort(runner, loops, requireNonNull(array, "array"), array.length);
  }

  @Override
  public <T extends Comparable<? super T>> void sort(T[] array) {
    sort(array, Comparator.naturalOrder());
  }

  @Override
  public <T extends @Nullable Object> void sort(T[] array, Comparator<? super T> order) {
    requireNonNull(array, "array");
    requireNonNull(order, "order");
    new MergeSort.OfObjects<T>(order).sort(runner, loops, array, array.length);
  }

  @Override
  public void scan(int[] array, IntBinaryOperator combine) {
    requireNonNull(array, "array");
    new Scan.OfInts(requireNonNull(combine, "combine")).scan(runner, loops, array, array.length);
  }

  @Override
  public void scan(long[] array, LongBinaryOperator combine) {
    requireNonNull(array, "array");
    new Scan.OfLongs(requireNonNull(combine, "combine")).scan(runner, loops, array, array.length);
  }

  @Override
  public void scan(double[] array, DoubleBinaryOperator combine) {
    requireNonNull(array, "array");
    new Scan.OfDoubles(requireNonNull(combine, "combine")).scan(runner, loops, array, array.length);
  }

  @Override
  public <T extends @Nullable Object> void scan(T[] array, BinaryOperator<T> combine) {
    requireNonNull(array, "array");
    new Scan.OfObjects<T>(requireNonNull(combine, "combine"))
        .scan(runner, loops, array, array.length);
  }
}
