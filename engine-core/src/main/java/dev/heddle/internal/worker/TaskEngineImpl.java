// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static java.util.Objects.requireNonNull;

import dev.heddle.CloseReport;
import dev.heddle.EngineConfig;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskFunction;
import dev.heddle.TaskGroup;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.ThreadStartException;
import dev.heddle.internal.memory.MemoryBudget;
import dev.heddle.internal.park.IdleWorkers;
import dev.heddle.internal.queue.OverflowQueue;
import dev.heddle.internal.util.Seam;
import dev.heddle.observe.EngineMetrics;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.Thread.UncaughtExceptionHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The engine: accepts tasks and puts them where a worker finds them.
 *
 * <p>What belongs together lives in one class each: a worker and where it looks ({@link Worker}),
 * sleeping and waking ({@link IdleWorkers}), one submission ({@link TaskHandleImpl}), the end
 * ({@link LifeCycle}).
 */
/*
 * Submitting.   (1) refuse if closing (a worker: if stopped); (2) refuse if full, unless the submitter is a worker; (3) put the task
 *               into an inbox: a worker into its own, other threads into the one that their thread id picks,
 *               so that a submitter meets its own cache lines; without stealing, in turn; (4) if that inbox
 *               is full, into the overflow queue; (5) read the idle word: wake a worker, or, if the engine
 *               closes by now, let LifeCycle say whether the task still got in.
 * Counting.     Nothing is counted at submission: accepted is the sum of the queues' producer indices.
 *               Taken from a queue, completed, failed are counted by each worker on a line of its own.
 * Capacity.     accepted - taken < queueCapacity. taken only grows, so a sum of it that was read before is a
 *               bound on the safe side: it is read again only when the bound says full.
 * Evidence.     TaskEngineTest, EngineModelTest, NothingLostTest, CloseRaceTest.
 */
public final class TaskEngineImpl implements TaskEngine {

  private static final Logger LOGGER = System.getLogger("dev.heddle");

  private final EngineConfig config;
  private final ThreadFactory threadFactory;
  private final boolean foreignThreads;
  private final UncaughtExceptionHandler uncaughtHandler;

  final boolean stealing;
  final Worker[] workers;
  final OverflowQueue<Object> overflow = new OverflowQueue<>();
  final MemoryBudget memory;
  final UnobservedFailures failures;

  /** Tasks that were cancelled, counted by who cancels. */
  final LongAdder cancelled = new LongAdder();

  private final IdleWorkers idle;
  private final LifeCycle lifeCycle;
  private final int queueCapacity;
  private final LongAdder rejected = new LongAdder();
  private final AtomicLong taskIds = new AtomicLong();
  private final AtomicLong workersReplaced = new AtomicLong();

  /** Deals tasks in turn when they must stay with the worker they are given to. */
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * A sum of the workers' taken counters, perhaps an old one. Written by any submitter, in any
   * order.
   */
  private volatile long takenBefore;

