// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static java.util.Objects.requireNonNull;

import dev.heddle.Schedule;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.internal.util.Seam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The engine with the face of a {@link ScheduledExecutorService}. The JDK's {@link
 * AbstractExecutorService} and {@link FutureTask} keep the contracts of futures; this class keeps
 * those of life and time.
 */
/*
 * Roles.        entries: what was accepted and has not ended, each by itself. shutdown, and "no entry is left",
 *               are decided under the lock: an entry is added under the lock while the view is open, so that
 *               shutdownNow finds it.
 * States.       of an entry: WAITING --run (CAS)--> RUNNING --> gone, or WAITING --shutdownNow (CAS)--> DRAINED.
 * Interrupts.   shutdownNow interrupts a running entry under the entry's lock, and only while it runs; the
 *               engine clears the status after each task.
 */
final class ExecutorView extends AbstractExecutorService implements ScheduledExecutorService {

  private final TaskEngineImpl engine;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
  private final CountDownLatch terminated = new CountDownLatch(1);
  private volatile boolean shutdown; // written under the lock

  ExecutorView(TaskEngineImpl engine) {
    this.engine = engine;
  }

  /** Something that was accepted: what the engine's queue carries. */
  final class Entry implements Runnable {
    static final int WAITING = 0;
    static final int RUNNING = 1;
    static final int DRAINED = 2;

    final Runnable body;
    private final Runnable toRun; // the body, with what it takes along
    private final AtomicInteger state = new AtomicInteger(WAITING);
    private final ReentrantLock interruptLock = new ReentrantLock();
    private @Nullable Thread runner; // under interruptLock, as the next
    private boolean interrupted;

    Entry(Runnable body) {
      this(body, body);
    }

    Entry(Runnable body, Runnable toRun) {
      this.body = body;
      this.toRun = toRun;
    }

    @Override
    public void run() {
      if (start()) {
        runStarted();
      }
    }

    boolean start() {
      return state.compareAndSet(WAITING, RUNNING);
    }

    void runStarted() {
      setRunner(Thread.currentThread());
      try {
        toRun.run();
      } finally {
        setRunner(null);
        leave(this);
      }
    }

    private void setRunner(@Nullable Thread thread) {
      interruptLock.lock();
      try {
        runner = thread;
        if (interrupted && thread != null) {
          thread.interrupt();
        }
      } finally {
        interruptLock.unlock();
      }
    }

    /** Takes it out of the hands of the engine; {@code false} if it runs or has run. */
    boolean drain() {
      if (state.compareAndSet(WAITING, DRAINED)) {
        leave(this);
        return true;
      }
      return false;
    }

    /** Called by who stops the engine: it will never run. */
    void dropped() {
      if (drain() && body instanceof java.util.concurrent.Future<?> future) {
        future.cancel(false);
      }
    }

    void interrupt() {
      interruptLock.lock();
      try {
        interrupted = true; // also if it is just about to run
        if (runner != null) {
          runner.interrupt();
        }
      } finally {
        interruptLock.unlock();
      }
    }
  }

  /** Accepts an entry unless the view is shut down. */
  private void enter(Entry entry) {
    lock.lock();
    try {
      if (!shutdown) {
        entries.add(entry);
        return;
      }
    } finally {
      lock.unlock();
    }
    throw RejectedTaskException.engineClosed(engine.config().name()).toJdk();
  }

  private void leave(Entry entry) {
    entries.remove(entry);
    if (shutdown) {
      terminateIfEmpty();
    }
  }

  private void terminateIfEmpty() {
    if (entries.isEmpty()) {
      terminated.countDown();
    }
  }

  // ---- ExecutorService

  @Override
  public void execute(Runnable command) {
    requireNonNull(command, "command");
    Entry entry;
    if (command instanceof HelpingFuture<?> future) { // its callable takes along what there was
      entry = new Entry(command);
      future.entry = entry;
    } else {
      entry = new Entry(command, engine.contexts.carry(command));
    }
    enter(entry);
    try {
      engine.executeOrRunHere(entry);
    } catch (RejectedTaskException e) {
      leave(entry);
      throw e.toJdk();
    }
  }

  @Override
  protected <T extends @Nullable Object> RunnableFuture<T> newTaskFor(Callable<T> callable) {
    return new HelpingFuture<>(engine.contexts.carry(requireNonNull(callable, "callable")));
  }

