// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.error.DeadlockException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds tasks that wait for each other, on any threads of any engines, before the wait that closes
 * the circle begins.
 */
/*
 * Roles.        waitsFor: of the outermost runner of a thread, which stands for the thread; written by it around each
 *               wait without a limit of time, read by who waits elsewhere.
 * Finding.      A thread (1) says what it waits for, (2) follows from there: from a task to the thread that runs it, and to
 *               what that one waits for. Both are volatile, so of the threads of a circle the last to do (1) sees
 *               all of it in (2); others may see it, too: then each of these joins fails.
 * Why it is one. What (2) has followed may have changed meanwhile. So it is gone through once more, backwards. The last task
 *               runs on the caller's own thread and cannot end before the caller's wait does. So the thread before it, seen to
 *               wait for it still, waits until then; so the task that this thread runs cannot end; and so on. A limit of time elsewhere in
 *               the circle, or a cancellation, would end it: it is refused all the same, since nothing else would.
 * Not found.    Waits for what no task runs (a queue that is not helped, locks, latches of the program): the watch names those.
 * Evidence.     DeadlockTest.
 */
final class Waits {

  /** A circle of more tasks is not looked for. */
  private static final int MAX_TASKS = 1_000;

  private Waits() {}

  /** One step: a task, and the thread that runs it. */
  private record Step(TaskHandleImpl<?> task, TaskRunner thread) {}

  /**
   * Refuses a wait that could never end.
   *
   * @param thread the outermost runner of the calling thread
   * @param task what it is about to wait for
   * @throws DeadlockException if that waits for the caller, perhaps by way of others
   */
  static void refuseCircle(TaskRunner thread, TaskHandleImpl<?> task) {
    List<Step> steps = follow(thread, task);
    if (steps == null || !stillHolds(thread, steps)) {
      return;
    }
    StringBuilder text = new StringBuilder("tasks wait for each other: ");
    for (Step step : steps.reversed()) {
      text.append(name(step)).append(" -> ");
    }
    text.append(name(steps.getLast()));
    throw new DeadlockException(text + " (let one of them go on without the result of the other)");
  }

  private static String name(Step step) {
    return step.task.name()
        + " (id="
        + step.task.id()
        + ", engine="
        + step.task.engine().config().name()
        + ", thread="
        + step.thread.threadName()
        + ")";
  }

  /**
   * The steps from a task to one that runs on the given thread, {@code null} if there is no way.
   */
  private static @Nullable List<Step> follow(TaskRunner thread, TaskHandleImpl<?> from) {
    List<Step> steps = new ArrayList<>();
    TaskHandleImpl<?> task = from;
    while (steps.size() < MAX_TASKS) {
      TaskRunner runner = task.runnerAcquire();
      if (runner == null || task.isDone()) {
        return null;
      }
      TaskRunner its = runner.outermost();
      steps.add(new Step(task, its));
      if (its == thread) {
        return steps;
      }
      TaskHandleImpl<?> next = its.waitsFor();
      if (next == null) {
        return null;
      }
      task = next;
    }
    return null;
  }

  private static boolean stillHolds(TaskRunner thread, List<Step> steps) {
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      TaskHandleImpl<?> next = i + 1 < steps.size() ? steps.get(i + 1).task : null;
      TaskRunner runner = step.task.runnerAcquire();
      if (runner == null
          || runner.outermost() != step.thread
          || step.task.isDone()
          || (step.thread != thread && step.thread.waitsFor() != next)) {
        return false;
      }
    }
    return true;
  }
}
