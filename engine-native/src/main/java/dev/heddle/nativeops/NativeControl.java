// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import static java.util.Objects.requireNonNull;

import dev.heddle.TaskContext;
import dev.heddle.error.TaskCancelledException;
import org.jspecify.annotations.Nullable;

/**
 * Who hears of the progress of a long operation, and who may stop it. For the thread that calls the
 * operation; may be used for one after the other.
 */
public final class NativeControl {

  private static final NativeControl NONE = new NativeControl(null, null);

  private final @Nullable ProgressListener listener;
  private final @Nullable TaskContext task;

  private NativeControl(@Nullable ProgressListener listener, @Nullable TaskContext task) {
    this.listener = listener;
    this.task = task;
  }

  /**
   * Returns a control under which nobody listens, and nobody may stop the operation.
   *
   * @return always the same
   */
  public static NativeControl none() {
    return NONE;
  }

  /**
   * Makes a control with a listener.
   *
   * @param listener hears of the progress; by throwing, it stops the operation
   * @return the control
   */
  public static NativeControl of(ProgressListener listener) {
    return new NativeControl(requireNonNull(listener, "listener"), null);
  }

  /**
   * Makes the control of a running task: its progress is that of the operation ({@link
   * TaskContext#progress}), and when it is cancelled, the operation stops within a millisecond of
   * work and throws a {@link TaskCancelledException}.
   *
   * @param task the running task
   * @return the control, for the thread that runs the task, while it runs
   */
  public static NativeControl of(TaskContext task) {
    return new NativeControl(null, requireNonNull(task, "task"));
  }

  /**
   * Returns a control of the same task, which tells a listener instead.
   *
   * @param listener hears of the progress; by throwing, it stops the operation
   * @return the control
   */
  public NativeControl withListener(ProgressListener listener) {
    return new NativeControl(requireNonNull(listener, "listener"), task);
  }

  /**
   * Returns whose cancellation stops the operation.
   *
   * @return the running task, {@code null} if there is none
   */
  public @Nullable TaskContext task() {
    return task;
  }

  /**
   * Returns who hears of the progress.
   *
   * @return the listener, or the running task as one; {@code null} if nobody does
   */
  public @Nullable ProgressListener listener() {
    TaskContext context = task;
    return listener != null || context == null ? listener : context::progress;
  }
}
