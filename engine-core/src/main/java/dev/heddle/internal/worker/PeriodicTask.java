// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.Schedule;
import dev.heddle.ScheduledHandle;
import dev.heddle.Task;
import dev.heddle.TaskOptions;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.internal.timer.CronTimes;
import dev.heddle.internal.timer.Timers;
import dev.heddle.internal.timer.Timers.Timer;
import dev.heddle.internal.util.Durations;
import dev.heddle.internal.util.Seam;
import dev.heddle.spi.ContextPropagation.Captured;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A task that runs again and again; each run is submitted by the timer thread. */
/*
 * Roles.        All fields under the lock, which is never held while a run is submitted or cancelled, since
 *               that may call listeners.
 * Times.        dueNanos is the time at which the current timer should fire; of a fixed rate, the next is a whole
 *               number of periods later, the first such time that has not passed: missed runs are not caught
 *               up.
 */
final class PeriodicTask implements ScheduledHandle {

  private final TaskEngineImpl engine;
  private final Timers timers;
  private final Task<?> task;
  private final TaskOptions options;
  private final Captured captured;
  private final Schedule schedule;
  private final @Nullable CronTimes cron;
  private final Runnable whenEnded;
  private final ReentrantLock lock = new ReentrantLock();

  private long dueNanos;
  private @Nullable Timer timer;
  private final Set<TaskHandleImpl<?>> running = new HashSet<>();
  private long runs;
  private long skipped;
  private boolean cancelled;

  PeriodicTask(
      TaskEngineImpl engine,
      Timers timers,
      Task<?> task,
      Schedule schedule,
      TaskOptions options,
      Captured captured,
      Runnable whenEnded) {
    this.engine = engine;
    this.timers = timers;
    this.task = task;
    this.options = options;
    this.captured = captured;
    this.schedule = schedule;
    this.whenEnded = whenEnded;
    this.cron =
        schedule instanceof Schedule.Cron times
            ? CronTimes.of(times.expression(), times.zone())
            : null;
  }

  void start() {
    lock.lock();
    try {
      long delay =
          switch (schedule) {
            case Schedule.FixedRate rate ->
                Durations.waitNanos("initialDelay", rate.initialDelay());
            case Schedule.FixedDelay pause ->
                Durations.waitNanos("initialDelay", pause.initialDelay());
            case Schedule.Cron times -> cronDelay();
          };
      dueNanos = Seam.nanoTime() + Math.min(delay, Long.MAX_VALUE / 2);
      setTimer();
    } finally {
      lock.unlock();
    }
  }

  private long cronDelay() {
    return cron == null ? Durations.FOR_EVER : cron.nanosToNext();
  }

  private void setTimer() {
    timer = timers.after(dueNanos - Seam.nanoTime(), this::tick);
  }

  /** Called by the timer thread when it is time. */
  private void tick() {
    TaskHandleImpl<?> next = engine.newHandle(task, options, captured);
    lock.lock();
    try {
      if (cancelled) {
        return;
      }
      setNextTime();
      if (!running.isEmpty() && !overlapAllowed()) {
        skipped++;
        return;
      }
      running.add(next);
      runs++;
    } finally {
      lock.unlock();
    }
    next.onEnd(() -> ended(next)); // before it is submitted: a refused run has ended, too
    try {
      engine.submitTimed(next, task, options);
    } catch (RejectedTaskException e) { // the engine closes, and will cancel this
      countRefused();
      next.refuse(LifeCycle.CANCELLED_BY_CLOSE);
    } catch (Throwable e) { // its strategy refuses this run, perhaps not the next
      countRefused();
      throw e;
    }
  }

  private void countRefused() {
    lock.lock();
    try {
      runs--;
    } finally {
      lock.unlock();
    }
  }

  /**
   * When the next run is due, on the clock of {@link Seam#nanoTime}; of the last one at the end.
   */
  long dueNanos() {
    lock.lock();
    try {
      return dueNanos;
    } finally {
      lock.unlock();
    }
  }

  private void ended(TaskHandleImpl<?> run) {
    lock.lock();
    try {
      running.remove(run);
      if (schedule instanceof Schedule.FixedDelay pause && !cancelled) {
        long nanos = Math.min(Durations.waitNanos("delay", pause.delay()), Long.MAX_VALUE / 2);
        dueNanos = Seam.nanoTime() + nanos;
        setTimer();
      }
    } finally {
      lock.unlock();
    }
  }

  private void setNextTime() {
    switch (schedule) {
      case Schedule.FixedRate rate -> {
        long period = Durations.waitNanos("period", rate.period());
        long late = Math.max(0, Seam.nanoTime() - dueNanos);
        dueNanos += Math.min(period, Long.MAX_VALUE / 2) + late / period * period;
        setTimer();
      }
      case Schedule.Cron times -> {
        dueNanos = Seam.nanoTime() + Math.min(cronDelay(), Long.MAX_VALUE / 2);
        setTimer();
      }
      case Schedule.FixedDelay pause -> timer = null; // set when the run has ended
    }
  }

  private boolean overlapAllowed() {
    return switch (schedule) {
      case Schedule.FixedRate rate -> rate.overlap() == Schedule.Overlap.ALLOW;
      case Schedule.Cron times -> times.overlap() == Schedule.Overlap.ALLOW;
      case Schedule.FixedDelay pause -> false;
    };
  }

  @Override
  public String name() {
    return options.name();
  }

  @Override
  public Optional<Duration> nextRun() {
    lock.lock();
    try {
      return cancelled || timer == null
          ? Optional.empty()
          : Optional.of(Duration.ofNanos(Math.max(0, timer.leftNanos())));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long runs() {
    lock.lock();
    try {
      return runs;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long skipped() {
    lock.lock();
    try {
      return skipped;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean cancel() {
    boolean ended = endRuns();
    if (ended) {
      liveRuns().forEach(TaskHandleImpl::cancel);
    }
    return ended;
  }

  private List<TaskHandleImpl<?>> liveRuns() {
    lock.lock();
    try {
      return List.copyOf(running);
    } finally {
      lock.unlock();
    }
  }

  /** Sees to it that there is no further run; a run that was submitted goes on. */
  boolean endRuns() {
    lock.lock();
    try {
      if (cancelled) {
        return false;
      }
      cancelled = true;
      if (timer != null) {
        timer.cancel();
      }
    } finally {
      lock.unlock();
    }
    engine.forgetPeriodic(this);
    whenEnded.run();
    return true;
  }

  @Override
  public boolean isCancelled() {
    lock.lock();
    try {
      return cancelled;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "ScheduledHandle[name=" + name() + ", schedule=" + schedule + "]";
  }
}
