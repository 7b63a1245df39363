// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Loops that the workers of an engine share if that is quicker: see {@link
 * dev.heddle.TaskEngine#parallel()}. There is no grain size: a loop measures itself while it runs,
 * and one of a microsecond stays where it is.
 *
 * <p>Loops may be nested, and combined with forks and tasks. {@link IntLoop} says where they run,
 * and what becomes of errors; the same holds for sorting and scanning.
 *
 * <p>Safe for use by any thread.
 */
public interface Parallel {

  /**
   * Loops over a range of numbers.
   *
   * @param from the first element
   * @param to the element after the last one, not less than {@code from}
   * @return the loop
   * @throws IllegalArgumentException if {@code to} is less than {@code from}
   */
  IntLoop range(int from, int to);

  /**
   * Loops over a range of numbers.
   *
   * @param from the first element
   * @param to the element after the last one, not less than {@code from}
   * @return the loop
   * @throws IllegalArgumentException if {@code to} is less than {@code from}, or if there are more
   *     than 2^63 - 1 elements
   */
  LongLoop range(long from, long to);

  /**
   * Loops over a list. A list without random access is copied when a loop starts.
   *
   * @param list the list
   * @param <T> the type of its elements
   * @return the loop
   */
  <T extends @Nullable Object> ListLoop<T> over(List<T> list);

  /**
   * Loops over an array. For one of primitives loop over the range of its indices.
   *
   * @param array the array
   * @param <T> the type of its elements
   * @return the loop
   */
  <T extends @Nullable Object> ListLoop<T> over(T[] array);

  /**
   * Loops over a memory segment.
   *
   * @param segment the segment
   * @param elementByteSize the bytes of one element, at least 1: slices start at multiples of it
   * @return the loop
   * @throws IllegalArgumentException if {@code elementByteSize} is less than 1, or no divisor of
   *     the segment's size, or if the segment is confined to a thread
   */
  SegmentLoop over(MemorySegment segment, long elementByteSize);

  /**
   * Sorts an array as {@link java.util.Arrays#sort(int[])} does. Takes as much memory again, unless
   * the array is small.
   *
   * @param array the array
   */
  void sort(int[] array);

  /**
   * Sorts an array as {@link java.util.Arrays#sort(long[])} does. Takes as much memory again,
   * unless the array is small.
   *
   * @param array the array
   */
  void sort(long[] array);

  /**
   * Sorts an array as {@link java.util.Arrays#sort(double[])} does. Takes as much memory again,
   * unless the array is small.
   *
   * @param array the array
   */
  void sort(double[] array);

  /**
   * Sorts an array by the natural order of its elements; equal ones stay in order. Takes as much
   * memory again, unless the array is small.
   *
   * @param array the array
   * @param <T> the type of its elements
   */
  <T extends Comparable<? super T>> void sort(T[] array);

  /**
   * Sorts an array; equal elements stay in order. Takes as much memory again, unless the array is
   * small.
   *
   * @param array the array; undefined if {@code order} throws, as after {@link
   *     java.util.Arrays#sort(Object[], Comparator)}
   * @param order the order; called by several threads at the same time
   * @param <T> the type of its elements
   */
  <T extends @Nullable Object> void sort(T[] array, Comparator<? super T> order);

  /**
   * Replaces each element by what it and all before it combine to.
   *
   * @param array the array; undefined if {@code combine} throws
   * @param combine combines neighbours; associative
   */
  void scan(int[] array, IntBinaryOperator combine);

  /**
   * Replaces each element by what it and all before it combine to.
   *
   * {@snippet class="dev.heddle.ParallelSnippets" region="scan"}
   *
   * @param array the array; undefined if {@code combine} throws
   * @param combine combines neighbours; associative
   */
  void scan(long[] array, LongBinaryOperator combine);

  /**
   * Replaces each element by what it and all before it combine to. Rounding depends on the number
   * of workers.
   *
   * @param array the array; undefined if {@code combine} throws
   * @param combine combines neighbours; associative, but for rounding
   */
  void scan(double[] array, DoubleBinaryOperator combine);

  /**
   * Replaces each element by what it and all before it combine to.
   *
   * @param array the array; undefined if {@code combine} throws
   * @param combine combines neighbours; associative
   * @param <T> the type of its elements
   */
  <T extends @Nullable Object> void scan(T[] array, BinaryOperator<T> combine);
}
