// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.parallel;

import static java.util.Objects.requireNonNull;

import dev.heddle.fork.LongLoop;
import dev.heddle.fork.LongRangeAction;
import dev.heddle.fork.LongRangeFunction;
import dev.heddle.fork.LongRangeToDouble;
import dev.heddle.fork.LongRangeToLong;
import java.util.Arrays;
import java.util.Collections;
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

/** A loop over {@code long}s. */
final class LongLoopImpl implements LongLoop {

  private final Loops loops;
  private final long from;
  private final long to;

  LongLoopImpl(Loops loops, long from, long to) {
    this.loops = loops;
    this.from = from;
    this.to = to;
  }

  @Override
  public void forEach(LongConsumer body) {
    requireNonNull(body, "body");
    loops.forEach(
        from,
        to,
        (first, end) -> {
          for (long i = first; i < end; i++) {
            body.accept(i);
          }
        });
  }

  @Override
  public void forEachRange(LongRangeAction body) {
    requireNonNull(body, "body");
    loops.forEach(from, to, body);
  }

  @Override
  public long sumLong(LongUnaryOperator term) {
    requireNonNull(term, "term");
    return loops.sum(
        from,
        to,
        (first, end) -> {
          long sum = 0;
          for (long i = first; i < end; i++) {
            sum += term.applyAsLong(i);
          }
          return sum;
        });
  }

  @Override
  public long sumLongRange(LongRangeToLong terms) {
    requireNonNull(terms, "terms");
    return loops.sum(from, to, terms);
  }

  @Override
  public double sumDouble(LongToDoubleFunction term) {
    requireNonNull(term, "term");
    return loops.sumDouble(
        from,
        to,
        (first, end) -> {
          double sum = 0;
          for (long i = first; i < end; i++) {
            sum += term.applyAsDouble(i);
          }
          return sum;
        });
  }

  @Override
  public double sumDoubleRange(LongRangeToDouble terms) {
    requireNonNull(terms, "terms");
    return loops.sumDouble(from, to, terms);
  }

  @Override
  public int[] mapToInt(LongToIntFunction function) {
    requireNonNull(function, "function");
    int[] results = new int[Loops.arrayLength(from, to)];
    forEach(i -> results[(int) (i - from)] = function.applyAsInt(i));
    return results;
  }

  @Override
  public long[] mapToLong(LongUnaryOperator function) {
    requireNonNull(function, "function");
    long[] results = new long[Loops.arrayLength(from, to)];
    forEach(i -> results[(int) (i - from)] = function.applyAsLong(i));
    return results;
  }

  @Override
  public double[] mapToDouble(LongToDoubleFunction function) {
    requireNonNull(function, "function");
    double[] results = new double[Loops.arrayLength(from, to)];
    forEach(i -> results[(int) (i - from)] = function.applyAsDouble(i));
    return results;
  }

  @Override
  @SuppressWarnings("unchecked") // all of them have been put in
  public <R extends @Nullable Object> List<R> map(LongFunction<? extends R> function) {
    requireNonNull(function, "function");
    @Nullable Object[] results = new Object[Loops.arrayLength(from, to)];
    forEach(i -> results[(int) (i - from)] = function.apply(i));
    return Collections.unmodifiableList((List<R>) Arrays.asList(results));
  }

  @Override
  public long reduceLong(long identity, LongUnaryOperator function, LongBinaryOperator combine) {
    requireNonNull(function, "function");
    requireNonNull(combine, "combine");
    return loops.reduceLong(
        from,
        to,
        identity,
        (first, end) -> {
          long result = function.applyAsLong(first);
          for (long i = first + 1; i < end; i++) {
            result = combine.applyAsLong(result, function.applyAsLong(i));
          }
          return result;
        },
        combine);
  }

  @Override
  public long reduceLongRange(long identity, LongRangeToLong function, LongBinaryOperator combine) {
    requireNonNull(function, "function");
    requireNonNull(combine, "combine");
    return loops.reduceLong(from, to, identity, function, combine);
  }

  @Override
  public double reduceDouble(
      double identity, LongToDoubleFunction function, DoubleBinaryOperator combine) {
    requireNonNull(function, "function");
    requireNonNull(combine, "combine");
    return loops.reduceDouble(
        from,
        to,
        identity,
        (first, end) -> {
          double result = function.applyAsDouble(first);
          for (long i = first + 1; i < end; i++) {
            result = combine.applyAsDouble(result, function.applyAsDouble(i));
          }
          return result;
        },
        combine);
  }

  @Override
  public double reduceDoubleRange(
      double identity, LongRangeToDouble function, DoubleBinaryOperator combine) {
    requireNonNull(function, "function");
    requireNonNull(combine, "combine");
    return loops.reduceDouble(from, to, identity, function, combine);
  }

  @Override
  public <R extends @Nullable Object> R reduce(
      R identity, LongFunction<? extends R> function, BinaryOperator<R> combine) {
    requireNonNull(function, "function");
    requireNonNull(combine, "combine");
    return loops.<R>reduce(
        from,
        to,
        identity,
        (first, end) -> {
          R result = function.apply(first);
          for (long i = first + 1; i < end; i++) {
            result = combine.apply(result, function.apply(i));
          }
          return result;
        },
        combine);
  }

  @Override
  public <R extends @Nullable Object> R reduceRange(
      R identity, LongRangeFunction<? extends R> function, BinaryOperator<R> combine) {
    requireNonNull(function, "function");
    requireNonNull(combine, "combine");
    return loops.<R>reduce(from, to, identity, function, combine);
  }

  @Override
  public boolean anyMatch(LongPredicate predicate) {
    return findAny(predicate).isPresent();
  }

  @Override
  public OptionalLong findAny(LongPredicate predicate) {
    requireNonNull(predicate, "predicate");
    Long found =
        loops.<Long>find(
            from,
            to,
            (first, end) -> {
              for (long i = first; i < end; i++) {
                if (predicate.test(i)) {
                  return i;
                }
              }
              return null;
            });
    return found == null ? OptionalLong.empty() : OptionalLong.of(found);
  }
}
