// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.memory.OwnedSegment;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
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
 * What does it cost if one worker allocates and another one frees? The score is the time of a block
 * of 256 bytes on its way.
 *
 * <p><b>Method.</b> One task allocates 100,000 blocks, writes into each and passes it through a
 * queue for one producer and one consumer, of 1,024 places; another one reads and frees. {@code
 * baseline} passes objects of the heap.
 *
 * <p><b>Asserted.</b> The sum of what was written.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RemoteFreeBenchmark {

  private static final int TIMES = 100_000;
  private static final int BYTES = 256;
  private static final int PLACES = 1024;

  @Param({"baseline", "heddle", "nettyPooled"})
  public String rival = "";

  private TaskEngine engine = TaskEngine.create();

  /** Starts an engine of two workers. */
  @Setup
  public void setUp() {
    engine.close();
    engine = TaskEngine.builder().workers(2).build();
  }

  /** Stops the engine. */
  @TearDown
  public void tearDown() {
    engine.close();
  }

  /** Passes the blocks. */
  @Benchmark
  @OperationsPerInvocation(TIMES)
  public long passOn() {
    return switch (rival) {
      case "baseline" -> passOn(Long::valueOf, Long::longValue);
      case "heddle" -> passOn(this::write, RemoteFreeBenchmark::readAndClose);
      case "nettyPooled" -> passOn(RemoteFreeBenchmark::writeNetty, RemoteFreeBenchmark::release);
      default -> throw new IllegalArgumentException("no such rival: rival=" + rival);
    };
  }

  private OwnedSegment write(int value) {
    OwnedSegment owned = engine.allocateRaw(BYTES);
    owned.segment().set(ValueLayout.JAVA_LONG, 0, value);
    return owned.move();
  }

  private static long readAndClose(OwnedSegment owned) {
    try (owned) {
      return owned.segment().get(ValueLayout.JAVA_LONG, 0);
    }
  }

  private static ByteBuf writeNetty(int value) {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(BYTES, BYTES);
    buffer.setLong(0, value);
    return buffer;
  }

  private static long release(ByteBuf buffer) {
    long value = buffer.getLong(0);
    buffer.release();
    return value;
  }

  private <T> long passOn(IntFunction<T> allocate, ToLongFunction<T> free) {
    SpscVarHandleArrayQueue<T> queue = new SpscVarHandleArrayQueue<>(PLACES);
    TaskHandle<Long> consumer =
        engine.submit(
            () -> {
              long sum = 0;
              for (int i = 0; i < TIMES; i++) {
                T block;
                while ((block = queue.poll()) == null) {
                  Thread.onSpinWait();
                }
                sum += free.applyAsLong(block);
              }
              return sum;
            });
    TaskHandle<?> producer =
        engine.submit(
            () -> {
              for (int i = 0; i < TIMES; i++) {
                T block = allocate.apply(i);
                while (!queue.offer(block)) {
                  Thread.onSpinWait();
                }
              }
            });
    producer.join();
    long sum = consumer.join();
    if (sum != TIMES * (TIMES - 1L) / 2) {
      throw new IllegalStateException("sum must be that of what was written: actual=" + sum);
    }
    return sum;
  }
}
