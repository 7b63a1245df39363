// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.FailureContext;
import dev.heddle.error.TaskTimedOutException;
import dev.heddle.internal.timer.Timers.Timer;
import dev.heddle.internal.util.Durations;
import dev.heddle.spi.ContextPropagation.Captured;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task whose body may have a limit of time. Its clock is read at the start, once: for the timer
 * and for the story of a failure.
 *
 * @param <R> the type of the result
 */
/*
 * Roles.        timeout, startedNanos: written by the thread that runs the body, before the body. The timer publishes the latter
 *               to timeIsOver.
 */
abstract class TimedRun<R extends @Nullable Object> extends TaskHandleImpl<R> {

  private @Nullable Timer timeout;
  private long startedNanos;

  TimedRun(TaskEngineImpl engine, String name, Object body, Captured captured) {
    super(engine, name, body, captured);
  }

  /** Makes an attempt of a task, see {@link TaskHandleImpl}. */
  TimedRun(GuardedTask<R> task, Object kept, boolean isFirst) {
    super(task, kept, isFirst);
  }

  /** Says that the body starts. Called by the thread that runs it, as the next one is. */
  final TaskRunner begin() {
    TaskRunner runner = requireNonNull(runnerAcquire());
    startedNanos = runner.startAttempt(attempt());
    return runner;
  }

  /** Limits the time of the body, from {@link #begin} on. */
  final void setTimeout(Duration limit) {
    long nanos = Durations.waitNanos("timeout", limit);
    timeout = engine().timers.after(startedNanos, nanos, this::timeIsOver);
  }

  /** Called on the timer thread, unless the body has ended before. */
  abstract void timeIsOver();

  /** Forgets the limit. Called by the thread that has run the body. */
  final void endTimeout() {
    Timer set = timeout;
    if (set != null) {
      set.cancel();
    }
  }

  @Override
  final FailureContext storyOf(TaskRunner worker) {
    return failureContext(worker, startedNanos);
  }

  /** What is known of this run, once it has started. */
  final FailureContext story() {
    return failureContext(runnerAcquire(), startedNanos);
  }

  /** How long the body has run, in nanoseconds; for the thread that runs it. */
  final long ranNanos(long now) {
    return now - startedNanos;
  }

  final TaskTimedOutException timedOut(Duration limit, FailureContext story) {
    return new TaskTimedOutException(
        "attempt took longer than its timeout: "
            + describe()
            + ", attempt="
            + attempt()
            + ", timeout="
            + limit
            + " (look at isCancelled() in the body, or raise the timeout)",
        story);
  }
}
