// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import dev.heddle.error.TaskCancelledException;
import java.lang.foreign.MemorySegment;

/**
 * Operations on numbers. Thread-safe.
 *
 * <p>Segments of numbers hold {@code long}s or {@code double}s of 8 bytes in the order of the
 * machine, and nothing else; they may be off-heap or {@link MemorySegment#ofArray(double[])
 * arrays}. Those that are closed, belong to another thread, are not aligned to 8 bytes, are too
 * short, or are read-only where they are written, are refused by a {@link NativeArgumentException}
 * before anything happens. A segment of a shared arena cannot be closed while C uses it; an
 * operation in Java then ends with the JDK's {@link IllegalStateException}.
 *
 * <p>Sums of doubles have 16 partial sums, element {@code i} in number {@code i mod 16}, which are
 * added up as a tree; products are rounded before they are added. So results have the same bits by
 * C and by Java (of a NaN: that it is one). The error is at most {@code (n / 16 + 4) * 2^-53} of
 * the sum of the absolute values, some ten times less than that of a plain loop.
 *
 * <p>Operations with a {@link NativeControl} are long ones. They look at it after each millisecond
 * of work at the latest, and throw a {@link TaskCancelledException}, {@link
 * NativeCallbackException} or {@link NativeRecursionException} if that stops them; what they have
 * written then is unspecified.
 *
 * {@snippet class="dev.heddle.nativeops.NativeSnippets" region="math"}
 */
public interface MathOps {

  /** The most that {@link #sieve} takes: 2^36, with 4 GiB of bits. */
  long SIEVE_MAX = 1L << 36;

  /**
   * Adds.
   *
   * @param a any number
   * @param b any number
   * @return {@code a + b}
   * @throws ArithmeticException if that does not fit
   */
  long add(long a, long b);

  /**
   * Multiplies.
   *
   * @param a any number
   * @param b any number
   * @return {@code a * b}
   * @throws ArithmeticException if that does not fit
   */
  long multiply(long a, long b);

  /**
   * Returns {@code n!}.
   *
   * @param n from 0
   * @return the product of 1 to {@code n}
   * @throws ArithmeticException if that does not fit: from 21 on
   * @throws NativeArgumentException if {@code n} is negative
   */
  long factorial(long n);

  /**
   * Returns how many ways there are to choose {@code k} of {@code n}.
   *
   * @param n from 0
   * @param k from 0
   * @return 0 if {@code k > n}
   * @throws ArithmeticException if that does not fit
   * @throws NativeArgumentException if one is negative
   */
  long binomial(long n, long k);

  /**
   * Adds up.
   *
   * @param values {@code long}s
   * @return their sum
   * @throws ArithmeticException if that does not fit, whatever sums of fewer values are
   */
  long sum(MemorySegment values);

  /**
   * Returns the sum of {@code a[i] * b[i]}.
   *
   * @param a {@code double}s
   * @param b as many
   * @return the scalar product
   */
  double dot(MemorySegment a, MemorySegment b);

  /**
   * Adds {@code alpha * x[i]} to {@code y[i]}.
   *
   * @param alpha a factor
   * @param x {@code double}s
   * @param y as many: the same memory, or none of it
   */
  void axpy(double alpha, MemorySegment x, MemorySegment y);

  /**
   * Returns count, mean, variance, least and greatest of values. Stable: blocks of 2,048 values
   * have mean and deviations computed in two passes, and are put together as in Chan, Golub,
   * LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979.
   *
   * @param values {@code double}s
   * @return what there is to say about them
   */
  Statistics statistics(MemorySegment values);

  /**
   * Multiplies matrices, which are stored row by row. Each value is a sum in the order of {@code
   * inner}. Progress is in values of {@code c}.
   *
   * @param a {@code rows * inner} {@code double}s
   * @param b {@code inner * columns}
   * @param c gets {@code rows * columns}; no memory of {@code a} or {@code b}
   * @param rows from 0
   * @param inner from 0
   * @param columns from 0
   * @param control who hears of it, and may stop it
   */
  void matmul(
      MemorySegment a,
      MemorySegment b,
      MemorySegment c,
      int rows,
      int inner,
      int columns,
      NativeControl control);

  /**
   * Finds the primes up to a limit, by a segmented sieve of Eratosthenes. Progress is in bytes.
   *
   * @param limit from 0 to {@link #SIEVE_MAX}
   * @param bits at least {@link #sieveBytes} bytes: bit {@code i % 8} of byte {@code i / 8} says
   *     whether {@code 2 * i + 1} is a prime; 2 has none
   * @param control who hears of it, and may stop it
   * @return how many there are, 2 included
   */
  long sieve(long limit, MemorySegment bits, NativeControl control);

  /**
   * Returns how much memory {@link #sieve} needs.
   *
   * @param limit from 0 to {@link #SIEVE_MAX}
   * @return bytes
   */
  static long sieveBytes(long limit) {
    return limit / 16 + 1;
  }

  /**
   * Counts how many points of the unit square are less than 1 away from the origin: about pi / 4 of
   * them. Point {@code i} is made of number {@code i} of SplitMix64 (Steele, Lea, Flood, "Fast
   * Splittable Pseudorandom Number Generators", 2014). Progress is in points.
   *
   * @param samples how many points, from 0
   * @param seed any number
   * @param control who hears of it, and may stop it
   * @return how many are inside
   */
  long monteCarlo(long samples, long seed, NativeControl control);
}
