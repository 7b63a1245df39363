// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static java.util.Objects.requireNonNull;

import dev.heddle.CloseReport;
import dev.heddle.EngineConfig;
import dev.heddle.Schedule;
import dev.heddle.ScheduledHandle;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskFunction;
import dev.heddle.TaskGroup;
import dev.heddle.TaskHandle;
import dev.heddle.TaskLane;
import dev.heddle.TaskOptions;
import dev.heddle.error.ErrorText;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskInterruptedException;
import dev.heddle.error.ThreadStartException;
import dev.heddle.fork.Fork;
import dev.heddle.fork.ForkBody;
import dev.heddle.fork.ForkDouble;
import dev.heddle.fork.ForkDouble2;
import dev.heddle.fork.ForkInt;
import dev.heddle.fork.ForkLong;
import dev.heddle.fork.ForkLong2;
import dev.heddle.fork.Parallel;
import dev.heddle.internal.fork.Forks;
import dev.heddle.internal.memory.Callers;
import dev.heddle.internal.memory.EngineMemory;
import dev.heddle.internal.memory.TaskMemory;
import dev.heddle.internal.parallel.ParallelImpl;
import dev.heddle.internal.park.IdleWorkers;
import dev.heddle.internal.park.RoomWaiters;
import dev.heddle.internal.queue.OverflowQueue;
import dev.heddle.internal.record.BodyKinds;
import dev.heddle.internal.record.TaskRecords;
import dev.heddle.internal.timer.Timers;
import dev.heddle.internal.util.Durations;
import dev.heddle.internal.util.Seam;
import dev.heddle.memory.MemoryReport;
import dev.heddle.memory.OwnedSegment;
import dev.heddle.observe.EngineDump;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.observe.Explanation;
import dev.heddle.spi.ContextPropagation;
import dev.heddle.spi.ContextPropagation.Captured;
import dev.heddle.spi.ExecutionStrategy;
import dev.heddle.spi.IdleStrategy;
import dev.heddle.spi.OverflowPolicy;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.Thread.UncaughtExceptionHandler;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The engine: accepts tasks and puts them where a worker finds them.
 *
 * <p>What belongs together lives in one class each: a worker and where it looks ({@link Worker}),
 * sleeping and waking ({@link IdleWorkers}), one submission ({@link TaskHandleImpl}), what is full
 * ({@link Capacity}), what is counted ({@link Books}), the end ({@link LifeCycle}).
 */
/*
 * Submitting.   (1) refuse if closing (a worker: if stopped); (2) refuse if full, unless the submitter is a worker; (3) put the task
 *               into an inbox: a worker into its own, other threads into the one that their thread id picks,
 *               so that a submitter meets its own cache lines; without stealing, in turn; (4) if that inbox
 *               is full, into the overflow queue; (5) read the idle word: wake a worker, or, if the engine
 *               closes by now, let LifeCycle say whether the task still got in.
 * Evidence.     RejectionTest, EngineModelTest, NothingLostTest, CloseRaceTest.
 */
public final class TaskEngineImpl implements TaskEngine {

  private static final Logger LOGGER = System.getLogger("dev.heddle");

  private final EngineConfig config;
  private final UncaughtExceptionHandler uncaughtHandler;

  final boolean stealing;

  /** Whether each body runs on a thread of its own, for its thread-locals. */
  final boolean isolates;

  /** Who holds each post; see {@link WorkerThreads}. */
  final Worker[] workers;

  final WorkerThreads threads;
  final Watch watch = new Watch(this);
  final OverflowQueue<Object> overflow = new OverflowQueue<>();
  final EngineMemory memory;
  final UnobservedFailures failures;
  final Samples samples;
  final Contexts contexts;
  final BodyKinds kinds = new BodyKinds();
  final TaskRecords records = new TaskRecords();
  final Guests guests;
  final RoomWaiters room = new RoomWaiters();

  final Lanes lanes = new Lanes();
  final Forks forks;
  private final Computations computations;
  private final Parallel parallel;
  final Dumps dumps = new Dumps(this);
  private final Explanations explanations = new Explanations(this);
  final Books books = new Books(this);

  /**
   * Whether threads that wait for a task may spin: not where that would take the only processor.
   */
  final boolean waitersSpin;

  /** Whether threads that wait for a computation may spin: where there is one more processor. */
  final boolean computationWaitersSpin;

  final Timers timers;
  final RetryBudget retryBudget;
  final Latencies latencies = new Latencies();
  private final Set<PeriodicTask> periodicTasks = ConcurrentHashMap.newKeySet();
  private final ExecutionStrategy blockingStrategy;

