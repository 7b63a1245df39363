// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.performance;

import dev.heddle.TaskEngine;
import dev.heddle.fork.ForkLong;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveTask;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;

/**
 * Something that can be computed plainly, by the engine, and by what the JDK has for it. The three
 * results are the same.
 */
enum Subject {
  /** A Fibonacci number by its definition: a million forks, and nothing else to do. */
  FIB("fib(30)", "RecursiveTask") {
    private static final int N = 30;

    @Override
    long plain() {
      return fib(N);
    }

    @Override
    long heddle(TaskEngine engine) {
      return engine.computeLong(Functions.FIBONACCI, N);
    }

    @Override
    long jdk(ForkJoinPool pool) {
      return pool.invoke(new BinaryTask(N, n -> n < 2 ? n : -1, n -> n - 1, n -> n - 2, n -> 0));
    }
  },

  /** The sum of the numbers in a complete binary tree. */
  TREE("tree of 2^20 nodes", "RecursiveTask") {
    @Override
    long plain() {
      return treeSum(1);
    }

    @Override
    long heddle(TaskEngine engine) {
      return engine.computeLong(Functions.TREE_SUM, 1);
    }

    @Override
    long jdk(ForkJoinPool pool) {
      LongUnaryOperator ended = node -> node >= NODES ? 0 : -1;
      return pool.invoke(
          new BinaryTask(1, ended, node -> 2 * node, node -> 2 * node + 1, Subject::number));
    }
  },

  /** A sum over a range. */
  LOOP("loop over 10^6", "parallel stream") {
    private static final int ELEMENTS = 1_000_000;

    @Override
    long plain() {
      return squares(0, ELEMENTS);
    }

    @Override
    long heddle(TaskEngine engine) {
      return engine.parallel().range(0, ELEMENTS).sumLongRange(Subject::squares);
    }

    @Override
    long jdk(ForkJoinPool pool) {
      return pool.submit(
              () -> IntStream.range(0, ELEMENTS).parallel().mapToLong(Subject::square).sum())
          .join();
    }
  },

  /** Random numbers in order. */
  SORT("sort of 10^6 longs", "parallelSort") {
    private static final int NUMBERS = 1_000_000;

    @Override
    long plain() {
      long[] numbers = random();
      Arrays.sort(numbers);
      return Arrays.hashCode(numbers);
    }

    @Override
    long heddle(TaskEngine engine) {
      long[] numbers = random();
      engine.parallel().sort(numbers);
      return Arrays.hashCode(numbers);
    }

    @Override
    long jdk(ForkJoinPool pool) {
      long[] numbers = random();
      pool.submit(() -> Arrays.parallelSort(numbers)).join();
      return Arrays.hashCode(numbers);
    }

    private long[] random() {
      return new Random(NUMBERS).longs(NUMBERS).toArray();
    }
  };

  private static final long NODES = 1 << 20;

  /** Constants, as forks want them. */
  private static final class Functions {
    static final ForkLong FIBONACCI =
        (scope, n) -> n < 2 ? n : scope.joinLong(Functions.FIBONACCI, n - 1, n - 2, Long::sum);

    static final ForkLong TREE_SUM =
        (scope, node) ->
            node >= NODES
                ? 0
                : number(node)
                    + scope.joinLong(Functions.TREE_SUM, 2 * node, 2 * node + 1, Long::sum);
  }

  private final String title;
  private final String rival;

  Subject(String title, String rival) {
    this.title = title;
    this.rival = rival;
  }

  String title() {
    return title;
  }

  /** What the JDK has for it. */
  String rival() {
    return rival;
  }

  abstract long plain();

  abstract long heddle(TaskEngine engine);

  abstract long jdk(ForkJoinPool pool);

  private static long fib(long n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
  }

  private static long treeSum(long node) {
    return node >= NODES ? 0 : number(node) + treeSum(2 * node) + treeSum(2 * node + 1);
  }

  private static long number(long node) {
    return node * 31 ^ node >>> 3;
  }

  private static long squares(int first, int end) {
    long sum = 0;
    for (int i = first; i < end; i++) {
      sum += square(i);
    }
    return sum;
  }

  private static long square(int i) {
    return (long) i * i % 7;
  }

  /** A recursion with two branches. */
  private static final class BinaryTask extends RecursiveTask<Long> {
    private static final long serialVersionUID = 1;

    private final long argument;
    private final transient LongUnaryOperator end; // the result, or -1 to go on
    private final transient LongUnaryOperator left;
    private final transient LongUnaryOperator right;
    private final transient LongUnaryOperator here; // what is added to that of the branches

    BinaryTask(
        long argument,
        LongUnaryOperator end,
        LongUnaryOperator left,
        LongUnaryOperator right,
        LongUnaryOperator here) {
      this.argument = argument;
      this.end = end;
      this.left = left;
      this.right = right;
      this.here = here;
    }

    private BinaryTask with(long other) {
      return new BinaryTask(other, end, left, right, here);
    }

    @Override
    protected Long compute() {
      long result = end.applyAsLong(argument);
      if (result != -1) {
        return result;
      }
      BinaryTask forked = with(left.applyAsLong(argument));
      forked.fork();
      long other = with(right.applyAsLong(argument)).compute();
      return here.applyAsLong(argument) + forked.join() + other;
    }
  }
}
