// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static java.util.Objects.requireNonNull;

import dev.heddle.spi.ContextPropagation;
import dev.heddle.spi.ContextPropagation.Captured;
import dev.heddle.spi.ContextPropagation.Restored;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What bodies and callbacks take along from the threads that submit them. Where there is nothing to
 * take along, each stays as it is.
 */
final class Contexts {

  /**
   * A body, and what else is kept of its submission: where that was, if every one is looked up, and
   * what it takes along, for each of its runs.
   */
  record Carried(Object body, @Nullable StackTraceElement site, Captured captured) {}

  private final TaskEngineImpl engine;
  private final ContextPropagation propagation;

  Contexts(TaskEngineImpl engine, ContextPropagation propagation) {
    this.engine = engine;
    this.propagation = propagation;
  }

  /** Looks at what the calling thread has. */
  Captured capture() {
    return propagation == ContextPropagation.none()
        ? Captured.nothing()
        : requireNonNull(propagation.capture(), "captured context");
  }

  /** The body, out of what a handle keeps. */
  static Object bodyOf(Object kept) {
    return kept instanceof Carried carried ? carried.body() : kept;
  }

  /** Runs the body of what a handle keeps, with what it has taken along. */
  <R extends @Nullable Object> R call(TaskHandleImpl<R> handle, Object kept) throws Exception {
    if (!(kept instanceof Carried carried)) {
      return handle.call(kept);
    }
    Restored restored = restore(carried.captured());
    try {
      return handle.call(carried.body());
    } finally {
      putBack(restored);
    }
  }

  /** A body without a handle, and what it takes along. */
  private final class CarriedRunnable implements Runnable {
    private final Runnable body;
    private final Captured captured;

    CarriedRunnable(Runnable body, Captured captured) {
      this.body = body;
      this.captured = captured;
    }

    @Override
    public void run() {
      Restored restored = restore(captured);
      try {
        body.run();
      } finally {
        putBack(restored);
      }
    }
  }

  /** The body as it was submitted: its class is what is shown. */
  static Runnable bodyOf(Runnable carried) {
    return carried instanceof CarriedRunnable wrapped ? wrapped.body : carried;
  }

  Runnable carry(Runnable body) {
    Captured captured = capture();
    return captured == Captured.nothing() ? body : new CarriedRunnable(body, captured);
  }

  <T extends @Nullable Object> Callable<T> carry(Callable<T> body) {
    Captured captured = capture();
    if (captured == Captured.nothing()) {
      return body;
    }
    return () -> {
      Restored restored = restore(captured);
      try {
        return body.call();
      } finally {
        putBack(restored);
      }
    };
  }

  <T> Consumer<T> carry(Consumer<T> callback) {
    Captured captured = capture();
    if (captured == Captured.nothing()) {
      return callback;
    }
    return value -> {
      Restored restored = restore(captured);
      try {
        callback.accept(value);
      } finally {
        putBack(restored);
      }
    };
  }

  private static Restored restore(Captured captured) {
    return requireNonNull(captured.restore(), "restored context");
  }

  private void putBack(Restored restored) {
    try {
      restored.close();
    } catch (Throwable e) { // the body has run: its outcome is its own
      engine.uncaught(e);
    }
  }
}
