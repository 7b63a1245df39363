// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.Task;
import dev.heddle.TaskContext;
import org.jspecify.annotations.Nullable;

/**
 * A task that its author has marked as blocking; see {@link Task#blocking}.
 *
 * @param body the task
 * @param <R> the type of its result
 */
public record BlockingTask<R extends @Nullable Object>(Task<R> body) implements Task<R> {

  @Override
  public R run(TaskContext context) throws Exception {
    return body.run(context);
  }
}
