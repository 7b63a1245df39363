// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.util.Objects.requireNonNull;

import dev.heddle.nativeops.StringOps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import java.util.function.ToLongFunction;

/**
 * The operations on texts by the C library, but for changes of case beyond Latin-1, which are
 * Java's. Long arrays of the heap are copied for C, which is several times faster, where the copy
 * costs less than that saves.
 */
final class NativeStringOps implements StringOps {

  private final JavaStringOps java = new JavaStringOps();

  /** Calls an operation again with a copy outside of the heap. */
  private static long ofCopy(MemorySegment data, ToLongFunction<MemorySegment> operation) {
    Arguments.open(data);
    try (Arena arena = Arena.ofConfined()) {
      return operation.applyAsLong(arena.allocate(data.byteSize()).copyFrom(data));
    }
  }

  @Override
  public long firstInvalid(MemorySegment text) {
    long length = text.byteSize();
    MemorySegment offset = Results.ofThisThread();
    int status;
    try {
      if (Library.isShortText(length)) {
        status = (int) Library.VALIDATE_SHORT.invokeExact(text, length, offset);
      } else if (text.isNative()) {
        status = (int) Library.VALIDATE.invokeExact(text, length, offset);
      } else {
        return ofCopy(text, this::firstInvalid);
      }
    } catch (Throwable e) {
      throw Library.thrown(e);
    }
    return switch (status) {
      case Library.OK -> -1;
      case Library.INVALID_UTF8 -> offset.get(JAVA_LONG, 0);
      default -> throw Library.unexpected("firstInvalid", status);
    };
  }

  @Override
  public long countCodePoints(MemorySegment text) {
    long length = text.byteSize();
    try {
      if (Library.isShortText(length)) {
        return (long) Library.COUNT_SHORT.invokeExact(text, length, MemorySegment.NULL);
      }
      if (text.isNative()) {
        return (long) Library.COUNT.invokeExact(text, length, MemorySegment.NULL);
      }
    } catch (Throwable e) {
      throw Library.thrown(e);
    }
    return ofCopy(text, this::countCodePoints);
  }

  @Override
  public MemorySegment reverse(MemorySegment text, SegmentAllocator allocator) {
    requireNonNull(allocator, "allocator");
    MemorySegment reversed = Arguments.allocate(allocator, text.byteSize(), text);
    int status = change(Library.REVERSE_SHORT, Library.REVERSE, text, reversed);
    if (status == Library.OK) {
      return reversed;
    }
    throw refusal("reverse", status, text);
  }

  @Override
  public MemorySegment upperCase(MemorySegment text, SegmentAllocator allocator) {
    requireNonNull(allocator, "allocator");
    MemorySegment upper = Arguments.allocate(allocator, text.byteSize(), text);
    int status = change(Library.UPPER_SHORT, Library.UPPER, text, upper);
    return switch (status) {
      case Library.OK -> upper;
      case Library.UNSUPPORTED -> JavaStringOps.upperCaseOfValid(text, first(upper, allocator));
      default -> throw refusal("upperCase", status, text);
    };
  }

  @Override
  public MemorySegment lowerCase(MemorySegment text, SegmentAllocator allocator) {
    requireNonNull(allocator, "allocator");
    MemorySegment lower = Arguments.allocate(allocator, text.byteSize(), text);
    int status = change(Library.LOWER_SHORT, Library.LOWER, text, lower);
    return switch (status) {
      case Library.OK -> lower;
      case Library.UNSUPPORTED -> JavaStringOps.lowerCaseOfValid(text, first(lower, allocator));
      default -> throw refusal("lowerCase", status, text);
    };
  }

  /** Gives memory that is not used yet, if its size is asked for, and other memory otherwise. */
  private static SegmentAllocator first(MemorySegment unused, SegmentAllocator allocator) {
    return (byteSize, byteAlignment) ->
        byteSize == unused.byteSize() ? unused : allocator.allocate(byteSize, byteAlignment);
  }

  private RuntimeException refusal(String operation, int status, MemorySegment text) {
    return status == Library.INVALID_UTF8
        ? Arguments.notUtf8(firstInvalid(text))
        : Library.unexpected(operation, status);
  }

  /** Calls a function that reads a text and writes as many bytes. */
  private static int change(
      MethodHandle shortOne, MethodHandle longOne, MemorySegment text, MemorySegment changed) {
    long length = text.byteSize();
    try {
      if (Library.isShortText(length)) {
        return (int) shortOne.invokeExact(text, length, changed, length);
      }
      if (text.isNative() && changed.isNative()) {
        return (int) longOne.invokeExact(text, length, changed, length);
      }
    } catch (Throwable e) {
      throw Library.thrown(e);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocate(length).copyFrom(text);
      MemorySegment to = arena.allocate(length);
      int status = change(shortOne, longOne, from, to);
      if (status == Library.OK) {
        changed.copyFrom(to);
      }
      return status;
    }
  }

  @Override
  public long countWords(MemorySegment text) {
    long length = text.byteSize();
    try {
      if (Library.isShortText(length)) {
        return (long) Library.WORDS_SHORT.invokeExact(text, length, MemorySegment.NULL);
      }
      if (text.isNative()) {
        return (long) Library.WORDS.invokeExact(text, length, MemorySegment.NULL);
      }
    } catch (Throwable e) {
      throw Library.thrown(e);
    }
    return ofCopy(text, this::countWords);
  }

  @Override
  public long indexOf(MemorySegment text, MemorySegment needle) {
    long length = text.byteSize();
    long needleLength = needle.byteSize();
    try {
      if (Library.isShortSearch(length, needleLength)) {
        return (long)
            Library.FIND_SHORT.invokeExact(text, length, needle, needleLength, MemorySegment.NULL);
      }
      if (text.isNative() && needle.isNative()) {
        return (long)
            Library.FIND.invokeExact(text, length, needle, needleLength, MemorySegment.NULL);
      }
    } catch (Throwable e) {
      throw Library.thrown(e);
    }
    return ofCopy(text, textCopy -> ofCopy(needle, copy -> indexOf(textCopy, copy)));
  }

  @Override
  public long fnv1a64(MemorySegment data) {
    return java.fnv1a64(data); // a chain of multiplications, which no vector shortens
  }

  @Override
  public long xxh64(MemorySegment data, long seed) {
    long length = data.byteSize();
    try {
      if (Library.isShortText(length)) {
        return (long) Library.XXH64_SHORT.invokeExact(data, length, seed, MemorySegment.NULL);
      }
      if (data.isNative()) {
        return (long) Library.XXH64.invokeExact(data, length, seed, MemorySegment.NULL);
      }
    } catch (Throwable e) {
      throw Library.thrown(e);
    }
    return java.xxh64(data, seed); // as fast as C, and needs no copy
  }
}
