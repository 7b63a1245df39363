// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import dev.heddle.TaskContext;
import dev.heddle.nativeops.NativeControl;
import dev.heddle.nativeops.NativeOps;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;

/** Bodies of tasks that compute numbers, most of which know nothing of the engine. */
final class MathTasks {

  private MathTasks() {}

  static int add(int a, int b) {
    return Math.addExact(a, b);
  }

  static long multiply(long a, long b) {
    return Math.multiplyExact(a, b);
  }

  static BigInteger factorial(int n) {
    BigInteger product = BigInteger.ONE;
    for (int factor = 2; factor <= n; factor++) {
      product = product.multiply(BigInteger.valueOf(factor));
    }
    return product;
  }

  /**
   * Adds up the numbers 1 to {@code n} from off-heap memory, which the engine frees when the task
   * ends.
   */
  static long sumOffHeap(int n, TaskContext context) {
    MemorySegment numbers = context.arena().allocate(ValueLayout.JAVA_LONG, n);
    for (int i = 0; i < n; i++) {
      numbers.setAtIndex(ValueLayout.JAVA_LONG, i, i + 1L);
    }
    long sum = 0;
    for (int i = 0; i < n; i++) {
      sum += numbers.getAtIndex(ValueLayout.JAVA_LONG, i);
    }
    return sum;
  }

  /** Counts the primes up to a limit, in C where native access is enabled. */
  static long countPrimes(long limit, MemorySegment bits, TaskContext context) {
    return NativeOps.get().math().sieve(limit, bits, NativeControl.of(context));
  }
}
