// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.Task;
import dev.heddle.TaskContext;
import dev.heddle.TaskFunction;
import org.jspecify.annotations.Nullable;

/**
 * A function and its argument; see {@link Task#of}.
 *
 * @param function what it does
 * @param item to what
 * @param <T> the type of the argument
 * @param <R> the type of the result
 */
public record AppliedTask<T extends @Nullable Object, R extends @Nullable Object>(
    TaskFunction<? super T, ? extends R> function, T item) implements Task<R> {

  @Override
  public R run(TaskContext context) throws Exception {
    return function.apply(item, context);
  }
}
