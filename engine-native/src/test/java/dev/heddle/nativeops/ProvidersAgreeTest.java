// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * C and Java give the same results, and the same errors, for any input: doubles by their bits.
 * Without a C compiler Java is compared with itself; that C is used where it was built, MathOpsTest
 * sees to.
 */
class ProvidersAgreeTest {

  private static final int TRIES = 2_000;

  /** What an operation returns, or how it refuses; in the heap, and outside at an odd place. */
  private static void assertAgree(Function<NativeOps, ?> operation) {
    assertThat(outcome(operation, NativeOps.get())).isEqualTo(outcome(operation, NativeOps.java()));
  }

  private static Object outcome(Function<NativeOps, ?> operation, NativeOps ops) {
    try {
      return canonical(operation.apply(ops));
    } catch (ArithmeticException | NativeException e) {
      return e.toString();
    }
  }

  /** Doubles are compared by their bits, but a NaN is a NaN. */
  private static Object canonical(Object result) {
    return switch (result) {
      case Double number -> Double.doubleToLongBits(number);
      case Statistics all ->
          List.of(
              all.count(),
              Double.doubleToLongBits(all.mean()),
              Double.doubleToLongBits(all.variance()),
              Double.doubleToLongBits(all.min()),
              Double.doubleToLongBits(all.max()));
      case MemorySegment text -> new String(text.toArray(JAVA_BYTE), StandardCharsets.ISO_8859_1);
      case double[] values -> Arrays.stream(values).mapToObj(Double::doubleToLongBits).toList();
      default -> result;
    };
  }

  @Provide
  Arbitrary<double[]> numbers() {
    Arbitrary<Double> any =
        Arbitraries.longs().map(Double::longBitsToDouble); // NaNs of any payload, subnormals, all
    Arbitrary<Double> special =
        Arbitraries.of(
            0.0,
            -0.0,
            1.0,
            Double.MIN_VALUE,
            -Double.MIN_NORMAL,
            Double.MAX_VALUE,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.NaN);
    return Arbitraries.oneOf(any, special, Arbitraries.doubles().between(-1e3, 1e3))
        .array(double[].class)
        .ofMaxSize(100);
  }

  @Provide
  Arbitrary<double[]> tameNumbers() {
    return Arbitraries.doubles()
        .between(-1e6, 1e6)
        .ofScale(9)
        .array(double[].class)
        .ofMaxSize(6_000);
  }

  @Provide
  Arbitrary<byte[]> bytes() {
    Arbitrary<byte[]> any = Arbitraries.bytes().array(byte[].class).ofMaxSize(200);
    Arbitrary<byte[]> texts =
        Arbitraries.strings()
            .withChars(
                "aZ \t\n\u00e9\u00df\u00b5\u00ff\u00d7\u03a3\u20ac\ud83e\uddf5\ud800\udfff\0")
            .ofMaxLength(150)
            .map(text -> text.getBytes(StandardCharsets.UTF_8));
    Arbitrary<byte[]> latin1 =
        Arbitraries.strings()
            .withCharRange('\0', '\u00ff')
            .ofMaxLength(150)
            .map(text -> text.getBytes(StandardCharsets.UTF_8));
    Arbitrary<byte[]> broken =
        Combinators.combine(texts, Arbitraries.integers().between(0, 500), Arbitraries.bytes())
            .as(
                (text, at, value) -> {
                  if (text.length > 0) {
                    text[at % text.length] = value;
                  }
                  return text;
                });
    return Arbitraries.oneOf(any, texts, latin1, broken);
  }

  @Property(tries = TRIES)
  void wholeNumbers(@ForAll long a, @ForAll long b) {
    assertAgree(ops -> ops.math().add(a, b));
    assertAgree(ops -> ops.math().multiply(a, b));
    assertAgree(ops -> ops.math().factorial(a % 30));
    assertAgree(ops -> ops.math().binomial(a, b));
    assertAgree(ops -> ops.math().binomial(a & 127, b & 127));
  }

  @Property(tries = TRIES)
  void sums(@ForAll long[] values) {
    assertAgree(ops -> ops.math().sum(MemorySegment.ofArray(values)));
  }

  @Property(tries = TRIES)
  void doubles(@ForAll("numbers") double[] values, @ForAll double alpha) {
    assertDoublesAgree(values, alpha);
  }

  @Property(tries = 200)
  void manyDoubles(@ForAll("tameNumbers") double[] values) {
    assertDoublesAgree(values, 0.1);
  }

  private static void assertDoublesAgree(double[] values, double alpha) {
    MemorySegment all = MemorySegment.ofArray(values);
    MemorySegment later = all.asSlice(8L * (values.length / 3));
    MemorySegment earlier = all.asSlice(0, later.byteSize());
    assertAgree(ops -> ops.math().dot(all, all));
    assertAgree(ops -> ops.math().dot(earlier, later));
    assertAgree(ops -> ops.math().statistics(all));
    assertAgree(
        ops -> {
          double[] sums = values.clone();
          ops.math().axpy(alpha, all, MemorySegment.ofArray(sums));
          return sums;
        });
    int side = (int) Math.sqrt(values.length);
    assertAgree(
        ops -> {
          double[] product = new double[side * side];
          ops.math()
              .matmul(
                  all, all, MemorySegment.ofArray(product), side, side, side, NativeControl.none());
          return product;
        });
  }

  @Property(tries = TRIES)
  void texts(@ForAll("bytes") byte[] text, @ForAll long seed) {
    assertTextsAgree(MemorySegment.ofArray(text), seed);
    try (Arena arena = Arena.ofConfined()) { // at an odd address, and nothing behind it
      MemorySegment outside = arena.allocate(text.length + 1L, 16).asSlice(1);
      assertTextsAgree(outside.copyFrom(MemorySegment.ofArray(text)), seed);
    }
  }

  private static void assertTextsAgree(MemorySegment text, long seed) {
    Arena arena = Arena.ofAuto();
    assertAgree(ops -> ops.strings().firstInvalid(text));
    assertAgree(ops -> ops.strings().countCodePoints(text));
    assertAgree(ops -> ops.strings().countWords(text));
    assertAgree(ops -> ops.strings().fnv1a64(text));
    assertAgree(ops -> ops.strings().xxh64(text, seed));
    assertAgree(ops -> ops.strings().reverse(text, arena));
    assertAgree(ops -> ops.strings().upperCase(text, arena));
    assertAgree(ops -> ops.strings().lowerCase(text, arena));
    long from = text.byteSize() / 2;
    MemorySegment needle = text.asSlice(from, Math.min(5, text.byteSize() - from));
    assertAgree(ops -> ops.strings().indexOf(text, needle));
    assertAgree(ops -> ops.strings().indexOf(needle, text));
  }

  @Property(tries = 200)
  void longOnes(@ForAll("limits") long limit, @ForAll long seed) {
    assertAgree(
        ops -> {
          byte[] bits = new byte[(int) MathOps.sieveBytes(limit)];
          long primes = ops.math().sieve(limit, MemorySegment.ofArray(bits), NativeControl.none());
          return List.of(primes, Arrays.hashCode(bits));
        });
    assertAgree(ops -> ops.math().monteCarlo(limit, seed, NativeControl.none()));
  }

  @Provide
  Arbitrary<Long> limits() {
    return Arbitraries.longs().between(0, 700_000);
  }
}
