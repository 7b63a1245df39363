// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.observe.EngineDump;
import dev.heddle.observe.Explanation;
import dev.heddle.observe.Explanation.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says what a task waits for. Called by any thread; reads what others write, at some moment. */
final class Explanations {

  /** What else is in the way is told of so many workers. */
  private static final int MAX_WORKERS = 16;

  private final TaskEngineImpl engine;

  Explanations(TaskEngineImpl engine) {
    this.engine = engine;
  }

  Explanation explain(TaskHandleImpl<?> handle) {
    List<String> reasons = new ArrayList<>();
    State state = state(handle, reasons);
    return new Explanation(handle.describe(), state, reasons);
  }

  private State state(TaskHandleImpl<?> handle, List<String> reasons) {
    if (handle.isDone()) {
      reasons.add("it has ended: state=" + handle.state());
      for (TaskHandleImpl<?> body : handle.bodies()) {
        TaskRunner runner = body.runnerAcquire();
        if (runner != null && runs(runner, body)) {
          reasons.add("its body goes on: " + place(runner));
        }
      }
      return State.ENDED;
    }
    if (handle instanceof GuardedTask<?> guarded) {
      return guardedState(guarded, reasons);
    }
    return plainState(handle, reasons);
  }

  private State guardedState(GuardedTask<?> task, List<String> reasons) {
    Optional<Duration> pause = task.untilNextAttempt();
    List<? extends Attempt<?>> attempts = task.attemptsNow();
    if (attempts.isEmpty()) {
      Optional<Duration> delay = pause.or(() -> engine.guests.untilDue(task));
      reasons.add(
          delay
              .map(time -> (pause.isPresent() ? "its next attempt" : "it") + " is due in " + time)
              .orElse("it is about to begin or to end"));
      return State.DELAYED;
    }
    State state = State.QUEUED;
    for (Attempt<?> attempt : attempts) {
      if (attempts.size() > 1 || attempt.attempt() > 1) {
        reasons.add("attempt " + attempt.attempt() + ":");
      }
      Optional<String> missing = attempt.waitsForResources();
      if (missing.isPresent()) {
        reasons.add("it " + missing.get());
        state = state == State.RUNNING ? state : State.WAITS_FOR_RESOURCES;
      } else {
        State its = plainState(attempt, reasons);
        state = state == State.RUNNING ? state : its;
      }
    }
    return state;
  }

  private State plainState(TaskHandleImpl<?> task, List<String> reasons) {
    TaskRunner runner = task.runnerAcquire();
    if (runner != null) {
      explainRunning(task, runner, reasons);
      return State.RUNNING;
    }
    if (task.home == TaskHandleImpl.HELD) {
      Optional<Duration> delay = engine.guests.untilDue(task);
      if (delay.isPresent()) {
        reasons.add("it is due in " + delay.get());
        return State.DELAYED;
      }
      reasons.add("its strategy has it and has not started it: " + engine.guests.strategyOf(task));
      return State.WAITS_FOR_ITS_STRATEGY;
    }
    reasons.add(
        "it waits for a worker: queued="
            + engine.metrics().queued()
            + ", workers="
            + engine.workers.length);
    explainWorkers(reasons);
    return State.QUEUED;
  }

  private void explainRunning(TaskHandleImpl<?> task, TaskRunner runner, List<String> reasons) {
    List<EngineDump.Run> runs = engine.dumps.runs(runner);
    for (int i = 0; i < runs.size(); i++) {
      EngineDump.Run run = runs.get(i);
      if (run.taskId() == task.id()) {
        reasons.add("it runs: " + run);
        if (i + 1 < runs.size()) {
          reasons.add("it waits for a task that runs inside it: " + runs.getLast());
        }
      }
    }
    Optional<String> missing = runner.waitsForResources();
    missing.ifPresent(what -> reasons.add("it " + what));
    TaskHandleImpl<?> next = runner.outermost().waitsFor();
    if (next != null) {
      reasons.add("it waits for another task: " + next.describe() + ", state=" + next.state());
    }
    reasons.add("its thread: " + place(runner));
  }

  private void explainWorkers(List<String> reasons) {
    for (int post = 0; post < Math.min(engine.workers.length, MAX_WORKERS); post++) {
      Worker worker = engine.workers[post];
      List<EngineDump.Run> runs = engine.dumps.runs(worker);
      String what =
          runs.isEmpty()
              ? (engine.isAsleep(post) ? "asleep" : "between two tasks")
              : "runs " + runs.getLast() + ", " + place(worker);
      reasons.add(worker.threadName() + ": inbox=" + worker.inbox.size() + ", " + what);
    }
  }

  private static boolean runs(TaskRunner runner, TaskHandleImpl<?> task) {
    List<TaskHandleImpl<?>> tasks = new ArrayList<>();
    runner.addTasks(tasks);
    return tasks.contains(task);
  }

  private static String place(TaskRunner runner) {
    Thread thread = runner.thread();
    List<StackTraceElement> stack = runner.stack();
    @Nullable StackTraceElement top = stack.isEmpty() ? null : stack.getFirst();
    return "thread="
        + runner.threadName()
        + ", state="
        + (thread == null ? "none" : thread.getState())
        + ", at="
        + (top == null ? "unknown" : top);
  }
}
