// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.Task;
import dev.heddle.TaskContext;
import dev.heddle.TaskFunction;
import org.jspecify.annotations.Nullable;

/**
 * A task that says what to do when it has failed; see {@link Task#fallback}. Submitted, it is a
 * {@link GuardedTask}; inside another task that calls it, it has one attempt.
 *
 * @param body the task
 * @param fallback what to do with what it failed with
 * @param <R> the type of its result
 */
public record FallbackTask<R extends @Nullable Object>(
    Task<R> body, TaskFunction<? super Throwable, ? extends R> fallback) implements Task<R> {

  @Override
  public R run(TaskContext context) throws Exception {
    try {
      return body.run(context);
    } catch (Throwable e) {
      context.checkCancelled();
      try {
        return fallback.apply(e, context);
      } catch (Throwable later) {
        TaskHandleImpl.suppress(/* error= */ later, /* later= */ e);
        throw later;
      }
    }
  }
}
