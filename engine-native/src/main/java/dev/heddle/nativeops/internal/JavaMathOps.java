// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import static dev.heddle.nativeops.internal.Arguments.open;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.util.Objects.requireNonNull;

import dev.heddle.nativeops.MathOps;
import dev.heddle.nativeops.NativeControl;
import dev.heddle.nativeops.Statistics;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The operations on numbers, in Java, with the same roundings in the same order as in C. */
public final class JavaMathOps implements MathOps {

  private static final int LANES = 16;
  private static final int STATISTICS_BLOCK = 2048;

  // How much is done between two looks at the control: some tenths of a millisecond.
  private static final long MULTIPLICATIONS_A_LOOK = 256 * 1024;
  private static final int SIEVE_BLOCK = 16 * 1024;
  private static final long SAMPLES_A_LOOK = 64 * 1024;

  /** Makes the operations, which have no state. */
  public JavaMathOps() {}

  @Override
  public long add(long a, long b) {
    try {
      return Math.addExact(a, b);
    } catch (ArithmeticException e) {
      throw Arguments.overflow("add");
    }
  }

  @Override
  public long multiply(long a, long b) {
    try {
      return Math.multiplyExact(a, b);
    } catch (ArithmeticException e) {
      throw Arguments.overflow("multiply");
    }
  }

  @Override
  public long factorial(long n) {
    Arguments.notNegative("n", n);
    if (n > 20) {
      throw Arguments.overflow("factorial");
    }
    long product = 1;
    for (long factor = 2; factor <= n; factor++) {
      product *= factor;
    }
    return product;
  }

  @Override
  public long binomial(long n, long k) {
    Arguments.notNegative("n", n);
    Arguments.notNegative("k", k);
    if (k > n) {
      return 0;
    }
    long chosen = Math.min(k, n - k);
    long ways = 1;
    for (long i = 1; i <= chosen; i++) { // (n - chosen + i choose i), which only grows
      long factor = n - chosen + i;
      long common = greatestCommonDivisor(ways, i);
      long left = ways / common;
      long right = factor / (i / common); // whole, since i / common and left have no common divisor
      long product = left * right;
      if (Math.multiplyHigh(left, right) != 0 || product < 0) {
        throw Arguments.overflow("binomial");
      }
      ways = product;
    }
    return ways;
  }

  private static long greatestCommonDivisor(long a, long b) {
    while (b != 0) {
      long rest = a % b;
      a = b;
      b = rest;
    }
    return a;
  }

  @Override
  public long sum(MemorySegment values) {
    long count = Arguments.numbers("values", values);
    open(values);
    long low = 0;
    long high = 0; // together 128 bits
    for (long i = 0; i < count; i++) {
      long value = values.getAtIndex(JAVA_LONG, i);
      long sum = low + value;
      high += (value >> 63) + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
      low = sum;
    }
    if (high != low >> 63) {
      throw Arguments.overflow("sum");
    }
    return low;
  }

  @Override
  public double dot(MemorySegment a, MemorySegment b) {
    long count = Arguments.asManyNumbers("a", a, "b", b);
    open(a, b);
    double[] lanes = new double[LANES];
    long whole = count - count % LANES;
    for (long i = 0; i < whole; i += LANES) {
      for (int j = 0; j < LANES; j++) {
        lanes[j] += a.getAtIndex(JAVA_DOUBLE, i + j) * b.getAtIndex(JAVA_DOUBLE, i + j);
      }
    }
    for (long i = whole; i < count; i++) {
      lanes[(int) (i - whole)] += a.getAtIndex(JAVA_DOUBLE, i) * b.getAtIndex(JAVA_DOUBLE, i);
    }
    return sumOf(lanes);
  }

  private static double sumOf(double[] lanes) {
    for (int width = LANES / 2; width > 0; width /= 2) {
      for (int j = 0; j < width; j++) {
        lanes[j] += lanes[j + width];
      }
    }
    return lanes[0];
  }

  @Override
  public void axpy(double alpha, MemorySegment x, MemorySegment y) {
    long count = Arguments.asManyNumbers("x", x, "y", y);
    Arguments.writable("y", y);
    if (!Arguments.same(x, y)) {
      Arguments.apart("x", x, "y", y);
    }
    open(x, y);
    for (long i = 0; i < count; i++) {
      y.setAtIndex(
          JAVA_DOUBLE, i, y.getAtIndex(JAVA_DOUBLE, i) + alpha * x.getAtIndex(JAVA_DOUBLE, i));
    }
  }

