// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.parallel;

import static java.util.Objects.requireNonNull;

import dev.heddle.fork.ListLoop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A loop over the indices of a list. */
final class ListLoopImpl<T extends @Nullable Object> implements ListLoop<T> {

  private final Loops loops;
  private final List<T> list;

  ListLoopImpl(Loops loops, List<T> list) {
    this.loops = loops;
    this.list = list;
  }

  private List<T> elements() {
    return list instanceof RandomAccess ? list : new ArrayList<>(list);
  }

  private IntLoopImpl indices(List<T> elements) {
    return new IntLoopImpl(loops, 0, elements.size());
  }

  @Override
  public void forEach(Consumer<? super T> body) {
    requireNonNull(body, "body");
    List<T> elements = elements();
    indices(elements).forEach(i -> body.accept(elements.get(i)));
  }

  @Override
  public <R extends @Nullable Object> List<R> map(Function<? super T, ? extends R> function) {
    requireNonNull(function, "function");
    List<T> elements = elements();
    return indices(elements).map(i -> function.apply(elements.get(i)));
  }

  @Override
  @SuppressWarnings("unchecked") // elements of the list
  public List<T> filter(Predicate<? super T> predicate) {
    requireNonNull(predicate, "predicate");
    List<T> elements = elements();
    boolean[] stays = new boolean[elements.size()];
    long count =
        indices(elements)
            .sumLong(
                i -> {
                  stays[i] = predicate.test(elements.get(i));
                  return stays[i] ? 1 : 0;
                });
    @Nullable Object[] rest = new Object[(int) count];
    int size = 0;
    for (int i = 0; i < stays.length; i++) {
      if (stays[i]) {
        rest[size++] = elements.get(i);
      }
    }
    return Collections.unmodifiableList((List<T>) Arrays.asList(rest));
  }

  @Override
  public <R extends @Nullable Object> R reduce(
      R identity, Function<? super T, ? extends R> function, BinaryOperator<R> combine) {
    requireNonNull(function, "function");
    List<T> elements = elements();
    return indices(elements).<R>reduce(identity, i -> function.apply(elements.get(i)), combine);
  }

  @Override
  public long sumLong(ToLongFunction<? super T> term) {
    requireNonNull(term, "term");
    List<T> elements = elements();
    return indices(elements).sumLong(i -> term.applyAsLong(elements.get(i)));
  }

  @Override
  public double sumDouble(ToDoubleFunction<? super T> term) {
    requireNonNull(term, "term");
    List<T> elements = elements();
    return indices(elements).sumDouble(i -> term.applyAsDouble(elements.get(i)));
  }

  @Override
  public boolean anyMatch(Predicate<? super T> predicate) {
    requireNonNull(predicate, "predicate");
    List<T> elements = elements();
    return indices(elements).anyMatch(i -> predicate.test(elements.get(i)));
  }

  @Override
  public Optional<T> findAny(Predicate<? super T> predicate) {
    requireNonNull(predicate, "predicate");
    List<T> elements = elements();
    Optional<T> found =
        loops.<Optional<T>>find(
            0,
            elements.size(),
            (first, end) -> {
              for (int i = (int) first; i < (int) end; i++) {
                T element = elements.get(i);
                if (predicate.test(element)) {
                  return Optional.of(requireNonNull(element, "element"));
                }
              }
              return null;
            });
    return found == null ? Optional.empty() : found;
  }
}
