// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.internal.memory.MemoryBudget;
import dev.heddle.internal.memory.TaskArena;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What do ten small segments cost a task? The score is the time of all ten, zeroed, and of what
 * comes before and after them.
 *
 * <p><b>Method.</b> {@code heddle} is the arena of a run, as a worker makes and releases it, {@code
 * confinedArena} the JDK's. {@code baseline} cuts the segments from one that lives on, and zeroes
 * them.
 *
 * <p><b>Asserted.</b> What was written is read again.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TaskArenaBenchmark {

  private static final int SEGMENTS = 10;
  private static final int BYTES = 48;

  @Param({"baseline", "heddle", "confinedArena"})
  public String rival = "";

  private final MemoryBudget budget = new MemoryBudget(1 << 20);
  private final MemorySegment segment = Arena.ofAuto().allocate(SEGMENTS * BYTES, 16);

  /** Allocates ten segments. */
  @Benchmark
  public long tenSegments() {
    long sum =
        switch (rival) {
          case "baseline" -> baseline();
          case "heddle" -> heddle();
          case "confinedArena" -> confinedArena();
          default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
        };
    if (sum != SEGMENTS * (SEGMENTS - 1) / 2) {
      throw new IllegalStateException("sum must be that of what was written: actual=" + sum);
    }
    return sum;
  }

  private long baseline() {
    long sum = 0;
    for (int i = 0; i < SEGMENTS; i++) {
      MemorySegment slice = segment.asSlice((long) i * BYTES, BYTES);
      slice.fill((byte) 0);
      sum += writeAndRead(slice, i);
    }
    return sum;
  }

  private long heddle() {
    TaskArena arena = new TaskArena(budget);
    long sum = 0;
    for (int i = 0; i < SEGMENTS; i++) {
      sum += writeAndRead(arena.allocate(BYTES, 8), i);
    }
    arena.release();
    return sum;
  }

  private static long confinedArena() {
    try (Arena arena = Arena.ofConfined()) {
      long sum = 0;
      for (int i = 0; i < SEGMENTS; i++) {
        sum += writeAndRead(arena.allocate(BYTES, 8), i);
      }
      return sum;
    }
  }

  private static long writeAndRead(MemorySegment segment, long value) {
    segment.set(ValueLayout.JAVA_LONG, 0, value);
    return segment.get(ValueLayout.JAVA_LONG, 0);
  }
}
