// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.Registration;
import dev.heddle.Task;
import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import dev.heddle.TaskFunction;
import dev.heddle.TaskOptions;
import dev.heddle.error.FailureContext;
import dev.heddle.resource.Lease;
import dev.heddle.resource.Limit;
import dev.heddle.resource.Resource;
import dev.heddle.spi.ContextPropagation.Captured;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A task with one attempt, which has a timeout or may be interrupted: a plain task and a timer. One
 * that may have further attempts is a {@link GuardedTask}.
 *
 * @param <R> the type of the result
 */
/*
 * Roles.        timedOut: written by the timer thread, once it has the right to decide; read by anybody.
 * States.       A timeout decides the outcome of a running body as who cancels it does, by the step to CANCELLING; but the
 *               outcome is a failure, and its body, which goes on, must see that it should end. So the body sees the task through
 *               a context of its own, and timedOut is written before the outcome shows.
 * Threads.      The timer thread decides, and releases who waits; it never runs users' code (see TaskListeners).
 * Evidence.     TaskTimeoutTest, soak CancelStorm.
 */
class LimitedTask<R extends @Nullable Object> extends TimedRun<R> {

  private final TaskOptions options;
  private final TaskContext context = new BodyContext();
  private volatile boolean timedOut;

  LimitedTask(TaskEngineImpl engine, Object body, TaskOptions options, Captured captured) {
    super(engine, options.name(), body, captured);
    this.options = options;
  }

  /** Tells whether a task that has one attempt has to be one of these. */
  static boolean isNeeded(TaskOptions options) {
    return options.timeout().isPresent() || options.interruptible();
  }

  /** One of a {@link dev.heddle.TaskEngine#submitEach submission} for each item. */
  static final class OfItem<T extends @Nullable Object, R extends @Nullable Object>
      extends LimitedTask<R> {
    private final T item;

    OfItem(
        TaskEngineImpl engine,
        TaskFunction<? super T, R> body,
        T item,
        TaskOptions options,
        Captured captured) {
      super(engine, body, options, captured);
      this.item = item;
    }

    @Override
    @SuppressWarnings("unchecked") // the constructor takes nothing else
    R run(Object body, TaskContext context) throws Exception {
      return ((TaskFunction<? super T, R>) body).apply(item, context);
    }
  }

  @Override
  final R call(Object body) throws Exception {
    begin();
    if (options.timeout().isPresent()) {
      setTimeout(options.timeout().get());
    }
    return run(body, context);
  }

  @SuppressWarnings("unchecked") // the constructor of this class takes nothing else
  R run(Object body, TaskContext context) throws Exception {
    return ((Task<R>) body).run(context);
  }

  @Override
  final void settle(TaskRunner worker, @Nullable Object value, @Nullable Throwable error) {
    endTimeout();
    super.settle(worker, value, error);
  }

  @Override
  final void fail(TaskRunner worker, Throwable error) {
    endTimeout();
    super.fail(worker, error);
  }

  @Override
  final void timeIsOver() {
    engine().lifeCycle().addGuest(); // closing waits for what is called back
    try {
      if (tryDecide()) {
        endTimedOut();
      }
    } finally {
      engine().lifeCycle().guestEnded();
    }
  }

  private void endTimedOut() {
    timedOut = true;
    Object failure;
    try {
      engine().books.timeouts.increment();
      engine().books.failedElsewhere.increment();
      FailureContext story = story();
      failure = track(timedOut(options.timeout().orElseThrow(), story), story);
    } catch (Throwable e) { // no memory: it is over all the same
      failure = e;
    }
    try {
      endTracked(failure);
    } finally {
      stopBody(options.interruptible());
    }
  }

  @Override
  final boolean cancel(String reason, boolean interrupt) {
    return super.cancel(reason, interrupt || options.interruptible());
  }

  // ---- what the body sees

  @Override
  final TaskContext context() {
    return context;
  }

  @Override
  final boolean isToStop() {
    return timedOut || isCancelled();
  }

  @Override
  final String reasonToStop() {
    return timedOut ? "its timeout was over" : super.reasonToStop();
  }

  /**
   * The task as its body sees it. A handle says {@code isCancelled()} of a task that was cancelled,
   * as each {@code Future} must; a body hears by it that it should end.
   */
  private final class BodyContext implements TaskContext {

    @Override
    public boolean isCancelled() {
      return isToStop();
    }

    @Override
    public long taskId() {
      return LimitedTask.this.taskId();
    }

    @Override
    public String taskName() {
      return LimitedTask.this.taskName();
    }

    @Override
    public void checkCancelled() {
      LimitedTask.this.checkCancelled();
    }

    @Override
    public Registration onCancel(Runnable action) {
      return LimitedTask.this.onCancel(action);
    }

    @Override
    public <T extends @Nullable Object> T blocking(Callable<T> body) throws Exception {
      return LimitedTask.this.blocking(body);
    }

    @Override
    public <T extends @Nullable Object> Lease<T> lease(Resource<T> resource) {
      return LimitedTask.this.lease(resource);
    }

    @Override
    public <T extends @Nullable Object> Lease<T> acquire(Resource<T> resource, Duration atMost) {
      return LimitedTask.this.acquire(resource, atMost);
    }

    @Override
    public Lease<@Nullable Void> acquire(Limit limit, int permits, Duration atMost) {
      return LimitedTask.this.acquire(limit, permits, atMost);
    }

    @Override
    public int attempt() {
      return LimitedTask.this.attempt();
    }

    @Override
    public void progress(long done, long total) {
      LimitedTask.this.progress(done, total);
    }

    @Override
    public MemorySegment cancelFlag() {
      return LimitedTask.this.cancelFlag();
    }

    @Override
    public Arena arena() {
      return LimitedTask.this.arena();
    }

    @Override
    public TaskEngine engine() {
      return LimitedTask.this.engine();
    }
  }
}
