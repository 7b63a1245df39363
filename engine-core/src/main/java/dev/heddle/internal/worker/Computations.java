// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static java.util.Objects.requireNonNull;

import dev.heddle.Task;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.fork.Fork;
import dev.heddle.fork.ForkBody;
import dev.heddle.fork.ForkDouble;
import dev.heddle.fork.ForkDouble2;
import dev.heddle.fork.ForkInt;
import dev.heddle.fork.ForkLong;
import dev.heddle.fork.ForkLong2;
import dev.heddle.internal.fork.ForkStack;
import dev.heddle.internal.fork.Loop;
import dev.heddle.internal.parallel.LoopRunner;
import org.jspecify.annotations.Nullable;

/** Where an engine's computations and loops run: on the worker that calls, or in a new task. */
final class Computations implements LoopRunner {

  private static final TaskOptions COMPUTE = TaskOptions.defaults().name("compute");
  private static final TaskOptions LOOP = TaskOptions.defaults().name("loop");

  private final TaskEngineImpl engine;

  Computations(TaskEngineImpl engine) {
    this.engine = engine;
  }

  long computeLong(ForkLong function, long argument) {
    requireNonNull(function, "function");
    Worker worker = currentWorker();
    if (worker == null) {
      return computeInTask(context -> forkStack().computeLong(function, argument, context));
    }
    try {
      return worker.forkStack().computeLong(function, argument, worker.currentContext());
    } catch (Throwable e) {
      throw computationFailed(e);
    }
  }

  long computeLong(ForkLong2 function, long first, long second) {
    requireNonNull(function, "function");
    Worker worker = currentWorker();
    if (worker == null) {
      return computeInTask(context -> forkStack().computeLong(function, first, second, context));
    }
    try {
      return worker.forkStack().computeLong(function, first, second, worker.currentContext());
    } catch (Throwable e) {
      throw computationFailed(e);
    }
  }

  int computeInt(ForkInt function, int argument) {
    requireNonNull(function, "function");
    Worker worker = currentWorker();
    if (worker == null) {
      return computeInTask(context -> forkStack().computeInt(function, argument, context));
    }
    try {
      return worker.forkStack().computeInt(function, argument, worker.currentContext());
    } catch (Throwable e) {
      throw computationFailed(e);
    }
  }

  double computeDouble(ForkDouble function, double argument) {
    requireNonNull(function, "function");
    Worker worker = currentWorker();
    if (worker == null) {
      return computeInTask(context -> forkStack().computeDouble(function, argument, context));
    }
    try {
      return worker.forkStack().computeDouble(function, argument, worker.currentContext());
    } catch (Throwable e) {
      throw computationFailed(e);
    }
  }

  double computeDouble(ForkDouble2 function, double first, double second) {
    requireNonNull(function, "function");
    Worker worker = currentWorker();
    if (worker == null) {
      return computeInTask(context -> forkStack().computeDouble(function, first, second, context));
    }
    try {
      return worker.forkStack().computeDouble(function, first, second, worker.currentContext());
    } catch (Throwable e) {
      throw computationFailed(e);
    }
  }

  <T extends @Nullable Object, R extends @Nullable Object> R compute(
      Fork<T, R> function, T argument) {
    requireNonNull(function, "function");
    Worker worker = currentWorker();
    if (worker == null) {
      return computeInTask(context -> forkStack().compute(function, argument, context));
    }
    try {
      return worker.forkStack().compute(function, argument, worker.currentContext());
    } catch (Throwable e) {
      throw computationFailed(e);
    }
  }

  <R extends @Nullable Object> R compute(ForkBody<R> body) {
    requireNonNull(body, "body");
    Worker worker = currentWorker();
    if (worker == null) {
      return computeInTask(context -> forkStack().compute(body, context));
    }
    try {
      return worker.forkStack().compute(body, worker.currentContext());
    } catch (Throwable e) {
      throw computationFailed(e);
    }
  }

  private @Nullable Worker currentWorker() {
    return engine.currentRunner() instanceof Worker worker ? worker : null;
  }

  /** The stack of the running task, which the calling thread runs. */
  private ForkStack forkStack() {
    return requireNonNull(engine.currentRunner()).forkStack();
  }

  private <R extends @Nullable Object> R computeInTask(Task<R> computation) {
    return joinComputation(engine.submit(computation, COMPUTE));
  }

  private static <R extends @Nullable Object> R joinComputation(TaskHandle<R> handle) {
    try {
      return ((TaskHandleImpl<R>) handle).joinComputation();
    } catch (TaskFailedException e) {
      throw e.getCause() instanceof TaskException ours ? ours : e;
    }
  }

  private static TaskException computationFailed(Throwable error) {
    return error instanceof TaskException ours
        ? ours
        : new TaskFailedException("computation failed: " + error, error);
  }

  // ---- loops

  @Override
  public void run(Loop loop) {
    Worker worker = currentWorker();
    if (worker == null) {
      runFromOutside(loop);
      return;
    }
    try {
      worker.forkStack().run(loop, worker.currentContext());
    } catch (Throwable e) {
      throw computationFailed(e);
    }
  }

  private void runFromOutside(Loop loop) {
    engine.refuseIfClosing();
    boolean begun = loop.mayStartAnywhere(workers());
    try {
      if (begun && loop.runAlone(null)) {
        return;
      }
    } catch (Throwable e) {
      throw computationFailed(e);
    }
    TaskHandle<@Nullable Void> handle;
    try {
      handle = engine.submit(Task.action(context -> forkStack().run(loop, context)), LOOP);
    } catch (RejectedTaskException e) {
      if (!begun) {
        throw e;
      }
      runHere(loop::runRest); // what has begun must not be half done
      return;
    }
    joinComputation(handle);
  }

  @Override
  public void runHere(Runnable body) {
    try {
      body.run();
    } catch (Throwable e) {
      throw computationFailed(e);
    }
  }

  @Override
  public void refuseIfClosing() {
    engine.refuseIfClosing();
  }

  @Override
  public int workers() {
    return engine.workers.length;
  }
}
