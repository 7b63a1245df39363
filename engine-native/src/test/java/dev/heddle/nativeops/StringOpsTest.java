// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

class StringOpsTest {

  private static final Arena ARENA = Arena.ofAuto();

  /** Of each kind that some operation treats in its own way. */
  private static final List<String> TEXTS =
      List.of(
          "",
          "a",
          "\0",
          "heddle",
          "The quick brown fox jumps over the lazy dog, twice and once more.",
          "Stra\u00dfe \u00e9t\u00e9 \u00c5\u00c4\u00d6 \u00f7 \u00d7 \u00b5 \u00ff \u00b2",
          "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u03a3",
          "\u0130stanbul \u0131\u0149\u01f0 \ufb03",
          "loom \ud83e\uddf5 heddle \ud801\udc00 \ud801\udc28",
          "x".repeat(31) + "\u00e9" + "y".repeat(40),
          "ab\u20ac".repeat(100));

  private static MemorySegment utf8(String text) {
    return MemorySegment.ofArray(text.getBytes(UTF_8));
  }

  private static MemorySegment hex(String bytes) {
    return MemorySegment.ofArray(HexFormat.of().parseHex(bytes));
  }

  private static String string(MemorySegment text) {
    return new String(text.toArray(JAVA_BYTE), UTF_8);
  }

  private static void assertNotUtf8(Runnable operation, long offset) {
    assertThatExceptionOfType(NativeArgumentException.class)
        .isThrownBy(operation::run)
        .withMessage("text must be UTF-8: offset=" + offset + " (see firstInvalid)");
  }

  @BothProviders
  void firstInvalid_validTexts_isMinusOne(NativeOps ops) {
    for (String text : TEXTS) {
      assertThat(ops.strings().firstInvalid(utf8(text))).isEqualTo(-1);
      assertThat(ops.strings().firstInvalid(utf8("0123456789abcdef".repeat(7) + text)))
          .isEqualTo(-1);
    }
  }

  @BothProviders
  void firstInvalid_eachKindOfMistake_isFoundWhereItBegins(NativeOps ops) {
    for (String mistake :
        List.of(
            "80",
            "bf",
            "c0af",
            "c180",
            "c3",
            "c328",
            "e08080",
            "e09fbf",
            "e2",
            "e282",
            "e28228",
            "eda080",
            "edbfbf",
            "f08080af",
            "f08fbfbf",
            "f0",
            "f09f",
            "f09fa7",
            "f09fa741",
            "f4908080",
            "f5808080",
            "fe",
            "ff")) {
      for (String before : List.of("", "a", "\u20ac", "x".repeat(29), "\u00e9".repeat(40))) {
        for (String after : List.of("", "b", "z".repeat(70))) {
          MemorySegment text =
              hex(
                  HexFormat.of().formatHex(before.getBytes(UTF_8))
                      + mistake
                      + HexFormat.of().formatHex(after.getBytes(UTF_8)));
          assertThat(ops.strings().firstInvalid(text))
              .as("%s after %d bytes", mistake, before.getBytes(UTF_8).length)
              .isEqualTo(before.getBytes(UTF_8).length);
        }
      }
    }
  }

  @BothProviders
  void countCodePoints_andWords_areTheJdks(NativeOps ops) {
    for (String text : TEXTS) {
      assertThat(ops.strings().countCodePoints(utf8(text)))
          .isEqualTo(text.codePointCount(0, text.length()));
      String trimmed = text.strip();
      long words = trimmed.isEmpty() ? 0 : trimmed.split("[ \t\n\u000b\f\r]+").length;
      assertThat(ops.strings().countWords(utf8(text))).isEqualTo(words);
    }
    assertThat(ops.strings().countWords(utf8(" \t one\u000btwo\f\r\nthree "))).isEqualTo(3);
  }

  @BothProviders
  void reverse_texts_areReversedByCodePoint(NativeOps ops) {
    for (String text : TEXTS) {
      String expected = new StringBuilder(text).reverse().toString();
      assertThat(string(ops.strings().reverse(utf8(text), ARENA))).isEqualTo(expected);
    }
    assertNotUtf8(() -> ops.strings().reverse(hex("61ff"), ARENA), 1);
  }

  @BothProviders
  void changesOfCase_texts_areThoseOfTheRootLocale(NativeOps ops) {
    for (String text : TEXTS) {
      assertThat(string(ops.strings().upperCase(utf8(text), ARENA)))
          .isEqualTo(text.toUpperCase(Locale.ROOT));
      assertThat(string(ops.strings().lowerCase(utf8(text), ARENA)))
          .isEqualTo(text.toLowerCase(Locale.ROOT));
    }
    byte[] latin1 = new byte[256];
    for (int i = 0; i < 256; i++) {
      latin1[i] = (byte) i;
      String one = new String(new byte[] {(byte) i}, ISO_8859_1);
      assertThat(string(ops.strings().upperCase(utf8(one), ARENA)))
          .isEqualTo(one.toUpperCase(Locale.ROOT));
    }
    String all = new String(latin1, ISO_8859_1);
    assertThat(string(ops.strings().lowerCase(utf8(all), ARENA)))
        .isEqualTo(all.toLowerCase(Locale.ROOT));
    assertNotUtf8(() -> ops.strings().upperCase(hex("c3"), ARENA), 0);
    assertNotUtf8(() -> ops.strings().lowerCase(hex("6161e282"), ARENA), 2);
    assertNotUtf8(() -> ops.strings().upperCase(hex("e282acff"), ARENA), 3);
  }

