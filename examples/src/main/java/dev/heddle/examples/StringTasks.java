// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import dev.heddle.nativeops.NativeOps;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** Bodies of tasks that work on texts, and know nothing of the engine. */
final class StringTasks {

  private StringTasks() {}

  /** Reverses a text by code points, so that a character beyond 16 bits stays whole. */
  static String reverse(String text) {
    int[] codePoints = text.codePoints().toArray();
    StringBuilder reversed = new StringBuilder(text.length());
    for (int i = codePoints.length - 1; i >= 0; i--) {
      reversed.appendCodePoint(codePoints[i]);
    }
    return reversed.toString();
  }

  static String upperCase(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  /** Counts the characters of a text, in C where native access is enabled. */
  static long codePoints(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return NativeOps.get().strings().countCodePoints(MemorySegment.ofArray(utf8));
  }

  /** Returns the SHA-256 hash of a text in UTF-8, as lower-case hexadecimal digits. */
  static String sha256(String text) throws NoSuchAlgorithmException {
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash);
  }
}
