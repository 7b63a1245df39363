// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.performance;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.stream.IntStream;

/** The body of the tasks: SHA-256 of 1 KiB that is another one for each task. */
final class Digest {

  private static final int BYTES = 1_024;
  private static final byte[] TEXT = text();

  private Digest() {}

  private static byte[] text() {
    byte[] text = new byte[BYTES - Integer.BYTES];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) i;
    }
    return text;
  }

  /** Returns the first eight bytes of the digest of a task. */
  static long of(int task) {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("JDK must have SHA-256: algorithm=SHA-256", e);
    }
    sha256.update(TEXT);
    sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(task).flip());
    return ByteBuffer.wrap(sha256.digest()).getLong();
  }

  /** Returns the sum of the digests of the first tasks, by a plain loop. */
  static long sum(int tasks) {
    return IntStream.range(0, tasks).mapToLong(Digest::of).sum();
  }
}
