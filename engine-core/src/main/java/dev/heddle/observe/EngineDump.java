// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.observe;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an engine does at one moment, thread by thread. Immutable. Each run is described as it was
 * at one moment; different threads are looked at one after the other.
 *
 * @param metrics the books
 * @param queuedForAll tasks in the queue that all workers share
 * @param threads the workers in their order; then the other threads that run tasks now
 */
public record EngineDump(EngineMetrics metrics, long queuedForAll, List<OnThread> threads) {

  /** Copies the list. */
  public EngineDump {
    requireNonNull(metrics, "metrics");
    threads = List.copyOf(requireNonNull(threads, "threads"));
  }

  /**
   * What one thread does.
   *
   * @param name of the thread
   * @param queued tasks in the inbox of this worker
   * @param asleep whether it waits for work
   * @param runs what it runs: each next one inside the one before, which waits for it; of very
   *     short tasks none may be seen
   * @param stack what the thread executes, if it runs something
   */
  public record OnThread(
      String name, long queued, boolean asleep, List<Run> runs, List<StackTraceElement> stack) {

    /** Copies the lists. */
    public OnThread {
      requireNonNull(name, "name");
      runs = List.copyOf(requireNonNull(runs, "runs"));
      stack = List.copyOf(requireNonNull(stack, "stack"));
    }
  }

  /**
   * A task that runs.
   *
   * @param name of the task; {@code "execute"} for a body without a handle, {@code "branch"} for a
   *     part of another worker's computation
   * @param taskId its number, 0 if it has no handle
   * @param parentId the number of the task that has submitted it, 0 if none has or it was delayed
   * @param attempt 1 for the first
   * @param bodyClass the name of its body's class
   * @param site where it was submitted, or where bodies of its class were; empty if not known
   * @param running for how long it has run
   * @param exact whether that is exact; it is too long otherwise, by what the worker has run before
   *     since it last looked at the clock: at most 63 tasks
   * @param done how much it has done, by its own account
   * @param total of how much; 0 if it has not said
   * @param arenaBytes what its arena has taken
   * @param waitsFor the number of the task that it waits for, 0 if it does not
   */
  public record Run(
      String name,
      long taskId,
      long parentId,
      int attempt,
      String bodyClass,
      Optional<String> site,
      Duration running,
      boolean exact,
      long done,
      long total,
      long arenaBytes,
      long waitsFor) {

    /** Refuses {@code null}. */
    public Run {
      requireNonNull(name, "name");
      requireNonNull(bodyClass, "bodyClass");
      requireNonNull(site, "site");
      requireNonNull(running, "running");
    }

    /**
     * Describes it in one line.
     *
     * @return the line
     */
    @Override
    public String toString() {
      StringBuilder line = new StringBuilder("name=").append(name);
      addUnlessZero(line, "id", taskId);
      addUnlessZero(line, "parent", parentId);
      line.append(", attempt=").append(attempt);
      line.append(exact ? ", running=" : ", running<=").append(running);
      if (total > 0) {
        line.append(", progress=").append(done).append('/').append(total);
      }
      addUnlessZero(line, "arenaBytes", arenaBytes);
      addUnlessZero(line, "waitsFor", waitsFor);
      line.append(", class=").append(bodyClass);
      site.ifPresent(place -> line.append(", site=").append(place));
      return line.toString();
    }

    private static void addUnlessZero(StringBuilder line, String name, long value) {
      if (value != 0) {
        line.append(", ").append(name).append('=').append(value);
      }
    }
  }

  /**
   * Writes the dump as text: the books, then each thread with what it runs and its stack.
   *
   * @return lines for people
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(metrics.toString());
    text.append("\nqueued for all: ").append(queuedForAll);
    for (OnThread thread : threads) {
      text.append('\n').append(thread.name).append(": queued=").append(thread.queued);
      text.append(thread.asleep ? ", asleep" : "");
      thread.runs.forEach(run -> text.append("\n  ").append(run));
      thread.stack.forEach(frame -> text.append("\n    at ").append(frame));
    }
    return text.toString();
  }
}