  private final IdleWorkers idle;
  private final LifeCycle lifeCycle;
  private final Capacity capacity;
  private final AtomicLong taskIds = new AtomicLong();

  /** Deals tasks in turn when they must stay with the worker they are given to. */
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * Whether tasks have run on threads that are not {@link Worker.WorkerThread}s; never reset. Such
   * a thread sets it before, so it is right for every thread that asks about itself.
   */
  private volatile boolean hasForeignThreads;

  private TaskEngineImpl(
      EngineConfig config,
      OverflowPolicy overflowPolicy,
      IdleStrategy idleStrategy,
      ContextPropagation contextPropagation,
      @Nullable ThreadFactory threadFactory,
      @Nullable UncaughtExceptionHandler uncaughtHandler) {
    this.config = config;
    this.isolates = config.isolateThreadLocals();
    this.contexts = new Contexts(this, contextPropagation);
    int processors = Runtime.getRuntime().availableProcessors();
    this.waitersSpin = processors > 1;
    this.computationWaitersSpin = processors > config.workers();
    this.blockingStrategy = ExecutionStrategy.virtualThreads(config.blockingLimit());
    this.uncaughtHandler = uncaughtHandler == null ? this::logUncaught : uncaughtHandler;
    this.stealing = config.workStealing();
    this.memory =
        new EngineMemory(
            config.name(),
            config.memory().bytes(),
            config.workers(),
            config.memoryChecks(),
            new Tasks());
    this.retryBudget = new RetryBudget(config.name(), config.retryBudget());
    this.failures = new UnobservedFailures(config.name());
    this.samples = new Samples(config.exactSamples(), kinds);
    this.idle = new IdleWorkers(config.workers(), new Queues());
    this.forks = new Forks(config.workers(), this::computationStarted);
    this.computations = new Computations(this);
    this.parallel = new ParallelImpl(computations);
    this.workers = new Worker[config.workers()];
    for (int i = 0; i < workers.length; i++) {
      IdleStrategy.Idler idler = requireNonNull(idleStrategy.forWorker(i), "strategy of a worker");
      workers[i] = new Worker(this, i, config.workers(), config.queueCapacity(), idle, idler);
    }
    this.threads =
        new WorkerThreads(
            this,
            threadFactory == null ? this::newWorkerThread : threadFactory,
            workers,
            number ->
                Worker.spare(
                    this,
                    number,
                    workers.length,
                    idle,
                    requireNonNull(
                        idleStrategy.forWorker(number % workers.length), "strategy of a worker")));
    this.lifeCycle = new LifeCycle(this, idle);
    this.timers = new Timers(this::newTimerThread, this::uncaught);
    this.guests = new Guests(this, lifeCycle, timers);
    this.capacity = new Capacity(this, idle, overflowPolicy);
  }

  /**
   * Makes an engine and starts its workers.
   *
   * @param config the settings
   * @param overflowPolicy what to do when it is full
   * @param idleStrategy how long workers look for work before they sleep
   * @param contextPropagation what tasks take along from who submits them
   * @param threadFactory who makes the threads, or {@code null} for the engine's own
   * @param uncaughtHandler who hears of failures without a handle, or {@code null} for the log
   * @return a running engine
   * @throws ThreadStartException if a worker cannot be started; those started before have ended
   */
  public static TaskEngine start(
      EngineConfig config,
      OverflowPolicy overflowPolicy,
      IdleStrategy idleStrategy,
      ContextPropagation contextPropagation,
      @Nullable ThreadFactory threadFactory,
      @Nullable UncaughtExceptionHandler uncaughtHandler) {
    TaskEngineImpl engine =
        new TaskEngineImpl(
            config,
            overflowPolicy,
            idleStrategy,
            contextPropagation,
            threadFactory,
            uncaughtHandler);
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
    accept(contexts.carry(body), "execute");
  }

  @Override
  public <R extends @Nullable Object> TaskHandle<R> submit(Task<R> task) {
    return submit(task, TaskOptions.defaults());
  }

  @Override
  public <R extends @Nullable Object> TaskHandle<R> submit(Task<R> task, TaskOptions options) {
    requireNonNull(task, "task");
    requireNonNull(options, "options");
    TaskHandleImpl<R> handle = newHandle(task, options);
    ExecutionStrategy strategy = strategyOf(task, options);
    if (handle.home != TaskHandleImpl.HELD && strategy == ExecutionStrategy.workStealing()) {
      accept(handle, options.name());
    } else {
      TaskRunner runner = currentRunner();
      refuseIfClosing(runner, 1);
      if (runner != null || !isHeld(strategy) || capacity.hasRoom(1)) {
        startElsewhere(handle, strategy);
      } else {
        overflow(List.of(handle), options.name(), () -> startElsewhere(handle, strategy));
      }
    }
    return handle;
  }

