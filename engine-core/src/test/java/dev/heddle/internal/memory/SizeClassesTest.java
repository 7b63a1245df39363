// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class SizeClassesTest {

  @Test
  void of_eachSizeUpToTheLargest_smallestClassThatIsLargeEnough() {
    int sizeClass = 0;
    for (long size = 0; size <= SizeClasses.LARGEST; size++) {
      if (size > SizeClasses.bytes(sizeClass)) {
        sizeClass++;
      }
      long waste = SizeClasses.bytes(sizeClass) - size;
      if (SizeClasses.of(size) != sizeClass || (waste > 16 && 8 * waste > size)) {
        assertThat(SizeClasses.of(size)).as("class of %d, waste=%d", size, waste).isNegative();
      }
    }
    assertThat(SizeClasses.COUNT).isEqualTo(sizeClass + 1);
  }

  @Property
  void of_sizeAndAlignment_blocksAreAligned(
      @ForAll @LongRange(max = 1 << 14) long size, @ForAll @IntRange(max = 12) int log) {
    long alignment = 1L << log;
    long bytes = SizeClasses.bytes(SizeClasses.of(size, alignment));
    assertThat(bytes).isGreaterThanOrEqualTo(size);
    assertThat(bytes % alignment).isZero();
    assertThat(bytes).isLessThanOrEqualTo(2 * Math.max(Math.max(size, alignment), 16));
  }
}
