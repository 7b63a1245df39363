// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import static java.util.Objects.requireNonNull;

import dev.heddle.nativeops.MathOps;
import dev.heddle.nativeops.NativeArgumentException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What both providers refuse, in the same words and before anything happens. That a segment is open
 * and of this thread is looked at by the JDK, when it is handed to C, and by {@link #open} in Java.
 */
final class Arguments {

  private Arguments() {}

  /** Returns how many numbers a segment holds. */
  static long numbers(String name, MemorySegment values) {
    long bytes = requireNonNull(values, name).byteSize();
    if ((bytes & 7) != 0 || !isAligned(values)) {
      throw notNumbers(name, values);
    }
    return bytes >> 3;
  }

  private static boolean isAligned(MemorySegment values) {
    if (values.isNative()) {
      return (values.address() & 7) == 0;
    }
    try { // what kind of array it is, a read-only segment does not say
      return values.asSlice(0, values.byteSize(), 8).byteSize() == values.byteSize();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static NativeArgumentException notNumbers(String name, MemorySegment values) {
    return refusal(
        "numbers must be aligned, and a whole number of them: "
            + name
            + ".byteSize="
            + values.byteSize()
            + ", "
            + name
            + ".address="
            + values.address()
            + " (use multiples of 8 bytes, of long or double arrays or of aligned memory)");
  }

  /** Returns how many numbers each of two segments holds. */
  static long asManyNumbers(
      String firstName, MemorySegment first, String secondName, MemorySegment second) {
    long count = numbers(firstName, first);
    if (count != numbers(secondName, second)) {
      throw refusal(
          "there must be as many of both: "
              + firstName
              + ".byteSize="
              + first.byteSize()
              + ", "
              + secondName
              + ".byteSize="
              + second.byteSize()
              + " (cut the longer one)");
    }
    return count;
  }

  /** Looks at a segment that must hold at least so many numbers. */
  static void numbers(String name, MemorySegment values, long count) {
    if (numbers(name, values) < count) {
      throw refusal(
          "there must be enough numbers: "
              + name
              + ".byteSize="
              + values.byteSize()
              + ", needed="
              + 8 * count);
    }
  }

  static void writable(String name, MemorySegment written) {
    if (written.isReadOnly()) {
      throw refusal("memory must be writable: " + name + " is read-only");
    }
  }

  /** Looks at memory that is written while other memory is read. */
  static void apart(String name, MemorySegment read, String writtenName, MemorySegment written) {
    if (overlap(read, written)) {
      throw refusal(
          "memory that is written must not be read: "
              + name
              + " and "
              + writtenName
              + " overlap (use other memory for "
              + writtenName
              + ")");
    }
  }

  private static boolean overlap(MemorySegment a, MemorySegment b) {
    if (a.byteSize() == 0 || b.byteSize() == 0) { // nothing overlaps with nothing, wherever that is
      return false;
    }
    if (a.isNative() && b.isNative()) {
      return a.address() < b.address() + b.byteSize() && b.address() < a.address() + a.byteSize();
    }
    return a.asOverlappingSlice(b).isPresent();
  }

  static boolean same(MemorySegment a, MemorySegment b) {
    return a.address() == b.address() && a.heapBase().equals(b.heapBase());
  }

  /** Looks whether a segment may be used now, by this thread. */
  static void open(MemorySegment... segments) {
    for (MemorySegment each : segments) {
      if (!each.scope().isAlive() || !each.isAccessibleBy(Thread.currentThread())) {
        throw unusable(null);
      }
    }
  }

  /** What becomes of a refusal by the JDK. */
  static NativeArgumentException unusable(@Nullable Throwable cause) {
    return new NativeArgumentException(
        "memory must be open, and this thread's or of all: "
            + (cause == null ? "it is not" : String.valueOf(cause.getMessage()))
            + " (keep its arena open, and share it if threads do)",
        cause);
  }

  static void notNegative(String name, long value) {
    if (value < 0) {
      throw refusal(name + " must be at least 0: " + name + "=" + value);
    }
  }

  /** Looks at the arguments of a product of matrices. */
  static void matrices(
      MemorySegment a, MemorySegment b, MemorySegment c, int rows, int inner, int columns) {
    notNegative("rows", rows);
    notNegative("inner", inner);
    notNegative("columns", columns);
    numbers("a", a, (long) rows * inner);
    numbers("b", b, (long) inner * columns);
    numbers("c", c, (long) rows * columns);
    writable("c", c);
    apart("a", a, "c", c);
    apart("b", b, "c", c);
  }

  static void sieve(long limit, MemorySegment bits) {
    requireNonNull(bits, "bits");
    if (limit < 0 || limit > MathOps.SIEVE_MAX) {
      throw refusal("limit must be 0 to 2^36: limit=" + limit);
    }
    if (bits.byteSize() < MathOps.sieveBytes(limit)) {
      throw refusal(
          "there must be a bit for each odd number: bits.byteSize="
              + bits.byteSize()
              + ", needed="
              + MathOps.sieveBytes(limit)
              + " (see sieveBytes)");
    }
    writable("bits", bits);
  }

  static NativeArgumentException notUtf8(long offset) {
    return refusal("text must be UTF-8: offset=" + offset + " (see firstInvalid)");
  }

  /** Allocates memory for the result of an operation on a text. */
  static MemorySegment allocate(SegmentAllocator allocator, long byteSize, MemorySegment text) {
    open(text); // what is allocated could have its address otherwise
    MemorySegment result = allocator.allocate(byteSize, 1);
    if (result.byteSize() != byteSize) {
      throw refusal(
          "allocator must give what it is asked for: byteSize="
              + byteSize
              + ", given="
              + result.byteSize());
    }
    writable("result", result);
    apart("text", text, "result", result);
    return result;
  }

  static ArithmeticException overflow(String operation) {
    return new ArithmeticException("result must fit into 64 bits: operation=" + operation);
  }

  static NativeArgumentException refusal(String message) {
    return new NativeArgumentException(message, null);
  }
}
