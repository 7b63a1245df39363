// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import dev.heddle.TaskContext;
import dev.heddle.nativeops.NativeCallbackException;
import dev.heddle.nativeops.NativeControl;
import dev.heddle.nativeops.ProgressListener;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** The looks of one long operation in Java at what controls it. */
final class Looks {

  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  private final @Nullable TaskContext task;
  private final @Nullable MemorySegment cancelFlag;
  private final @Nullable ProgressListener listener;
  private final long total;
  private final MemorySegment[] used;

  /** Makes the looks of an operation that uses some memory, which a listener must not close. */
  Looks(NativeControl control, long total, MemorySegment... used) {
    this.task = control.task();
    this.cancelFlag = task == null ? null : task.cancelFlag(); // refuses as it does for C
    this.listener = control.listener();
    this.total = total;
    this.used = used;
  }

  /** Says that so much is done. Throws if the operation is to stop. */
  void look(long done) {
    if (task != null && cancelFlag != null && (int) INT.getOpaque(cancelFlag, 0L) != 0) {
      task.checkCancelled();
    }
    if (listener != null) {
      try {
        listener.progress(done, total);
      } catch (Throwable e) {
        throw stopped(e);
      }
      Arguments.open(used);
    }
  }

  static NativeCallbackException stopped(Throwable thrown) {
    return new NativeCallbackException(
        "the listener has stopped the operation: " + thrown.getClass().getName(), thrown);
  }
}
