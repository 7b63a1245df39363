// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A loop over a range of {@code int}s, which the workers of an engine share if that is quicker.
 *
 * <p>The elements are worked on in any order and by any worker, each once. What the order of a
 * result is, and which results are the same for any number of workers, each method says.
 *
 * <p><b>Where it runs.</b> In a task that runs on a worker of the engine, the calling thread works
 * on the loop, and idle workers take parts of what is left. Another thread submits a task that
 * does, and waits; unless the loop has so many elements that one of them does not matter: then it
 * works on the first ones itself, for some microseconds, and often on all. What it has begun is
 * ended there, too, if the engine is full by then, or closing.
 *
 * <p><b>Ranges and elements.</b> A body for ranges, {@code (first, end) -> ...}, gets one to many
 * thousands of elements at a time, and is what makes small bodies fast: the JIT compiles its loop
 * with it. A body for one element is a call of about 2 ns as soon as a program has several.
 *
 * <p><b>Errors.</b> What a body throws comes out of the loop as {@link
 * dev.heddle.error.TaskFailedException}, with it as the cause, after all workers have ended their
 * part; elements that have not begun are left out. What others throw meanwhile is suppressed in it.
 * If the task of the calling thread is cancelled, the loop ends soon with {@link
 * dev.heddle.error.TaskCancelledException}. A thread that submits a task for it gets what {@link
 * dev.heddle.TaskEngine#computeLong(ForkLong, long)} throws.
 *
 * <p>Memory consistency: what is done before the loop happens-before all bodies, and what they do
 * happens-before its return.
 *
 * <p>An instance may be used by any thread, any number of times.
 */
public interface IntLoop {

  /**
   * Does something with each element.
   *
   * @param body what to do; called by several threads at the same time
   */
  void forEach(IntConsumer body);

  /**
   * Does something with each element, many at a time.
   *
   * @param body what to do; called by several threads at the same time
   */
  void forEachRange(IntRangeAction body);

  /**
   * Adds up what a function returns; wraps around.
   *
   * @param term the function
   * @return the sum, 0 if there are no elements
   */
  long sumLong(IntToLongFunction term);

  /**
   * Adds up what a function returns for ranges; wraps around.
   *
   * {@snippet class="dev.heddle.ParallelSnippets" region="sum"}
   *
   * @param terms the sum of a range
   * @return the sum, 0 if there are no elements
   */
  long sumLongRange(IntRangeToLong terms);

  /**
   * Adds up what a function returns. The result has the same bits for any number of workers; they
   * are not always those of a plain loop, since parts are added up first.
   *
   * @param term the function
   * @return the sum, 0 if there are no elements
   */
  double sumDouble(IntToDoubleFunction term);

  /**
   * Adds up what a function returns for ranges. The ranges, and so the bits of the result, are the
   * same for any number of workers.
   *
   * @param terms the sum of a range: at most a 64th of all elements, at least one
   * @return the sum, 0 if there are no elements
   */
  double sumDoubleRange(IntRangeToDouble terms);

  /**
   * Applies a function to each element.
   *
   * @param function the function
   * @return what it returned, in order
   * @throws IllegalArgumentException if there are more elements than an array can have
   */
  int[] mapToInt(IntUnaryOperator function);

  /**
   * Applies a function to each element.
   *
   * @param function the function
   * @return what it returned, in order
   * @throws IllegalArgumentException if there are more elements than an array can have
   */
  long[] mapToLong(IntToLongFunction function);

  /**
   * Applies a function to each element.
   *
   * @param function the function
   * @return what it returned, in order
   * @throws IllegalArgumentException if there are more elements than an array can have
   */
  double[] mapToDouble(IntToDoubleFunction function);

  /**
   * Applies a function to each element.
   *
   * @param function the function
   * @param <R> the type of the results
   * @return what it returned, in order; unmodifiable
   * @throws IllegalArgumentException if there are more elements than an array can have
   */
  <R extends @Nullable Object> List<R> map(IntFunction<? extends R> function);

  /**
   * Combines what a function returns, in order. The result is the same for any number of workers.
   *
   * @param identity what changes nothing when it is combined; the result if there are no elements
   * @param function the function
   * @param combine combines the results of neighbours; associative
   * @return the combined result
   */
  long reduceLong(long identity, IntToLongFunction function, LongBinaryOperator combine);

  /**
   * Combines what a function returns for ranges, in order. The ranges are the same for any number
   * of workers.
   *
   * @param identity what changes nothing when it is combined; the result if there are no elements
   * @param function the result for a range: at most a 64th of all elements, at least one
   * @param combine combines the results of neighbours; associative
   * @return the combined result
   */
  long reduceLongRange(long identity, IntRangeToLong function, LongBinaryOperator combine);

  /**
   * Combines what a function returns, in order. The result is the same for any number of workers,
   * also if rounding makes {@code combine} only nearly associative.
   *
   * @param identity what changes nothing when it is combined; the result if there are no elements
   * @param function the function
   * @param combine combines the results of neighbours; associative, but for rounding
   * @return the combined result
   */
  double reduceDouble(double identity, IntToDoubleFunction function, DoubleBinaryOperator combine);

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
      double identity, IntRangeToDouble function, DoubleBinaryOperator combine);

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
      R identity, IntFunction<? extends R> function, BinaryOperator<R> combine);

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
      R identity, IntRangeFunction<? extends R> function, BinaryOperator<R> combine);

  /**
   * Tells whether some element is as asked for. Stops soon after one was found.
   *
   * @param predicate what is asked for
   * @return whether there is one
   */
  boolean anyMatch(IntPredicate predicate);

  /**
   * Finds an element, not always the first one. Stops soon after one was found.
   *
   * @param predicate what is asked for
   * @return the element, if there is one
   */
  OptionalInt findAny(IntPredicate predicate);
}
