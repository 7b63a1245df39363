// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskContextException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listeners of long operations: whatever they do, the JVM lives, and their errors come back. */
class CallbackTest {

  private static final long SAMPLES = 1_000_000;

  private static long run(NativeOps ops, NativeControl control) {
    return ops.math().monteCarlo(SAMPLES, 1, control);
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void sneak(Throwable thrown) throws E {
    throw (E) thrown;
  }

  @BothProviders
  void progress_eachLongOperation_growsFromZeroToTheTotal(NativeOps ops) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment square = arena.allocate(8L * 300 * 300, 8);
      MemorySegment product = arena.allocate(8L * 300 * 300, 8);
      MemorySegment bits = arena.allocate(MathOps.sieveBytes(3_000_000));
      for (Consumer<NativeControl> operation :
          List.<Consumer<NativeControl>>of(
              control -> run(ops, control),
              control -> ops.math().matmul(square, square, product, 300, 300, 300, control),
              control -> ops.math().sieve(3_000_000, bits, control))) {
        List<Long> seen = new ArrayList<>();
        AtomicReference<Long> totals = new AtomicReference<>(0L);
        operation.accept(
            NativeControl.of(
                (done, total) -> {
                  seen.add(done);
                  totals.set(total);
                }));
        assertThat(seen).hasSizeGreaterThan(3).isSorted();
        assertThat(seen.getFirst()).isZero();
        assertThat(seen.getLast()).isEqualTo(totals.get()).isPositive();
      }
    }
  }

  @BothProviders
  void listener_throwsAnything_stopsTheOperation_isTheCause(NativeOps ops) {
    for (Throwable thrown :
        List.of(
            new IllegalStateException("listener"),
            new IOException("checked"),
            new OutOfMemoryError("not really"),
            new StackOverflowError(),
            new AssertionError(),
            new Throwable("bare"))) {
      AtomicInteger calls = new AtomicInteger();
      assertThatExceptionOfType(NativeCallbackException.class)
          .isThrownBy(
              () ->
                  run(
                      ops,
                      NativeControl.of(
                          (done, total) -> {
                            if (calls.incrementAndGet() == 3) {
                              sneak(thrown);
                            }
                          })))
          .withMessage("the listener has stopped the operation: " + thrown.getClass().getName())
          .satisfies(e -> assertThat(e.getCause()).isSameAs(thrown));
      assertThat(calls).hasValue(3);
    }
    assertThat(run(ops, NativeControl.none())).isPositive();
  }

  @BothProviders
  void listener_overflowsTheStack_isReported(NativeOps ops) {
    assertThatExceptionOfType(NativeCallbackException.class)
        .isThrownBy(() -> run(ops, NativeControl.of((done, total) -> recurse(1))))
        .withCauseInstanceOf(StackOverflowError.class);
  }

  private static long recurse(long depth) {
    return depth < 0 ? 0 : depth + recurse(depth + 1);
  }

  @BothProviders
  void listener_callsOperations_eachHearsOfItsOwn(NativeOps ops) {
    AtomicInteger outer = new AtomicInteger();
    AtomicInteger inner = new AtomicInteger();
    long inside =
        run(
            ops,
            NativeControl.of(
                (done, total) -> {
                  outer.incrementAndGet();
                  long before = outer.get();
                  run(ops, NativeControl.of((innerDone, innerTotal) -> inner.incrementAndGet()));
                  run(ops, NativeControl.none());
                  assertThat(outer.get()).isEqualTo((int) before);
                }));
    assertThat(inside).isEqualTo(run(ops, NativeControl.none()));
    assertThat(inner.get()).isEqualTo(outer.get() * outer.get());
  }

  /** Java calls C calls Java, as deep as there is stack for: never the end of the JVM. */
  @ParameterizedTest
  @ValueSource(longs = {512 * 1024, 1024 * 1024, 8 * 1024 * 1024})
  void recursion_tooDeep_isRefusedInTime(long stackBytes) throws InterruptedException {
    AtomicReference<Throwable> end = new AtomicReference<>();
    AtomicInteger deepest = new AtomicInteger();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                nest(1, Integer.MAX_VALUE, deepest);
              } catch (Throwable e) {
                end.set(e);
              }
            },
            "deep",
            stackBytes);
    thread.start();
    thread.join();
    assertThat(deepest.get()).isGreaterThan(10);
    if (NativeOps.get().isNative()) {
      assertThat(rootOf(end.get()))
          .isInstanceOf(NativeRecursionException.class)
          .hasMessageStartingWith("stack must have room for a callback: operation=monteCarlo");
    } else {
      assertThat(rootOf(end.get())).isInstanceOf(StackOverflowError.class);
    }
  }

  @Test
  void recursion_tenThousandDeep_withEnoughStack_comesBack() throws InterruptedException {
    AtomicReference<Throwable> end = new AtomicReference<>();
    AtomicInteger deepest = new AtomicInteger();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                nest(1, 10_000, deepest);
              } catch (Throwable e) {
                end.set(e);
              }
            },
            "deep",
            256L * 1024 * 1024);
    thread.start();
    thread.join();
    assertThat(end.get()).isNull();
    assertThat(deepest).hasValue(10_000);
  }

  private static void nest(int depth, int limit, AtomicInteger deepest) {
    deepest.accumulateAndGet(depth, Math::max);
    NativeOps.get()
        .math()
        .monteCarlo(
            1,
            0,
            NativeControl.of(
                (done, total) -> {
                  if (done == 0 && depth < limit) {
                    nest(depth + 1, limit, deepest);
                  }
                }));
  }

  /** Causes may be as many as there were calls. */
  private static Throwable rootOf(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  @BothProviders
  void listener_waitsParksAndSubmits_isAllowedTo(NativeOps ops) {
    try (TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      TaskHandle<Long> outer =
          engine.submit(
              context ->
                  run(
                      ops,
                      NativeControl.of(
                          (done, total) -> {
                            assertThat(engine.submit(() -> 6 * 7).get()).isEqualTo(42);
                            LockSupport.parkNanos(1_000);
                          })));
      assertThat(outer.join()).isPositive();
    }
  }

  @BothProviders
  void listener_closesItsEngine_operationGoesOnToItsEnd(NativeOps ops) {
    TaskEngine engine = TaskEngine.builder().workers(1).build();
    TaskHandle<Long> task =
        engine.submit(context -> run(ops, NativeControl.of((done, total) -> engine.close())));
    assertThat(task.join()).isPositive();
    engine.close();
    assertThatExceptionOfType(RejectedTaskException.class)
        .isThrownBy(() -> engine.submit(() -> 6 * 7));
  }

  /** The JDK refuses the close while C uses the memory; Java notices afterwards. */
  @BothProviders
  void listener_closesTheMemory_operationStops(NativeOps ops) {
    OwnArena memory = new OwnArena();
    MemorySegment bits = memory.arena.allocate(MathOps.sieveBytes(3_000_000));
    assertThatExceptionOfType(
            ops.isNative() ? NativeCallbackException.class : NativeArgumentException.class)
        .isThrownBy(
            () ->
                ops.math()
                    .sieve(3_000_000, bits, NativeControl.of((done, total) -> memory.close())));
    assertThat(bits.scope().isAlive()).isEqualTo(ops.isNative());
    if (bits.scope().isAlive()) {
      memory.close();
    }
  }

  /** An arena that somebody else closes. */
  private static final class OwnArena {
    @SuppressWarnings("MustBeClosedChecker") // that is what is tested
    private final Arena arena = Arena.ofShared();

    void close() {
      arena.close();
    }
  }

  // ---- tasks

  @BothProviders
  void cancel_runningOperation_stopsIt(NativeOps ops) throws InterruptedException {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      CountDownLatch runs = new CountDownLatch(1);
      CountDownLatch stopped = new CountDownLatch(1);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      TaskHandle<Long> endless =
          engine.submit(
              context -> {
                runs.countDown();
                try {
                  return ops.math().monteCarlo(Long.MAX_VALUE, 1, NativeControl.of(context));
                } catch (Throwable e) {
                  thrown.set(e);
                  throw e;
                } finally {
                  stopped.countDown();
                }
              });
      runs.await();
      assertThat(endless.cancel()).isTrue();
      stopped.await();
      assertThat(thrown.get()).isInstanceOf(TaskCancelledException.class);
    }
  }

  @BothProviders
  void control_ofATask_itsProgressIsSeenInTheDump(NativeOps ops) throws InterruptedException {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      TaskHandle<Long> endless =
          engine.submit(context -> ops.math().monteCarlo(1L << 60, 1, NativeControl.of(context)));
      while (!engine.dump().toString().contains("/" + (1L << 60))
          && !engine.dump().toString().contains(" of " + (1L << 60))) {
        Thread.onSpinWait();
        if (endless.isDone()) {
          break;
        }
      }
      assertThat(endless.isDone()).isFalse();
      endless.cancel();
    }
  }

  @BothProviders
  void control_ofATaskThatHasEnded_isRefused(NativeOps ops) {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      AtomicReference<TaskContext> kept = new AtomicReference<>();
      engine
          .submit(
              context -> {
                kept.set(context);
                return null;
              })
          .join();
      assertThatExceptionOfType(TaskContextException.class)
          .isThrownBy(() -> run(ops, NativeControl.of(kept.get())));
    }
  }

  // ---- threads

  /** A thread that C has made, without anything of Java below: pthread_create. */
  @Test
  @SuppressWarnings("restricted") // calls C itself
  void listener_onAThreadMadeByC_isCalled_andMayThrow() throws Throwable {
    Linker linker = Linker.nativeLinker();
    if (linker.defaultLookup().find("pthread_create").isEmpty()) {
      return; // Windows
    }
    AtomicInteger calls = new AtomicInteger();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Body body =
        () -> {
          try {
            run(
                NativeOps.get(),
                NativeControl.of(
                    (done, total) -> {
                      if (calls.incrementAndGet() == 2) {
                        throw new IOException("from C's thread");
                      }
                    }));
          } catch (Throwable e) {
            thrown.set(e);
          }
        };
    MethodHandle start =
        MethodHandles.insertArguments(
            MethodHandles.lookup()
                .findStatic(
                    CallbackTest.class,
                    "start",
                    MethodType.methodType(MemorySegment.class, Body.class, MemorySegment.class)),
            0,
            body);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment stub =
          linker.upcallStub(
              start, FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS), arena);
      MethodHandle create =
          linker.downcallHandle(
              linker.defaultLookup().find("pthread_create").orElseThrow(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS));
      MethodHandle join =
          linker.downcallHandle(
              linker.defaultLookup().find("pthread_join").orElseThrow(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
      MemorySegment thread = arena.allocate(ValueLayout.JAVA_LONG);
      assertThat((int) create.invoke(thread, MemorySegment.NULL, stub, MemorySegment.NULL))
          .isZero();
      assertThat((int) join.invoke(thread.get(ValueLayout.JAVA_LONG, 0), MemorySegment.NULL))
          .isZero();
    }
    assertThat(calls).hasValue(2);
    assertThat(thrown.get()).isInstanceOf(NativeCallbackException.class);
    assertThat(thrown.get().getCause()).hasMessage("from C's thread");
  }

  /** What a thread of C runs. */
  @FunctionalInterface
  private interface Body {
    void run();
  }

  @SuppressWarnings("unused")
  private static MemorySegment start(Body body, MemorySegment ignored) {
    body.run();
    return MemorySegment.NULL;
  }

  @Test
  void listener_onAVirtualThread_isCalled() throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicInteger calls = new AtomicInteger();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    run(
                        NativeOps.get(),
                        NativeControl.of((done, total) -> calls.incrementAndGet()));
                  } catch (Throwable e) {
                    failure.set(e);
                  }
                });
    thread.join();
    assertThat(failure.get()).isNull();
    assertThat(calls.get()).isPositive();
  }

  /** 2 x 50,000 throwing callbacks; the soak does 10^6. */
  @Test
  void listener_throwsAlways_fromTwoThreads_everyErrorComesBack() throws InterruptedException {
    AtomicInteger caught = new AtomicInteger();
    Runnable throwing =
        () -> {
          RuntimeException thrown = new IllegalStateException("always");
          for (int i = 0; i < 50_000; i++) {
            try {
              NativeOps.get()
                  .math()
                  .monteCarlo(
                      1,
                      0,
                      NativeControl.of(
                          (done, total) -> {
                            throw thrown;
                          }));
            } catch (NativeCallbackException e) {
              caught.addAndGet(e.getCause() == thrown ? 1 : 0);
            }
          }
        };
    Thread other = new Thread(throwing);
    other.start();
    throwing.run();
    other.join();
    assertThat(caught).hasValue(100_000);
  }
}
