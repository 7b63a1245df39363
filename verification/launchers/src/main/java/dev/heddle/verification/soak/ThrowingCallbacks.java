// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.nativeops.MathOps;
import dev.heddle.nativeops.NativeArgumentException;
import dev.heddle.nativeops.NativeCallbackException;
import dev.heddle.nativeops.NativeControl;
import dev.heddle.nativeops.NativeOps;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Listeners of native operations that always throw, each kind of error there is, from two threads;
 * then memory that is closed while native operations use it. The process must live, and each error
 * come back to who has called.
 */
public final class ThrowingCallbacks {

  private static final int KINDS = 6;

  private ThrowingCallbacks() {}

  /**
   * Runs.
   *
   * @param args seed, number of callbacks that throw
   * @throws InterruptedException never
   */
  public static void main(String[] args) throws InterruptedException {
    long seed = Soak.seed(args);
    long callbacks = Soak.count(args, 1_000_000);
    MathOps math = NativeOps.get().math();
    AtomicLong caught = new AtomicLong();
    Thread other = new Thread(() -> caught.addAndGet(throwAll(math, seed + 1, callbacks / 2)));
    other.start();
    caught.addAndGet(throwAll(math, seed, callbacks - callbacks / 2));
    other.join();
    long closes = callbacks / 10;
    long ended = closeWhileInUse(math, closes);
    Soak.finish(
        "ThrowingCallbacks",
        NativeOps.get().isNative() && caught.get() == callbacks && ended == closes,
        "provider=%s, thrown=%d, caught=%d, closes=%d, ended=%d, seed=%d",
        NativeOps.get().provider(),
        callbacks,
        caught.get(),
        closes,
        ended,
        seed);
  }

  private static long throwAll(MathOps math, long seed, long callbacks) {
    SplittableRandom random = new SplittableRandom(seed);
    long caught = 0;
    for (long i = 0; i < callbacks; i++) {
      int kind = i % 1_000 == 0 ? KINDS : random.nextInt(KINDS);
      try {
        math.monteCarlo(1, i, NativeControl.of((done, total) -> fail(kind)));
      } catch (NativeCallbackException e) {
        caught += isOfKind(kind, e.getCause()) ? 1 : 0;
      }
    }
    return caught;
  }

  private static void fail(int kind) throws Exception {
    switch (kind) {
      case 0 -> throw new IllegalStateException("unchecked");
      case 1 -> throw new IOException("checked");
      case 2 -> throw new OutOfMemoryError("thrown");
      case 3 -> throw new StackOverflowError("thrown");
      case 4 -> throw new AssertionError("error");
      case 5 -> sneak(new Throwable("bare"));
      default -> overflow(1);
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void sneak(Throwable thrown) throws E {
    throw (E) thrown;
  }

  private static long overflow(long depth) {
    return depth < 0 ? 0 : depth + overflow(depth + 1);
  }

  private static boolean isOfKind(int kind, Throwable cause) {
    return switch (kind) {
      case 0 -> cause instanceof IllegalStateException;
      case 1 -> cause instanceof IOException;
      case 2 -> cause instanceof OutOfMemoryError;
      case 4 -> cause instanceof AssertionError;
      case 5 -> cause.getClass() == Throwable.class;
      default -> cause instanceof StackOverflowError;
    };
  }

  /** Each operation ends with a result or is refused; each close succeeds when it has ended. */
  private static long closeWhileInUse(MathOps math, long rounds) throws InterruptedException {
    AtomicLong ended = new AtomicLong();
    for (long i = 0; i < rounds; i++) {
      Arena arena = Arena.ofShared();
      MemorySegment values = arena.allocate(8 * 4_096, 8);
      Thread closing = Thread.ofVirtual().start(() -> closeAtLast(arena));
      boolean open = true;
      while (open) {
        try {
          math.dot(values, values);
        } catch (NativeArgumentException e) {
          open = false;
        }
      }
      closing.join();
      ended.incrementAndGet();
    }
    return ended.get();
  }

  private static void closeAtLast(Arena arena) {
    while (true) {
      try {
        arena.close();
        return;
      } catch (IllegalStateException e) { // in use
        Thread.onSpinWait();
      }
    }
  }
}
