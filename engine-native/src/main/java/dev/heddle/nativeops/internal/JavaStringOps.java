// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import static dev.heddle.nativeops.internal.Arguments.open;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.heddle.nativeops.StringOps;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** The operations on texts, in Java. */
public final class JavaStringOps implements StringOps {

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final long NOT_ASCII = 0x8080808080808080L;

  /** A Java string has no more characters, whatever they are. */
  private static final long MAX_STRING = Integer.MAX_VALUE - 16;

  // Of XXH64.
  private static final long PRIME_1 = 0x9e3779b185ebca87L;
  private static final long PRIME_2 = 0xc2b2ae3d27d4eb4fL;
  private static final long PRIME_3 = 0x165667b19e3779f9L;
  private static final long PRIME_4 = 0x85ebca77c2b2ae63L;
  private static final long PRIME_5 = 0x27d4eb2f165667c5L;

  /** Makes the operations, which have no state. */
  public JavaStringOps() {}

  @Override
  public long firstInvalid(MemorySegment text) {
    open(text);
    long length = text.byteSize();
    for (long i = 0; i < length; ) {
      if (i + Long.BYTES <= length && (text.get(LONG, i) & NOT_ASCII) == 0) {
        i += Long.BYTES;
        continue;
      }
      int bytes = sequence(text, i, length);
      if (bytes == 0) {
        return i;
      }
      i += bytes;
    }
    return -1;
  }

