// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.nativeops.NativeOps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Native operations on segments around 2^31 bytes, where an {@code int} ends: each result is
 * compared with that of Java.
 */
public final class LargeSegments {

  private static final long BORDER = 1L << 31;
  private static final byte[] NEEDLE = {'n', 'e', 'e', 'd', 'l', 'e'};

  private LargeSegments() {}

  /**
   * Runs.
   *
   * @param args seed
   */
  public static void main(String[] args) {
    long seed = Soak.seed(args);
    List<String> wrong = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(BORDER + 64, 64);
      fill(all, seed);
      for (long size : new long[] {BORDER - 8, BORDER, BORDER + 64}) {
        MemorySegment text = all.asSlice(0, size);
        MemorySegment.copy(NEEDLE, 0, text, ValueLayout.JAVA_BYTE, size - NEEDLE.length, 6);
        List<Object> byC = results(NativeOps.get(), text);
        List<Object> byJava = results(NativeOps.java(), text);
        if (!Objects.equals(byC, byJava)) {
          wrong.add("size=" + size + ": " + byC + " and " + byJava);
        }
      }
    }
    Soak.finish(
        "LargeSegments",
        NativeOps.get().isNative() && wrong.isEmpty(),
        "provider=%s, wrong=%s, seed=%d",
        NativeOps.get().provider(),
        wrong,
        seed);
  }

  /** Words of letters, in which the needle does not occur. */
  private static void fill(MemorySegment text, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (long i = 0; i < text.byteSize(); i += Long.BYTES) {
      long letters = 0x6161616161616120L + (random.nextLong() & 0x0707070707070700L);
      text.set(ValueLayout.JAVA_LONG, i, letters);
    }
  }

  private static List<Object> results(NativeOps ops, MemorySegment text) {
    MemorySegment needle = MemorySegment.ofArray(NEEDLE);
    MemorySegment broken = text.asSlice(text.byteSize() - 1);
    List<Object> results = new ArrayList<>();
    results.add(ops.strings().countCodePoints(text));
    results.add(ops.strings().countWords(text));
    results.add(ops.strings().indexOf(text, needle));
    results.add(ops.strings().xxh64(text, 7));
    byte last = broken.get(ValueLayout.JAVA_BYTE, 0);
    broken.set(ValueLayout.JAVA_BYTE, 0, (byte) 0xff);
    results.add(ops.strings().firstInvalid(text));
    broken.set(ValueLayout.JAVA_BYTE, 0, last);
    results.add(ops.math().dot(text, text));
    results.add(ops.math().statistics(text));
    return results;
  }
}
