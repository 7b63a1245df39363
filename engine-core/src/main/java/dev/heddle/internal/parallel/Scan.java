// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.parallel;

import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Replaces each element of an array by what it and all before it combine to. There is one part more
 * than workers: first each but the last is reduced, the first one scanned at once; then the others
 * are scanned, with what is before them. So two workers do 4/3 of the work in 2/3 of the time.
 *
 * @param <A> the type of the array
 * @see <a href="https://www.cs.cmu.edu/~guyb/papers/Ble93.pdf">Blelloch: Prefix Sums and Their
 *     Applications</a>
 */
abstract class Scan<A> {

  /** Shorter arrays are scanned where they are: in less time than it takes to wake a worker. */
  static final int SMALL = 1 << 16;

  /** Likewise, if it may take long to combine two. */
  static final int FEW_OBJECTS = 1 << 6;

  private final int small;

  Scan(int small) {
    this.small = small;
  }

  /** Scans a part, from its second element on. */
  abstract void scan(A array, int first, int end);

  /** Combines a part into an element of another array. */
  abstract void reduce(A array, int first, int end, A to, int at);

  /** Combines an element of an array with one of another, which it replaces. */
  abstract void combine(A left, int from, A array, int at);

  abstract A newArray(int length);

  void scan(LoopRunner runner, Loops loops, A array, int length) {
    runner.refuseIfClosing();
    int workers = runner.workers();
    if (length < Math.max(small, 2 * workers)) {
      runner.runHere(
          () -> {
            if (length > 0) {
              scan(array, 0, length);
            }
          });
      return;
    }
    if (workers == 1) {
      loops.forEach(0, 1, (first, end) -> scan(array, 0, length));
      return;
    }
    A sums = newArray(workers + 1); // of the parts, then of all up to them
    int size = length / (workers + 1);
    loops.forEach(
        0,
        workers,
        (first, end) -> {
          for (int part = (int) first; part < (int) end; part++) {
            if (part == 0) {
              scan(array, 0, size);
            } else {
              reduce(array, part * size, (part + 1) * size, sums, part);
            }
          }
        });
    System.arraycopy(array, size - 1, sums, 0, 1);
    runner.runHere(
        () -> {
          for (int part = 1; part < workers; part++) {
            combine(sums, part - 1, sums, part);
          }
        });
    loops.forEach(
        1,
        workers + 1L,
        (first, end) -> {
          for (int part = (int) first; part < (int) end; part++) {
            combine(sums, part - 1, array, part * size);
            scan(array, part * size, part == workers ? length : (part + 1) * size);
          }
        });
  }

  /** Of {@code int}s. */
  static final class OfInts extends Scan<int[]> {
    private final IntBinaryOperator combine;

    OfInts(IntBinaryOperator combine) {
      super(SMALL);
      this.combine = combine;
    }

    @Override
    void scan(int[] array, int first, int end) {
      int sum = array[first];
      for (int i = first + 1; i < end; i++) {
        sum = combine.applyAsInt(sum, array[i]);
        array[i] = sum;
      }
    }

    @Override
    void reduce(int[] array, int first, int end, int[] to, int at) {
      int sum = array[first];
      for (int i = first + 1; i < end; i++) {
        sum = combine.applyAsInt(sum, array[i]);
      }
      to[at] = sum;
    }

    @Override
    void combine(int[] left, int from, int[] array, int at) {
      array[at] = combine.applyAsInt(left[from], array[at]);
    }

    @Override
    int[] newArray(int length) {
      return new int[length];
    }
  }

  /** Of {@code long}s. */
  static final class OfLongs extends Scan<long[]> {
    private final LongBinaryOperator combine;

    OfLongs(LongBinaryOperator combine) {
      super(SMALL);
      this.combine = combine;
    }

    @Override
    void scan(long[] array, int first, int end) {
      long sum = array[first];
      for (int i = first + 1; i < end; i++) {
        sum = combine.applyAsLong(sum, array[i]);
        array[i] = sum;
      }
    }

    @Override
    void reduce(long[] array, int first, int end, long[] to, int at) {
      long sum = array[first];
      for (int i = first + 1; i < end; i++) {
        sum = combine.applyAsLong(sum, array[i]);
      }
      to[at] = sum;
    }

    @Override
    void combine(long[] left, int from, long[] array, int at) {
      array[at] = combine.applyAsLong(left[from], array[at]);
    }

    @Override
    long[] newArray(int length) {
      return new long[length];
    }
  }

  /** Of {@code double}s. */
  static final class OfDoubles extends Scan<double[]> {
    private final DoubleBinaryOperator combine;

    OfDoubles(DoubleBinaryOperator combine) {
      super(SMALL);
      this.combine = combine;
    }

    @Override
    void scan(double[] array, int first, int end) {
      double sum = array[first];
      for (int i = first + 1; i < end; i++) {
        sum = combine.applyAsDouble(sum, array[i]);
        array[i] = sum;
      }
    }

    @Override
    void reduce(double[] array, int first, int end, double[] to, int at) {
      double sum = array[first];
      for (int i = first + 1; i < end; i++) {
        sum = combine.applyAsDouble(sum, array[i]);
      }
      to[at] = sum;
    }

    @Override
    void combine(double[] left, int from, double[] array, int at) {
      array[at] = combine.applyAsDouble(left[from], array[at]);
    }

    @Override
    double[] newArray(int length) {
      return new double[length];
    }
  }

  /** Of objects. */
  static final class OfObjects<T extends @Nullable Object> extends Scan<T[]> {
    private final BinaryOperator<T> combine;

    OfObjects(BinaryOperator<T> combine) {
      super(FEW_OBJECTS);
      this.combine = combine;
    }

    @Override
    void scan(T[] array, int first, int end) {
      T sum = array[first];
      for (int i = first + 1; i < end; i++) {
        sum = combine.apply(sum, array[i]);
        array[i] = sum;
      }
    }

    @Override
    void reduce(T[] array, int first, int end, T[] to, int at) {
      T sum = array[first];
      for (int i = first + 1; i < end; i++) {
        sum = combine.apply(sum, array[i]);
      }
      to[at] = sum;
    }

    @Override
    void combine(T[] left, int from, T[] array, int at) {
      array[at] = combine.apply(left[from], array[at]);
    }

    @Override
    @SuppressWarnings("unchecked") // holds results of the operator alone
    T[] newArray(int length) {
      return (T[]) new Object[length];
    }
  }
}
