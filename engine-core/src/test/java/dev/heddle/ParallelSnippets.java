// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples of loops in the documentation. */
class ParallelSnippets {

  @Test
  void sum() {
    long[] a = {1, 2, 3};
    try (TaskEngine engine = TaskEngine.create()) {
      // @start region="sum"
      long sum =
          engine
              .parallel()
              .range(0, a.length)
              .sumLongRange(
                  (first, end) -> {
                    long part = 0;
                    for (int i = first; i < end; i++) {
                      part += a[i];
                    }
                    return part;
                  });
      // @end
      assertThat(sum).isEqualTo(6);
    }
  }

  @Test
  void map() {
    List<String> words = List.of("warp", "weft");
    try (TaskEngine engine = TaskEngine.create()) {
      // @start region="map"
      List<Integer> lengths = engine.parallel().over(words).map(String::length);
      // @end
      assertThat(lengths).containsExactly(4, 4);
    }
  }

  @Test
  void segment() {
    try (TaskEngine engine = TaskEngine.create();
        Arena arena = Arena.ofShared()) {
      MemorySegment pixels = arena.allocate(ValueLayout.JAVA_INT, 1000);
      // @start region="segment"
      engine.parallel().over(pixels, Integer.BYTES).forEachSlice(slice -> slice.fill((byte) 0x7f));
      // @end
      assertThat(pixels.getAtIndex(ValueLayout.JAVA_INT, 999)).isEqualTo(0x7f7f7f7f);
    }
  }

  @Test
  void scan() {
    try (TaskEngine engine = TaskEngine.create()) {
      // @start region="scan"
      long[] sizes = {3, 1, 2};
      engine.parallel().scan(sizes, Long::sum); // 3, 4, 6
      // @end
      assertThat(sizes).containsExactly(3, 4, 6);
    }
  }
}