  @BothProviders
  void indexOf_texts_isTheJdks(NativeOps ops) {
    String text = "abababac".repeat(20) + "needle" + "abab".repeat(9);
    for (String needle :
        List.of("", "a", "ac", "needle", "needlf", "bab".repeat(9), text, text + "a")) {
      assertThat(ops.strings().indexOf(utf8(text), utf8(needle)))
          .as(needle)
          .isEqualTo(text.indexOf(needle));
    }
    assertThat(ops.strings().indexOf(utf8(""), utf8(""))).isZero();
  }

  @BothProviders
  void hashes_testVectors_areReproduced(NativeOps ops) {
    assertThat(ops.strings().fnv1a64(utf8(""))).isEqualTo(0xcbf29ce484222325L);
    assertThat(ops.strings().fnv1a64(utf8("foobar"))).isEqualTo(0x85944171f73967e8L);
    assertThat(ops.strings().xxh64(utf8(""), 0)).isEqualTo(0xef46db3751d8e999L);
    assertThat(ops.strings().xxh64(utf8("a"), 0)).isEqualTo(0xd24ec4f1a98c6e5bL);
    assertThat(ops.strings().xxh64(utf8("abc"), 0)).isEqualTo(0x44bc2cf5ad770999L);
    assertThat(ops.strings().xxh64(utf8("Nobody inspects the spammish repetition"), 0))
        .isEqualTo(0xfbcea83c8a378bf1L);
  }

  @BothProviders
  void longTexts_inTheHeapAndOutside_giveTheSame(NativeOps ops) {
    String phrase = "Fl\u00fcsse \ud83e\uddf5 needles ";
    String text = phrase.repeat(20_000);
    MemorySegment inHeap = utf8(text);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment outside = arena.allocate(inHeap.byteSize()).copyFrom(inHeap);
      for (MemorySegment each : List.of(inHeap, outside)) {
        StringOps strings = ops.strings();
        assertThat(strings.firstInvalid(each)).isEqualTo(-1);
        assertThat(strings.countCodePoints(each)).isEqualTo(text.codePointCount(0, text.length()));
        assertThat(strings.countWords(each)).isEqualTo(60_000);
        assertThat(strings.indexOf(each, utf8("needlesx"))).isEqualTo(-1);
        MemorySegment end = each.asSlice(1_000);
        assertThat(strings.indexOf(each, end)).isEqualTo(1_000 % utf8(phrase).byteSize());
        assertThat(strings.indexOf(end, each.asSlice(1_000, 2_000))).isZero();
        assertThat(strings.xxh64(each, 7)).isEqualTo(NativeOps.java().strings().xxh64(each, 7));
        assertThat(string(strings.reverse(each, arena)))
            .isEqualTo(new StringBuilder(text).reverse().toString());
        assertThat(string(strings.upperCase(each, arena))).isEqualTo(text.toUpperCase(Locale.ROOT));
      }
      String latin1 = "Fl\u00fcsse und \u00c4pfel ".repeat(20_000);
      assertThat(string(ops.strings().upperCase(utf8(latin1.replace("\u00df", "")), arena)))
          .isEqualTo(latin1.toUpperCase(Locale.ROOT));
    }
  }

  @BothProviders
  void segments_thatCannotBeUsed_areRefused(NativeOps ops) {
    MemorySegment closed = BothProviders.Source.closed();
    StringOps strings = ops.strings();
    for (Runnable operation :
        List.<Runnable>of(
            () -> strings.firstInvalid(closed),
            () -> strings.countCodePoints(closed),
            () -> strings.reverse(closed, ARENA),
            () -> strings.upperCase(closed, ARENA),
            () -> strings.lowerCase(closed, ARENA),
            () -> strings.countWords(closed),
            () -> strings.indexOf(closed, utf8("a")),
            () -> strings.indexOf(utf8("a"), closed),
            () -> strings.fnv1a64(closed),
            () -> strings.xxh64(closed, 0))) {
      assertThatExceptionOfType(NativeArgumentException.class)
          .isThrownBy(operation::run)
          .withMessageStartingWith("memory must be open, and this thread's or of all: ");
    }
  }

  @BothProviders
  void allocators_thatGiveBadMemory_areRefused(NativeOps ops) {
    MemorySegment text = utf8("heddle");
    assertThatExceptionOfType(NativeArgumentException.class)
        .isThrownBy(() -> ops.strings().reverse(text, (bytes, alignment) -> text))
        .withMessageStartingWith("memory that is written must not be read: text and result");
    assertThatExceptionOfType(NativeArgumentException.class)
        .isThrownBy(() -> ops.strings().reverse(text, (bytes, alignment) -> ARENA.allocate(3)))
        .withMessage("allocator must give what it is asked for: byteSize=6, given=3");
    assertThat(string(text)).isEqualTo("heddle");
  }
}
