// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.Outcome;
import dev.heddle.TaskGroup;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.error.TaskInterruptedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
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
    List<R> values = new ArrayList<>(handles.size());
    Failures failures = new Failures();
    for (Outcome<R> outcome : outcomes()) {
      if (outcome instanceof Outcome.Success<R>(R value)) {
        values.add(value);
      } else {
        failures.add(outcome);
      }
    }
    failures.throwIfAny();
    return values;
  }

  @Override
  public List<Outcome<R>> outcomes() {
    List<Outcome<R>> outcomes = new ArrayList<>(handles.size());
    for (TaskHandleImpl<R> handle : handles) {
      outcomes.add(handle.outcome());
    }
    return outcomes;
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
    BlockingQueue<Outcome<R>> ended = new LinkedBlockingQueue<>();
    for (TaskHandleImpl<R> handle : handles) {
      handle.onComplete(ended::add);
    }
    List<R> values = new ArrayList<>(k);
    Failures failures = new Failures();
    for (int left = handles.size(); values.size() < k; left--) {
      if (values.size() + left < k) {
        cancel();
        failures.throwIfAny();
      }
      Outcome<R> outcome = next(ended);
      if (outcome instanceof Outcome.Success<R>(R value)) {
        values.add(value);
      } else {
        failures.add(outcome);
      }
    }
    cancel();
    return values;
  }

  /** The next outcome; a worker runs tasks of the group that nobody has started while it waits. */
  private Outcome<R> next(BlockingQueue<Outcome<R>> ended) {
    try {
      for (TaskHandleImpl<R> handle : handles) {
        Outcome<R> outcome = ended.poll();
        if (outcome != null) {
          return outcome;
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

    void add(Outcome<?> outcome) {
      try {
        outcome.orThrow();
      } catch (TaskFailedException e) {
        if (failed == null) {
          failed = e;
        } else {
          failed.addSuppressed(e);
        }
      } catch (TaskCancelledException | RejectedTaskException e) {
        cancelled = cancelled == null ? e : cancelled;
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
