// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.parallel;

import static java.util.Objects.requireNonNull;

import dev.heddle.fork.LongRangeAction;
import dev.heddle.fork.LongRangeFunction;
import dev.heddle.fork.LongRangeToDouble;
import dev.heddle.fork.LongRangeToLong;
import dev.heddle.internal.fork.Loop;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What all kinds of loops are made of. Ranges are those of {@code long}s.
 *
 * <p>A reduction combines the results of <i>blocks</i> in order. The blocks depend on the number of
 * elements alone, and so does the result, whoever has worked on what. As long as a loop is not
 * shared, it combines each at once; then their results are kept in an array.
 */
final class Loops {

  /** Blocks at least, if there are as many elements. */
  private static final int LEAST_BLOCKS = 64;

  /** Blocks at most, unless they would be smaller than {@link #SMALL_BLOCK}. */
  private static final int MOST_BLOCKS = 4096;

  private static final int SMALL_BLOCK = 64;

  private static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

  private final LoopRunner runner;

  Loops(LoopRunner runner) {
    this.runner = runner;
  }

  static long blockSize(long elements) {
    long few = Math.min(elements / LEAST_BLOCKS, SMALL_BLOCK);
    return Math.max(1, Math.max(few, (elements - 1) / MOST_BLOCKS + 1));
  }

  /** Returns how long an array of results is. */
  static int arrayLength(long from, long to) {
    long elements = to - from;
    if (elements > MAX_ARRAY_LENGTH) {
      throw new IllegalArgumentException(
          "results must fit into an array: elements=" + elements + " (map a part of the range)");
    }
    return (int) elements;
  }

  void forEach(long from, long to, LongRangeAction body) {
    runner.run(new ActionLoop(from, to, body));
  }

  long sum(long from, long to, LongRangeToLong terms) {
    SumLoop loop = new SumLoop(from, to, terms);
    runner.run(loop);
    return loop.sum();
  }

  double sumDouble(long from, long to, LongRangeToDouble terms) {
    return reduceDouble(from, to, 0, terms, Double::sum);
  }

  long reduceLong(
      long from, long to, long identity, LongRangeToLong block, LongBinaryOperator combine) {
    ReduceLongLoop loop = new ReduceLongLoop(from, to, identity, block, combine);
    runner.run(loop);
    return loop.result;
  }

  double reduceDouble(
      long from, long to, double identity, LongRangeToDouble block, DoubleBinaryOperator combine) {
    ReduceDoubleLoop loop = new ReduceDoubleLoop(from, to, identity, block, combine);
    runner.run(loop);
    return loop.result;
  }

  <R extends @Nullable Object> R reduce(
      long from,
      long to,
      R identity,
      LongRangeFunction<? extends R> block,
      BinaryOperator<R> combine) {
    ReduceLoop<R> loop = new ReduceLoop<>(from, to, identity, block, combine);
    runner.run(loop);
    return loop.result;
  }

  /** Returns something that a part found, or {@code null} if none found any. */
  <T> @Nullable T find(long from, long to, LongRangeFunction<@Nullable T> part) {
    FindLoop<T> loop = new FindLoop<>(from, to, part);
    runner.run(loop);
    return loop.found.get();
  }

  private static final class ActionLoop extends Loop {
    private final LongRangeAction body;

    ActionLoop(long from, long to, LongRangeAction body) {
      super(from, to, 1);
      this.body = body;
    }

    @Override
    protected long run(long first, long end) {
      body.run(first, end);
      return 0;
    }
  }

  private static final class SumLoop extends Loop {
    private final LongRangeToLong terms;

    SumLoop(long from, long to, LongRangeToLong terms) {
      super(from, to, 1);
      this.terms = terms;
    }

    @Override
    protected long run(long first, long end) {
      return terms.applyAsLong(first, end);
    }
  }

  private static final class FindLoop<T> extends Loop {
    private final LongRangeFunction<@Nullable T> part;
    final AtomicReference<@Nullable T> found = new AtomicReference<>();

