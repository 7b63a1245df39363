// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import dev.heddle.TaskContext;
import dev.heddle.nativeops.NativeControl;
import dev.heddle.nativeops.NativeRecursionException;
import dev.heddle.nativeops.ProgressListener;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/** Calls of functions that call back. */
/*
 * Callback.     There is one for all, which is never freed: nobody can take it away from a function that is about to call it.
 *               It finds the listener by its thread, since C calls back on the thread that it was called on.
 * Nesting.      A listener may call a long function: each call keeps what was current before.
 * Errors.       An exception that leaves a callback ends the JVM. So everything is caught, StackOverflowError and
 *               OutOfMemoryError too, and thrown again when C has returned. Before each callback C looks whether the
 *               stack has room for it (hdi_look), so that none is thrown outside of the try.
 * Evidence.     CallbackTest; soak ThrowingCallbacks.
 */
final class LongCalls {

  /** What the thread has called last and has not returned; removed when the outermost one has. */
  private static final ThreadLocal<@Nullable LongCall> CURRENT = new ThreadLocal<>();

  private static final MemorySegment CALLBACK = callback();

  private LongCalls() {}

  private static MemorySegment callback() {
    try {
      return Library.callback(
          MethodHandles.lookup()
              .findStatic(
                  LongCalls.class,
                  "progress",
                  MethodType.methodType(int.class, long.class, long.class)));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a method of this class must be found", e);
    }
  }

  /** One call that somebody listens to. */
  private static final class LongCall {
    final ProgressListener listener;
    @Nullable Throwable thrown;

    LongCall(ProgressListener listener) {
      this.listener = listener;
    }
  }

  /** A function with all arguments but the last two. */
  @FunctionalInterface
  interface LongFunction {

    /** Returns the status. */
    int call(MemorySegment progress, MemorySegment cancelled) throws Throwable;
  }

  /** Calls a function, and returns if it has come to its end. */
  static void call(String name, NativeControl control, LongFunction function) {
    TaskContext task = control.task();
    MemorySegment flag = task == null ? MemorySegment.NULL : task.cancelFlag();
    ProgressListener listener = control.listener();
    LongCall call = listener == null ? null : new LongCall(listener);
    int status =
        call == null ? call(function, MemorySegment.NULL, flag) : listen(call, function, flag);
    switch (status) {
      case Library.OK -> {}
      case Library.STOPPED -> throw Looks.stopped(thrownBy(name, call));
      case Library.STACK ->
          throw new NativeRecursionException(
              "stack must have room for a callback: operation="
                  + name
                  + " (let operations and listeners call each other less deep, or raise -Xss)");
      case Library.CANCELLED -> throw cancelled(name, task);
      case Library.OVERFLOW -> throw Arguments.overflow(name);
      default -> throw Library.unexpected(name, status);
    }
  }

  private static Throwable thrownBy(String name, @Nullable LongCall call) {
    Throwable thrown = call == null ? null : call.thrown;
    return thrown == null ? Library.unexpected(name, Library.STOPPED) : thrown;
  }

  private static RuntimeException cancelled(String name, @Nullable TaskContext task) {
    if (task != null) {
      task.checkCancelled(); // throws
    }
    return Library.unexpected(name, Library.CANCELLED);
  }

  private static int listen(LongCall call, LongFunction function, MemorySegment flag) {
    LongCall before = CURRENT.get();
    CURRENT.set(call);
    try {
      return call(function, CALLBACK, flag);
    } finally {
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    }
  }

  private static int call(LongFunction function, MemorySegment progress, MemorySegment flag) {
    try {
      return function.call(progress, flag);
    } catch (Throwable e) {
      throw Library.thrown(e);
    }
  }

  /** Called by C. */
  @SuppressWarnings("unused")
  private static int progress(long done, long total) {
    LongCall call = null;
    try {
      call = CURRENT.get();
      if (call == null) { // a thread that has not called
        return 1;
      }
      call.listener.progress(done, total);
      return 0;
    } catch (Throwable e) {
      if (call != null) {
        call.thrown = e;
      }
      return 1;
    }
  }
}