  @Override
  public <R extends @Nullable Object> TaskHandle<R> submit(Callable<R> body) {
    requireNonNull(body, "body");
    String name = TaskOptions.defaults().name();
    TaskHandleImpl<R> handle = new Handles.OfCallable<>(this, name, body);
    accept(handle, name);
    return handle;
  }

  @Override
  public TaskHandle<?> submit(Runnable body) {
    requireNonNull(body, "body");
    String name = TaskOptions.defaults().name();
    Handles.OfRunnable handle = new Handles.OfRunnable(this, name, body);
    accept(handle, name);
    return handle;
  }

  @Override
  public <R extends @Nullable Object> Optional<TaskHandle<R>> trySubmit(
      Task<R> task, TaskOptions options) {
    requireNonNull(task, "task");
    requireNonNull(options, "options");
    ExecutionStrategy strategy = strategyOf(task, options);
    TaskRunner runner = currentRunner();
    refuseIfClosing(runner, 1);
    if (runner == null && isHeld(strategy) && !capacity.hasRoom(1)) {
      books.rejected.increment();
      return Optional.empty();
    }
    TaskHandleImpl<R> handle = newHandle(task, options);
    if (handle.home != TaskHandleImpl.HELD && strategy == ExecutionStrategy.workStealing()) {
      publish(runner, handle);
    } else {
      startElsewhere(handle, strategy);
    }
    return Optional.of(handle);
  }

  @Override
  public <R extends @Nullable Object> TaskGroup<R> submitAll(Collection<? extends Task<R>> tasks) {
    List<TaskHandleImpl<R>> handles = new ArrayList<>(); // a collection may lie about its size
    requireNonNull(tasks, "tasks");
    Captured captured = contexts.capture();
    for (Task<R> task : tasks) {
      TaskHandleImpl<R> handle =
          newHandle(requireNonNull(task, "task"), TaskOptions.defaults(), captured);
      if (task instanceof BlockingTask<?>) {
        handle.home = TaskHandleImpl.HELD;
      }
      handles.add(handle);
    }
    return acceptTogether(handles, blockingStrategy);
  }

  @Override
  @SuppressWarnings(
      "NullAway") // an item may be null where T allows it, which NullAway cannot follow
  public <T extends @Nullable Object, R extends @Nullable Object> TaskGroup<R> submitEach(
      Collection<T> items, TaskFunction<? super T, R> body, TaskOptions options) {
    requireNonNull(items, "items");
    requireNonNull(body, "body");
    requireNonNull(options, "options");
    ExecutionStrategy strategy = options.strategy().orElse(ExecutionStrategy.workStealing());
    Captured captured = contexts.capture();
    List<TaskHandleImpl<R>> handles = new ArrayList<>();
    for (T item : items) {
      TaskHandleImpl<R> handle = newHandle(item, body, options, strategy, captured);
      if (strategy != ExecutionStrategy.workStealing()) {
        handle.home = TaskHandleImpl.HELD;
      }
      handles.add(handle);
    }
    return acceptTogether(handles, strategy);
  }

  private <T extends @Nullable Object, R extends @Nullable Object> TaskHandleImpl<R> newHandle(
      T item,
      TaskFunction<? super T, R> body,
      TaskOptions options,
      ExecutionStrategy strategy,
      Captured captured) {
    if (GuardedTask.isNeeded(null, options)) {
      Task<R> task = context -> body.apply(item, context);
      return new GuardedTask<>(this, body, task, options, strategy, captured);
    }
    return LimitedTask.isNeeded(options)
        ? new LimitedTask.OfItem<T, R>(this, body, item, options, captured)
        : new Handles.OfItem<T, R>(this, options.name(), body, item, captured);
  }

  private ExecutionStrategy strategyOf(Task<?> task, TaskOptions options) {
    if (options.strategy().isPresent()) {
      return options.strategy().get();
    }
    return GuardedTask.isBlocking(task) ? blockingStrategy : ExecutionStrategy.workStealing();
  }

  /** Whether a task of this strategy may have to wait, and so needs a place. */
  private static boolean isHeld(ExecutionStrategy strategy) {
    return strategy != ExecutionStrategy.caller();
  }

