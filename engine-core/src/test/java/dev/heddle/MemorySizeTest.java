// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemorySizeTest {

  @Test
  void factories_anyUnit_giveItsBytes() {
    assertThat(MemorySize.bytes(3).bytes()).isEqualTo(3);
    assertThat(MemorySize.kibibytes(3).bytes()).isEqualTo(3_072);
    assertThat(MemorySize.mebibytes(3).bytes()).isEqualTo(3_145_728);
    assertThat(MemorySize.gibibytes(3).bytes()).isEqualTo(3_221_225_472L);
    assertThat(MemorySize.gibibytes(0)).isEqualTo(MemorySize.bytes(0));
  }

  @Test
  void factories_largestCount_isTaken() {
    assertThat(MemorySize.bytes(Long.MAX_VALUE).bytes()).isEqualTo(Long.MAX_VALUE);
    assertThat(MemorySize.kibibytes(Long.MAX_VALUE >> 10).bytes())
        .isEqualTo(Long.MAX_VALUE - 1_023);
    assertThat(MemorySize.mebibytes(Long.MAX_VALUE >> 20).bytes())
        .isEqualTo(Long.MAX_VALUE - 1_048_575);
    assertThat(MemorySize.gibibytes(Long.MAX_VALUE >> 30).bytes())
        .isEqualTo(Long.MAX_VALUE - 1_073_741_823);
  }

  @Test
  void factories_oneMoreThanTheLargest_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemorySize.kibibytes((Long.MAX_VALUE >> 10) + 1))
        .withMessage("size must be from 0 to 9007199254740991: count=9007199254740992");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemorySize.mebibytes((Long.MAX_VALUE >> 20) + 1))
        .withMessage("size must be from 0 to 8796093022207: count=8796093022208");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemorySize.gibibytes((Long.MAX_VALUE >> 30) + 1))
        .withMessage("size must be from 0 to 8589934591: count=8589934592");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE})
  void factories_negativeCount_isRefused(long count) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemorySize.bytes(count))
        .withMessage("bytes must not be negative: bytes=" + count);
    List<LongFunction<MemorySize>> others =
        List.of(MemorySize::kibibytes, MemorySize::mebibytes, MemorySize::gibibytes);
    for (LongFunction<MemorySize> other : others) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> other.apply(count))
          .withMessageEndingWith(": count=" + count);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0B",
    "1, 1B",
    "1023, 1023B",
    "1024, 1KiB",
    "1025, 1025B",
    "1048576, 1MiB",
    "1049600, 1025KiB",
    "1073741824, 1GiB",
    "1099511627776, 1024GiB",
    "9223372036854775807, 9223372036854775807B"
  })
  void toString_anySize_usesTheLargestUnitThatDividesIt(long bytes, String text) {
    assertThat(MemorySize.bytes(bytes)).hasToString(text);
  }

  @Test
  void compareTo_sizes_isByBytes() {
    assertThat(MemorySize.kibibytes(1))
        .isGreaterThan(MemorySize.bytes(1_023))
        .isLessThan(MemorySize.bytes(1_025))
        .isEqualByComparingTo(MemorySize.bytes(1_024))
        .isEqualTo(MemorySize.bytes(1_024));
  }
}
