// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.memory.OwnedSegment;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** The examples of the documentation; each region is shown there. */
class NativeSnippets {

  @Test
  void math() {
    // @start region="math"
    MathOps math = NativeOps.get().math();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocateFrom(JAVA_DOUBLE, 1, 2, 3, 4);
      double squares = math.dot(values, values);
      Statistics all = math.statistics(values);
      // @end
      assertThat(squares).isEqualTo(30);
      assertThat(all.mean()).isEqualTo(2.5);
    }
  }

  @Test
  void strings() {
    // @start region="strings"
    StringOps strings = NativeOps.get().strings();
    MemorySegment text = MemorySegment.ofArray("loom \ud83e\uddf5 heddle".getBytes(UTF_8));
    long codePoints = strings.countCodePoints(text);
    MemorySegment reversed = strings.reverse(text, Arena.ofAuto());
    // @end
    assertThat(codePoints).isEqualTo(13);
    assertThat(new String(reversed.toArray(JAVA_BYTE), UTF_8))
        .isEqualTo("elddeh \ud83e\uddf5 mool");
  }

  @Test
  void task() {
    TaskEngine engine = TaskEngine.create();
    // @start region="task"
    OwnedSegment bits = engine.allocate(MathOps.sieveBytes(1_000_000));
    try (NativeTask<Long> primes =
        NativeTask.of(
            bits,
            (payload, context) ->
                NativeOps.get().math().sieve(1_000_000, payload, NativeControl.of(context)))) {
      TaskHandle<Long> handle = engine.submit(primes);
      long found = handle.join(); // handle.cancel() would stop C within a millisecond
      // @end
      assertThat(found).isEqualTo(78_498);
    }
    engine.close();
  }
}
