// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.nativeops.MathOps;
import dev.heddle.nativeops.NativeOps;
import dev.heddle.nativeops.Statistics;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * From how many bytes on does an operation on numbers gain from C? The score is the time of one
 * operation on vectors of {@code bytes} each.
 *
 * <p><b>Method.</b> {@code heddle} has its vectors outside of the heap, {@code heddleHeap} in
 * arrays. {@code java} is what a user would write: a loop over arrays with one sum, and a second
 * one for the variance. {@code javaProvider} is what runs where C may not be used, outside of the
 * heap.
 *
 * <p><b>Asserted.</b> The results of all operations, before the measurement: those of the plain
 * loops, but for rounding.
 *
 * <p><b>Traps avoided.</b> {@code java} does less: it adds without a look at overflows and rounds
 * each sum as often as it has elements. The factor of {@code axpy} is so small that no number of
 * calls makes the vector overflow. Vectors begin at a multiple of 64 bytes, where arrays cannot.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class MathKernelBenchmark {

  private static final double ALPHA = 1e-9;
  private static final double TOLERANCE = 1e-9;
  private static final int CACHE_LINE = 64;

  @Param({"heddle", "heddleHeap", "java", "javaProvider"})
  public String rival = "";

  @Param({"256", "4096", "65536", "1048576", "16777216"})
  public int bytes;

  private Kernels kernels = new Loops(new double[0], new double[0], new long[0]);

  /** What is measured. */
  private interface Kernels {
    double dot();

    Statistics statistics();

    /** Returns an element that was written. */
    double axpy();

    long sum();
  }

  /** Makes the vectors and compares the results. */
  @Setup
  public void setUp() {
    Random random = new Random(42);
    double[] a = random.doubles(bytes / Double.BYTES).toArray();
    double[] b = random.doubles(bytes / Double.BYTES).toArray();
    long[] longs = random.longs(bytes / Long.BYTES, -1_000_000, 1_000_000).toArray();
    kernels =
        switch (rival) {
          case "heddle" -> offHeap(NativeLibraryFile.requireNative().math(), a, b, longs);
          case "heddleHeap" ->
              new Operations(
                  NativeLibraryFile.requireNative().math(),
                  MemorySegment.ofArray(a.clone()),
                  MemorySegment.ofArray(b.clone()),
                  MemorySegment.ofArray(longs));
          case "java" -> new Loops(a.clone(), b.clone(), longs);
          case "javaProvider" -> offHeap(NativeOps.java().math(), a, b, longs);
          default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
        };
    check(new Loops(a, b, longs));
  }

  private static Kernels offHeap(MathOps math, double[] a, double[] b, long[] longs) {
    return new Operations(
        math,
        offHeap(MemorySegment.ofArray(a)),
        offHeap(MemorySegment.ofArray(b)),
        offHeap(MemorySegment.ofArray(longs)));
  }

  private static MemorySegment offHeap(MemorySegment values) {
    return Arena.ofAuto().allocate(values.byteSize(), CACHE_LINE).copyFrom(values);
  }

  private void check(Loops loops) {
    compare("dot", loops.dot(), kernels.dot());
    Statistics expected = loops.statistics();
    Statistics actual = kernels.statistics();
    same("count", expected.count(), actual.count());
    compare("mean", expected.mean(), actual.mean());
    compare("variance", expected.variance(), actual.variance());
    compare("min", expected.min(), actual.min());
    compare("max", expected.max(), actual.max());
    compare("axpy", loops.axpy(), kernels.axpy());
    same("sum", loops.sum(), kernels.sum());
  }

  private static void compare(String what, double expected, double actual) {
    require(what, Math.abs(expected - actual) <= TOLERANCE * Math.abs(expected), expected, actual);
  }

  private static void same(String what, long expected, long actual) {
    require(what, expected == actual, expected, actual);
  }

  private static void require(String what, boolean right, Number expected, Number actual) {
    if (!right) {
      throw new IllegalStateException(
          "result must be right: of=" + what + ", expected=" + expected + ", actual=" + actual);
    }
  }

  /** The operations of a provider. */
  private record Operations(MathOps math, MemorySegment a, MemorySegment b, MemorySegment longs)
      implements Kernels {

    @Override
    public double dot() {
      return math.dot(a, b);
    }

    @Override
    public Statistics statistics() {
      return math.statistics(a);
    }

    @Override
    public double axpy() {
      math.axpy(ALPHA, a, b);
      return b.get(ValueLayout.JAVA_DOUBLE, b.byteSize() - Double.BYTES);
    }

    @Override
    public long sum() {
      return math.sum(longs);
    }
  }

  /** What a user would write. */
  private static final class Loops implements Kernels {
    private final double[] a;
    private final double[] b;
    private final long[] longs;

    Loops(double[] a, double[] b, long[] longs) {
      this.a = a;
      this.b = b;
      this.longs = longs;
    }

    @Override
    public double dot() {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += a[i] * b[i];
      }
      return sum;
    }

    @Override
    public Statistics statistics() {
      double sum = 0;
      double min = Double.POSITIVE_INFINITY;
      double max = Double.NEGATIVE_INFINITY;
      for (double each : a) {
        sum += each;
        min = Math.min(min, each);
        max = Math.max(max, each);
      }
      double mean = sum / a.length;
      double squares = 0;
      for (double each : a) {
        squares += (each - mean) * (each - mean);
      }
      return new Statistics(a.length, mean, squares / (a.length - 1), min, max);
    }

    @Override
    public double axpy() {
      for (int i = 0; i < a.length; i++) {
        b[i] += ALPHA * a[i];
      }
      return b[b.length - 1];
    }

    @Override
    public long sum() {
      long sum = 0;
      for (long each : longs) {
        sum += each;
      }
      return sum;
    }
  }

  /** The scalar product. */
  @Benchmark
  public double dot() {
    return kernels.dot();
  }

  /** Mean, variance, least and greatest. */
  @Benchmark
  public Statistics statistics() {
    return kernels.statistics();
  }

  /** Adds a multiple of one vector to another. */
  @Benchmark
  public double axpy() {
    return kernels.axpy();
  }

  /** Adds up {@code long}s. */
  @Benchmark
  public long sum() {
    return kernels.sum();
  }
}
