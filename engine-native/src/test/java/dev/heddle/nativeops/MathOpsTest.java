// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MathOpsTest {

  private static final long MIN = Long.MIN_VALUE;
  private static final long MAX = Long.MAX_VALUE;

  private static MemorySegment longs(long... values) {
    return MemorySegment.ofArray(values);
  }

  private static MemorySegment doubles(double... values) {
    return MemorySegment.ofArray(values);
  }

  private static void assertOverflow(Runnable operation) {
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(operation::run)
        .withMessageStartingWith("result must fit into 64 bits: operation=");
  }

  private static void assertRefused(Runnable operation, String message) {
    assertThatExceptionOfType(NativeArgumentException.class)
        .isThrownBy(operation::run)
        .withMessageStartingWith(message);
  }

  // ---- whole numbers

  @BothProviders
  void add_limits_areExactOrRefused(NativeOps ops) {
    assertThat(ops.math().add(MAX, MIN)).isEqualTo(-1);
    assertThat(ops.math().add(MIN, 0)).isEqualTo(MIN);
    assertOverflow(() -> ops.math().add(MAX, 1));
    assertOverflow(() -> ops.math().add(MIN, -1));
  }

  @BothProviders
  void multiply_limits_areExactOrRefused(NativeOps ops) {
    assertThat(ops.math().multiply(MIN, 1)).isEqualTo(MIN);
    assertThat(ops.math().multiply(3037000499L, 3037000499L)).isEqualTo(9223372030926249001L);
    assertOverflow(() -> ops.math().multiply(MIN, -1));
    assertOverflow(() -> ops.math().multiply(-1, MIN));
    assertOverflow(() -> ops.math().multiply(3037000500L, 3037000500L));
  }

  @BothProviders
  void factorial_all_fitUpTo20(NativeOps ops) {
    BigInteger product = BigInteger.ONE;
    for (int n = 0; n <= 20; n++) {
      product = n == 0 ? product : product.multiply(BigInteger.valueOf(n));
      assertThat(ops.math().factorial(n)).isEqualTo(product.longValueExact());
    }
    assertOverflow(() -> ops.math().factorial(21));
    assertOverflow(() -> ops.math().factorial(MAX));
    assertRefused(() -> ops.math().factorial(-1), "n must be at least 0: n=-1");
  }

  @BothProviders
  void binomial_pascalsTriangle_andItsEdges(NativeOps ops) {
    BigInteger[] row = {BigInteger.ONE};
    for (int n = 0; n <= 70; n++) {
      for (int k = 0; k <= n; k++) {
        BigInteger exact = row[k];
        int top = n;
        int below = k;
        if (exact.bitLength() < 64) {
          assertThat(ops.math().binomial(n, k)).isEqualTo(exact.longValueExact());
        } else {
          assertOverflow(() -> ops.math().binomial(top, below));
        }
      }
      BigInteger[] next = new BigInteger[n + 2];
      for (int k = 0; k <= n + 1; k++) {
        next[k] = k == 0 || k == n + 1 ? BigInteger.ONE : row[k - 1].add(row[k]);
      }
      row = next;
    }
    assertThat(ops.math().binomial(3, 4)).isZero();
    assertThat(ops.math().binomial(MAX, MAX - 1)).isEqualTo(MAX);
    assertOverflow(() -> ops.math().binomial(MAX, MAX / 2));
    assertRefused(() -> ops.math().binomial(-1, 0), "n must be at least 0: n=-1");
    assertRefused(() -> ops.math().binomial(1, MIN), "k must be at least 0: k=");
  }

  @BothProviders
  void sum_overflowInBetween_isExact(NativeOps ops) {
    assertThat(ops.math().sum(longs())).isZero();
    assertThat(ops.math().sum(longs(MAX, MAX, MIN, MIN, 7))).isEqualTo(5);
    assertThat(ops.math().sum(longs(MIN))).isEqualTo(MIN);
    assertOverflow(() -> ops.math().sum(longs(MAX, 1)));
    assertOverflow(() -> ops.math().sum(longs(MIN, MIN, MAX)));
  }

  // ---- doubles

  @BothProviders
  void dot_wholeNumbers_isExact_atAnySize(NativeOps ops) {
    for (int size : new int[] {0, 1, 15, 16, 17, 100, 20_000}) {
      double[] values = LongStream.range(0, size).asDoubleStream().toArray();
      double expected = LongStream.range(0, size).map(i -> i * i).sum();
      assertThat(ops.math().dot(doubles(values), doubles(values))).isEqualTo(expected);
    }
  }

  @BothProviders
  void dot_unlikeSizes_areRefused(NativeOps ops) {
    assertRefused(
        () -> ops.math().dot(doubles(1, 2), doubles(1)),
        "there must be as many of both: a.byteSize=16, b.byteSize=8");
  }

  @BothProviders
  void axpy_sameMemory_isAllowed_overlapIsNot(NativeOps ops) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, 1, 2, 3);
      ops.math().axpy(2, values, values);
      assertThat(values.toArray(ValueLayout.JAVA_DOUBLE)).containsExactly(3, 6, 9);
      assertRefused(
          () -> ops.math().axpy(1, values.asSlice(0, 16), values.asSlice(8, 16)),
          "memory that is written must not be read: x and y overlap");
      assertThat(values.toArray(ValueLayout.JAVA_DOUBLE)).containsExactly(3, 6, 9);
    }
    double[] array = {1, 2, 3};
    MemorySegment inHeap = doubles(array);
    assertRefused(
        () -> ops.math().axpy(1, inHeap.asSlice(0, 16), inHeap.asSlice(8, 16)),
        "memory that is written must not be read");
    ops.math().axpy(1, inHeap, inHeap);
    assertThat(array).containsExactly(2, 4, 6);
  }

  @BothProviders
  void statistics_fewOrOddValues_areAsDescribed(NativeOps ops) {
    Statistics none = ops.math().statistics(doubles());
    assertThat(none).isEqualTo(new Statistics(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN));
    assertThat(ops.math().statistics(doubles(-0.0)))
        .isEqualTo(new Statistics(1, 0, Double.NaN, 0.0, 0.0));
    assertThat(ops.math().statistics(doubles(1, 2, 3, 4)))
        .isEqualTo(new Statistics(4, 2.5, 5.0 / 3, 1, 4));
    Statistics nan = ops.math().statistics(doubles(1, Double.NaN, 3));
    assertThat(nan.mean()).isNaN();
    assertThat(nan.min()).isNaN();
    assertThat(nan.max()).isNaN();
    Statistics infinite =
        ops.math().statistics(doubles(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY));
    assertThat(infinite.mean()).isNaN();
    assertThat(infinite.min()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(infinite.max()).isEqualTo(Double.POSITIVE_INFINITY);
  }

  /** The textbook's sum of squares less the square of the sum has no right digit here. */
  @BothProviders
  void statistics_smallDeviationsOfGreatNumbers_areFound(NativeOps ops) {
    double[] values = new double[100_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = 1e9 + i % 2;
    }
    Statistics found = ops.math().statistics(doubles(values));
    assertThat(found.mean()).isEqualTo(1e9 + 0.5);
    assertThat(found.variance()).isBetween(0.2500024, 0.2500026);
  }

  // ---- long ones

  @BothProviders
  void matmul_anyShape_isTheSumInOrder(NativeOps ops) {
    SplittableRandom random = new SplittableRandom(7);
    for (int[] shape :
        new int[][] {{0, 3, 2}, {3, 0, 2}, {1, 1, 1}, {5, 7, 9}, {64, 64, 64}, {67, 130, 261}}) {
      double[] a = random.doubles((long) shape[0] * shape[1]).toArray();
      double[] b = random.doubles((long) shape[1] * shape[2]).toArray();
      double[] c = random.doubles((long) shape[0] * shape[2]).toArray();
      double[] expected = new double[c.length];
      for (int i = 0; i < shape[0]; i++) {
        for (int j = 0; j < shape[2]; j++) {
          double sum = 0;
          for (int k = 0; k < shape[1]; k++) {
            sum += a[i * shape[1] + k] * b[k * shape[2] + j];
          }
          expected[i * shape[2] + j] = sum;
        }
      }
      ops.math()
          .matmul(
              doubles(a),
              doubles(b),
              doubles(c),
              shape[0],
              shape[1],
              shape[2],
              NativeControl.none());
      assertThat(c).containsExactly(expected);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment product = arena.allocate(8L * c.length, 8);
        ops.math()
            .matmul(
                arena.allocateFrom(ValueLayout.JAVA_DOUBLE, a),
                arena.allocateFrom(ValueLayout.JAVA_DOUBLE, b),
                product,
                shape[0],
                shape[1],
                shape[2],
                NativeControl.none());
        assertThat(product.toArray(ValueLayout.JAVA_DOUBLE)).containsExactly(expected);
      }
    }
  }

  @BothProviders
  void matmul_badShapesAndOverlap_areRefused(NativeOps ops) {
    MemorySegment four = doubles(1, 2, 3, 4);
    NativeControl none = NativeControl.none();
    assertRefused(
        () -> ops.math().matmul(four, four, doubles(0, 0, 0, 0), -1, 2, 2, none),
        "rows must be at least 0: rows=-1");
    assertRefused(
        () -> ops.math().matmul(four, four, doubles(0, 0, 0), 2, 2, 2, none),
        "there must be enough numbers: c.byteSize=24, needed=32");
    assertRefused(
        () -> ops.math().matmul(four, four, four, 2, 2, 2, none),
        "memory that is written must not be read: a and c overlap");
    int huge = Integer.MAX_VALUE;
    assertRefused(
        () -> ops.math().matmul(four, four, doubles(0), huge, huge, huge, none),
        "there must be enough numbers: a.byteSize=32, needed=");
  }

  @BothProviders
  void sieve_anyLimit_countsThePrimes(NativeOps ops) {
    long[] limits = {0, 1, 2, 3, 9, 100, 1_000, 262_143, 262_144, 262_145, 1_000_000};
    long[] counts = {0, 0, 1, 2, 4, 25, 168, 23_000, 23_000, 23_000, 78_498};
    for (int i = 0; i < limits.length; i++) {
      MemorySegment bits = MemorySegment.ofArray(new byte[(int) MathOps.sieveBytes(limits[i])]);
      assertThat(ops.math().sieve(limits[i], bits, NativeControl.none()))
          .as("limit %d", limits[i])
          .isEqualTo(counts[i]);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bits = arena.allocate(MathOps.sieveBytes(100));
      ops.math().sieve(100, bits, NativeControl.none());
      for (int number = 1; number <= 100; number += 2) {
        int bit = number / 2;
        assertThat(((bits.get(JAVA_BYTE, bit / 8) >> (bit % 8)) & 1) == 1)
            .as("%d", number)
            .isEqualTo(BigInteger.valueOf(number).isProbablePrime(50));
      }
    }
  }

  @BothProviders
  void sieve_badArguments_areRefused(NativeOps ops) {
    NativeControl none = NativeControl.none();
    assertRefused(() -> ops.math().sieve(-1, longs(0), none), "limit must be 0 to 2^36: limit=-1");
    assertRefused(
        () -> ops.math().sieve(MathOps.SIEVE_MAX + 1, longs(0), none),
        "limit must be 0 to 2^36: limit=68719476737");
    assertRefused(
        () -> ops.math().sieve(1_000, longs(0), none),
        "there must be a bit for each odd number: bits.byteSize=8, needed=63");
    assertRefused(
        () -> ops.math().sieve(100, longs(0).asReadOnly(), none), "memory must be writable: bits");
  }

  @BothProviders
  void monteCarlo_manyPoints_isNearPi(NativeOps ops) {
    long inside = ops.math().monteCarlo(1_000_000, 42, NativeControl.none());
    assertThat(4e-6 * inside).isBetween(3.136, 3.147);
    assertThat(inside)
        .isEqualTo(NativeOps.java().math().monteCarlo(1_000_000, 42, NativeControl.none()));
    assertThat(ops.math().monteCarlo(0, 42, NativeControl.none())).isZero();
    assertRefused(
        () -> ops.math().monteCarlo(-1, 0, NativeControl.none()), "samples must be at least 0");
  }

  // ---- segments

  @BothProviders
  void segments_thatCannotBeUsed_areRefusedBeforeAnythingHappens(NativeOps ops) throws Exception {
    MathOps math = ops.math();
    MemorySegment closed = BothProviders.Source.closed();
    double[] untouched = {1, 2, 3, 4, 5, 6, 7, 8};
    String message = "memory must be open, and this thread's or of all: ";
    assertRefused(() -> math.sum(closed), message);
    assertRefused(() -> math.dot(closed, doubles(untouched)), message);
    assertRefused(() -> math.dot(doubles(untouched), closed), message);
    assertRefused(() -> math.axpy(1, closed, doubles(untouched)), message);
    assertRefused(() -> math.statistics(closed), message);
    assertRefused(
        () -> math.matmul(closed, closed, doubles(untouched), 2, 2, 2, NativeControl.none()),
        message);
    assertRefused(() -> math.sieve(100, closed, NativeControl.none()), message);
    assertThat(untouched).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);

    try (Arena mine = Arena.ofConfined()) {
      MemorySegment confined = mine.allocate(64, 8);
      Thread other =
          new Thread(() -> assertRefused(() -> math.statistics(confined), message), "other");
      Throwable[] failure = new Throwable[1];
      other.setUncaughtExceptionHandler((thread, e) -> failure[0] = e);
      other.start();
      other.join();
      assertThat(failure[0]).isNull();

      String alignment = "numbers must be aligned, and a whole number of them: values.byteSize=";
      assertRefused(() -> math.sum(confined.asSlice(4, 16)), alignment);
      assertRefused(() -> math.sum(confined.asSlice(0, 12)), alignment);
      assertRefused(() -> math.sum(MemorySegment.ofArray(new byte[16])), alignment);
      assertRefused(() -> math.sum(MemorySegment.ofArray(new int[4])), alignment);
      assertRefused(
          () -> math.axpy(1, confined, mine.allocate(64, 8).asReadOnly()),
          "memory must be writable: y is read-only");
      assertThat(math.sum(confined.asReadOnly())).isZero();
      assertThat(math.sum(longs(1, 2).asReadOnly())).isEqualTo(3);
    }
  }

  @Test
  void get_withALibraryInTheBuild_isNative() {
    boolean built =
        NativeOps.class.getResource(
                "/META-INF/native/linux-x86_64/" + System.mapLibraryName("heddle"))
            != null;
    boolean fits =
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64");
    if (built && fits) {
      assertThat(NativeOps.get().isNative()).as(NativeOps.get().toString()).isTrue();
    }
    assertThat(NativeOps.java().isNative()).isFalse();
    assertThat(NativeOps.java().provider()).isEqualTo("java");
  }
}
