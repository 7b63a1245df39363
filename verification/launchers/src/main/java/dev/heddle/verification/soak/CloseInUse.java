// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.MemorySize;
import dev.heddle.TaskEngine;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.memory.OwnedSegment;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Engines are closed while four threads read and write their memory and a native function is in it.
 * Each of the threads has to end by an exception of the JDK, or of the engine; the process must
 * live.
 */
public final class CloseInUse {

  private static final int THREADS = 4;
  private static final long BYTES = 64 << 10;
  private static final int USES_BETWEEN_YIELDS = 1_000;

  /** So few that the close finds a gap between two calls soon. */
  private static final long CALL_BYTES = 256;

  private CloseInUse() {}

  private static final MethodHandle MEMSET =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().find("memset").orElseThrow(),
              FunctionDescriptor.of(
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG));

  private static final MethodHandle NANOSLEEP =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().find("nanosleep").orElseThrow(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));

  /**
   * Runs.
   *
   * @param args seed, number of engines
   * @throws InterruptedException never
   */
  public static void main(String[] args) throws InterruptedException {
    Soak.silence();
    long seed = Soak.seed(args);
    long lives = Soak.count(args, 100_000);
    AtomicLong refused = new AtomicLong();
    for (long i = 0; i < lives; i++) {
      race(refused);
    }
    long waitedNanos = closeWhileANativeFunctionSleeps();
    Soak.finish(
        "CloseInUse",
        refused.get() == lives * (THREADS + 1) && waitedNanos < 10_000_000_000L,
        "engines=%d, refused=%d, closeBesideANativeSleep=%d ms, seed=%d",
        lives,
        refused.get(),
        waitedNanos / 1_000_000,
        seed);
  }

  private static TaskEngine start() {
    return TaskEngine.builder().workers(1).memory(MemorySize.mebibytes(1)).build();
  }

  private static void race(AtomicLong refused) throws InterruptedException {
    TaskEngine engine = start();
    AtomicInteger ready = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      boolean large = i == 0; // memory of its own
      threads.add(
          new Thread(
              () -> {
                OwnedSegment owned = engine.allocate(large ? 8 * BYTES : BYTES);
                ready.incrementAndGet();
                refused.addAndGet(useUntilRefused(owned.segment()));
              }));
    }
    threads.add(
        new Thread(
            () -> {
              OwnedSegment owned = engine.allocate(BYTES);
              ready.incrementAndGet();
              refused.addAndGet(callUntilRefused(owned.segment()));
            }));
    threads.forEach(Thread::start);
    while (ready.get() < threads.size()) {
      Thread.onSpinWait();
    }
    engine.close();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static int useUntilRefused(MemorySegment segment) {
    try {
      for (long at = 0; ; at = (at + 1) % segment.byteSize()) {
        byte there = segment.get(ValueLayout.JAVA_BYTE, at);
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) (there + 1));
        if (at % USES_BETWEEN_YIELDS == 0) {
          Thread.yield(); // who closes is to have a processor
        }
      }
    } catch (IllegalStateException | RejectedTaskException e) {
      return 1;
    }
  }

  private static int callUntilRefused(MemorySegment segment) {
    try {
      for (int value = 0; ; value++) {
        MemorySegment same = (MemorySegment) MEMSET.invokeExact(segment, value, CALL_BYTES);
        if (same.address() == 0) {
          return 0;
        }
        if (value % USES_BETWEEN_YIELDS == 0) {
          Thread.yield();
        }
      }
    } catch (IllegalStateException e) {
      return 1;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** The close waits for a second, says so in the log, and the function goes on. */
  private static long closeWhileANativeFunctionSleeps() throws InterruptedException {
    TaskEngine engine = start();
    AtomicInteger slept = new AtomicInteger(-1);
    Thread sleeper =
        new Thread(
            () -> {
              OwnedSegment time = engine.allocate(16);
              time.segment().set(ValueLayout.JAVA_LONG, 0, 3);
              try {
                slept.set((int) NANOSLEEP.invokeExact(time.segment(), MemorySegment.NULL));
              } catch (Throwable e) {
                throw new AssertionError(e);
              }
            });
    sleeper.start();
    while (engine.memory().usedBytes() == 0) {
      Thread.onSpinWait();
    }
    Thread.sleep(100); // so that it is in the function
    long start = System.nanoTime();
    engine.close();
    long waited = System.nanoTime() - start;
    sleeper.join();
    if (slept.get() != 0) {
      Soak.finish("CloseInUse", false, "native sleep=%d", slept.get());
    }
    return waited;
  }
}