  // ---- fork/join

  @Override
  public long computeLong(ForkLong function, long argument) {
    return computations.computeLong(function, argument);
  }

  @Override
  public long computeLong(ForkLong2 function, long first, long second) {
    return computations.computeLong(function, first, second);
  }

  @Override
  public int computeInt(ForkInt function, int argument) {
    return computations.computeInt(function, argument);
  }

  @Override
  public double computeDouble(ForkDouble function, double argument) {
    return computations.computeDouble(function, argument);
  }

  @Override
  public double computeDouble(ForkDouble2 function, double first, double second) {
    return computations.computeDouble(function, first, second);
  }

  @Override
  public <T extends @Nullable Object, R extends @Nullable Object> R compute(
      Fork<T, R> function, T argument) {
    return computations.compute(function, argument);
  }

  @Override
  public <R extends @Nullable Object> R compute(ForkBody<R> body) {
    return computations.compute(body);
  }

  @Override
  public Parallel parallel() {
    return parallel;
  }

  /** Called when a running task is cancelled that has submitted others. */
  void cancelChildren(TaskHandleImpl<?> parent, boolean interrupt) {
    List<TaskHandleImpl<?>> running = new ArrayList<>();
    forEachRunner(runner -> runner.addTasks(running));
    for (TaskHandleImpl<?> task : running) {
      if (task.parentAcquire() == parent) {
        task.cancel(TaskHandleImpl.PARENT_CANCELLED, interrupt);
      }
    }
  }

  /** Called when a task is cancelled that may run forks on any worker. */
  void cancelComputations() {
    forks.raiseCancel();
  }

  // ---- submitting for later

  @Override
  public <R extends @Nullable Object> TaskHandle<R> schedule(Task<R> task, Duration delay) {
    requireNonNull(task, "task");
    long nanos = Durations.waitNanos("delay", requireNonNull(delay, "delay"));
    TaskOptions options = TaskOptions.defaults();
    TaskHandleImpl<R> handle = newHandle(task, options);
    startLater(handle, nanos, strategyOf(task, options));
    return handle;
  }

  void startLater(TaskHandleImpl<?> handle, long nanos, ExecutionStrategy strategy) {
    TaskRunner runner = currentRunner();
    admitElsewhere(runner, 1);
    handle.submittedBy(runner);
    try {
      guests.startLater(handle, nanos, strategy);
    } catch (Throwable e) { // no thread for timers
      refuseHeld(handle, "its timer could not be set");
      throw e;
    }
  }

  @Override
  public ScheduledHandle schedule(Task<?> task, Schedule schedule, TaskOptions options) {
    requireNonNull(task, "task");
    requireNonNull(schedule, "schedule");
    requireNonNull(options, "options");
    return schedulePeriodic(task, schedule, options, contexts.capture(), () -> {});
  }

  /**
   * As {@link #schedule(Task, Schedule, TaskOptions)}, for the executor view, whose bodies see to
   * what they take along.
   */
  PeriodicTask schedulePeriodic(Task<?> task, Schedule schedule, Runnable whenEnded) {
    return schedulePeriodic(task, schedule, TaskOptions.defaults(), Captured.nothing(), whenEnded);
  }

  private PeriodicTask schedulePeriodic(
      Task<?> task, Schedule schedule, TaskOptions options, Captured captured, Runnable whenEnded) {
    refuseIfClosing(currentRunner(), 1);
    PeriodicTask periodic =
        new PeriodicTask(this, timers, task, schedule, options, captured, whenEnded);
    periodicTasks.add(periodic);
    if (idle.isClosing()) { // since the look above: whoever closes may have missed it
      periodic.endRuns();
      books.rejected.increment();
      throw RejectedTaskException.engineClosed(config.name());
    }
    periodic.start();
    return periodic;
  }

  <R extends @Nullable Object> TaskHandleImpl<R> newHandle(Task<R> task, TaskOptions options) {
    return newHandle(task, options, contexts.capture());
  }

  <R extends @Nullable Object> TaskHandleImpl<R> newHandle(
      Task<R> task, TaskOptions options, Captured captured) {
    if (GuardedTask.isNeeded(task, options)) {
      return new GuardedTask<>(this, task, task, options, strategyOf(task, options), captured);
    }
    return LimitedTask.isNeeded(options)
        ? new LimitedTask<>(this, task, options, captured)
        : new Handles.OfTask<>(this, options.name(), task, captured);
  }

