// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import dev.heddle.error.RejectedTaskException;
import org.jspecify.annotations.Nullable;

/** Says who calls. Implemented by the engine, since only that knows its workers. */
public interface Callers {

  /**
   * Returns the memory of the task that runs on the calling thread.
   *
   * @return the same object for all tasks that run on a thread one after the other, or {@code null}
   *     for threads that run no task of the engine
   */
  @Nullable TaskMemory memoryOfCaller();

  /**
   * Says that the engine has closed.
   *
   * @return what to throw
   */
  RejectedTaskException engineClosed();
}
