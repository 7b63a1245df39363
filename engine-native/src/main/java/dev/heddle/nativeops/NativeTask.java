// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import static java.util.Objects.requireNonNull;

import dev.heddle.Task;
import dev.heddle.TaskContext;
import dev.heddle.error.SegmentOwnerException;
import dev.heddle.error.SegmentReleasedException;
import dev.heddle.memory.OwnedSegment;
import java.lang.foreign.MemorySegment;
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
 * Once.         The payload is nobody's until the run, or who closes, is the first to use it, which its handle decides. So
 *               nothing else has to be kept here, and the JIT makes no object of a task that does not leave its method.
 */
public final class NativeTask<R extends @Nullable Object> implements Task<R>, AutoCloseable {

  private final OwnedSegment payload;
  private final NativeBody<R> body;

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
   * @throws SegmentOwnerException if it runs already
   */
  @Override
  public R run(TaskContext context) throws Exception {
    MemorySegment memory = payload.segment();
    try {
      return body.run(memory, context);
    } finally {
      payload.close();
    }
  }

  /** Frees the payload of a task that has not run and will not run. */
  @Override
  public void close() {
    try {
      payload.close();
    } catch (SegmentReleasedException | SegmentOwnerException e) {
      // It has run, or runs now, and frees its payload itself.
    }
  }
}