  /** Submits a run of a periodic task, on the timer thread: never waits for room. */
  void submitTimed(TaskHandleImpl<?> handle, Task<?> task, TaskOptions options) {
    startElsewhere(handle, strategyOf(task, options));
  }

  void forgetPeriodic(PeriodicTask periodic) {
    periodicTasks.remove(periodic);
  }

  void endPeriodicTasks() {
    periodicTasks.forEach(PeriodicTask::endRuns);
  }

  void endTimers() {
    timers.close();
  }

  @Override
  public ScheduledExecutorService asExecutorService() {
    return new ExecutorView(this);
  }

  /** Runs a body of the executor view: in the caller if the engine is full. */
  void executeOrRunHere(Runnable body) {
    TaskRunner runner = currentRunner();
    refuseIfClosing(runner, 1);
    if (runner != null || capacity.hasRoom(1)) {
      publish(runner, body);
    } else {
      admitElsewhere(null, 1);
      guests.runForCaller(body);
    }
  }

  /** Runs, inside the task of the calling thread, what that waits for. */
  void help(Runnable body) {
    if (!isolates) {
      body.run();
      return;
    }
    guests.runApart(
        currentRunner(),
        guest -> {
          try {
            body.run();
          } finally {
            guest.endMemory("name=execute");
          }
        });
  }

  /** Cancels what was taken out of a queue and not started, since the engine is stopped. */
  void dropStopped(Object task, int home) {
    lifeCycle.cancelTaken(task, home);
  }

  /** As {@link #schedule(Task, Duration)}, for the executor view; see {@link #schedulePeriodic}. */
  TaskHandleImpl<?> scheduleBody(Runnable body, long nanos) {
    TaskHandleImpl<?> handle =
        new Handles.OfRunnable(this, TaskOptions.defaults().name(), body, Captured.nothing());
    startLater(handle, nanos, ExecutionStrategy.workStealing());
    return handle;
  }

  private Thread newTimerThread(Runnable body) {
    Thread thread = new Thread(null, body, "heddle-" + config.name() + "-timer", 0, false);
    thread.setDaemon(true); // the workers keep the JVM alive
    return thread;
  }

  // ---- accepting

  /** Accepts one task for the queues, or does with it what the overflow policy says. */
  private void accept(Object task, String name) {
    TaskRunner runner = currentRunner();
    refuseIfClosing(runner, 1);
    if (runner != null || capacity.hasRoom(1)) {
      Seam.reached(Seam.Point.SUBMIT_ADMITTED);
      publish(runner, task);
    } else {
      overflow(List.of(task), name, () -> publish(null, task));
    }
  }

  /** Accepts all or none: those marked as held for the strategy, the others for the queues. */
  private <R extends @Nullable Object> TaskGroup<R> acceptTogether(
      List<TaskHandleImpl<R>> handles, ExecutionStrategy strategy) {
    TaskRunner runner = currentRunner();
    refuseIfClosing(runner, handles.size());
    int places = 0;
    for (TaskHandleImpl<R> handle : handles) {
      places += handle.home != TaskHandleImpl.HELD || isHeld(strategy) ? 1 : 0;
    }
    if (runner != null || places == 0 || capacity.hasRoom(places)) {
      Seam.reached(Seam.Point.SUBMIT_ADMITTED);
      publishAll(runner, handles);
      startTogether(handles, strategy);
    } else {
      overflow(
          handles,
          handles.getFirst().name(),
          () -> {
            publishAll(null, handles);
            startTogether(handles, strategy);
          });
    }
    return new TaskGroupImpl<>(handles);
  }

  /**
   * Gives the held tasks to their strategy; if it refuses one, the others are cancelled or refused
   * with it.
   */
  private void startTogether(
      List<? extends TaskHandleImpl<?>> handles, ExecutionStrategy strategy) {
    for (int i = 0; i < handles.size(); i++) {
      if (handles.get(i).home != TaskHandleImpl.HELD) {
        continue;
      }
      try {
        startElsewhere(handles.get(i), strategy);
      } catch (Throwable e) {
        for (int j = 0; j < handles.size(); j++) {
          if (j > i && handles.get(j).home == TaskHandleImpl.HELD) {
            books.rejected.increment();
            handles.get(j).refuse("its group was refused");
          } else {
            handles.get(j).cancel("its group was refused", false);
          }
        }
        throw e;
      }
    }
  }

