// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import dev.heddle.nativeops.NativeOps;
import java.lang.foreign.MemorySegment;

/** What a JVM of its own says about the operations: {@link LibraryLoaderTest}. */
final class Probe {

  private Probe() {}

  public static void main(String[] args) {
    NativeOps ops = NativeOps.get();
    double[] values = {1, 4, 5};
    double dot = ops.math().dot(MemorySegment.ofArray(values), MemorySegment.ofArray(values));
    System.out.println((ops.isNative() ? "native " : "java ") + dot);
  }
}
