// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import dev.heddle.TaskContext;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link NativeTask} does.
 *
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface NativeBody<R extends @Nullable Object> {

  /**
   * Computes the result.
   *
   * @param payload the memory of the task, valid until this method returns
   * @param context what the engine offers to this run; {@link NativeControl#of(TaskContext)} makes
   *     long operations report to it and stop with it
   * @return the result
   * @throws Exception any failure
   */
  R run(MemorySegment payload, TaskContext context) throws Exception;
}
