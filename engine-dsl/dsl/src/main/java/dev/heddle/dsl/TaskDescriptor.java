// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import static java.util.Objects.requireNonNull;

import dev.heddle.TaskOptions;
import dev.heddle.error.InvalidNameException;

/**
 * What is known of a task without its code and its input. The processor makes one for each method
 * of a {@link TaskSet}.
 *
 * @param options its name and how it is to be run
 * @param schemaId stands for the types of its input and its result: another one means that what was
 *     written down for the one cannot be read for the other
 */
public record TaskDescriptor(TaskOptions options, String schemaId) {

  /**
   * Makes a descriptor.
   *
   * @throws InvalidNameException if the id is not 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}
   */
  public TaskDescriptor {
    requireNonNull(options, "options");
    InvalidNameException.check("schemaId", requireNonNull(schemaId, "schemaId"));
  }

  /**
   * Returns what the task is called: the name of its set, a dot, and its own.
   *
   * @return the name, such as {@code math.add}
   */
  public String name() {
    return options.name();
  }
}