  /** The length of the sequence at a place, 0 if it is not UTF-8 (RFC 3629, section 4). */
  private static int sequence(MemorySegment text, long at, long length) {
    int first = unsigned(text, at);
    if (first < 0x80) {
      return 1;
    }
    if (first < 0xc2 || first > 0xf4) {
      return 0;
    }
    int bytes = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length - at < bytes) {
      return 0;
    }
    int second = unsigned(text, at + 1);
    int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    int greatest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > greatest) {
      return 0;
    }
    for (int i = 2; i < bytes; i++) {
      if ((unsigned(text, at + i) & 0xc0) != 0x80) {
        return 0;
      }
    }
    return bytes;
  }

  private static int unsigned(MemorySegment text, long at) {
    return text.get(JAVA_BYTE, at) & 0xff;
  }

  private void requireUtf8(MemorySegment text) {
    long invalid = firstInvalid(text);
    if (invalid >= 0) {
      throw Arguments.notUtf8(invalid);
    }
  }

  @Override
  public long countCodePoints(MemorySegment text) {
    open(text);
    long count = 0;
    for (long i = 0; i < text.byteSize(); i++) {
      count += text.get(JAVA_BYTE, i) >= -64 ? 1 : 0;
    }
    return count;
  }

  @Override
  public MemorySegment reverse(MemorySegment text, SegmentAllocator allocator) {
    requireNonNull(allocator, "allocator");
    requireUtf8(text);
    long length = text.byteSize();
    MemorySegment reversed = Arguments.allocate(allocator, length, text);
    for (long i = 0; i < length; ) {
      int first = unsigned(text, i);
      int bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
      MemorySegment.copy(text, i, reversed, length - i - bytes, bytes);
      i += bytes;
    }
    return reversed;
  }

  @Override
  public MemorySegment upperCase(MemorySegment text, SegmentAllocator allocator) {
    requireUtf8(text);
    return upperCaseOfValid(text, allocator);
  }

  static MemorySegment upperCaseOfValid(MemorySegment text, SegmentAllocator allocator) {
    return change(text, allocator, string -> string.toUpperCase(Locale.ROOT));
  }

  @Override
  public MemorySegment lowerCase(MemorySegment text, SegmentAllocator allocator) {
    requireUtf8(text);
    return lowerCaseOfValid(text, allocator);
  }

  static MemorySegment lowerCaseOfValid(MemorySegment text, SegmentAllocator allocator) {
    return change(text, allocator, string -> string.toLowerCase(Locale.ROOT));
  }

  private static MemorySegment change(
      MemorySegment text, SegmentAllocator allocator, UnaryOperator<String> function) {
    requireNonNull(allocator, "allocator");
    if (text.byteSize() > MAX_STRING) {
      throw Arguments.refusal(
          "text that is not Latin-1 must fit into a string: text.byteSize=" + text.byteSize());
    }
    byte[] bytes = text.toArray(JAVA_BYTE);
    MemorySegment changed =
        MemorySegment.ofArray(function.apply(new String(bytes, UTF_8)).getBytes(UTF_8));
    return Arguments.allocate(allocator, changed.byteSize(), text).copyFrom(changed);
  }

  @Override
  public long countWords(MemorySegment text) {
    open(text);
    long count = 0;
    boolean afterSpace = true;
    for (long i = 0; i < text.byteSize(); i++) {
      byte each = text.get(JAVA_BYTE, i);
      boolean space = each == ' ' || (each >= '\t' && each <= '\r');
      count += afterSpace && !space ? 1 : 0;
      afterSpace = space;
    }
    return count;
  }

  @Override
  public long indexOf(MemorySegment text, MemorySegment needle) {
    open(text, needle);
    long needleLength = needle.byteSize();
    if (needleLength == 0) {
      return 0;
    }
    byte first = needle.get(JAVA_BYTE, 0);
    for (long i = 0; i + needleLength <= text.byteSize(); i++) {
      if (text.get(JAVA_BYTE, i) == first && matches(text, i, needle, needleLength)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean matches(MemorySegment text, long at, MemorySegment needle, long length) {
    return MemorySegment.mismatch(text, at, at + length, needle, 0, length) < 0;
  }

  @Override
  public long fnv1a64(MemorySegment data) {
    open(data);
    long hash = 0xcbf29ce484222325L;
    for (long i = 0; i < data.byteSize(); i++) {
      hash = (hash ^ unsigned(data, i)) * 0x100000001b3L;
    }
    return hash;
  }

  @Override
  public long xxh64(MemorySegment data, long seed) {
    open(data);
    long length = data.byteSize();
    long i = 0;
    long state = seed + PRIME_5;
    if (length >= 32) {
      long lane0 = seed + PRIME_1 + PRIME_2;
      long lane1 = seed + PRIME_2;
      long lane2 = seed;
      long lane3 = seed - PRIME_1;
      for (; i + 32 <= length; i += 32) {
        lane0 = round(lane0, data.get(LONG, i));
        lane1 = round(lane1, data.get(LONG, i + 8));
        lane2 = round(lane2, data.get(LONG, i + 16));
        lane3 = round(lane3, data.get(LONG, i + 24));
      }
      state =
          Long.rotateLeft(lane0, 1)
              + Long.rotateLeft(lane1, 7)
              + Long.rotateLeft(lane2, 12)
              + Long.rotateLeft(lane3, 18);
      state = merge(merge(merge(merge(state, lane0), lane1), lane2), lane3);
    }
    state += length;
    for (; i + 8 <= length; i += 8) {
      state = Long.rotateLeft(state ^ round(0, data.get(LONG, i)), 27) * PRIME_1 + PRIME_4;
    }
    if (i + 4 <= length) {
      long four = data.get(INT, i) & 0xffffffffL;
      state = Long.rotateLeft(state ^ (four * PRIME_1), 23) * PRIME_2 + PRIME_3;
      i += 4;
    }
    for (; i < length; i++) {
      state = Long.rotateLeft(state ^ (unsigned(data, i) * PRIME_5), 11) * PRIME_1;
    }
    state = (state ^ (state >>> 33)) * PRIME_2;
    state = (state ^ (state >>> 29)) * PRIME_3;
    return state ^ (state >>> 32);
  }

  private static long round(long lane, long input) {
    return Long.rotateLeft(lane + input * PRIME_2, 31) * PRIME_1;
  }

  private static long merge(long state, long lane) {
    return (state ^ round(0, lane)) * PRIME_1 + PRIME_4;
  }
}