  /** Puts the tasks that are not held where workers will find them, all before one is woken. */
  private void publishAll(@Nullable TaskRunner runner, List<? extends TaskHandleImpl<?>> tasks) {
    int target = -1;
    boolean fits = true;
    for (TaskHandleImpl<?> task : tasks) {
      if (task.home == TaskHandleImpl.HELD) {
        continue;
      }
      task.submittedBy(runner);
      target = runner instanceof Worker worker ? worker.index : pick();
      boolean fitsHere = put(task, target);
      fits &= fitsHere;
      if (!stealing && fitsHere && idle.word() != 0) {
        idle.wake(target);
      }
    }
    if (target < 0) {
      return;
    }
    Seam.reached(Seam.Point.SUBMIT_PUBLISHED);
    if (idle.word() != 0) {
      if (stealing || !fits) {
        idle.wakeOne(target);
      }
      if (idle.isClosing()) {
        refuseLate(tasks);
      }
    }
  }

  /** Refuses those of a group that came after the end; all of them by an exception. */
  private void refuseLate(List<? extends TaskHandleImpl<?>> tasks) {
    List<TaskHandleImpl<?>> late = new ArrayList<>();
    int queued = 0;
    for (TaskHandleImpl<?> task : tasks) {
      if (task.home != TaskHandleImpl.HELD) {
        queued++;
        if (lifeCycle.cameTooLate(task)) {
          late.add(task);
        }
      }
    }
    books.rejected.add(late.size());
    if (late.size() == queued) {
      throw RejectedTaskException.engineClosed(config.name());
    }
    late.forEach(task -> task.refuse(LifeCycle.CANCELLED_BY_CLOSE));
  }

  /** Does with tasks from outside what the overflow policy says. */
  private void overflow(List<?> tasks, String name, Runnable publish) {
    switch (capacity.resolve(name, tasks.size())) {
      case REJECT -> {
        books.rejected.add(tasks.size());
        throw capacity.full();
      }
      case RETRY -> publish.run();
      case RUN_IN_CALLER -> {
        admitElsewhere(null, tasks.size());
        tasks.forEach(guests::runForCaller);
      }
      case DISCARD -> {
        books.acceptedElsewhere.add(tasks.size());
        tasks.forEach(this::discard);
      }
    }
  }

  private void discard(Object task) {
    if (task instanceof TaskHandleImpl<?> handle) {
      handle.discard(capacity.full());
    } else {
      books.discarded.increment();
    }
  }

  /** Gives a task to a strategy. */
  private void startElsewhere(TaskHandleImpl<?> handle, ExecutionStrategy strategy) {
    TaskRunner runner = currentRunner();
    admitElsewhere(runner, 1);
    handle.submittedBy(runner);
    try {
      guests.start(handle, strategy);
    } catch (Throwable e) {
      refuseHeld(handle, "its strategy refused it");
      throw e;
    }
  }

  /** Takes back that a task was accepted, unless it has been started or cancelled. */
  void refuseHeld(TaskHandleImpl<?> handle, String reason) {
    if (guests.withdraw(handle)) {
      books.acceptedElsewhere.decrement();
      books.rejected.increment();
      handle.refuse(reason);
    }
  }

  /** Gives an attempt of a task, which was accepted, to the queues or to a strategy. */
  void launch(Attempt<?> attempt, ExecutionStrategy strategy) {
    if (strategy == ExecutionStrategy.workStealing()) {
      attempt.home = TaskHandleImpl.IN_QUEUE;
      books.acceptedElsewhere.decrement(); // its task stands for it
      publish(currentRunner(), attempt);
    } else {
      lifeCycle.addGuest();
      try {
        guests.start(attempt, strategy);
      } catch (Throwable e) {
        guests.withdraw(attempt);
        throw e;
      }
    }
  }

  private void admitElsewhere(@Nullable TaskRunner runner, int tasks) {
    if (!lifeCycle.admitGuests(runner != null, tasks)) {
      books.rejected.add(tasks);
      throw RejectedTaskException.engineClosed(config.name());
    }
    books.acceptedElsewhere.add(tasks);
  }

  /** Puts an accepted task into a queue after all; there is always room. */
  void enqueueAccepted(TaskHandleImpl<?> task) {
    task.home = TaskHandleImpl.IN_QUEUE; // before a worker can have it
    overflow.offer(task);
    books.acceptedElsewhere.decrement();
    task.lookAgain();
    if (idle.word() != 0) {
      idle.wakeOne(0);
      lifeCycle.cancelQueuedIfStopped();
    }
  }

