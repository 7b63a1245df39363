// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.parallel;

import static java.util.Objects.requireNonNull;

import dev.heddle.fork.IntLoop;
import dev.heddle.fork.IntRangeAction;
import dev.heddle.fork.IntRangeFunction;
import dev.heddle.fork.IntRangeToDouble;
import dev.heddle.fork.IntRangeToLong;
import java.util.Arrays;
import java.util.Collections;
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

/** A loop over {@code int}s. Loops over elements are {@code int} loops: the JIT knows them best. */
final class IntLoopImpl implements IntLoop {

  private final Loops loops;
  private final int from;
  private final int to;

  IntLoopImpl(Loops loops, int from, int to) {
    this.loops = loops;
    this.from = from;
    this.to = to;
  }

  @Override
  public void forEach(IntConsumer body) {
    requireNonNull(body, "body");
    loops.forEach(
        from,
        to,
        (first, end) -> {
          for (int i = (int) first; i < (int) end; i++) {
            body.accept(i);
          }
        });
  }

  @Override
  public void forEachRange(IntRangeAction body) {
    requireNonNull(body, "body");
    loops.forEach(from, to, (first, end) -> body.run((int) first, (int) end));
  }

  @Override
  public long sumLong(IntToLongFunction term) {
    requireNonNull(term, "term");
    return loops.sum(
        from,
        to,
        (first, end) -> {
          long sum = 0;
          for (int i = (int) first; i < (int) end; i++) {
            sum += term.applyAsLong(i);
          }
          return sum;
        });
  }

  @Override
  public long sumLongRange(IntRangeToLong terms) {
    requireNonNull(terms, "terms");
    return loops.sum(from, to, (first, end) -> terms.applyAsLong((int) first, (int) end));
  }

  @Override
  public double sumDouble(IntToDoubleFunction term) {
    requireNonNull(term, "term");
    return loops.sumDouble(
        from,
        to,
        (first, end) -> {
          double sum = 0;
          for (int i = (int) first; i < (int) end; i++) {
            sum += term.applyAsDouble(i);
          }
          return sum;
        });
  }

  @Override
  public double sumDoubleRange(IntRangeToDouble terms) {
    requireNonNull(terms, "terms");
    return loops.sumDouble(from, to, (first, end) -> terms.applyAsDouble((int) first, (int) end));
  }

  @Override
  public int[] mapToInt(IntUnaryOperator function) {
    requireNonNull(function, "function");
    int[] results = new int[Loops.arrayLength(from, to)];
    forEach(i -> results[i - from] = function.applyAsInt(i));
    return results;
  }

  @Override
  public long[] mapToLong(IntToLongFunction function) {
    requireNonNull(function, "function");
    long[] results = new long[Loops.arrayLength(from, to)];
    forEach(i -> results[i - from] = function.applyAsLong(i));
    return results;
  }

  @Override
  public double[] mapToDouble(IntToDoubleFunction function) {
    requireNonNull(function, "function");
    double[] results = new double[Loops.arrayLength(from, to)];
    forEach(i -> results[i - from] = function.applyAsDouble(i));
    return results;
  }

  @Override
  @SuppressWarnings("unchecked") // all of them have been put in
  public <R extends @Nullable Object> List<R> map(IntFunction<? extends R> function) {
    requireNonNull(function, "function");
    @Nullable Object[] results = new Object[Loops.arrayLength(from, to)];
    forEach(i -> results[i - from] = function.apply(i));
    return Collections.unmodifiableList((List<R>) Arrays.asList(results));
  }

  @Override
  public long reduceLong(long identity, IntToLongFunction function, LongBinaryOperator combine) {
    requireNonNull(function, "function");
    requireNonNull(combine, "combine");
    return loops.reduceLong(
        from,
        to,
        identity,
        (first, end) -> {
          long result = function.applyAsLong((int) first);
          for (int i = (int) first + 1; i < (int) end; i++) {
            result = combine.applyAsLong(result, function.applyAsLong(i));
          }
          return result;
        },
        combine);
  }

  @Override
  public long reduceLongRange(long identity, IntRangeToLong function, LongBinaryOperator combine) {
    requireNonNull(function, "function");
    requireNonNull(combine, "combine");
    return loops.reduceLong(
        from, to, identity, (first, end) -> function.applyAsLong((int) first, (int) end), combine);
  }

  @Override
  public double reduceDouble(
      double identity, IntToDoubleFunction function, DoubleBinaryOperator combine) {
    requireNonNull(function, "function");
    requireNonNull(combine, "combine");
    return loops.reduceDouble(
        from,
        to,
        identity,
        (first, end) -> {
          double result = function.applyAsDouble((int) first);
          for (int i = (int) first + 1; i < (int) end; i++) {
            result = combine.applyAsDouble(result, function.applyAsDouble(i));
          }
          return result;
        },
        combine);
  }

  @Override
  public double reduceDoubleRange(
      double identity, IntRangeToDouble function, DoubleBinaryOperator combine) {
    requireNonNull(function, "function");
    requireNonNull(combine, "combine");
    return loops.reduceDouble(
        from,
        to,
        identity,
        (first, end) -> function.applyAsDouble((int) first, (int) end),
        combine);
  }

  @Override
  public <R extends @Nullable Object> R reduce(
      R identity, IntFunction<? extends R> function, BinaryOperator<R> combine) {
    requireNonNull(function, "function");
    requireNonNull(combine, "combine");
    return loops.<R>reduce(
        from,
        to,
        identity,
        (first, end) -> {
          R result = function.apply((int) first);
          for (int i = (int) first + 1; i < (int) end; i++) {
            result = combine.apply(result, function.apply(i));
          }
          return result;
        },
        combine);
  }

  @Override
  public <R extends @Nullable Object> R reduceRange(
      R identity, IntRangeFunction<? extends R> function, BinaryOperator<R> combine) {
    requireNonNull(function, "function");
    requireNonNull(combine, "combine");
    return loops.<R>reduce(
        from, to, identity, (first, end) -> function.apply((int) first, (int) end), combine);
  }

  @Override
  public boolean anyMatch(IntPredicate predicate) {
    return findAny(predicate).isPresent();
  }

  @Override
  public OptionalInt findAny(IntPredicate predicate) {
    requireNonNull(predicate, "predicate");
    Integer found =
        loops.<Integer>find(
            from,
            to,
            (first, end) -> {
              for (int i = (int) first; i < (int) end; i++) {
                if (predicate.test(i)) {
                  return i;
                }
              }
              return null;
            });
    return found == null ? OptionalInt.empty() : OptionalInt.of(found);
  }
}
