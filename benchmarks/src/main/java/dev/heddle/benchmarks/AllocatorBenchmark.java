// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import dev.heddle.memory.OwnedSegment;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost to allocate a piece of off-heap memory, to write into it and to free it, on one
 * worker? The score is the time of that.
 *
 * <p><b>Method.</b> One task does it 100,000 times. {@code heddleZeroed} and {@code confinedArena}
 * zero the memory; {@code heddle} (raw), {@code malloc} (called as a critical function) and {@code
 * nettyPooled} do not.
 *
 * <p><b>Asserted.</b> What was written is read again.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AllocatorBenchmark {

  private static final int TIMES = 100_000;

  @Param({"heddle", "heddleZeroed", "confinedArena", "malloc", "nettyPooled"})
  public String rival = "";

  @Param({"64", "4096"})
  public int bytes;

  private TaskEngine engine = TaskEngine.create();

  /** Starts an engine of one worker. */
  @Setup
  public void setUp() {
    engine.close();
    engine = TaskEngine.builder().workers(1).build();
  }

  /** Stops the engine. */
  @TearDown
  public void tearDown() {
    engine.close();
  }

  /** Functions of the C library. */
  @SuppressWarnings("restricted") // native access is granted by the options of the fork
  private static final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    static final MethodHandle MALLOC =
        LINKER.downcallHandle(
            LINKER.defaultLookup().find("malloc").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG),
            Linker.Option.critical(false));
    static final MethodHandle FREE =
        LINKER.downcallHandle(
            LINKER.defaultLookup().find("free").orElseThrow(),
            FunctionDescriptor.ofVoid(ValueLayout.ADDRESS),
            Linker.Option.critical(false));

    private Libc() {}
  }

  /** Allocates, writes, reads and frees. */
  @Benchmark
  @OperationsPerInvocation(TIMES)
  public long allocateAndFree() {
    long sum =
        engine
            .submit(
                () ->
                    switch (rival) {
                      case "heddle" -> heddle();
                      case "heddleZeroed" -> heddleZeroed();
                      case "confinedArena" -> confinedArena();
                      case "malloc" -> malloc();
                      case "nettyPooled" -> nettyPooled();
                      default ->
                          throw new IllegalArgumentException("no such rival: rival=" + rival);
                    })
            .join();
    if (sum != TIMES * (TIMES - 1L) / 2) {
      throw new IllegalStateException("sum must be that of what was written: actual=" + sum);
    }
    return sum;
  }

  private long heddle() {
    long sum = 0;
    for (int i = 0; i < TIMES; i++) {
      try (OwnedSegment owned = engine.allocateRaw(bytes)) {
        sum += writeAndRead(owned.segment(), i);
      }
    }
    return sum;
  }

  private long heddleZeroed() {
    long sum = 0;
    for (int i = 0; i < TIMES; i++) {
      try (OwnedSegment owned = engine.allocate(bytes)) {
        sum += writeAndRead(owned.segment(), i);
      }
    }
    return sum;
  }

  private long confinedArena() {
    long sum = 0;
    for (int i = 0; i < TIMES; i++) {
      try (Arena arena = Arena.ofConfined()) {
        sum += writeAndRead(arena.allocate(bytes, 16), i);
      }
    }
    return sum;
  }

  @SuppressWarnings("restricted") // as above
  private long malloc() {
    long sum = 0;
    for (int i = 0; i < TIMES; i++) {
      try {
        MemorySegment block = (MemorySegment) Libc.MALLOC.invokeExact((long) bytes);
        sum += writeAndRead(block.reinterpret(bytes), i);
        Libc.FREE.invokeExact(block);
      } catch (Throwable e) {
        throw new IllegalStateException("malloc and free throw nothing", e);
      }
    }
    return sum;
  }

  private long nettyPooled() {
    long sum = 0;
    for (int i = 0; i < TIMES; i++) {
      ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
      buffer.setLong(0, i);
      sum += buffer.getLong(0);
      buffer.release();
    }
    return sum;
  }

  private static long writeAndRead(MemorySegment segment, long value) {
    segment.set(ValueLayout.JAVA_LONG, 0, value);
    return segment.get(ValueLayout.JAVA_LONG, 0);
  }
}