  @Override
  protected <T extends @Nullable Object> RunnableFuture<T> newTaskFor(Runnable runnable, T value) {
    return new HelpingFuture<>(engine.contexts.carry(requireNonNull(runnable, "runnable")), value);
  }

  /** A future that a worker which waits for it runs itself, if nobody has started it. */
  private class HelpingFuture<T extends @Nullable Object> extends FutureTask<T> {
    volatile @Nullable Entry entry;
    private volatile boolean interrupts; // whether its cancellation has interrupted who runs it

    HelpingFuture(Callable<T> callable) {
      super(callable);
    }

    HelpingFuture(Runnable runnable, T value) {
      super(runnable, value);
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
      Entry known = entry;
      if (!isDone() && engine.currentRunner() != null) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (known != null) {
          engine.help(known); // does nothing if it has been started
        } else {
          engine.help(this); // likewise; somebody has wrapped it, as ExecutorCompletionService does
        }
        if (isCancelled() && interrupts && !engine.isolates) {
          Thread.interrupted(); // meant for it, not for who waits
        }
      }
      return super.get();
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      interrupts |= mayInterruptIfRunning && !isDone();
      return super.cancel(mayInterruptIfRunning);
    }
  }

  /**
   * Runs the tasks one after the other if the caller is a worker of the engine, which has to keep
   * its own promises: the JDK's way is to wait for another thread, and there may be none.
   */
  @Override
  public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    if (engine.currentRunner() == null || tasks.isEmpty()) {
      return super.invokeAny(tasks);
    }
    ExecutionException failure = null;
    for (Callable<T> task : tasks) {
      try {
        return submit(task).get();
      } catch (ExecutionException e) {
        failure = e;
      }
    }
    throw requireNonNull(failure);
  }

  @Override
  public void shutdown() {
    refuseFromNowOn();
    for (Entry entry : entries) {
      if (entry.body instanceof PeriodicFuture periodic) {
        periodic.cancel(false);
      }
    }
    terminateIfEmpty();
  }

  private void refuseFromNowOn() {
    lock.lock();
    try {
      shutdown = true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<Runnable> shutdownNow() {
    refuseFromNowOn();
    List<Runnable> neverStarted = new ArrayList<>();
    List<Entry> started = new ArrayList<>();
    for (Entry entry : entries) { // all before any interrupt: a worker that is freed must find none
      if (entry.body instanceof PeriodicFuture periodic && periodic.runs) {
        periodic.cancel(false); // the run is an entry of its own and interrupted as one
      } else if (entry.drain()) {
        neverStarted.add(entry.body);
        if (entry.body instanceof TimedFuture<?> timed) {
          timed.drained = true;
          timed.forgetTimer();
        }
      } else {
        started.add(entry);
      }
    }
    started.forEach(Entry::interrupt);
    terminateIfEmpty();
    return neverStarted;
  }

  @Override
  public boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return terminated.getCount() == 0;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return terminated.await(timeout, unit);
  }

  // ---- ScheduledExecutorService

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    requireNonNull(command, "command");
    return once(toCallable(command), unit.toNanos(delay));
  }

  @Override
  public <V extends @Nullable Object> ScheduledFuture<V> schedule(
      Callable<V> callable, long delay, TimeUnit unit) {
    requireNonNull(callable, "callable");
    return once(callable, unit.toNanos(delay));
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    requireNonNull(command, "command");
    Duration first = Duration.ofNanos(Math.max(0, unit.toNanos(initialDelay)));
    Duration every = positive("period", period, unit);
    return again(command, new Schedule.FixedRate(first, every, Schedule.Overlap.SKIP));
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    requireNonNull(command, "command");
    Duration first = Duration.ofNanos(Math.max(0, unit.toNanos(initialDelay)));
    return again(command, new Schedule.FixedDelay(first, positive("delay", delay, unit)));
  }

  @SuppressWarnings("NullAway") // a callable without a result returns null
  private static Callable<Void> toCallable(Runnable command) {
    return () -> {
      command.run();
      return null;
    };
  }

  private static Duration positive(String name, long value, TimeUnit unit) {
    if (value <= 0) {
      throw new IllegalArgumentException(
          name + " must be more than zero: " + name + "=" + value + " (use a longer time)");
    }
    return Duration.ofNanos(unit.toNanos(value));
  }

  private <V extends @Nullable Object> ScheduledFuture<V> once(
      Callable<V> callable, long delayNanos) {
    DelayedFuture<V> future = new DelayedFuture<>(engine.contexts.carry(callable), delayNanos);
    Entry entry = new Entry(future);
    future.entry = entry;
    enter(entry);
    try {
      TaskHandleImpl<?> handle = engine.scheduleBody(entry, Math.max(0, delayNanos));
      future.handle = handle;
      handle.onEnd(
          () -> {
            if (handle.isCancelled()
                && !future.drained) { // by the closing of the engine, or with the future
              future.cancel(false);
            }
          });
    } catch (RejectedTaskException e) {
      leave(entry);
      throw e.toJdk();
    }
    return future;
  }

  private ScheduledFuture<?> again(Runnable command, Schedule schedule) {
    PeriodicFuture future = new PeriodicFuture(command);
    Entry entry = new Entry(future);
    future.entry = entry;
    enter(entry);
    try {
      future.periodic =
          engine.schedulePeriodic(
              context -> {
                future.runOnce();
                return null;
              },
              schedule,
              () -> {
                if (!future.drained) {
                  future.cancel(false);
                }
              });
    } catch (RejectedTaskException e) {
      leave(entry);
      throw e.toJdk();
    }
    if (future.isDone()) { // cancelled before it knew what to end
      future.done();
    }
    return future;
  }

  /** What both kinds of timed futures share: being cancelled takes them out of the view. */
  private abstract static class TimedFuture<V extends @Nullable Object> extends FutureTask<V>
      implements RunnableScheduledFuture<V> {
    volatile @Nullable Entry entry;
    volatile boolean drained;

    TimedFuture(Callable<V> callable) {
      super(callable);
    }

    abstract void forgetTimer();

    abstract long dueNanos();

    @Override
    protected final void done() {
      Entry known = entry;
      if (known != null && (isCancelled() || isPeriodic())) {
        forgetTimer();
        known.drain();
      }
    }

    @Override
    public final int compareTo(Delayed other) {
      if (other == this) {
        return 0;
      }
      if (other instanceof TimedFuture<?> timed) {
        return Long.signum(dueNanos() - timed.dueNanos());
      }
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }

  /** Runs once, later. */
  private static final class DelayedFuture<V extends @Nullable Object> extends TimedFuture<V> {
    private final long dueNanos;
    private volatile @Nullable TaskHandleImpl<?> handle;

    DelayedFuture(Callable<V> callable, long delayNanos) {
      super(callable);
      this.dueNanos = Seam.nanoTime() + Math.clamp(delayNanos, 0, Long.MAX_VALUE / 2);
    }

    @Override
    public boolean isPeriodic() {
      return false;
    }

    @Override
    void forgetTimer() {
      TaskHandleImpl<?> known = handle;
      if (known != null) {
        known.cancelUnstarted("its future was cancelled");
      }
    }

    @Override
    long dueNanos() {
      return dueNanos;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(dueNanos - Seam.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  /** Runs again and again, until a run throws or it is cancelled. */
  private final class PeriodicFuture extends TimedFuture<Void> {
    private volatile @Nullable PeriodicTask periodic;
    volatile boolean runs; // as long as the body does

    PeriodicFuture(Runnable command) {
      super(engine.contexts.carry(toCallable(command)));
    }

    void runOnce() {
      Entry run =
          new Entry(this::runAndReset); // if it throws, the future is done: that ends the timer
      run.start();
      lock.lock();
      try {
        if (shutdown) {
          return;
        }
        runs = true;
        entries.add(run);
      } finally {
        lock.unlock();
      }
      try {
        run.runStarted();
      } finally {
        runs = false;
      }
    }

    @Override
    public boolean isPeriodic() {
      return true;
    }

    @Override
    void forgetTimer() {
      PeriodicTask known = periodic;
      if (known != null) {
        known.endRuns();
      }
    }

    @Override
    long dueNanos() {
      PeriodicTask known = periodic;
      return known == null ? Seam.nanoTime() : known.dueNanos();
    }

    @Override
    public long getDelay(TimeUnit unit) {
      PeriodicTask known = periodic;
      long nanos = known == null ? 0 : known.nextRun().map(Duration::toNanos).orElse(0L);
      return unit.convert(nanos, TimeUnit.NANOSECONDS);
    }
  }
}
