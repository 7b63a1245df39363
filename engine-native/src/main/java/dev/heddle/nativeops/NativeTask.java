// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import static java.util.Objects.requireNonNull;

import dev.heddle.Task;
import dev.heddle.TaskContext;
import dev.heddle.error.SegmentOwnerException;
import dev.heddle.error.SegmentReleasedException;
import dev.heddle.memory.OwnedSegment;
import org.jspecify.annotations.Nullable;

/**
 * A task that owns off-heap memory, its payload, which goes to the operations without a copy and is
 * freed when the body has ended. So it runs once.
 *
 * <p>A task that was made and will not run, because it was refused or cancelled before it started,
 * still has its payload: {@link #close} frees it. Closing one that has run does nothing.
 *
 * {@snippet class="dev.heddle.nativeops.NativeSnippets" region="task"}
 *
 * @param <R> the type of the result
 */
/*
 * Roles.        payload: taken, once, by the run or by who closes.
 */
public final class NativeTask<R extends @Nullable Object> implements Task<R>, AutoCloseable {

  private final OwnedSegment payload;
  private final NativeBody<R> body;
  private boolean taken; // guarded by this

  private NativeTask(OwnedSegment payload, NativeBody<R> body) {
    this.payload = payload;
    this.body = body;
  }

  /**
   * Makes a task of some memory, which belongs to the task from now on.
   *
   * @param payload the caller's
   * @param body what to do with it
   * @param <R> the type of the result
   * @return a task for one run
   * @throws SegmentReleasedException if the payload was closed, moved or shared
   * @throws SegmentOwnerException if it belongs to another task
   */
  public static <R extends @Nullable Object> NativeTask<R> of(
      OwnedSegment payload, NativeBody<R> body) {
    requireNonNull(payload, "payload");
    requireNonNull(body, "body");
    return new NativeTask<>(payload.move(), body);
  }

  /**
   * Runs the body with the payload. For the engine.
   *
   * @throws SegmentReleasedException if this task has run or was closed
   */
  @Override
  public R run(TaskContext context) throws Exception {
    if (!take()) {
      throw new SegmentReleasedException(
          "a native task runs once, and its payload is freed then: "
              + context.taskName()
              + " (make a task of new memory for each run)");
    }
    try (payload) {
      return body.run(payload.segment(), context);
    }
  }

  /** Frees the payload of a task that has not run and will not run. */
  @Override
  public void close() {
    if (take()) {
      payload.close();
    }
  }

  private synchronized boolean take() {
    boolean first = !taken;
    taken = true;
    return first;
  }
}
