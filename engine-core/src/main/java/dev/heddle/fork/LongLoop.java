// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;
import java.util.function.LongToDoubleFunction;
import java.util.function.LongToIntFunction;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A loop over a range of {@code long}s, which the workers of an engine share if that is quicker.
 *
 * <p>Where it runs, what errors do, and what is visible when: as {@link IntLoop} says.
 *
 * <p>An instance may be used by any thread, any number of times.
 */
public interface LongLoop {

  /**
   * Does something with each element.
   *
   * @param body what to do; called by several threads at the same time
   */
  void forEach(LongConsumer body);

  /**
   * Does something with each element, many at a time.
   *
   * @param body what to do; called by several threads at the same time
   */
  void forEachRange(LongRangeAction body);

  /**
   * Adds up what a function returns; wraps around.
   *
   * @param term the function
   * @return the sum, 0 if there are no elements
   */
  long sumLong(LongUnaryOperator term);

  /**
   * Adds up what a function returns for ranges; wraps around.
   *
   * {@snippet class="dev.heddle.ParallelSnippets" region="sum"}
   *
   * @param terms the sum of a range
   * @return the sum, 0 if there are no elements
   */
  long sumLongRange(LongRangeToLong terms);

  /**
   * Adds up what a function returns. The result has the same bits for any number of workers; they
   * are not always those of a plain loop, since parts are added up first.
   *
   * @param term the function
   * @return the sum, 0 if there are no elements
   */
  double sumDouble(LongToDoubleFunction term);

  /**
   * Adds up what a function returns for ranges. The ranges, and so the bits of the result, are the
   * same for any number of workers.
   *
   * @param terms the sum of a range: at most a 64th of all elements, at least one
   * @return the sum, 0 if there are no elements
   */
  double sumDoubleRange(LongRangeToDouble terms);

  /**
   * Applies a function to each element.
   *
   * @param function the function
   * @return what it returned, in order
   * @throws IllegalArgumentException if there are more elements than an array can have
   */
  int[] mapToInt(LongToIntFunction function);

  /**
   * Applies a function to each element.
   *
   * @param function the function
   * @return what it returned, in order
   * @throws IllegalArgumentException if there are more elements than an array can have
   */
  long[] mapToLong(LongUnaryOperator function);

  /**
   * Applies a function to each element.
   *
   * @param function the function
   * @return what it returned, in order
   * @throws IllegalArgumentException if there are more elements than an array can have
   */
  double[] mapToDouble(LongToDoubleFunction function);

  /**
   * Applies a function to each element.
   *
   * @param function the function
   * @param <R> the type of the results
   * @return what it returned, in order; unmodifiable
   * @throws IllegalArgumentException if there are more elements than an array can have
   */
  <R extends @Nullable Object> List<R> map(LongFunction<? extends R> function);

  /**
   * Combines what a function returns, in order. The result is the same for any number of workers.
   *
   * @param identity what changes nothing when it is combined; the result if there are no elements
   * @param function the function
   * @param combine combines the results of neighbours; associative
   * @return the combined result
   */
  long reduceLong(long identity, LongUnaryOperator function, LongBinaryOperator combine);

  /**
   * Combines what a function returns for ranges, in order. The ranges are the same for any number
   * of workers.
   *
   * @param identity what changes nothing when it is combined; the result if there are no elements
   * @param function the result for a range: at most a 64th of all elements, at least one
   * @param combine combines the results of neighbours; associative
   * @return the combined result
   */
  long reduceLongRange(long identity, LongRangeToLong function, LongBinaryOperator combine);

  /**
   * Combines what a function returns, in order. The result is the same for any number of workers,
   * also if rounding makes {@code combine} only nearly associative.
   *
   * @param identity what changes nothing when it is combined; the result if there are no elements
   * @param function the function
   * @param combine combines the results of neighbours; associative, but for rounding
   * @return the combined result
   */
  double reduceDouble(double identity, LongToDoubleFunction function, DoubleBinaryOperator combine);

  /**
   * Combines what a function returns for ranges, in order. The ranges, and so the result, are the
   * same for any number of workers.
   *
   * @param identity what changes nothing when it is combined; the result if there are no elements
   * @param function the result for a range: at most a 64th of all elements, at least one
   * @param combine combines the results of neighbours; associative, but for rounding
   * @return the combined result
   */
  double reduceDoubleRange(
      double identity, LongRangeToDouble function, DoubleBinaryOperator combine);

  /**
   * Combines what a function returns, in order.
   *
   * @param identity what changes nothing when it is combined; the result if there are no elements;
   *     not modified
   * @param function the function
   * @param combine combines the results of neighbours; associative
   * @param <R> the type of the results
   * @return the combined result
   */
  <R extends @Nullable Object> R reduce(
      R identity, LongFunction<? extends R> function, BinaryOperator<R> combine);

  /**
   * Combines what a function returns for ranges, in order. The ranges are the same for any number
   * of workers.
   *
   * @param identity what changes nothing when it is combined; the result if there are no elements;
   *     not modified
   * @param function the result for a range: at most a 64th of all elements, at least one
   * @param combine combines the results of neighbours; associative
   * @param <R> the type of the results
   * @return the combined result
   */
  <R extends @Nullable Object> R reduceRange(
      R identity, LongRangeFunction<? extends R> function, BinaryOperator<R> combine);

  /**
   * Tells whether some element is as asked for. Stops soon after one was found.
   *
   * @param predicate what is asked for
   * @return whether there is one
   */
  boolean anyMatch(LongPredicate predicate);

  /**
   * Finds an element, not always the first one. Stops soon after one was found.
   *
   * @param predicate what is asked for
   * @return the element, if there is one
   */
  OptionalLong findAny(LongPredicate predicate);
}
