// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.Outcome;
import dev.heddle.TaskGroup;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskException;
import dev.heddle.error.TaskInterruptedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** Handles that were made together. */
final class TaskGroupImpl<R extends @Nullable Object> implements TaskGroup<R> {

  private final List<TaskHandleImpl<R>> handles;

  TaskGroupImpl(List<TaskHandleImpl<R>> handles) {
    this.handles = handles;
  }

  @Override
  public List<R> join() {
    awaitAll();
    List<R> values = new ArrayList<>(handles.size());
    Failures failures = new Failures();
    for (TaskHandleImpl<R> handle : handles) {
      if (handle.state() == Future.State.SUCCESS) {
        values.add(handle.resultNow());
      } else {
        failures.add(handle, handle.outcome());
      }
    }
    failures.throwIfAny();
    return values;
  }

  @Override
  public List<Outcome<R>> outcomes() {
    awaitAll();
    List<Outcome<R>> outcomes = new ArrayList<>(handles.size());
    for (TaskHandleImpl<R> handle : handles) {
      outcomes.add(handle.outcome());
    }
    return outcomes;
  }

  /**
   * Waits for all tasks; a worker runs those first that nobody has started. The last one is waited
   * for first, as it likely ends last: who looks at a task that runs takes its cache line away.
   */
  private void awaitAll() {
    handles.forEach(TaskHandleImpl::runIfOnWorker);
    for (TaskHandleImpl<R> handle : handles.reversed()) {
      handle.waitInterruptibly();
    }
  }

  @Override
  public R first() {
    return first(1).getFirst();
  }

  @Override
  public List<R> first(int k) {
    if (k < 1 || k > handles.size()) {
      throw new IllegalArgumentException(
          "k must be from 1 to the size of the group: k=" + k + ", size=" + handles.size());
    }
    BlockingQueue<Ended<R>> ended = new LinkedBlockingQueue<>();
    for (TaskHandleImpl<R> handle : endedFirst()) {
      handle.onComplete(outcome -> ended.add(new Ended<>(handle, outcome)));
    }
    List<R> values = new ArrayList<>(k);
    Failures failures = new Failures();
    for (int left = handles.size(); values.size() < k; left--) {
      if (values.size() + left < k) {
        cancel();
        failures.throwIfAny();
      }
      Ended<R> next = next(ended);
      if (next.outcome() instanceof Outcome.Success<R>(R value)) {
        values.add(value);
      } else {
        failures.add(next.handle(), next.outcome());
      }
    }
    cancel();
    return values;
  }

  /**
   * The handles, those of ended tasks first. Refuses to wait for a task that the caller is itself,
   * or that is below the caller on its stack: it could never end.
   */
  private List<TaskHandleImpl<R>> endedFirst() {
    List<TaskHandleImpl<R>> inOrder = new ArrayList<>(handles.size());
    List<TaskHandleImpl<R>> others = new ArrayList<>();
    for (TaskHandleImpl<R> handle : handles) {
      handle.refuseToWaitForItself();
      (handle.isDone() ? inOrder : others).add(handle);
    }
    inOrder.addAll(others);
    return inOrder;
  }

  /** The next to end; a worker runs tasks of the group that nobody has started while it waits. */
  private Ended<R> next(BlockingQueue<Ended<R>> ended) {
    try {
      for (TaskHandleImpl<R> handle : handles) {
        Ended<R> next = ended.poll();
        if (next != null) {
          return next;
        }
        handle.runIfOnWorker();
      }
      return ended.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TaskInterruptedException(
          "interrupted while waiting for a group: size=" + handles.size(), e);
    }
  }

  /** A task that has ended. */
  private record Ended<R extends @Nullable Object>(TaskHandleImpl<R> handle, Outcome<R> outcome) {}

  @Override
  public void cancel() {
    for (TaskHandleImpl<R> handle : handles) {
      handle.cancel("its group was cancelled", false);
    }
  }

  @Override
  public int size() {
    return handles.size();
  }

  @Override
  public String toString() {
    return "TaskGroup[size=" + handles.size() + "]";
  }

  /**
   * Makes one exception of what went wrong: a failure before a cancellation, the others suppressed.
   */
  private static final class Failures {
    private @Nullable TaskException failed;
    private @Nullable TaskException cancelled;

    void add(TaskHandleImpl<?> handle, Outcome<?> outcome) {
      switch (outcome) {
        case Outcome.Success<?> success -> {}
        case Outcome.Failure<?> failure -> {
          TaskException next = handle.failedException();
          if (failed == null) {
            failed = next;
          } else {
            failed.addSuppressed(next);
          }
        }
        case Outcome.Cancelled<?>(String reason) -> {
          if (cancelled == null) {
            cancelled =
                new TaskCancelledException(
                    "task was cancelled: " + handle.describe() + ", reason=" + reason);
          }
        }
        case Outcome.Rejected<?>(RejectedTaskException error) ->
            cancelled = cancelled == null ? error : cancelled;
      }
    }

    void throwIfAny() {
      if (failed != null) {
        throw failed;
      }
      if (cancelled != null) {
        throw cancelled;
      }
    }
  }
}
