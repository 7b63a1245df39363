// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Operations on texts in UTF-8, and on bytes. Thread-safe.
 *
 * <p>A text is all bytes of a segment, off-heap or a {@link MemorySegment#ofArray(byte[]) byte
 * array}; there is no end mark, a byte of 0 is a character. Segments that are closed or belong to
 * another thread are refused by a {@link NativeArgumentException} before anything happens, and so
 * are texts that are not UTF-8 (RFC 3629), where an operation has to know characters.
 *
 * {@snippet class="dev.heddle.nativeops.NativeSnippets" region="strings"}
 */
public interface StringOps {

  /**
   * Looks for the first sequence of bytes that is not UTF-8.
   *
   * @param text any bytes
   * @return where it begins, -1 if there is none
   */
  long firstInvalid(MemorySegment text);

  /**
   * Counts code points.
   *
   * @param text valid UTF-8; of other bytes, those are counted that are not {@code 10xxxxxx}
   * @return how many there are
   */
  long countCodePoints(MemorySegment text);

  /**
   * Puts the code points of a text into the opposite order.
   *
   * @param text the text
   * @param allocator of as many bytes, none of which are the text's
   * @return the result
   * @throws NativeArgumentException if the text is not UTF-8
   */
  MemorySegment reverse(MemorySegment text, SegmentAllocator allocator);

  /**
   * Makes upper case, as {@link String#toUpperCase(java.util.Locale)} does with {@link
   * java.util.Locale#ROOT}. Texts of ASCII and Latin-1 characters stay in C.
   *
   * @param text the text
   * @param allocator of the bytes of the result, none of which are the text's
   * @return the result, which may be longer or shorter
   * @throws NativeArgumentException if the text is not UTF-8
   */
  MemorySegment upperCase(MemorySegment text, SegmentAllocator allocator);

  /**
   * Makes lower case, as {@link String#toLowerCase(java.util.Locale)} does with {@link
   * java.util.Locale#ROOT}.
   *
   * @param text the text
   * @param allocator of the bytes of the result, none of which are the text's
   * @return the result, which may be longer or shorter
   * @throws NativeArgumentException if the text is not UTF-8
   */
  MemorySegment lowerCase(MemorySegment text, SegmentAllocator allocator);

  /**
   * Counts words: longest runs of bytes that are none of space, {@code \t}, {@code \n}, {@code
   * \u005cu000b}, {@code \f}, {@code \r}.
   *
   * @param text any bytes
   * @return how many there are
   */
  long countWords(MemorySegment text);

  /**
   * Searches. Takes time in proportion to the text for most, and to the product of both lengths for
   * the worst, as {@link String#indexOf(String)} does.
   *
   * @param text where
   * @param needle what
   * @return the first place, -1 if there is none, 0 for an empty needle
   */
  long indexOf(MemorySegment text, MemorySegment needle);

  /**
   * Returns the hash FNV-1a of 64 bits (RFC 9923).
   *
   * @param data any bytes
   * @return the hash
   */
  long fnv1a64(MemorySegment data);

  /**
   * Returns the hash XXH64 (<a
   * href="https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md">specification</a>). Not
   * for secrets: use {@link java.security.MessageDigest} where somebody might choose the data.
   *
   * @param data any bytes
   * @param seed any number
   * @return the hash
   */
  long xxh64(MemorySegment data, long seed);
}
