// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import dev.heddle.nativeops.NativeOps;
import java.math.BigInteger;
import java.util.stream.LongStream;

/** Computes in C where native access is enabled, and in Java otherwise. */
final class NativeMath implements MathOps {

  /** The greatest number whose factorial is a {@code long}. */
  private static final int LAST_LONG = 20;

  private final dev.heddle.nativeops.MathOps math = NativeOps.get().math();

  @Override
  public long add(long... operands) {
    return LongStream.of(operands).reduce(0, math::add);
  }

  @Override
  public long multiply(long... operands) {
    return LongStream.of(operands).reduce(1, math::multiply);
  }

  @Override
  public BigInteger factorial(int n) {
    BigInteger product = BigInteger.valueOf(math.factorial(Math.min(n, LAST_LONG)));
    for (int factor = LAST_LONG + 1; factor <= n; factor++) {
      product = product.multiply(BigInteger.valueOf(factor));
    }
    return product;
  }
}