  private TaskEngineImpl(
      EngineConfig config,
      @Nullable ThreadFactory threadFactory,
      @Nullable UncaughtExceptionHandler uncaughtHandler) {
    this.config = config;
    this.foreignThreads = threadFactory != null;
    this.threadFactory = threadFactory == null ? this::newWorkerThread : threadFactory;
    this.uncaughtHandler = uncaughtHandler == null ? this::logUncaught : uncaughtHandler;
    this.stealing = config.workStealing();
    this.queueCapacity = config.queueCapacity();
    this.memory = new MemoryBudget(config.memory().bytes());
    this.failures = new UnobservedFailures(config.name());
    this.idle = new IdleWorkers(config.workers(), new Queues());
    this.workers = new Worker[config.workers()];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(this, i, queueCapacity, idle);
    }
    this.lifeCycle = new LifeCycle(this, idle);
  }

  /**
   * Makes an engine and starts its workers.
   *
   * @param config the settings
   * @param threadFactory who makes the threads, or {@code null} for the engine's own
   * @param uncaughtHandler who hears of failures without a handle, or {@code null} for the log
   * @return a running engine
   * @throws ThreadStartException if a worker cannot be started; those started before have ended
   */
  public static TaskEngine start(
      EngineConfig config,
      @Nullable ThreadFactory threadFactory,
      @Nullable UncaughtExceptionHandler uncaughtHandler) {
    TaskEngineImpl engine = new TaskEngineImpl(config, threadFactory, uncaughtHandler);
    engine.lifeCycle.start();
    return engine;
  }

  @Override
  public EngineConfig config() {
    return config;
  }

  // ---- submitting

  @Override
  public void execute(Runnable body) {
    requireNonNull(body, "body");
    Worker worker = currentWorker();
    admit(worker, 1);
    publish(worker, body);
  }

  @Override
  public <R extends @Nullable Object> TaskHandle<R> submit(Task<R> task) {
    return submit(task, TaskOptions.defaults());
  }

  @Override
  public <R extends @Nullable Object> TaskHandle<R> submit(Task<R> task, TaskOptions options) {
    requireNonNull(task, "task");
    requireNonNull(options, "options");
    Worker worker = currentWorker();
    admit(worker, 1);
    return published(worker, new Handles.OfTask<>(this, options.name(), task));
  }

  @Override
  public <R extends @Nullable Object> TaskHandle<R> submit(Callable<R> body) {
    requireNonNull(body, "body");
    Worker worker = currentWorker();
    admit(worker, 1);
    return published(worker, new Handles.OfCallable<>(this, TaskOptions.defaults().name(), body));
  }

  @Override
  public TaskHandle<?> submit(Runnable body) {
    requireNonNull(body, "body");
    Worker worker = currentWorker();
    admit(worker, 1);
    return published(worker, new Handles.OfRunnable(this, TaskOptions.defaults().name(), body));
  }

  @Override
  public <R extends @Nullable Object> Optional<TaskHandle<R>> trySubmit(
      Task<R> task, TaskOptions options) {
    requireNonNull(task, "task");
    requireNonNull(options, "options");
    Worker worker = currentWorker();
    refuseIfClosing(worker, 1);
    if (worker == null && !hasRoom(1)) {
      rejected.increment();
      return Optional.empty();
    }
    return Optional.of(published(worker, new Handles.OfTask<>(this, options.name(), task)));
  }

  @Override
  public <R extends @Nullable Object> TaskGroup<R> submitAll(Collection<? extends Task<R>> tasks) {
    List<TaskHandleImpl<R>> handles = new ArrayList<>();
    for (Task<R> task : tasks) {
      requireNonNull(task, "task");
      handles.add(new Handles.OfTask<>(this, TaskOptions.defaults().name(), task));
    }
    return publishedTogether(handles);
  }

  @Override
  @SuppressWarnings(
      "NullAway") // an item may be null where T allows it, which NullAway cannot follow
  public <T extends @Nullable Object, R extends @Nullable Object> TaskGroup<R> submitEach(
      Collection<T> items, TaskFunction<? super T, R> body, TaskOptions options) {
    requireNonNull(body, "body");
    requireNonNull(options, "options");
    List<TaskHandleImpl<R>> handles = new ArrayList<>();
    for (T item : items) {
      handles.add(new Handles.OfItem<T, R>(this, options.name(), body, item));
    }
    return publishedTogether(handles);
  }

  private <R extends @Nullable Object> TaskGroup<R> publishedTogether(
      List<TaskHandleImpl<R>> handles) {
    Worker worker = currentWorker();
    admit(worker, handles.size());
    for (int i = 0; i < handles.size(); i++) {
      try {
        publish(worker, handles.get(i));
      } catch (RejectedTaskException e) { // closed at this instant; task i is counted as rejected
        rejected.add(handles.size() - i - 1L);
        if (i == 0) {
          throw e;
        }
        for (TaskHandleImpl<R> late : handles.subList(i, handles.size())) {
          late.refuse(LifeCycle.CANCELLED_BY_CLOSE);
        }
        break;
      }
    }
    return new TaskGroupImpl<>(List.copyOf(handles));
  }

  /** Refuses tasks that the engine cannot take. Nothing has happened yet. */
  private void admit(@Nullable Worker worker, int tasks) {
    refuseIfClosing(worker, tasks);
    if (worker == null && !hasRoom(tasks)) {
      rejected.add(tasks);
      throw RejectedTaskException.queueFull(config.name(), queueCapacity);
    }
    Seam.reached(Seam.Point.SUBMIT_ADMITTED);
  }

  /** A running task may submit until the engine is stopped: what it submits belongs to its end. */
  private void refuseIfClosing(@Nullable Worker worker, int tasks) {
    if (worker == null ? idle.isClosing() : idle.isStopped()) {
      rejected.add(tasks);
      throw RejectedTaskException.engineClosed(config.name());
    }
  }

  private boolean hasRoom(int tasks) {
    long queuedAtMost = accepted() - takenBefore;
    if (queuedAtMost + tasks <= queueCapacity) {
      return true;
    }
    long taken = taken();
    takenBefore = taken;
    return accepted() - taken + tasks <= queueCapacity;
  }

  private <H extends TaskHandleImpl<?>> H published(@Nullable Worker worker, H handle) {
    publish(worker, handle);
    return handle;
  }

  /** Puts a task where a worker will find it, and wakes one if that is needed. */
  private void publish(@Nullable Worker worker, Object task) {
    int target = worker != null ? worker.index : pick();
    boolean fits = workers[target].inbox.offer(task);
    if (!fits) {
      overflow.offer(task);
    }
    Seam.reached(Seam.Point.SUBMIT_PUBLISHED);
    if (idle.word() != 0) {
      if (stealing || !fits) {
        idle.wakeOne(target);
      } else {
        idle.wake(target);
      }
      if (idle.isClosing() && lifeCycle.cameTooLate(task)) {
        rejected.increment();
        throw RejectedTaskException.engineClosed(config.name());
      }
    }
  }

  private int pick() {
    long choice = stealing ? Thread.currentThread().threadId() : turn.getAndIncrement();
    return Math.floorMod(choice, workers.length);
  }

  // ---- what workers and handles ask

  @Nullable Worker currentWorker() {
    Worker worker = Worker.current(foreignThreads);
    return worker != null && worker.engine == this ? worker : null;
  }

  long nextTaskId() {
    return taskIds.incrementAndGet();
  }

  /**
   * Tells whether there may be a task that the worker may take: looks at indices, not at elements.
   */
  boolean hasWorkFor(int worker) {
    if (!workers[worker].inbox.isEmpty() || !overflow.isEmpty()) {
      return true;
    }
    return stealing && hasWorkInSomeInbox();
  }

  boolean hasWork() {
    return !overflow.isEmpty() || hasWorkInSomeInbox();
  }

  private boolean hasWorkInSomeInbox() {
    for (Worker worker : workers) {
      if (!worker.inbox.isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** What a worker looks at before it parks. */
  private final class Queues implements IdleWorkers.WorkView {
    @Override
    public boolean hasWorkFor(int worker) {
      return TaskEngineImpl.this.hasWorkFor(worker);
    }

    @Override
    public void idleWhileClosing() {
      lifeCycle.endIfAllIdle();
    }
  }

  /** Takes any queued task; for closing only. */
  @Nullable Object pollAny() {
    Object task = overflow.poll();
    for (int i = 0; task == null && i < workers.length; i++) {
      task = workers[i].inbox.poll();
    }
    return task;
  }

  // ---- threads and failures

  private Thread newWorkerThread(Runnable worker) {
    Worker body = (Worker) worker;
    return new Worker.WorkerThread(body, "heddle-" + config.name() + "-worker-" + body.index);
  }

  /** Starts a thread for a worker, or throws and leaves none. */
  void startThread(Worker worker) {
    String which = "engine=" + config.name() + ", worker=" + worker.index;
    Thread thread;
    try {
      thread = Seam.newThread(threadFactory, worker);
    } catch (Throwable e) {
      throw new ThreadStartException("thread factory threw: " + which, e);
    }
    if (thread == null) {
      throw new ThreadStartException("thread factory must return a thread: " + which, null);
    }
    try {
      thread.start();
    } catch (Throwable e) { // IllegalThreadStateException, or no memory for a stack
      throw new ThreadStartException("thread could not be started: " + which, e);
    }
  }

  /**
   * Puts a new thread in the place of one that an error has left in an unknown state. If that
   * fails, the old thread goes on: an engine never has fewer workers than it should.
   */
  boolean replace(Worker worker, Throwable error) {
    workersReplaced.incrementAndGet();
    log("worker ended by an error and is replaced: worker=" + worker.threadName(), error);
    try {
      startThread(worker);
      return true;
    } catch (ThreadStartException e) {
      log("worker could not be replaced and goes on: worker=" + worker.threadName(), e);
      return false;
    }
  }

  /** Tells the user of a failure that no handle reports. */
  void uncaught(Throwable error) {
    try {
      uncaughtHandler.uncaughtException(Thread.currentThread(), error);
    } catch (Throwable e) {
      log("uncaught handler threw: engine=" + config.name(), e);
      logUncaught(Thread.currentThread(), error);
    }
  }

  private void logUncaught(Thread thread, Throwable error) {
    log("task without a handle, or a callback, threw: thread=" + thread.getName(), error);
  }

  /** Logs an error; what the log itself throws must not end a worker and is added to the error. */
  private static void log(String message, Throwable error) {
    try {
      LOGGER.log(Level.ERROR, message, error);
    } catch (Throwable e) {
      if (e != error) {
        error.addSuppressed(e);
      }
    }
  }

  // ---- books

  /** Tasks that were put into a queue, less those that came too late. */
  private long accepted() {
    long sum = overflow.enqueued() - lifeCycle.tooLate();
    for (Worker worker : workers) {
      sum += worker.inbox.currentProducerIndex();
    }
    return sum;
  }

  private long taken() {
    long sum = lifeCycle.takenByClose();
    for (Worker worker : workers) {
      sum += worker.counters.takenAcquire();
    }
    return sum;
  }

  @Override
  public EngineMetrics metrics() {
    // Ends before beginnings: what is read as ended has been read as accepted, so live is never
    // negative.
    long ended = 0;
    long completed = 0;
    long failed = 0;
    long stolen = 0;
    long cancelled = this.cancelled.sum();
    for (Worker worker : workers) {
      ended += worker.counters.endedAcquire();
      completed += worker.counters.completedAcquire();
      failed += worker.counters.failedAcquire();
      stolen += worker.counters.stolenAcquire();
    }
    long started = 0;
    for (Worker worker : workers) {
      started += worker.counters.startedAcquire();
    }
    long taken = taken();
    long accepted = accepted();
    return new EngineMetrics(
        config.name(),
        workers.length,
        accepted,
        rejected.sum(),
        completed,
        failed,
        cancelled,
        accepted - completed - failed - cancelled,
        accepted - taken,
        started - ended,
        stolen,
        failures.reported(),
        workersReplaced.get());
  }

  // ---- the end

  @Override
  public void close() {
    lifeCycle.close();
  }

  @Override
  public CloseReport close(Duration atMost) {
    return lifeCycle.close(Durations.waitNanos("atMost", requireNonNull(atMost, "atMost")));
  }

  @Override
  public String toString() {
    return "TaskEngine[name=" + config.name() + ", closing=" + idle.isClosing() + "]";
  }
}
