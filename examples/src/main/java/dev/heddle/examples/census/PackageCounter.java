// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import dev.heddle.nativeops.NativeOps;
import dev.heddle.nativeops.StringOps;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.objectweb.asm.ClassReader;

/** Counts packages: the code that the sequential run and the engine's tasks have in common. */
final class PackageCounter {

  private static final int MAGIC = 0xCAFEBABE;

  /** In C, without a copy, where native access is enabled. */
  private static final StringOps HASHES = NativeOps.get().strings();

  private final int top;

  /**
   * Makes a counter; it has no state and may be used by several threads at once.
   *
   * @param top how many of the longest methods to keep
   */
  PackageCounter(int top) {
    this.top = top;
  }

  /** Returns a tally to add those of packages to. */
  Tally emptyTally() {
    return new Tally(top);
  }

  /**
   * Reads and counts all class files of a package.
   *
   * @return what they hold
   * @throws InputException if one of them cannot be read or is no class file
   */
  Tally count(ClassPackage classes) throws InputException {
    Tally tally = new Tally(top);
    for (ClassFile file : classes.classFiles()) {
      count(file, tally);
    }
    return tally;
  }

  private static void count(ClassFile file, Tally tally) throws InputException {
    byte[] bytes;
    try {
      bytes = file.read();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    try {
      checkMagic(bytes);
      new ClassReader(bytes)
          .accept(new ClassFileCounter(tally), ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    } catch (RuntimeException e) {
      // ASM documents no exception for a damaged file: it fails by whatever the damage leads to.
      throw unreadable(file, e);
    }
    tally.classFile(bytes.length, HASHES.xxh64(MemorySegment.ofArray(bytes), 0));
  }

  /** Looks at what ASM does not: whether this is a class file at all. */
  private static void checkMagic(byte[] bytes) {
    if (bytes.length < Integer.BYTES || ByteBuffer.wrap(bytes).getInt() != MAGIC) {
      throw new IllegalArgumentException("does not begin like a class file");
    }
  }

  private static InputException unreadable(ClassFile file, Exception cause) {
    return InputException.unreadable(
        "class file", "classFile", file.location(), cause, "compile it again, or leave it out");
  }
}
