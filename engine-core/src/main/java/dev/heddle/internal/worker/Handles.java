// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.Task;
import dev.heddle.TaskFunction;
import dev.heddle.spi.ContextPropagation.Captured;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The kinds of handle, one for each form of body, so that a submission allocates one object. */
final class Handles {

  private Handles() {}

  static final class OfTask<R extends @Nullable Object> extends TaskHandleImpl<R> {
    OfTask(TaskEngineImpl engine, String name, Task<R> body) {
      super(engine, name, body);
    }

    OfTask(TaskEngineImpl engine, String name, Task<R> body, Captured captured) {
      super(engine, name, body, captured);
    }

    @Override
    @SuppressWarnings("unchecked") // the constructor takes nothing else
    R call(Object body) throws Exception {
      return ((Task<R>) body).run(this);
    }
  }

  static final class OfCallable<R extends @Nullable Object> extends TaskHandleImpl<R> {
    OfCallable(TaskEngineImpl engine, String name, Callable<R> body) {
      super(engine, name, body);
    }

    @Override
    @SuppressWarnings("unchecked") // the constructor takes nothing else
    R call(Object body) throws Exception {
      return ((Callable<R>) body).call();
    }
  }

  static final class OfRunnable extends TaskHandleImpl<@Nullable Void> {
    OfRunnable(TaskEngineImpl engine, String name, Runnable body) {
      super(engine, name, body);
    }

    OfRunnable(TaskEngineImpl engine, String name, Runnable body, Captured captured) {
      super(engine, name, body, captured);
    }

    @Override
    @Nullable Void call(Object body) {
      ((Runnable) body).run();
      return null;
    }
  }

  static final class OfItem<T extends @Nullable Object, R extends @Nullable Object>
      extends TaskHandleImpl<R> {
    private final T item;

    OfItem(
        TaskEngineImpl engine,
        String name,
        TaskFunction<? super T, R> body,
        T item,
        Captured captured) {
      super(engine, name, body, captured);
      this.item = item;
    }

    @Override
    @SuppressWarnings("unchecked") // the constructor takes nothing else
    R call(Object body) throws Exception {
      return ((TaskFunction<? super T, R>) body).apply(item, this);
    }
  }
}
