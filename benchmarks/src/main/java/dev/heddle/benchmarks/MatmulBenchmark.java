// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.nativeops.MathOps;
import dev.heddle.nativeops.NativeControl;
import dev.heddle.nativeops.NativeOps;
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
 * How long does the product of two square matrices take?
 *
 * <p><b>Method.</b> As in {@link MathKernelBenchmark}; {@code java} has three loops, the innermost
 * of which adds up one value.
 *
 * <p><b>Asserted.</b> All values of the product, before the measurement, by three loops.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MatmulBenchmark {

  private static final int CACHE_LINE = 64;
  private static final double TOLERANCE = 1e-9;

  @Param({"heddle", "heddleHeap", "java", "javaProvider"})
  public String rival = "";

  @Param({"16", "128", "512"})
  public int side;

  private Product product = () -> 0;

  /** What is measured. */
  @FunctionalInterface
  private interface Product {

    /** Multiplies, and returns the last value. */
    double multiply();
  }

  /** Makes the matrices and compares the products. */
  @Setup
  public void setUp() {
    Random random = new Random(42);
    double[] a = random.doubles((long) side * side).toArray();
    double[] b = random.doubles((long) side * side).toArray();
    double[] c = new double[side * side];
    MemorySegment result =
        switch (rival) {
          case "heddle" -> useOffHeap(NativeLibraryFile.requireNative().math(), a, b);
          case "heddleHeap" ->
              use(
                  NativeLibraryFile.requireNative().math(),
                  MemorySegment.ofArray(a),
                  MemorySegment.ofArray(b),
                  MemorySegment.ofArray(c));
          case "java" -> {
            product = () -> loops(a, b, c, side);
            yield MemorySegment.ofArray(c);
          }
          case "javaProvider" -> useOffHeap(NativeOps.java().math(), a, b);
          default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
        };
    product.multiply();
    double[] expected = new double[side * side];
    loops(a, b, expected, side);
    for (int i = 0; i < expected.length; i++) {
      double actual = result.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
      if (!(Math.abs(expected[i] - actual) <= TOLERANCE * expected[i])) {
        throw new IllegalStateException(
            "product must be right: index="
                + i
                + ", expected="
                + expected[i]
                + ", actual="
                + actual);
      }
    }
  }

  private MemorySegment useOffHeap(MathOps math, double[] a, double[] b) {
    Arena arena = Arena.ofAuto();
    long size = (long) a.length * Double.BYTES;
    return use(
        math,
        arena.allocate(size, CACHE_LINE).copyFrom(MemorySegment.ofArray(a)),
        arena.allocate(size, CACHE_LINE).copyFrom(MemorySegment.ofArray(b)),
        arena.allocate(size, CACHE_LINE));
  }

  private MemorySegment use(MathOps math, MemorySegment a, MemorySegment b, MemorySegment c) {
    product =
        () -> {
          math.matmul(a, b, c, side, side, side, NativeControl.none());
          return c.get(ValueLayout.JAVA_DOUBLE, c.byteSize() - Double.BYTES);
        };
    return c;
  }

  private static double loops(double[] a, double[] b, double[] c, int side) {
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        double sum = 0;
        for (int i = 0; i < side; i++) {
          sum += a[row * side + i] * b[i * side + column];
        }
        c[row * side + column] = sum;
      }
    }
    return c[side * side - 1];
  }

  /** Multiplies. */
  @Benchmark
  public double matmul() {
    return product.multiply();
  }
}
