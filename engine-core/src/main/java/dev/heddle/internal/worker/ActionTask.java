// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.Task;
import dev.heddle.TaskAction;
import dev.heddle.TaskContext;
import org.jspecify.annotations.Nullable;

/**
 * A task without a result; see {@link Task#action}.
 *
 * @param body what it does
 */
public record ActionTask(TaskAction body) implements Task<@Nullable Void> {

  @Override
  public @Nullable Void run(TaskContext context) throws Exception {
    body.run(context);
    return null;
  }
}
