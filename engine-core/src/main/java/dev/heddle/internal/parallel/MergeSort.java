// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.parallel;

import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Sorts an array: leaves by the JDK, which are merged in pairs, from the array to a copy and back.
 * Each merge is cut into pieces of the same size, by where a piece of the result begins in either
 * half. Stable if the leaves are sorted so.
 *
 * @param <A> the type of the array
 * @see <a href="https://arxiv.org/abs/1406.2628">Green, Odeh, Birk: Merge Path</a>
 */
abstract class MergeSort<A> {

  /** Smaller arrays are sorted where they are. */
  private static final int SMALL = 1 << 13;

  private static final int PIECES_A_WORKER = 4;

  /** Makes an array of the same type. */
  abstract A newArray(int length);

  abstract void sort(A array, int first, int end);

  abstract boolean less(A array, int index, int than);

  /** Merges two sorted ranges; of equal elements those of the left one come first. */
  abstract void merge(A from, int left, int leftEnd, int right, int rightEnd, A to, int at);

  void sort(LoopRunner runner, Loops loops, A array, int length) {
    runner.refuseIfClosing();
    if (length < SMALL) {
      runner.runHere(() -> sort(array, 0, length));
      return;
    }
    if (runner.workers() == 1) {
      loops.forEach(0, 1, (first, end) -> sort(array, 0, length));
      return;
    }
    int levels = levels(runner.workers());
    int leaves = 1 << levels;
    loops.forEach(
        0,
        leaves,
        (first, end) -> {
          for (long i = first; i < end; i++) {
            sort(array, cut(length, i, leaves), cut(length, i + 1, leaves));
          }
        });
    A copy = newArray(length);
    int pieces = runner.workers() * PIECES_A_WORKER;
    for (int level = 1; level <= levels; level += 2) {
      mergePairs(loops, array, copy, length, leaves >> level, pieces);
      mergePairs(loops, copy, array, length, leaves >> (level + 1), pieces);
    }
  }

  /** Even, so that the last level ends in the array. */
  private static int levels(int workers) {
    int levels = 2;
    while (1 << levels < 2 * workers) {
      levels += 2;
    }
    return levels;
  }

  private static int cut(int length, long index, long parts) {
    return (int) (length * index / parts);
  }

  private void mergePairs(Loops loops, A from, A to, int length, int pairs, int pieces) {
    int piecesAPair = Math.max(1, pieces / pairs);
    loops.forEach(
        0,
        (long) pairs * piecesAPair,
        (first, end) -> {
          for (long i = first; i < end; i++) {
            int pair = (int) (i / piecesAPair);
            int left = cut(length, 2L * pair, 2L * pairs);
            int middle = cut(length, 2L * pair + 1, 2L * pairs);
            int right = cut(length, 2L * pair + 2, 2L * pairs);
            long piece = i % piecesAPair;
            int begin = cut(right - left, piece, piecesAPair);
            int finish = cut(right - left, piece + 1, piecesAPair);
            int fromLeft = fromLeft(from, left, middle, right, begin);
            int leftEnd = fromLeft(from, left, middle, right, finish);
            merge(
                from,
                left + fromLeft,
                left + leftEnd,
                middle + begin - fromLeft,
                middle + finish - leftEnd,
                to,
                left + begin);
          }
        });
  }

  /** How many of the first elements of the result come from the left half. */
  private int fromLeft(A from, int left, int middle, int right, int size) {
    int least = Math.max(0, size - (right - middle));
    int most = Math.min(size, middle - left);
    while (least < most) {
      int guess = (least + most) >>> 1;
      if (less(from, middle + size - guess - 1, left + guess)) {
        most = guess;
      } else {
        least = guess + 1;
      }
    }
    return least;
  }

  /** Of {@code int}s. */
  static final class OfInts extends MergeSort<int[]> {
    @Override
    int[] newArray(int length) {
      return new int[length];
    }

