// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.error.MemoryLimitException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class TaskArenaPropertyTest {

  private static final long LIMIT = 1_000; // less than a piece: so all bytes count

  /** Negative and zero sizes, sizes that fit, and sizes that do not. */
  @Property(tries = 300)
  void allocate_anySizes_agreesWithASum(
      @ForAll @Size(max = 40) List<@LongRange(min = -10, max = 400) Long> sizes) {
    MemoryBudget budget = new MemoryBudget(LIMIT);
    TaskArena arena = new TaskArena(budget);
    List<MemorySegment> segments = new ArrayList<>();
    long sum = 0;
    for (long size : sizes) {
      boolean fits = size >= 0 && sum + size <= LIMIT;
      try {
        MemorySegment segment = arena.allocate(size, 8);
        assertThat(fits).isTrue();
        sum += size;
        segment.fill((byte) (segments.size() + 1));
        segments.add(segment);
      } catch (MemoryLimitException | IllegalArgumentException e) {
        assertThat(fits).isFalse();
        assertThat(e instanceof MemoryLimitException).isEqualTo(size > 0);
      }
      assertThat(budget.usedBytes()).isEqualTo(sum);
    }
    for (int i = 0; i < segments.size(); i++) {
      byte own = (byte) (i + 1);
      byte[] bytes = segments.get(i).toArray(ValueLayout.JAVA_BYTE);
      assertThat(bytes).as("no segment overlaps another").containsOnly(expected(own, bytes));
    }
    arena.release();
    assertThat(budget.usedBytes()).isZero();
  }

  private static byte[] expected(byte own, byte[] bytes) {
    return bytes.length == 0 ? new byte[0] : new byte[] {own};
  }
}
