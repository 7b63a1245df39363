// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import dev.heddle.nativeops.NativeOps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Works on texts in C where native access is enabled, and in Java otherwise. */
final class NativeStrings implements StringOps {

  private final dev.heddle.nativeops.StringOps strings;

  NativeStrings(NativeOps provider) {
    this.strings = provider.strings();
  }

  @Override
  public String reverse(String text) {
    try (Arena arena = Arena.ofConfined()) {
      return text(strings.reverse(bytes(text), arena));
    }
  }

  @Override
  public String uppercase(String text) {
    try (Arena arena = Arena.ofConfined()) {
      return text(strings.upperCase(bytes(text), arena));
    }
  }

  @Override
  public long hash(String text) {
    return strings.xxh64(bytes(text), 0);
  }

  private static MemorySegment bytes(String text) {
    return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(MemorySegment bytes) {
    return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }
}
