// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import org.jspecify.annotations.Nullable;

/**
 * The failure of one task, and whether anybody has looked at it. A phantom reference to the handle,
 * so that the engine learns when nobody can look any more; only failed tasks have one.
 */
final class FailureRecord extends PhantomReference<TaskHandleImpl<?>> {

  private final UnobservedFailures home;
  private final Throwable error;
  private final String task;

  FailureRecord(
      TaskHandleImpl<?> handle,
      Throwable error,
      @Nullable String site,
      UnobservedFailures home,
      ReferenceQueue<TaskHandleImpl<?>> collected) {
    super(handle, collected);
    this.error = error;
    this.home = home;
    this.task = handle.describe() + ", site=" + site;
  }

  /** Returns the error to somebody who looks; it will not be reported. */
  Throwable observe() {
    home.forget(this);
    return error;
  }

  Throwable error() {
    return error;
  }

  String task() {
    return task;
  }
}
