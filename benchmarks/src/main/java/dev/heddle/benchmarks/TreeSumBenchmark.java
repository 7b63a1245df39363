// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import dev.heddle.fork.ForkLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost to add up a complete binary tree without a grain size, and what does it gain?
 * Trees of 1,023 nodes, over and over, and one of 2^24 - 1; the score is the time of 2^24 nodes.
 *
 * <p><b>Method.</b> The nodes are numbered as in a heap. One task computes; {@code baseline} is the
 * plain recursion in such a task, {@code forkJoinPool} a {@link RecursiveTask} a node.
 *
 * <p><b>Asserted.</b> The sum.
 *
 * <p><b>Traps avoided.</b> Three other recursions run before with the same contestant, so that the
 * JIT compiler has not seen one function only.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TreeSumBenchmark {

  private static final int ALL = 1 << 24;

  @Param({"baseline", "heddleFunction", "forkJoinPool"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  @Param({"1023", "16777215"})
  public int nodes;

  private TaskEngine engine = TaskEngine.create();
  private ForkJoinPool pool = new ForkJoinPool(1);
  private long expected;

  /** Makes the tree and starts the contestants. */
  @Setup
  public void setUp() {
    engine.close();
    pool.close();
    engine = TaskEngine.builder().workers(workers).build();
    pool = new ForkJoinPool(workers);
    ForkJoinBenchmark.runOthers(rival, engine, pool);
    expected = Tree.make(nodes);
  }

  /** Stops the contestants. */
  @TearDown
  public void tearDown() {
    engine.close();
    pool.close();
  }

  /** The tree, which a constant function can only reach so. */
  private static final class Tree {
    static int[] numbers = {};

    static final ForkLong SUM =
        (scope, node) ->
            node >= numbers.length
                ? 0
                : numbers[(int) node] + scope.joinLong(Tree.SUM, 2 * node, 2 * node + 1, Long::sum);

    static long make(int nodes) {
      numbers = new int[nodes + 1];
      long all = 0;
      for (int i = 1; i <= nodes; i++) {
        numbers[i] = i ^ i >>> 3;
        all += numbers[i];
      }
      return all;
    }

    static long sum(long node) {
      return node >= numbers.length ? 0 : numbers[(int) node] + sum(2 * node) + sum(2 * node + 1);
    }
  }

  private static final class Sum extends RecursiveTask<Long> {
    private static final long serialVersionUID = 1;

    private final long node;

    Sum(long node) {
      this.node = node;
    }

    @Override
    protected Long compute() {
      if (node >= Tree.numbers.length) {
        return 0L;
      }
      Sum left = new Sum(2 * node);
      left.fork();
      long right = new Sum(2 * node + 1).compute();
      return Tree.numbers[(int) node] + left.join() + right;
    }
  }

  /** Adds up trees, 2^24 nodes in all. */
  @Benchmark
  public long sum() throws Exception {
    Callable<Long> all =
        () -> {
          long sum = 0;
          for (int i = ALL / (nodes + 1); i > 0; i--) {
            sum +=
                switch (rival) {
                  case "baseline" -> Tree.sum(1);
                  case "heddleFunction" -> engine.computeLong(Tree.SUM, 1);
                  case "forkJoinPool" -> new Sum(1).compute();
                  default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
                };
          }
          return sum;
        };
    long sum = rival.equals("forkJoinPool") ? pool.submit(all).get() : engine.submit(all).join();
    if (sum != expected * (ALL / (nodes + 1))) {
      throw new IllegalStateException(
          "sum must be that of the numbers: tree=" + expected + ", actual=" + sum);
    }
    return sum;
  }
}
