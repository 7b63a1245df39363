// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.error.FailureContext;
import dev.heddle.internal.util.Seam;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The failure of one task, and whether anybody has looked at it. A phantom reference to the handle,
 * so that the engine learns when nobody can look any more; only failed tasks have one.
 */
final class FailureRecord extends PhantomReference<TaskHandleImpl<?>> {

  /** How many tasks that have submitted each other are named. */
  private static final int MAX_PARENTS = 16;

  private final UnobservedFailures home;
  private final Throwable error;
  private final FailureContext context;

  FailureRecord(
      TaskHandleImpl<?> handle,
      Throwable error,
      FailureContext context,
      UnobservedFailures home,
      ReferenceQueue<TaskHandleImpl<?>> collected) {
    super(handle, collected);
    this.error = error;
    this.home = home;
    this.context = context;
  }

  /**
   * The story of the attempt that a runner has just run, or runs. Called before the outcome is
   * decided: then the parent is forgotten.
   *
   * @param runner what runs it; {@code null} if nothing does
   * @param submittedNanos 0 if that was not looked at
   * @param startedNanos 0 if the record says so; only for the thread of the runner, then
   */
  static FailureContext contextOf(
      TaskHandleImpl<?> handle,
      @Nullable TaskRunner runner,
      long submittedNanos,
      long startedNanos) {
    List<FailureContext.Parent> parents = new ArrayList<>();
    TaskHandleImpl<?> parent = handle.parentAcquire();
    while (parent != null && parents.size() < MAX_PARENTS) {
      parents.add(new FailureContext.Parent(parent.id(), parent.name()));
      parent = parent.parentAcquire();
    }
    Optional<Duration> waited = Optional.empty();
    Optional<Duration> ran = Optional.empty();
    OptionalLong started = OptionalLong.empty();
    if (startedNanos != 0) {
      started = OptionalLong.of(startedNanos);
    } else if (runner != null) {
      started = runner.record().exactStartNanos();
    }
    if (started.isPresent()) {
      ran = Optional.of(nanos(Seam.nanoTime() - started.getAsLong()));
      if (submittedNanos != 0) {
        waited = Optional.of(nanos(started.getAsLong() - submittedNanos));
      }
    }
    return new FailureContext(
        handle.engine().config().name(),
        handle.id(),
        handle.name(),
        handle.attempt(),
        runner == null ? "none" : runner.threadName(),
        Optional.ofNullable(handle.site()),
        parents,
        waited,
        ran,
        "");
  }

  private static Duration nanos(long nanos) {
    return Duration.ofNanos(Math.max(0, nanos)); // submissions have their last bit set
  }

  /** Returns the error to somebody who looks; it will not be reported. */
  Throwable observe() {
    home.forget(this);
    return error;
  }

  Throwable error() {
    return error;
  }

  FailureContext context() {
    return context;
  }

  /** Name and id, and where tasks of this kind were seen to be submitted. */
  String task() {
    return "name="
        + context.taskName()
        + ", id="
        + context.taskId()
        + ", site="
        + context.site().map(StackTraceElement::toString).orElse("null");
  }
}
