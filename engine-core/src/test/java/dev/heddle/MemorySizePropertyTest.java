// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class MemorySizePropertyTest {

  @Property
  void toString_anySize_isAnOptionsText(@ForAll @LongRange(min = 65_536) long bytes) {
    MemorySize size = MemorySize.bytes(bytes);

    assertThat(EngineOptions.MEMORY.parse(size.toString())).isEqualTo(size);
  }

  @Property
  void toString_wholeUnits_isAnOptionsText(
      @ForAll @LongRange(min = 1, max = 1L << 20) long count,
      @ForAll @IntRange(min = 1, max = 3) int unit) {
    MemorySize size = MemorySize.bytes(Math.max(count << (10 * unit), 65_536));

    assertThat(EngineOptions.MEMORY.parse(size.toString())).isEqualTo(size);
    assertThat(size.toString()).matches("[0-9]+[KMG]iB");
  }

  @Property
  void factories_anyCount_agreeWithExactArithmetic(@ForAll long count) {
    assertFactory(MemorySize::bytes, count, 0);
    assertFactory(MemorySize::kibibytes, count, 10);
    assertFactory(MemorySize::mebibytes, count, 20);
    assertFactory(MemorySize::gibibytes, count, 30);
  }

  private static void assertFactory(
      java.util.function.LongFunction<MemorySize> factory, long count, int shift) {
    BigInteger exact = BigInteger.valueOf(count).shiftLeft(shift);
    boolean fits = count >= 0 && exact.bitLength() < 64;
    MemorySize size;
    try {
      size = factory.apply(count);
    } catch (IllegalArgumentException e) {
      assertThat(fits).as("%s << %s was refused", count, shift).isFalse();
      return;
    }
    assertThat(BigInteger.valueOf(size.bytes())).isEqualTo(exact);
  }

  @Property
  void compareTo_anySizes_agreesWithEquals(
      @ForAll @LongRange(min = 0) long one, @ForAll @LongRange(min = 0) long other) {
    MemorySize left = MemorySize.bytes(one);
    MemorySize right = MemorySize.bytes(other);

    assertThat(left.compareTo(right) < 0).isEqualTo(right.compareTo(left) > 0);
    assertThat(left.compareTo(right) == 0).isEqualTo(left.equals(right));
  }
}
