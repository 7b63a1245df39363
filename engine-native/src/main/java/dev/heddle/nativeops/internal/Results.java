// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Where functions write their results: some off-heap bytes of each thread. What is kept with a
 * thread has classes of the JDK only, so that it holds no class loader.
 */
final class Results {

  private static final ThreadLocal<MemorySegment> OF_THREAD =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Library.RESULT_BYTES, Long.BYTES));

  private Results() {}

  /** The calling thread's, until its next call. */
  static MemorySegment ofThisThread() {
    return OF_THREAD.get();
  }
}
