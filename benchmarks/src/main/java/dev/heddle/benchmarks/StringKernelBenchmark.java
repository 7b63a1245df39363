// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.heddle.nativeops.NativeOps;
import dev.heddle.nativeops.StringOps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From how many bytes on does an operation on texts gain from C? The score is the time of one
 * operation on a text of {@code bytes}.
 *
 * <p><b>Method.</b> {@code heddle} has text and result outside of the heap, {@code heddleHeap} in
 * arrays; the memory for results is there already. {@code java} is what a user would write: {@code
 * reverse} and {@code upperCase} by the JDK from {@link String} to {@link String}, {@code find} by
 * {@link String#indexOf} in a string of one byte a character, {@code validate} by a {@link
 * CharsetDecoder}, which makes characters too, the counts by loops over an array, and the hashes by
 * the provider in Java.
 *
 * <p>The texts are words: {@code ascii}; {@code latin1}, with two bytes for some letters, if asked
 * for; {@code mixed}, with up to four bytes, of which C leaves the upper case to Java.
 *
 * <p><b>Asserted.</b> The results of all operations, before the measurement: those of {@code java}.
 *
 * <p><b>Traps avoided.</b> What is searched for is at the end of the text, and begins like its
 * words.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class StringKernelBenchmark {

  private static final long SEED = 42;

  /** Begins like a word of each text, and is in none. */
  private static final byte[] NEEDLE = " weave#".getBytes(UTF_8);

  @Param({"heddle", "heddleHeap", "java"})
  public String rival = "";

  @Param({"ascii", "mixed"})
  public String text = "";

  @Param({"256", "4096", "65536", "1048576", "16777216"})
  public int bytes;

  private Kernels kernels = new Jdk(new byte[0]);

  /** What is measured. */
  private interface Kernels {
    /** Returns -1. */
    long validate();

    long countCodePoints();

    /** Returns a string, or a segment of it. */
    Object reverse();

    /** Likewise. */
    Object upperCase();

    long words();

    long find();

    long xxh64();

    long fnv1a();
  }

  /** Makes the text and compares the results. */
  @Setup
  public void setUp() {
    byte[] array = text(words(text), bytes);
    kernels =
        switch (rival) {
          case "heddle" -> {
            Arena arena = Arena.ofAuto();
            yield new Operations(
                NativeLibraryFile.requireNative().strings(),
                arena.allocate(bytes).copyFrom(MemorySegment.ofArray(array)),
                arena.allocate(NEEDLE.length).copyFrom(MemorySegment.ofArray(NEEDLE)),
                arena.allocate(2L * bytes));
          }
          case "heddleHeap" ->
              new Operations(
                  NativeLibraryFile.requireNative().strings(),
                  MemorySegment.ofArray(array),
                  MemorySegment.ofArray(NEEDLE),
                  MemorySegment.ofArray(new byte[2 * bytes]));
          case "java" -> new Jdk(array);
          default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
        };
    check(new Jdk(array));
  }

  private static String words(String text) {
    return switch (text) {
      case "ascii" -> "the quick brown fox weaves through warp and weft ";
      case "latin1" -> "the qu\u00efck br\u00f6wn f\u00f8x weaves thr\u00f6ugh w\u00e4rp and weft ";
      case "mixed" ->
          "the qu\u00efck br\u00f6wn \u03b1\u03bb\u03b5\u03c0\u03bf\u03cd weaves \u7e54\u308b "
              + "w\u00e4rp and weft \ud83e\uddf5 ";
      default -> throw new IllegalArgumentException("no such text: text=" + text);
    };
  }

  /** Returns so many bytes of words, with the needle at the end. */
  private static byte[] text(String words, int bytes) {
    byte[] text = new byte[bytes];
    Arrays.fill(text, (byte) ' ');
    byte[] some = words.getBytes(UTF_8);
    int end = bytes - NEEDLE.length;
    for (int i = 0; i + some.length <= end; i += some.length) {
      System.arraycopy(some, 0, text, i, some.length);
    }
    System.arraycopy(NEEDLE, 0, text, end, NEEDLE.length);
    return text;
  }

  private void check(Jdk jdk) {
    compare("validate", -1L, kernels.validate());
    compare("find", (long) bytes - NEEDLE.length, kernels.find());
    compare("countCodePoints", jdk.countCodePoints(), kernels.countCodePoints());
    compare("words", jdk.words(), kernels.words());
    compare("reverse", jdk.reverse(), string(kernels.reverse()));
    compare("upperCase", jdk.upperCase(), string(kernels.upperCase()));
    compare("xxh64", jdk.xxh64(), kernels.xxh64());
    compare("fnv1a", jdk.fnv1a(), kernels.fnv1a());
  }

  private static String string(Object result) {
    return result instanceof MemorySegment segment
        ? new String(segment.toArray(ValueLayout.JAVA_BYTE), UTF_8)
        : (String) result;
  }

  private static void compare(String what, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      throw new IllegalStateException("result must be right: of=" + what);
    }
  }

  /** The operations of the library. */
  private record Operations(
      StringOps strings, MemorySegment text, MemorySegment needle, MemorySegment results)
      implements Kernels {

    @Override
    public long validate() {
      return strings.firstInvalid(text);
    }

    @Override
    public long countCodePoints() {
      return strings.countCodePoints(text);
    }

    @Override
    public MemorySegment reverse() {
      return strings.reverse(text, SegmentAllocator.prefixAllocator(results));
    }

    @Override
    public MemorySegment upperCase() {
      return strings.upperCase(text, SegmentAllocator.prefixAllocator(results));
    }

    @Override
    public long words() {
      return strings.countWords(text);
    }

    @Override
    public long find() {
      return strings.indexOf(text, needle);
    }

    @Override
    public long xxh64() {
      return strings.xxh64(text, SEED);
    }

    @Override
    public long fnv1a() {
      return strings.fnv1a64(text);
    }
  }

  /** What a user would write. */
  private static final class Jdk implements Kernels {
    private final byte[] bytes;
    private final String string;
    private final String byteString;
    private final String needle = new String(NEEDLE, ISO_8859_1);
    private final MemorySegment segment;
    private final StringOps hashes = NativeOps.java().strings();
    private final CharsetDecoder decoder =
        UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);

    Jdk(byte[] bytes) {
      this.bytes = bytes;
      string = new String(bytes, UTF_8);
      byteString = new String(bytes, ISO_8859_1);
      segment = MemorySegment.ofArray(bytes);
    }

    @Override
    public long validate() {
      try {
        decoder.decode(ByteBuffer.wrap(bytes));
        return -1;
      } catch (CharacterCodingException _) {
        return 0;
      }
    }

    @Override
    public long countCodePoints() {
      int count = 0;
      for (byte each : bytes) {
        if ((each & 0xc0) != 0x80) {
          count++;
        }
      }
      return count;
    }

    @Override
    public String reverse() {
      return new StringBuilder(string).reverse().toString();
    }

    @Override
    public String upperCase() {
      return string.toUpperCase(Locale.ROOT);
    }

    @Override
    public long words() {
      int count = 0;
      boolean inWord = false;
      for (byte each : bytes) {
        boolean space = each == ' ' || (each >= '\t' && each <= '\r');
        if (!space && !inWord) {
          count++;
        }
        inWord = !space;
      }
      return count;
    }

    @Override
    public long find() {
      return byteString.indexOf(needle);
    }

    @Override
    public long xxh64() {
      return hashes.xxh64(segment, SEED);
    }

    @Override
    public long fnv1a() {
      return hashes.fnv1a64(segment);
    }
  }

  /** Is it UTF-8? */
  @Benchmark
  public long validate() {
    return kernels.validate();
  }

  /** Code points. */
  @Benchmark
  public long countCodePoints() {
    return kernels.countCodePoints();
  }

  /** The code points in the opposite order. */
  @Benchmark
  public Object reverse() {
    return kernels.reverse();
  }

  /** Upper case. */
  @Benchmark
  public Object upperCase() {
    return kernels.upperCase();
  }

  /** Words. */
  @Benchmark
  public long words() {
    return kernels.words();
  }

  /** A search. */
  @Benchmark
  public long find() {
    return kernels.find();
  }

  /** The hash XXH64. */
  @Benchmark
  public long xxh64() {
    return kernels.xxh64();
  }

  /** The hash FNV-1a. */
  @Benchmark
  public long fnv1a() {
    return kernels.fnv1a();
  }
}
