// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a branch forks: each {@code join} runs two branches, perhaps at the same time, waits for
 * both and combines their results.
 *
 * <p>The left branch runs in the calling thread. The right branch runs there, too, after the left
 * one, unless an idle worker has taken it meanwhile. So a branch may rely on neither.
 *
 * <p>A scope belongs to one call of one branch: use it before that call returns, in the thread that
 * runs it, and not inside another branch, which has a scope of its own. Anything else throws {@link
 * dev.heddle.error.ForkScopeException} at once.
 *
 * <p><b>The forms.</b> With a function and two arguments nothing is captured and nothing is
 * allocated, if the function is a constant:
 *
 * {@snippet class="dev.heddle.ForkSnippets" region="fib"}
 *
 * With two lambdas, the branches bring along what they need.
 *
 * <p><b>Errors.</b> What a branch throws comes out of the join, in the calling thread, after both
 * branches have ended. If the left branch throws, the right one is not started any more; if both
 * throw, the left branch's exception has the right one's suppressed in it. A join also throws
 * {@link dev.heddle.error.TaskCancelledException} soon after the task that the computation belongs
 * to was cancelled.
 *
 * <p><b>Depth.</b> A recursion may go as deep as the stack of the thread bears, at least 30 % of
 * what the same recursion does without forks. Deeper, the computation ends with {@link
 * dev.heddle.error.ForkDepthException}.
 *
 * <p>Memory consistency: what is done before a join happens-before both branches, and what they do
 * happens-before its return.
 */
public interface ForkScope {

  /**
   * Runs a function on two arguments.
   *
   * @param function the function; a constant
   * @param left the argument of the left branch
   * @param right the argument of the right branch
   * @param combine makes one result of the left and the right one, in the calling thread
   * @return the combined result
   */
  long joinLong(ForkLong function, long left, long right, LongBinaryOperator combine);

  /**
   * Runs a function on two pairs of arguments.
   *
   * @param function the function; a constant
   * @param left1 the first argument of the left branch
   * @param left2 the second argument of the left branch
   * @param right1 the first argument of the right branch
   * @param right2 the second argument of the right branch
   * @param combine makes one result of the left and the right one, in the calling thread
   * @return the combined result
   */
  long joinLong(
      ForkLong2 function,
      long left1,
      long left2,
      long right1,
      long right2,
      LongBinaryOperator combine);

  /**
   * Runs two branches.
   *
   * @param left the left branch
   * @param right the right branch
   * @param combine makes one result of the left and the right one, in the calling thread
   * @return the combined result
   */
  long joinLong(ToLong left, ToLong right, LongBinaryOperator combine);

  /**
   * Runs a function on two arguments.
   *
   * @param function the function; a constant
   * @param left the argument of the left branch
   * @param right the argument of the right branch
   * @param combine makes one result of the left and the right one, in the calling thread
   * @return the combined result
   */
  int joinInt(ForkInt function, int left, int right, IntBinaryOperator combine);

  /**
   * Runs two branches.
   *
   * @param left the left branch
   * @param right the right branch
   * @param combine makes one result of the left and the right one, in the calling thread
   * @return the combined result
   */
  int joinInt(ToInt left, ToInt right, IntBinaryOperator combine);

  /**
   * Runs a function on two arguments.
   *
   * @param function the function; a constant
   * @param left the argument of the left branch
   * @param right the argument of the right branch
   * @param combine makes one result of the left and the right one, in the calling thread
   * @return the combined result
   */
  double joinDouble(ForkDouble function, double left, double right, DoubleBinaryOperator combine);

  /**
   * Runs a function on two pairs of arguments.
   *
   * @param function the function; a constant
   * @param left1 the first argument of the left branch
   * @param left2 the second argument of the left branch
   * @param right1 the first argument of the right branch
   * @param right2 the second argument of the right branch
   * @param combine makes one result of the left and the right one, in the calling thread
   * @return the combined result
   */
  double joinDouble(
      ForkDouble2 function,
      double left1,
      double left2,
      double right1,
      double right2,
      DoubleBinaryOperator combine);

  /**
   * Runs two branches.
   *
   * @param left the left branch
   * @param right the right branch
   * @param combine makes one result of the left and the right one, in the calling thread
   * @return the combined result
   */
  double joinDouble(ToDouble left, ToDouble right, DoubleBinaryOperator combine);

  /**
   * Runs a function on two arguments.
   *
   * @param function the function; a constant
   * @param left the argument of the left branch
   * @param right the argument of the right branch
   * @param combine makes one result of the left and the right one, in the calling thread
   * @param <T> the type of the arguments
   * @param <R> the type of the results
   * @return the combined result
   */
  <T extends @Nullable Object, R extends @Nullable Object> R join(
      Fork<T, R> function, T left, T right, BinaryOperator<R> combine);

  /**
   * Runs two branches.
   *
   * @param left the left branch
   * @param right the right branch
   * @param combine makes one result of the left and the right one, in the calling thread
   * @param <A> the type of the left result
   * @param <B> the type of the right result
   * @param <R> the type of the combined result
   * @return the combined result
   */
  <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object> R join(
      ForkBody<A> left, ForkBody<B> right, BiFunction<? super A, ? super B, ? extends R> combine);

  /**
   * Runs any number of branches without results.
   *
   * @param branches the branches; the array must not be changed while they run
   */
  void joinAll(ForkAction... branches);

  /**
   * Returns the object for the arguments of the next join of this scope. It is the caller's until
   * that join returns, and may be the next caller's then; so nothing that could join in this scope
   * may run between this call and the join.
   *
   * @param type the class of the carrier itself
   * @param maker makes one, where none of that class is kept
   * @param <C> the type of the carrier
   * @return a carrier, which holds what it was used for last
   */
  <C extends ForkCarrier> C carrier(Class<C> type, Supplier<C> maker);
}