  /**
   * Puts a task into a queue again that a worker has taken out and not started: into its inbox, if
   * that has not more than some tasks of which is known that they are there, and otherwise into the
   * overflow queue, where it gets behind no producer that is suspended. If there is no memory for
   * that, it is dropped as by an overflow policy.
   */
  void enqueueAgain(Worker worker, long ahead, Object task) {
    WorkerCounters counters = worker.counters; // its own, also after its post was given away
    counters.addTaken(TaskHandleImpl.IN_QUEUE);
    counters.addMoved();
    try {
      if (worker.inbox.size() > ahead || !worker.inbox.offer(task)) {
        overflow.offer(task);
      }
    } catch (Throwable e) {
      counters.dropMoved();
      discard(task);
      uncaught(e);
      return;
    }
    if (idle.word() != 0) {
      idle.wakeOne(worker.index);
      lifeCycle.cancelQueuedIfStopped();
    }
  }

  /** Called when a task that a strategy holds was cancelled before it started. */
  void forgetGuest(TaskHandleImpl<?> handle) {
    guests.withdraw(handle);
  }

  /** Called when a queued task was started while a queue still carries it. */
  void placeGivenBack() {
    VarHandle.fullFence(); // the count of taken tasks, then the look for waiters: see RoomWaiters
    room.placeTaken();
  }

  /** A running task may submit until the engine is stopped: what it submits belongs to its end. */
  void refuseIfClosing(@Nullable TaskRunner runner, int tasks) {
    if (runner == null ? idle.isClosing() : idle.isStopped()) {
      books.rejected.add(tasks);
      throw RejectedTaskException.engineClosed(config.name());
    }
  }

  /** Puts a task where a worker will find it, and wakes one if that is needed. */
  private void publish(@Nullable TaskRunner runner, Object task) {
    if (runner != null && task instanceof TaskHandleImpl<?> handle && !(task instanceof Attempt)) {
      handle.submittedBy(runner); // who launches an attempt has not submitted its task
    }
    int target = runner instanceof Worker worker ? worker.index : pick();
    boolean fits = put(task, target);
    Seam.reached(Seam.Point.SUBMIT_PUBLISHED);
    if (idle.word() != 0) {
      wakeFor(task, target, stealing || !fits);
    }
  }

  private boolean put(Object task, int target) {
    boolean fits = workers[target].inbox.offer(task);
    if (!fits) {
      overflow.offer(task);
    }
    return fits;
  }

  /** Called when a task was published into an engine that is not altogether busy and open. */
  private void wakeFor(Object task, int target, boolean any) {
    if (any) {
      idle.wakeOne(target);
    } else {
      idle.wake(target);
    }
    if (idle.isClosing() && lifeCycle.cameTooLate(task)) {
      books.rejected.increment();
      throw RejectedTaskException.engineClosed(config.name());
    }
  }

  private int pick() {
    return stealing
        ? inboxOf(Thread.currentThread(), workers.length)
        : Math.floorMod(turn.getAndIncrement(), workers.length);
  }

  /** Scatters threads over inboxes. A division would cost as much as a CAS. */
  static int inboxOf(Thread thread, int workers) {
    int hash = (int) thread.threadId() * 0x9e3779b9; // ids are close to each other
    return (int) (((hash & 0xffffffffL) * workers) >>> 32);
  }

  // ---- lanes

  @Override
  public TaskLane openLane(int capacity) {
    Lanes.requireCapacity(capacity);
    refuseIfClosing();
    Lane lane = new Lane(this, capacity);
    lanes.add(lane);
    return lane;
  }

  /** As {@link #refuseIfClosing(TaskRunner, int)}, of a lane's producer. */
  void refuseIfClosing() {
    if (idle.word() != 0) {
      refuseIfClosing(currentRunner(), 1);
    }
  }

  /** Called when a lane has got a task, after a full fence. */
  void publishedInLane(Object task) {
    if (idle.word() != 0) {
      wakeFor(task, 0, true);
    }
  }

  // ---- what workers and handles ask

  @Nullable TaskRunner currentRunner() {
    return TaskRunner.currentOf(this);
  }

  /** Called by a thread that is no {@link Worker.WorkerThread}, before it runs tasks. */
  void foreignThreadRuns() {
    if (!hasForeignThreads) {
      hasForeignThreads = true;
    }
  }

  boolean hasForeignThreads() {
    return hasForeignThreads;
  }

  void forEachRunner(Consumer<TaskRunner> action) {
    for (Worker worker : threads.all()) {
      action.accept(worker);
    }
    guests.runners().forEach(action);
  }

  long nextTaskId() {
    return taskIds.incrementAndGet();
  }

