// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import dev.heddle.TaskContext;
import dev.heddle.nativeops.MathOps;
import dev.heddle.nativeops.NativeControl;
import dev.heddle.nativeops.NativeOps;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Bodies of tasks that work on memory outside of the heap. */
final class OffHeap {

  private OffHeap() {}

  /** Adds up the numbers 1 to {@code n}, from memory which the engine frees when the task ends. */
  static long sum(int n, TaskContext context) {
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

  /** How many bytes {@link #countPrimes} needs. */
  static long bytesForPrimes(long limit) {
    return MathOps.sieveBytes(limit);
  }

  /** Counts the primes up to a limit, in C where native access is enabled. */
  static long countPrimes(long limit, MemorySegment bits, TaskContext context) {
    return NativeOps.get().math().sieve(limit, bits, NativeControl.of(context));
  }

  /** Counts the characters of a text, in C where native access is enabled. */
  static long countCodePoints(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return NativeOps.get().strings().countCodePoints(MemorySegment.ofArray(utf8));
  }
}