    @Override
    void sort(int[] array, int first, int end) {
      Arrays.sort(array, first, end);
    }

    @Override
    boolean less(int[] array, int index, int than) {
      return array[index] < array[than];
    }

    @Override
    void merge(int[] from, int left, int leftEnd, int right, int rightEnd, int[] to, int at) {
      int i = left;
      int j = right;
      int k = at;
      while (i < leftEnd && j < rightEnd) {
        int l = from[i];
        int r = from[j];
        boolean takesRight = r < l;
        to[k++] = takesRight ? r : l;
        i += takesRight ? 0 : 1;
        j += takesRight ? 1 : 0;
      }
      System.arraycopy(from, i, to, k, leftEnd - i);
      System.arraycopy(from, j, to, k + leftEnd - i, rightEnd - j);
    }
  }

  /** Of {@code long}s. */
  static final class OfLongs extends MergeSort<long[]> {
    @Override
    long[] newArray(int length) {
      return new long[length];
    }

    @Override
    void sort(long[] array, int first, int end) {
      Arrays.sort(array, first, end);
    }

    @Override
    boolean less(long[] array, int index, int than) {
      return array[index] < array[than];
    }

    @Override
    void merge(long[] from, int left, int leftEnd, int right, int rightEnd, long[] to, int at) {
      int i = left;
      int j = right;
      int k = at;
      while (i < leftEnd && j < rightEnd) {
        long l = from[i];
        long r = from[j];
        boolean takesRight = r < l;
        to[k++] = takesRight ? r : l;
        i += takesRight ? 0 : 1;
        j += takesRight ? 1 : 0;
      }
      System.arraycopy(from, i, to, k, leftEnd - i);
      System.arraycopy(from, j, to, k + leftEnd - i, rightEnd - j);
    }
  }

  /** Of {@code double}s. */
  static final class OfDoubles extends MergeSort<double[]> {
    @Override
    double[] newArray(int length) {
      return new double[length];
    }

    @Override
    void sort(double[] array, int first, int end) {
      Arrays.sort(array, first, end);
    }

    @Override
    boolean less(double[] array, int index, int than) {
      return Double.compare(array[index], array[than]) < 0;
    }

    @Override
    void merge(double[] from, int left, int leftEnd, int right, int rightEnd, double[] to, int at) {
      int i = left;
      int j = right;
      int k = at;
      while (i < leftEnd && j < rightEnd) {
        double l = from[i];
        double r = from[j];
        boolean takesRight = Double.compare(r, l) < 0;
        to[k++] = takesRight ? r : l;
        i += takesRight ? 0 : 1;
        j += takesRight ? 1 : 0;
      }
      System.arraycopy(from, i, to, k, leftEnd - i);
      System.arraycopy(from, j, to, k + leftEnd - i, rightEnd - j);
    }
  }

  /** Of objects. */
  static final class OfObjects<T extends @Nullable Object> extends MergeSort<T[]> {
    private final Comparator<? super T> order;

    OfObjects(Comparator<? super T> order) {
      this.order = order;
    }

    @Override
    @SuppressWarnings("unchecked") // holds elements of the array alone
    T[] newArray(int length) {
      return (T[]) new Object[length];
    }

    @Override
    void sort(T[] array, int first, int end) {
      Arrays.sort(array, first, end, order);
    }

    @Override
    boolean less(T[] array, int index, int than) {
      return order.compare(array[index], array[than]) < 0;
    }

    @Override
    void merge(T[] from, int left, int leftEnd, int right, int rightEnd, T[] to, int at) {
      int i = left;
      int j = right;
      int k = at;
      while (i < leftEnd && j < rightEnd) {
        to[k++] = order.compare(from[j], from[i]) < 0 ? from[j++] : from[i++];
      }
      System.arraycopy(from, i, to, k, leftEnd - i);
      System.arraycopy(from, j, to, k + leftEnd - i, rightEnd - j);
    }
  }
}