  /** How many tasks other workers have started. */
  long startedByOthers(Worker self) {
    long sum = 0;
    for (Worker worker : workers) {
      if (worker != self) {
        sum += worker.counters.startedAcquire();
      }
    }
    return sum;
  }

  LifeCycle lifeCycle() {
    return lifeCycle;
  }

  boolean isSealed() {
    return idle.isSealed();
  }

  boolean isStopped() {
    return idle.isStopped();
  }

  /** Tells whether nothing runs on any worker. */
  boolean allAsleep() {
    return idle.parked() >= workers.length && threads.standIns() == 0;
  }

  boolean isAsleep(int worker) {
    return idle.isAsleep(worker);
  }

  /**
   * Tells whether there may be a task that the worker may take: looks at indices, not at elements.
   */
  boolean hasWorkFor(int worker) {
    return hasTaskFor(worker) || (stealing && !idle.isStopped() && forks.othersCompute(worker));
  }

  /** As {@link #hasWorkFor}, apart from branches of computations. */
  boolean hasTaskFor(int worker) {
    if (idle.isStopped()) { // what the indices show is its producer's to cancel
      return false;
    }
    return hasQueuedWorkFor(worker) || lanes.haveWork();
  }

  /** As {@link #hasTaskFor}, apart from lanes. */
  boolean hasQueuedWorkFor(int worker) {
    if (!workers[worker].inbox.isEmpty() || !overflow.isEmpty()) {
      return true;
    }
    return stealing && hasWorkInSomeInbox();
  }

  boolean hasWork() {
    return !overflow.isEmpty() || hasWorkInSomeInbox() || lanes.haveWork();
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

  /** Says whose memory the calling thread uses. */
  private final class Tasks implements Callers {
    @Override
    public @Nullable TaskMemory memoryOfCaller() {
      TaskRunner runner = currentRunner();
      return runner == null ? null : runner.memory();
    }

    @Override
    public RejectedTaskException engineClosed() {
      return RejectedTaskException.engineClosed(config.name());
    }
  }

  /** Takes any queued task; for closing only. */
  @Nullable Object pollAny() {
    Object task = overflow.poll();
    for (int i = 0; task == null && i < workers.length; i++) {
      task = workers[i].inbox.relaxedPoll(); // does not wait for a suspended producer
    }
    return task;
  }

  // ---- threads and failures

  private Thread newWorkerThread(Runnable worker) {
    Worker body = (Worker) worker;
    return new Worker.WorkerThread(body, "heddle-" + config.name() + "-worker-" + body.number);
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

  /** Called by a worker that begins a computation: others may take branches of it. */
  private void computationStarted(int worker) {
    if (stealing && idle.word() != 0) {
      idle.wakeOne(worker);
    }
  }

  private void logUncaught(Thread thread, Throwable error) {
    log("task without a handle, or a callback, threw: thread=" + thread.getName(), error);
  }

  /** Logs an error; what the log itself throws must not end a worker and is added to the error. */
  static void log(String message, Throwable error) {
    try {
      LOGGER.log(Level.ERROR, message, error);
    } catch (Throwable e) {
      if (e != error) {
        error.addSuppressed(e);
      }
    }
  }

  // ---- the end

  @Override
  public OwnedSegment allocate(long byteSize, long byteAlignment) {
    return memory.allocate(byteSize, byteAlignment);
  }

  @Override
  public OwnedSegment allocate(long byteSize, Duration atMost) {
    long nanos = Durations.waitNanos("atMost", atMost);
    try {
      return memory.allocateWithin(byteSize, nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TaskInterruptedException(
          "interrupted while waiting for memory: byteSize=" + byteSize, e);
    }
  }

  @Override
  public OwnedSegment allocateRaw(long byteSize, long byteAlignment) {
    return memory.allocateRaw(byteSize, byteAlignment);
  }

  @Override
  public MemoryReport memory() {
    return memory.report(dumps.keptMemory(), dumps.holders());
  }

  @Override
  public EngineDump dump() {
    return dumps.dump();
  }

  @Override
  public Explanation explain(TaskHandle<?> handle) {
    if (!(requireNonNull(handle, "handle") instanceof TaskHandleImpl<?> known)
        || known.engine() != this) {
      throw new IllegalArgumentException(
          "handle must be of this engine: handle="
              + ErrorText.quote(handle)
              + ", engine="
              + config.name()
              + " (ask the engine that has accepted it)");
    }
    return explanations.explain(known);
  }

  @Override
  public EngineMetrics metrics() {
    return books.metrics();
  }

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
