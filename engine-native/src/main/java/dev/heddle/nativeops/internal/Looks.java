// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import dev.heddle.TaskContext;
import dev.heddle.nativeops.NativeCallbackException;
import dev.heddle.nativeops.NativeControl;
import dev.heddle.nativeops.ProgressListener;
import org.jspecify.annotations.Nullable;

/** The looks of one long operation in Java at what controls it. */
final class Looks {

  private final @Nullable TaskContext task;
  private final @Nullable ProgressListener listener;
  private final long total;

  Looks(NativeControl control, long total) {
    this.task = control.task();
    this.listener = control.listener();
    this.total = total;
  }

  /** Says that so much is done. Throws if the operation is to stop. */
  void look(long done) {
    if (task != null) {
      task.checkCancelled();
    }
    if (listener != null) {
      try {
        listener.progress(done, total);
      } catch (Throwable e) {
        throw stopped(e);
      }
    }
  }

  static NativeCallbackException stopped(Throwable thrown) {
    return new NativeCallbackException(
        "the listener has stopped the operation: " + thrown.getClass().getName(), thrown);
  }
}