  @Override
  public Statistics statistics(MemorySegment values) {
    long count = Arguments.numbers("values", values);
    open(values);
    double mean = 0;
    double deviations = 0;
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    boolean hasNan = false;
    double[] lanes = new double[LANES];
    for (long done = 0; done < count; done += STATISTICS_BLOCK) {
      int size = (int) Math.min(STATISTICS_BLOCK, count - done);
      Arrays.fill(lanes, 0);
      for (int i = 0; i < size; i++) {
        double value = values.getAtIndex(JAVA_DOUBLE, done + i);
        lanes[i % LANES] += value;
        min = value < min ? value : min;
        max = value > max ? value : max;
        hasNan |= Double.isNaN(value);
      }
      double blockMean = sumOf(lanes) / size;
      Arrays.fill(lanes, 0);
      for (int i = 0; i < size; i++) {
        double delta = values.getAtIndex(JAVA_DOUBLE, done + i) - blockMean;
        lanes[i % LANES] += delta * delta;
      }
      double blockDeviations = sumOf(lanes);
      if (done == 0) { // or a mean whose square overflows would make a product with 0 of it
        mean = blockMean;
        deviations = blockDeviations;
      } else {
        double part = (double) size / (done + size);
        double delta = blockMean - mean;
        mean += delta * part;
        deviations += blockDeviations + delta * delta * (done * part);
      }
    }
    return new Statistics(
        count,
        count == 0 ? Double.NaN : mean,
        count < 2 ? Double.NaN : deviations / (count - 1),
        count == 0 || hasNan ? Double.NaN : min + 0.0,
        count == 0 || hasNan ? Double.NaN : max + 0.0);
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
    open(a, b, c);
    long values = (long) rows * columns;
    Looks looks = new Looks(control, values, a, b, c);
    long sinceLook = 0;
    for (long i = 0; i < rows && columns > 0; i++) {
      for (long k = -1; k < inner; k++) {
        if (sinceLook <= 0) {
          looks.look(i * columns);
          sinceLook = MULTIPLICATIONS_A_LOOK;
        }
        sinceLook -= columns;
        if (k < 0) { // the sums begin with 0
          for (long j = 0; j < columns; j++) {
            c.setAtIndex(JAVA_DOUBLE, i * columns + j, 0);
          }
          continue;
        }
        double factor = a.getAtIndex(JAVA_DOUBLE, i * inner + k);
        for (long j = 0; j < columns; j++) {
          long index = i * columns + j;
          c.setAtIndex(
              JAVA_DOUBLE,
              index,
              c.getAtIndex(JAVA_DOUBLE, index)
                  + factor * b.getAtIndex(JAVA_DOUBLE, k * columns + j));
        }
      }
    }
    looks.look(values);
  }

  @Override
  public long sieve(long limit, MemorySegment bits, NativeControl control) {
    requireNonNull(control, "control");
    Arguments.sieve(limit, bits);
    open(bits);
    long bytes = MathOps.sieveBytes(limit);
    Looks looks = new Looks(control, bytes, bits);
    long endBit = (limit + 1) / 2; // the odd numbers up to the limit
    long found = limit >= 2 ? 1 : 0;
    for (long first = 0; first < bytes; first += SIEVE_BLOCK) {
      looks.look(first);
      long size = Math.min(SIEVE_BLOCK, bytes - first);
      long end = Math.min((first + size) * 8, endBit);
      bits.asSlice(first, size).fill((byte) 0xff);
      if (first == 0) {
        bits.set(JAVA_BYTE, 0, (byte) 0xfe); // 1 is not a prime
      }
      for (long prime = 3; prime * prime <= 2 * end - 1; prime += 2) {
        if (isPrime(bits, prime)) {
          crossOut(bits, prime, first * 8, end);
        }
      }
      for (long bit = end; bit < (first + size) * 8; bit++) {
        clear(bits, bit);
      }
      for (long i = first; i < first + size; i++) {
        found += Integer.bitCount(bits.get(JAVA_BYTE, i) & 0xff);
      }
    }
    looks.look(bytes);
    return found;
  }

  private static boolean isPrime(MemorySegment bits, long number) {
    return ((bits.get(JAVA_BYTE, number >> 4) >> ((number >> 1) & 7)) & 1) != 0;
  }

  private static void clear(MemorySegment bits, long bit) {
    bits.set(JAVA_BYTE, bit >> 3, (byte) (bits.get(JAVA_BYTE, bit >> 3) & ~(1 << (bit & 7))));
  }

  /** Crosses the odd multiples of a prime out, from its square on, among the bits first to end. */
  private static void crossOut(MemorySegment bits, long prime, long first, long end) {
    long bit = (prime * prime) >> 1;
    if (bit < first) {
      long beyond = (first - bit) % prime; // bits of odd multiples are prime bits apart
      bit = beyond == 0 ? first : first + prime - beyond;
    }
    for (; bit < end; bit += prime) {
      clear(bits, bit);
    }
  }

  @Override
  public long monteCarlo(long samples, long seed, NativeControl control) {
    requireNonNull(control, "control");
    Arguments.notNegative("samples", samples);
    Looks looks = new Looks(control, samples);
    long inside = 0;
    long state = seed;
    for (long done = 0; done < samples; ) {
      looks.look(done);
      long size = Math.min(SAMPLES_A_LOOK, samples - done);
      for (long i = 0; i < size; i++) {
        state += 0x9e3779b97f4a7c15L;
        long random = mix(state);
        long x = random >>> 33;
        long y = random & 0x7fffffff;
        inside += x * x + y * y < 1L << 62 ? 1 : 0;
      }
      done += size;
    }
    looks.look(samples);
    return inside;
  }

  private static long mix(long state) {
    long mixed = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