    FindLoop(long from, long to, LongRangeFunction<@Nullable T> part) {
      super(from, to, 1);
      this.part = part;
    }

    @Override
    protected long run(long first, long end) {
      T here = part.apply(first, end);
      if (here != null) {
        found.compareAndSet(null, here);
        stop();
      }
      return 0;
    }
  }

  /** A loop over blocks. */
  private abstract static class BlockLoop extends Loop {
    final long from;
    final long to;
    final long size;
    int shared; // the first block whose result is kept
    int blocks; // whose results are kept

    BlockLoop(long from, long to, long size) {
      super(from, to, size);
      this.from = from;
      this.to = to;
      this.size = size;
    }

    @Override
    protected final void shared(long first) {
      shared = (int) ((first - from) / size);
      blocks = (int) ((to - first - 1) / size + 1);
      keepResults();
    }

    @Override
    protected final long run(long first, long end) {
      for (long block = first; block < end; ) {
        long next = size < end - block ? block + size : end;
        runBlock((int) ((block - from) / size) - shared, block, next);
        block = next;
      }
      return 0;
    }

    /** Makes room for the results of {@link #blocks}; until then they are combined at once. */
    abstract void keepResults();

    abstract void runBlock(int index, long first, long end);
  }

  private static final class ReduceLongLoop extends BlockLoop {
    private final LongRangeToLong block;
    private final LongBinaryOperator combine;
    long result;
    private long @Nullable [] results;

    ReduceLongLoop(
        long from, long to, long identity, LongRangeToLong block, LongBinaryOperator combine) {
      super(from, to, blockSize(to - from));
      this.block = block;
      this.combine = combine;
      this.result = identity;
    }

    @Override
    void keepResults() {
      results = new long[blocks];
    }

    @Override
    void runBlock(int index, long first, long end) {
      long value = block.applyAsLong(first, end);
      if (results == null) {
        result = combine.applyAsLong(result, value);
      } else {
        results[index] = value;
      }
    }

    @Override
    protected void completed() {
      for (long each : requireNonNull(results)) {
        result = combine.applyAsLong(result, each);
      }
    }
  }

  private static final class ReduceDoubleLoop extends BlockLoop {
    private final LongRangeToDouble block;
    private final DoubleBinaryOperator combine;
    double result;
    private double @Nullable [] results;

    ReduceDoubleLoop(
        long from,
        long to,
        double identity,
        LongRangeToDouble block,
        DoubleBinaryOperator combine) {
      super(from, to, blockSize(to - from));
      this.block = block;
      this.combine = combine;
      this.result = identity;
    }

    @Override
    void keepResults() {
      results = new double[blocks];
    }

    @Override
    void runBlock(int index, long first, long end) {
      double value = block.applyAsDouble(first, end);
      if (results == null) {
        result = combine.applyAsDouble(result, value);
      } else {
        results[index] = value;
      }
    }

    @Override
    protected void completed() {
      for (double each : requireNonNull(results)) {
        result = combine.applyAsDouble(result, each);
      }
    }
  }

  private static final class ReduceLoop<R extends @Nullable Object> extends BlockLoop {
    private final LongRangeFunction<? extends R> block;
    private final BinaryOperator<R> combine;
    R result;
    private @Nullable Object @Nullable [] results;

    ReduceLoop(
        long from,
        long to,
        R identity,
        LongRangeFunction<? extends R> block,
        BinaryOperator<R> combine) {
      super(from, to, blockSize(to - from));
      this.block = block;
      this.combine = combine;
      this.result = identity;
    }

    @Override
    void keepResults() {
      results = new Object[blocks];
    }

    @Override
    void runBlock(int index, long first, long end) {
      R value = block.apply(first, end);
      if (results == null) {
        result = combine.apply(result, value);
      } else {
        results[index] = value;
      }
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // runBlock has put them in
    protected void completed() {
      for (Object each : requireNonNull(results)) {
        result = combine.apply(result, (R) each);
      }
    }
  }
}
