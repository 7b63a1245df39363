// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.internal.record.BodyKinds;
import dev.heddle.internal.record.TaskRecord;
import dev.heddle.internal.util.Seam;
import dev.heddle.memory.MemoryReport;
import dev.heddle.observe.EngineDump;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the records of what runs. Called by any thread. */
final class Dumps {

  private final TaskEngineImpl engine;

  Dumps(TaskEngineImpl engine) {
    this.engine = engine;
  }

  EngineDump dump() {
    List<EngineDump.OnThread> threads = new ArrayList<>();
    for (int post = 0; post < engine.workers.length; post++) {
      Worker worker = engine.workers[post];
      threads.add(onThread(worker, worker.inbox.size(), engine.isAsleep(post)));
    }
    for (Worker worker : engine.threads.all()) {
      if (worker.isRelieved()) {
        addIfBusy(worker, threads);
      }
    }
    engine.guests.runners().forEach(guest -> addIfBusy(guest, threads));
    return new EngineDump(engine.metrics(), engine.overflow.size(), threads);
  }

  private void addIfBusy(TaskRunner runner, List<EngineDump.OnThread> threads) {
    EngineDump.OnThread thread = onThread(runner, 0, false);
    if (!thread.runs().isEmpty()) {
      threads.add(thread);
    }
  }

  private EngineDump.OnThread onThread(TaskRunner runner, long queued, boolean asleep) {
    List<EngineDump.Run> runs = runs(runner);
    List<StackTraceElement> stack = runs.isEmpty() ? List.of() : runner.stack();
    return new EngineDump.OnThread(runner.threadName(), queued, asleep, runs, stack);
  }

  /** What runs on a thread, from the outermost task to the innermost. */
  List<EngineDump.Run> runs(TaskRunner runner) {
    List<EngineDump.Run> runs = new ArrayList<>();
    for (TaskRecord record = runner.outermostRecord; record != null; record = record.inner()) {
      TaskRecord.Contents seen = record.read();
      if (seen == null) {
        break;
      }
      runs.add(run(runner, record, seen));
    }
    return runs;
  }

  private EngineDump.Run run(TaskRunner runner, TaskRecord record, TaskRecord.Contents seen) {
    TaskHandleImpl<?> handle = handle(runner, record, seen);
    BodyKinds.Kind kind = engine.kinds.kind(seen.kind());
    return new EngineDump.Run(
        name(seen, handle),
        handle == null ? seen.taskId() : handle.id(),
        seen.parentId(),
        seen.attempt(),
        kind.className(),
        Optional.ofNullable(handle == null ? kind.site() : handle.site())
            .map(StackTraceElement::toString),
        Duration.ofNanos(runningNanos(seen)),
        seen.exact(),
        seen.done(),
        seen.total(),
        seen.arenaBytes(),
        seen.waitsFor());
  }

  /** What workers keep of the engine's memory. */
  List<MemoryReport.Kept> keptMemory() {
    List<MemoryReport.Kept> kept = new ArrayList<>();
    for (Worker worker : engine.threads.all()) {
      kept.add(new MemoryReport.Kept(worker.threadName(), worker.keptMemory()));
    }
    return kept;
  }

  /** Which tasks hold the engine's memory. */
  List<MemoryReport.Holder> holders() {
    List<MemoryReport.Holder> holders = new ArrayList<>();
    engine.forEachRunner(runner -> addHolders(runner, holders));
    return holders;
  }

  private void addHolders(TaskRunner runner, List<MemoryReport.Holder> holders) {
    List<EngineDump.Run> runs = runs(runner);
    for (int i = 0; i < runs.size(); i++) {
      EngineDump.Run run = runs.get(i);
      long segments = i == runs.size() - 1 ? runner.segments() : 0;
      if (segments > 0 || run.arenaBytes() > 0) {
        String task = run.toString();
        holders.add(new MemoryReport.Holder(runner.threadName(), task, segments, run.arenaBytes()));
      }
    }
  }

  /** How long what runs on a thread has run, in nanoseconds; 0 if nothing does. */
  static long runningNanos(TaskRunner runner) {
    TaskRecord.Contents seen = runner.outermostRecord.read();
    return seen == null ? 0 : runningNanos(seen);
  }

  private static long runningNanos(TaskRecord.Contents seen) {
    return Math.max(0, Seam.nanoTime() - seen.startNanos());
  }

  /** The handle of what a record describes, {@code null} if it has none, or has ended. */
  private static @Nullable TaskHandleImpl<?> handle(
      TaskRunner runner, TaskRecord record, TaskRecord.Contents seen) {
    Object suspended = seen.suspended();
    if (suspended != null) {
      return suspended instanceof TaskHandleImpl<?> waiting ? waiting : null;
    }
    TaskHandleImpl<?> current = runner.currentAcquire();
    return record.isStill(seen) ? current : null;
  }

  private static String name(TaskRecord.Contents seen, @Nullable TaskHandleImpl<?> handle) {
    if (handle != null) {
      return handle.name();
    }
    return seen.kind() == BodyKinds.BRANCH ? "branch" : "execute";
  }
}
