// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A loop over a list, which must not change meanwhile. Where it runs, what errors do, and what is
 * visible when: as {@link IntLoop} says.
 *
 * @param <T> the type of the elements
 */
public interface ListLoop<T extends @Nullable Object> {

  /**
   * Does something with each element.
   *
   * @param body what to do; called by several threads at the same time
   */
  void forEach(Consumer<? super T> body);

  /**
   * Applies a function to each element.
   *
   * {@snippet class="dev.heddle.ParallelSnippets" region="map"}
   *
   * @param function the function
   * @param <R> the type of the results
   * @return what it returned, in the order of the list; unmodifiable
   */
  <R extends @Nullable Object> List<R> map(Function<? super T, ? extends R> function);

  /**
   * Leaves out elements.
   *
   * @param predicate which elements stay
   * @return those, in the order of the list; unmodifiable
   */
  List<T> filter(Predicate<? super T> predicate);

  /**
   * Combines what a function returns, in the order of the list.
   *
   * @param identity what changes nothing when it is combined; the result if the list is empty; not
   *     modified
   * @param function the function
   * @param combine combines the results of neighbours; associative
   * @param <R> the type of the results
   * @return the combined result
   */
  <R extends @Nullable Object> R reduce(
      R identity, Function<? super T, ? extends R> function, BinaryOperator<R> combine);

  /**
   * Adds up what a function returns; wraps around.
   *
   * @param term the function
   * @return the sum, 0 if the list is empty
   */
  long sumLong(ToLongFunction<? super T> term);

  /**
   * Adds up what a function returns. The result has the same bits for any number of workers.
   *
   * @param term the function
   * @return the sum, 0 if the list is empty
   */
  double sumDouble(ToDoubleFunction<? super T> term);

  /**
   * Tells whether some element is as asked for. Stops soon after one was found.
   *
   * @param predicate what is asked for
   * @return whether there is one
   */
  boolean anyMatch(Predicate<? super T> predicate);

  /**
   * Finds an element, not always the first one. Stops soon after one was found.
   *
   * @param predicate what is asked for; must not ask for {@code null}
   * @return the element, if there is one
   * @throws dev.heddle.error.TaskFailedException also if the element is {@code null}, as {@link
   *     java.util.stream.Stream#findAny} throws
   */
  Optional<T> findAny(Predicate<? super T> predicate);
}
