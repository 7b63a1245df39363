// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.error.FailureContext;
import dev.heddle.internal.resource.Acquisition;
import dev.heddle.internal.resource.HeldLeases;
import dev.heddle.resource.Uses;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a {@link GuardedTask}: a task of the engine's queues and strategies like others,
 * and the context that its body sees. It has no place in the books, and nobody waits for it: its
 * outcome goes to the task.
 *
 * @param <R> the type of the result
 */
final class Attempt<R extends @Nullable Object> extends TimedRun<R> {

  private final GuardedTask<R> task;
  private final int number;

  /** What the attempts before have failed with, if this is the fallback. */
  final @Nullable Throwable toReplace;

  private final HeldLeases held = new HeldLeases();
  private volatile @Nullable Acquisition acquisition; // if it uses something
  private volatile boolean launched;

  Attempt(GuardedTask<R> task, Object kept, int number, @Nullable Throwable toReplace) {
    super(task, kept, number == 1);
    this.task = task;
    this.number = number;
    this.toReplace = toReplace;
  }

  @Override
  public int attempt() {
    return number;
  }

  /**
   * Acquires what it uses; holds no thread while it waits.
   *
   * @param whenHeld called if it had to wait, and was not cancelled
   * @return whether all is held now
   */
  boolean acquire(Uses uses, Runnable whenHeld) {
    home = HELD; // nobody may run it yet
    Acquisition begun = new Acquisition(uses, held, whenHeld);
    acquisition = begun;
    if (isDone()) { // who has cancelled it may have come too early to find that
      begun.withdraw();
      return false;
    }
    return begun.start();
  }

  /** Says that a queue or a strategy has it, with all that it uses. */
  void setLaunched() {
    launched = true;
  }

  @Override
  boolean help(@Nullable TaskRunner waiting) {
    return launched && super.help(waiting);
  }

  /** What it waits for before it can be queued. */
  Optional<String> waitsForResources() {
    return held.waitsFor();
  }

  @Override
  R call(Object body) throws Exception {
    begin().setLeases(held);
    task.started(this);
    if (task.timeout().isPresent()) {
      setTimeout(task.timeout().get());
    }
    return task.call(this);
  }

  @Override
  void timeIsOver() {
    task.timeIsOver(this);
  }

  @Override
  void settle(TaskRunner worker, @Nullable Object value, @Nullable Throwable error) {
    held.releaseAll(); // done, unless its body could not begin
    task.bodyEnded(this);
    endTimeout();
    FailureContext story = error == null ? null : story();
    if (tryEnd(worker)) {
      endQuietly(value, error);
      if (error == null || story == null) {
        task.succeeded(this, value);
      } else {
        task.failed(this, error, story);
      }
    }
  }

  @Override
  void fail(TaskRunner worker, Throwable error) {
    held.releaseAll();
    task.bodyEnded(this);
    endTimeout();
    FailureContext story = story();
    if (tryFail(worker)) {
      endQuietly(null, error);
      task.failed(this, error, story);
    }
  }

  // ---- cancelled by somebody else than its task: by the end of the engine, or with the parent

  @Override
  void countCancelled() {} // the task is counted

  @Override
  boolean cancel(String reason, boolean interrupt) {
    boolean cancelled = super.cancel(reason, interrupt || task.isInterruptible());
    if (cancelled) {
      task.attemptCancelled(this, reason);
    }
    return cancelled;
  }

  @Override
  boolean cancelUnstarted(String reason) {
    boolean cancelled = super.cancelUnstarted(reason);
    if (cancelled) {
      Acquisition begun = acquisition;
      if (begun != null && !begun.withdraw()) {
        held.releaseAll();
      }
      task.attemptCancelled(this, reason);
    }
    return cancelled;
  }
}
