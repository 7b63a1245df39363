// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.memory.OwnedSegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** The examples of memory in the documentation. */
class MemorySnippets {

  @Test
  void owned() {
    try (TaskEngine engine = TaskEngine.create()) {
      // @start region="owned"
      OwnedSegment written =
          engine
              .submit(
                  context -> {
                    OwnedSegment numbers = engine.allocate(1_000 * Long.BYTES);
                    numbers.segment().setAtIndex(ValueLayout.JAVA_LONG, 7, 42);
                    return numbers.move(); // nobody's, until somebody uses it
                  })
              .join();
      long number =
          engine
              .submit(
                  context -> {
                    try (written) {
                      return written.segment().getAtIndex(ValueLayout.JAVA_LONG, 7);
                    }
                  })
              .join();
      // @end
      assertThat(number).isEqualTo(42);
      assertThat(engine.memory().usedBytes()).isZero();
    }
  }
}
