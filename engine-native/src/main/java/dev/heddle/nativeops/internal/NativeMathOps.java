// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.util.Objects.requireNonNull;

import dev.heddle.nativeops.MathOps;
import dev.heddle.nativeops.NativeControl;
import dev.heddle.nativeops.Statistics;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The operations on numbers by the C library, but for those that Java does faster: what takes a few
 * instructions, and long arrays of the heap, of which C would need a copy.
 */
final class NativeMathOps implements MathOps {

  /** Products of matrices with less to multiply are not worth the copies of arrays of the heap. */
  private static final long WORTH_COPIES = 16 * 1024;

  private final JavaMathOps java = new JavaMathOps();

  @Override
  public long add(long a, long b) {
    return java.add(a, b);
  }

  @Override
  public long multiply(long a, long b) {
    return java.multiply(a, b);
  }

  @Override
  public long factorial(long n) {
    return java.factorial(n);
  }

  @Override
  public long binomial(long n, long k) {
    return java.binomial(n, k);
  }

  @Override
  public long sum(MemorySegment values) {
    long count = Arguments.numbers("values", values);
    MemorySegment sum = Results.ofThisThread();
    int status;
    try {
      if (Library.isShortNumbers(count)) {
        status = (int) Library.SUM_SHORT.invokeExact(values, count, sum);
      } else if (values.isNative()) {
        status = (int) Library.SUM.invokeExact(values, count, sum);
      } else {
        return java.sum(values);
      }
    } catch (Throwable e) {
      throw Library.thrown(e);
    }
    if (status != Library.OK) {
      throw status == Library.OVERFLOW
          ? Arguments.overflow("sum")
          : Library.unexpected("sum", status);
    }
    return sum.get(JAVA_LONG, 0);
  }

  @Override
  public double dot(MemorySegment a, MemorySegment b) {
    long count = Arguments.asManyNumbers("a", a, "b", b);
    try {
      if (Library.isShortNumbers(count)) {
        return (double) Library.DOT_SHORT.invokeExact(a, b, count, MemorySegment.NULL);
      }
      if (a.isNative() && b.isNative()) {
        return (double) Library.DOT.invokeExact(a, b, count, MemorySegment.NULL);
      }
    } catch (Throwable e) {
      throw Library.thrown(e);
    }
    return java.dot(a, b);
  }

  @Override
  public void axpy(double alpha, MemorySegment x, MemorySegment y) {
    long count = Arguments.asManyNumbers("x", x, "y", y);
    Arguments.writable("y", y);
    if (!Arguments.same(x, y)) {
      Arguments.apart("x", x, "y", y);
    }
    int status;
    try {
      if (Library.isShortNumbers(count)) {
        status = (int) Library.AXPY_SHORT.invokeExact(alpha, x, y, count);
      } else if (x.isNative() && y.isNative()) {
        status = (int) Library.AXPY.invokeExact(alpha, x, y, count);
      } else {
        java.axpy(alpha, x, y);
        return;
      }
    } catch (Throwable e) {
      throw Library.thrown(e);
    }
    if (status != Library.OK) {
      throw Library.unexpected("axpy", status);
    }
  }

  @Override
  public Statistics statistics(MemorySegment values) {
    long count = Arguments.numbers("values", values);
    MemorySegment result = Results.ofThisThread();
    int status;
    try {
      if (Library.isShortNumbers(count)) {
        status = (int) Library.STATISTICS_SHORT.invokeExact(values, count, result);
      } else if (values.isNative()) {
        status = (int) Library.STATISTICS_OF.invokeExact(values, count, result);
      } else {
        return java.statistics(values);
      }
    } catch (Throwable e) {
      throw Library.thrown(e);
    }
    if (status != Library.OK) {
      throw Library.unexpected("statistics", status);
    }
    return new Statistics(
        result.get(JAVA_LONG, Library.STATISTICS_COUNT),
        result.get(JAVA_DOUBLE, Library.STATISTICS_MEAN),
        result.get(JAVA_DOUBLE, Library.STATISTICS_VARIANCE),
        result.get(JAVA_DOUBLE, Library.STATISTICS_MIN),
        result.get(JAVA_DOUBLE, Library.STATISTICS_MAX));
  }

  @Override
  public void matmul(
      MemorySegment a,
      MemorySegment b,
      MemorySegment c,
      int rows,
      int inner,
      int columns,
      NativeControl control) {
    requireNonNull(control, "control");
    Arguments.matrices(a, b, c, rows, inner, columns);
    if (a.isNative() && b.isNative() && c.isNative()) {
      matmulOffHeap(a, b, c, rows, inner, columns, control);
    } else if ((double) rows * inner * columns < WORTH_COPIES) {
      java.matmul(a, b, c, rows, inner, columns, control);
    } else {
      Arguments.open(a, b, c);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment product = arena.allocate(JAVA_DOUBLE, (long) rows * columns);
        matmulOffHeap(offHeap(a, arena), offHeap(b, arena), product, rows, inner, columns, control);
        c.copyFrom(product);
      }
    }
  }

  private static MemorySegment offHeap(MemorySegment values, Arena arena) {
    return values.isNative()
        ? values
        : arena.allocate(values.byteSize(), Long.BYTES).copyFrom(values);
  }

  private static void matmulOffHeap(
      MemorySegment a,
      MemorySegment b,
      MemorySegment c,
      long rows,
      long inner,
      long columns,
      NativeControl control) {
    LongCalls.call(
        "matmul",
        control,
        (progress, cancelled) ->
            (int) Library.MATMUL.invokeExact(a, b, c, rows, inner, columns, progress, cancelled));
  }

  @Override
  public long sieve(long limit, MemorySegment bits, NativeControl control) {
    requireNonNull(control, "control");
    Arguments.sieve(limit, bits);
    if (bits.isNative()) {
      return sieveOffHeap(limit, bits, control);
    }
    Arguments.open(bits);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(MathOps.sieveBytes(limit));
      long primes = sieveOffHeap(limit, copy, control);
      bits.copyFrom(copy);
      return primes;
    }
  }

  private static long sieveOffHeap(long limit, MemorySegment bits, NativeControl control) {
    MemorySegment primes = Results.ofThisThread();
    long capacity = bits.byteSize();
    LongCalls.call(
        "sieve",
        control,
        (progress, cancelled) ->
            (int) Library.SIEVE.invokeExact(limit, bits, capacity, primes, progress, cancelled));
    return primes.get(JAVA_LONG, 0);
  }

  @Override
  public long monteCarlo(long samples, long seed, NativeControl control) {
    requireNonNull(control, "control");
    Arguments.notNegative("samples", samples);
    MemorySegment inside = Results.ofThisThread();
    LongCalls.call(
        "monteCarlo",
        control,
        (progress, cancelled) ->
            (int) Library.MONTE_CARLO.invokeExact(samples, seed, inside, progress, cancelled));
    return inside.get(JAVA_LONG, 0);
  }
}
