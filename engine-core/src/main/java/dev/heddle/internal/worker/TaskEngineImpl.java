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
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.ThreadStartException;
import dev.heddle.internal.memory.MemoryBudget;
import dev.heddle.internal.park.IdleWorkers;
import dev.heddle.internal.park.RoomWaiters;
import dev.heddle.internal.queue.OverflowQueue;
import dev.heddle.internal.timer.Timers;
import dev.heddle.internal.util.Seam;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.observe.TaskTimes;
import dev.heddle.spi.ExecutionStrategy;
import dev.heddle.spi.IdleStrategy;
import dev.heddle.spi.OverflowPolicy;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.Thread.UncaughtExceptionHandler;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
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
 * Capacity.     put into queues - taken + waiting in strategies < queueCapacity. taken only grows, so a sum of
 *               it that was read before is a bound on the safe side: it is read again only when the bound
 *               says full. Who starts a queued task counts it as taken, see TaskHandleImpl.
 * Evidence.     RejectionTest, EngineModelTest, NothingLostTest, CloseRaceTest.
 */
public final class TaskEngineImpl implements TaskEngine {

  private static final Logger LOGGER = System.getLogger("dev.heddle");

  private static final int MAX_LANE_CAPACITY = 1 << 30;

  private final EngineConfig config;
  private final ThreadFactory threadFactory;
  private final UncaughtExceptionHandler uncaughtHandler;

  final boolean stealing;
  final Worker[] workers;
  final OverflowQueue<Object> overflow = new OverflowQueue<>();
  final MemoryBudget memory;
  final UnobservedFailures failures;
  final Samples samples;
  final Guests guests;
  final RoomWaiters room = new RoomWaiters();

  /** Tasks that were cancelled, counted by who cancels. */
  final LongAdder cancelled = new LongAdder();

  /** Tasks that were dropped by the overflow policy. */
  final LongAdder discarded = new LongAdder();

  /** Accepted tasks that are, or were, in no queue. */
  private final LongAdder acceptedElsewhere = new LongAdder();

  /** What queues have got and the engine has refused, because it came too late; by LifeCycle. */
  final AtomicLong notAccepted = new AtomicLong();

  /**
   * Whether threads that wait for a task may spin: not where that would take the only processor.
   */
  final boolean waitersSpin = Runtime.getRuntime().availableProcessors() > 1;

  private final Timers timers;
  private final ReentrantLock laneLock = new ReentrantLock();
  private volatile Lanes lanes = new Lanes(new Lane[0], 0); // written under laneLock
  private final Set<PeriodicTask> periodicTasks = ConcurrentHashMap.newKeySet();
  private final OverflowPolicy overflowPolicy;
  private final ExecutionStrategy blockingStrategy;

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

  /** Whether tasks may run on threads that are not {@link Worker.WorkerThread}s; never reset. */
  private volatile boolean hasForeignThreads;

  private TaskEngineImpl(
      EngineConfig config,
      OverflowPolicy overflowPolicy,
      IdleStrategy idleStrategy,
      @Nullable ThreadFactory threadFactory,
      @Nullable UncaughtExceptionHandler uncaughtHandler) {
    this.config = config;
    this.overflowPolicy = overflowPolicy;
    this.blockingStrategy = ExecutionStrategy.virtualThreads(config.blockingLimit());
    this.hasForeignThreads = threadFactory != null;
    this.threadFactory = threadFactory == null ? this::newWorkerThread : threadFactory;
    this.uncaughtHandler = uncaughtHandler == null ? this::logUncaught : uncaughtHandler;
    this.stealing = config.workStealing();
    this.queueCapacity = config.queueCapacity();
    this.memory = new MemoryBudget(config.memory().bytes());
    this.failures = new UnobservedFailures(config.name());
    this.samples = new Samples(config.exactSamples());
    this.idle = new IdleWorkers(config.workers(), new Queues());
    this.workers = new Worker[config.workers()];
    for (int i = 0; i < workers.length; i++) {
      IdleStrategy.Idler idler = requireNonNull(idleStrategy.forWorker(i), "strategy of a worker");
      workers[i] = new Worker(this, i, config.workers(), queueCapacity, idle, idler);
    }
    this.lifeCycle = new LifeCycle(this, idle);
    this.timers = new Timers(this::newTimerThread, this::uncaught);
    this.guests = new Guests(this, lifeCycle, timers);
  }

  /**
   * Makes an engine and starts its workers.
   *
   * @param config the settings
   * @param overflowPolicy what to do when it is full
   * @param idleStrategy how long workers look for work before they sleep
   * @param threadFactory who makes the threads, or {@code null} for the engine's own
   * @param uncaughtHandler who hears of failures without a handle, or {@code null} for the log
   * @return a running engine
   * @throws ThreadStartException if a worker cannot be started; those started before have ended
   */
  public static TaskEngine start(
      EngineConfig config,
      OverflowPolicy overflowPolicy,
      IdleStrategy idleStrategy,
      @Nullable ThreadFactory threadFactory,
      @Nullable UncaughtExceptionHandler uncaughtHandler) {
    TaskEngineImpl engine =
        new TaskEngineImpl(config, overflowPolicy, idleStrategy, threadFactory, uncaughtHandler);
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
    accept(body, "execute");
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
    if (strategy == ExecutionStrategy.workStealing()) {
      accept(handle, options.name());
    } else {
      TaskRunner runner = currentRunner();
      refuseIfClosing(runner, 1);
      if (runner != null || !isHeld(strategy) || hasRoom(1)) {
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
    if (runner == null && isHeld(strategy) && !hasRoom(1)) {
      rejected.increment();
      return Optional.empty();
    }
    TaskHandleImpl<R> handle = newHandle(task, options);
    if (strategy == ExecutionStrategy.workStealing()) {
      publish(runner, handle);
    } else {
      startElsewhere(handle, strategy);
    }
    return Optional.of(handle);
  }

  @Override
  public <R extends @Nullable Object> TaskGroup<R> submitAll(Collection<? extends Task<R>> tasks) {
    List<TaskHandleImpl<R>> handles = new ArrayList<>();
    List<ExecutionStrategy> strategies = new ArrayList<>();
    for (Task<R> task : requireNonNull(tasks, "tasks")) {
      requireNonNull(task, "task");
      handles.add(new Handles.OfTask<>(this, TaskOptions.defaults().name(), task));
      strategies.add(strategyOf(task, TaskOptions.defaults()));
    }
    return acceptTogether(handles, strategies);
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
    List<TaskHandleImpl<R>> handles = new ArrayList<>();
    List<ExecutionStrategy> strategies = new ArrayList<>();
    for (T item : items) {
      handles.add(new Handles.OfItem<T, R>(this, options.name(), body, item));
      strategies.add(strategy);
    }
    return acceptTogether(handles, strategies);
  }

  private ExecutionStrategy strategyOf(Task<?> task, TaskOptions options) {
    if (options.strategy().isPresent()) {
      return options.strategy().get();
    }
    return task instanceof BlockingTask<?> ? blockingStrategy : ExecutionStrategy.workStealing();
  }

  /** Whether a task of this strategy may have to wait, and so needs a place. */
  private static boolean isHeld(ExecutionStrategy strategy) {
    return strategy != ExecutionStrategy.caller();
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
    admitElsewhere(currentRunner(), 1);
    guests.startLater(handle, nanos, strategy);
  }

  @Override
  public ScheduledHandle schedule(Task<?> task, Schedule schedule, TaskOptions options) {
    requireNonNull(task, "task");
    requireNonNull(schedule, "schedule");
    requireNonNull(options, "options");
    return schedulePeriodic(task, schedule, options, () -> {});
  }

  /** As {@link #schedule(Task, Schedule, TaskOptions)}, for the executor view. */
  PeriodicTask schedulePeriodic(Task<?> task, Schedule schedule, Runnable whenEnded) {
    return schedulePeriodic(task, schedule, TaskOptions.defaults(), whenEnded);
  }

  private PeriodicTask schedulePeriodic(
      Task<?> task, Schedule schedule, TaskOptions options, Runnable whenEnded) {
    refuseIfClosing(currentRunner(), 1);
    PeriodicTask periodic = new PeriodicTask(this, timers, task, schedule, options, whenEnded);
    periodicTasks.add(periodic);
    if (idle.isClosing()) { // since the look above: whoever closes may have missed it
      periodic.endRuns();
      rejected.increment();
      throw RejectedTaskException.engineClosed(config.name());
    }
    periodic.start();
    return periodic;
  }

  <R extends @Nullable Object> TaskHandleImpl<R> newHandle(Task<R> task, TaskOptions options) {
    return new Handles.OfTask<>(this, options.name(), task);
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
    if (runner != null || hasRoom(1)) {
      publish(runner, body);
    } else {
      admitElsewhere(null, 1);
      guests.runHere(body);
    }
  }

  /** As {@link #schedule(Task, Duration)}, for the executor view. */
  TaskHandleImpl<?> scheduleBody(Runnable body, long nanos) {
    TaskHandleImpl<?> handle = new Handles.OfRunnable(this, TaskOptions.defaults().name(), body);
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
    if (runner != null || hasRoom(1)) {
      Seam.reached(Seam.Point.SUBMIT_ADMITTED);
      publish(runner, task);
    } else {
      overflow(List.of(task), name, () -> publish(null, task));
    }
  }

  /** Accepts all or none. */
  private <R extends @Nullable Object> TaskGroup<R> acceptTogether(
      List<TaskHandleImpl<R>> handles, List<ExecutionStrategy> strategies) {
    TaskRunner runner = currentRunner();
    refuseIfClosing(runner, handles.size());
    List<TaskHandleImpl<R>> queued = new ArrayList<>();
    int places = 0;
    for (int i = 0; i < handles.size(); i++) {
      if (strategies.get(i) == ExecutionStrategy.workStealing()) {
        queued.add(handles.get(i));
      }
      places += isHeld(strategies.get(i)) ? 1 : 0;
    }
    if (runner != null || places == 0 || hasRoom(places)) {
      Seam.reached(Seam.Point.SUBMIT_ADMITTED);
      publishAll(runner, queued);
      startTogether(handles, strategies);
    } else {
      overflow(
          handles,
          handles.getFirst().name(),
          () -> {
            publishAll(null, queued);
            startTogether(handles, strategies);
          });
    }
    return new TaskGroupImpl<>(List.copyOf(handles));
  }

  /**
   * Gives tasks to their strategies; if one refuses, the others are cancelled or refused with it.
   */
  private void startTogether(
      List<? extends TaskHandleImpl<?>> handles, List<ExecutionStrategy> strategies) {
    for (int i = 0; i < handles.size(); i++) {
      if (strategies.get(i) == ExecutionStrategy.workStealing()) {
        continue;
      }
      try {
        startElsewhere(handles.get(i), strategies.get(i));
      } catch (Throwable e) {
        for (int j = 0; j < handles.size(); j++) {
          if (j > i && strategies.get(j) != ExecutionStrategy.workStealing()) {
            rejected.increment();
            handles.get(j).refuse("its group was refused");
          } else {
            handles.get(j).cancel("its group was refused", false);
          }
        }
        throw e;
      }
    }
  }

  /** Puts tasks where workers will find them, all before a worker is woken. */
  private void publishAll(@Nullable TaskRunner runner, List<? extends TaskHandleImpl<?>> tasks) {
    if (tasks.isEmpty()) {
      return;
    }
    int target = 0;
    boolean fits = true;
    for (TaskHandleImpl<?> task : tasks) {
      target = runner instanceof Worker worker ? worker.index : pick();
      boolean fitsHere = put(task, target);
      fits &= fitsHere;
      if (!stealing && fitsHere && idle.word() != 0) {
        idle.wake(target);
      }
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
    for (TaskHandleImpl<?> task : tasks) {
      if (lifeCycle.cameTooLate(task)) {
        late.add(task);
      }
    }
    rejected.add(late.size());
    if (late.size() == tasks.size()) {
      throw RejectedTaskException.engineClosed(config.name());
    }
    late.forEach(task -> task.refuse(LifeCycle.CANCELLED_BY_CLOSE));
  }

  /** Asks the overflow policy about tasks from outside until it is clear what becomes of them. */
  private void overflow(List<?> tasks, String name, Runnable publish) {
    FullEngine full = new FullEngine(name, tasks.size());
    for (; ; ) {
      switch (decide(full, tasks.size())) {
        case REJECT -> refuseFull(tasks.size());
        case RETRY -> {
          refuseIfClosing(null, tasks.size());
          if (tasks.size() > queueCapacity) { // there will never be room
            refuseFull(tasks.size());
          }
          if (hasRoom(tasks.size())) {
            publish.run();
            return;
          }
        }
        case RUN_IN_CALLER -> {
          admitElsewhere(null, tasks.size());
          tasks.forEach(guests::runHere);
          return;
        }
        case DISCARD -> {
          acceptedElsewhere.add(tasks.size());
          tasks.forEach(this::discard);
          return;
        }
      }
    }
  }

  private void discard(Object task) {
    if (task instanceof TaskHandleImpl<?> handle) {
      handle.discard(RejectedTaskException.queueFull(config.name(), queueCapacity));
    } else {
      discarded.increment();
    }
  }

  private OverflowPolicy.Decision decide(OverflowPolicy.Overflow full, int tasks) {
    try {
      return requireNonNull(overflowPolicy.onFull(full), "decision of the overflow policy");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OverflowPolicy.Decision.REJECT;
    } catch (RuntimeException | Error e) {
      rejected.add(tasks);
      throw e;
    }
  }

  private void refuseFull(int tasks) {
    rejected.add(tasks);
    throw RejectedTaskException.queueFull(config.name(), queueCapacity);
  }

  /** Gives a task to a strategy. */
  private void startElsewhere(TaskHandleImpl<?> handle, ExecutionStrategy strategy) {
    admitElsewhere(currentRunner(), 1);
    try {
      guests.start(handle, strategy);
    } catch (Throwable e) {
      if (guests.withdraw(handle)) {
        acceptedElsewhere.decrement();
        rejected.increment();
        handle.refuse("its strategy refused it");
      }
      throw e;
    }
  }

  private void admitElsewhere(@Nullable TaskRunner runner, int tasks) {
    if (!lifeCycle.admitGuests(runner != null, tasks)) {
      rejected.add(tasks);
      throw RejectedTaskException.engineClosed(config.name());
    }
    hasForeignThreads = true;
    acceptedElsewhere.add(tasks);
  }

  /** Puts an accepted task into a queue after all; there is always room. */
  void enqueueAccepted(TaskHandleImpl<?> task) {
    task.home = TaskHandleImpl.IN_QUEUE; // before a worker can have it
    overflow.offer(task);
    acceptedElsewhere.decrement();
    task.lookAgain();
    if (idle.word() != 0) {
      idle.wakeOne(0);
      lifeCycle.cancelQueuedIfStopped();
    }
  }

  /**
   * Puts a task into a queue again that a worker has taken out and not started. If there is no
   * memory for that, it is dropped as by an overflow policy.
   */
  void enqueueAgain(int worker, Object task) {
    WorkerCounters counters = workers[worker].counters;
    counters.addTaken(TaskHandleImpl.IN_QUEUE);
    counters.addMoved();
    try {
      put(task, worker);
    } catch (Throwable e) {
      counters.dropMoved();
      discard(task);
      uncaught(e);
      return;
    }
    if (idle.word() != 0) {
      idle.wakeOne(worker);
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
  private void refuseIfClosing(@Nullable TaskRunner runner, int tasks) {
    if (runner == null ? idle.isClosing() : idle.isStopped()) {
      rejected.add(tasks);
      throw RejectedTaskException.engineClosed(config.name());
    }
  }

  private boolean hasRoom(int tasks) {
    if (waitingAfter(takenBefore) + tasks <= queueCapacity) {
      return true;
    }
    long taken = taken();
    takenBefore = taken;
    return waitingAfter(taken) + tasks <= queueCapacity;
  }

  /** How many accepted tasks have not started, when so many have been taken from the queues. */
  private long waitingAfter(long taken) {
    return inQueues() - taken + guests.waiting();
  }

  /** A full engine, for the overflow policy. */
  private final class FullEngine implements OverflowPolicy.Overflow {
    private final String task;
    private final int tasks;
    private final long since = Seam.nanoTime();

    FullEngine(String task, int tasks) {
      this.task = task;
      this.tasks = tasks;
    }

    @Override
    public String engine() {
      return config.name();
    }

    @Override
    public String task() {
      return task;
    }

    @Override
    public boolean awaitRoom(Duration atMost) throws InterruptedException {
      long nanos = Durations.waitNanos("atMost", atMost);
      if (tasks > queueCapacity) {
        return idle.isClosing(); // there will never be room
      }
      long waited = nanos == Durations.FOR_EVER ? 0 : Seam.nanoTime() - since;
      return room.await(() -> idle.isClosing() || mayHaveRoom(), nanos - waited);
    }

    /**
     * By the queues' indices, as the protocol of RoomWaiters needs it, or by what was started while
     * a queue still carries it.
     */
    private boolean mayHaveRoom() {
      long queued = overflow.size() + guests.waiting();
      for (Worker worker : workers) {
        queued += worker.inbox.size();
      }
      return queued + tasks <= queueCapacity || hasRoom(tasks);
    }
  }

  /** Puts a task where a worker will find it, and wakes one if that is needed. */
  private void publish(@Nullable TaskRunner runner, Object task) {
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
      rejected.increment();
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

  /**
   * The open lanes, and how many tasks the others have had: one object, so that none is counted
   * twice.
   */
  private static final class Lanes {
    final Lane[] open;
    final long offeredByClosed;

    Lanes(Lane[] open, long offeredByClosed) {
      this.open = open;
      this.offeredByClosed = offeredByClosed;
    }

    long offered() {
      long sum = offeredByClosed;
      for (Lane lane : open) {
        sum += lane.offered();
      }
      return sum;
    }
  }

  @Override
  public TaskLane openLane(int capacity) {
    if (capacity < 1 || capacity > MAX_LANE_CAPACITY) {
      throw new IllegalArgumentException(
          "capacity must be from 1 to "
              + MAX_LANE_CAPACITY
              + ": capacity="
              + capacity
              + " (it is rounded up to a power of two)");
    }
    refuseIfClosing();
    Lane lane = new Lane(this, capacity);
    laneLock.lock();
    try {
      Lane[] open = Arrays.copyOf(lanes.open, lanes.open.length + 1);
      open[open.length - 1] = lane;
      lanes = new Lanes(open, lanes.offeredByClosed);
    } finally {
      laneLock.unlock();
    }
    return lane;
  }

  /** Forgets a lane that is closed and empty. */
  void dropLaneIfDone(Lane lane) {
    laneLock.lock();
    try {
      List<Lane> open = new ArrayList<>(List.of(lanes.open));
      if (lane.isDone() && open.remove(lane)) {
        lanes = new Lanes(open.toArray(new Lane[0]), lanes.offeredByClosed + lane.offered());
      }
    } finally {
      laneLock.unlock();
    }
  }

  Lane[] lanes() {
    return lanes.open;
  }

  /** As {@link #refuseIfClosing(TaskRunner, int)}, of a lane's producer. */
  void refuseIfClosing() {
    if (idle.word() != 0) {
      refuseIfClosing(currentRunner(), 1);
    }
  }

  void countRejected() {
    rejected.increment();
  }

  /** Called when a lane has got a task, after a full fence. */
  void publishedInLane(Object task) {
    if (idle.word() != 0) {
      wakeFor(task, 0, true);
    }
  }

  /** Takes any task out of a lane; for closing only. */
  @Nullable Object pollAnyLane() {
    for (Lane lane : lanes.open) {
      Object task = lane.pollForClosing();
      if (task != null) {
        return task;
      }
    }
    return null;
  }

  private boolean hasWorkInSomeLane() {
    for (Lane lane : lanes.open) {
      if (!lane.isEmpty()) {
        return true;
      }
    }
    return false;
  }

  // ---- what workers and handles ask

  @Nullable TaskRunner currentRunner() {
    return TaskRunner.currentOf(this);
  }

  boolean hasForeignThreads() {
    return hasForeignThreads;
  }

  void forEachRunner(Consumer<TaskRunner> action) {
    for (Worker worker : workers) {
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

  boolean isAsleep(int worker) {
    return idle.isAsleep(worker);
  }

  /**
   * Tells whether there may be a task that the worker may take: looks at indices, not at elements.
   */
  boolean hasWorkFor(int worker) {
    if (idle.isStopped()) { // what the indices show is its producer's to cancel
      return false;
    }
    return hasQueuedWorkFor(worker) || hasWorkInSomeLane();
  }

  /** As {@link #hasWorkFor}, apart from lanes. */
  boolean hasQueuedWorkFor(int worker) {
    if (!workers[worker].inbox.isEmpty() || !overflow.isEmpty()) {
      return true;
    }
    return stealing && hasWorkInSomeInbox();
  }

  boolean hasWork() {
    return !overflow.isEmpty() || hasWorkInSomeInbox() || hasWorkInSomeLane();
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
      task = workers[i].inbox.relaxedPoll(); // does not wait for a suspended producer
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

  /** Tasks that were accepted into a queue. */
  private long inQueues() {
    long sum = overflow.enqueued() - notAccepted.get();
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
    for (TaskRunner guest : guests.runners()) { // a guest that waits runs queued tasks inside
      sum += guest.counters.takenAcquire();
    }
    return sum;
  }

  /** How many of the queues' elements are tasks that were moved from another queue. */
  private long moved() {
    long sum = 0;
    for (Worker worker : workers) {
      sum += worker.counters.movedAcquire();
    }
    return sum;
  }

  private long takenFromLanes() {
    long sum = lifeCycle.takenFromLanesByClose();
    for (Worker worker : workers) {
      sum += worker.counters.takenFromLanesAcquire();
    }
    for (TaskRunner guest : guests.runners()) {
      sum += guest.counters.takenFromLanesAcquire();
    }
    return sum;
  }

  @Override
  public EngineMetrics metrics() {
    Sums sums = new Sums();
    // Ends before beginnings: what is read as ended has been read as accepted, so live is never
    // negative.
    long cancelled = this.cancelled.sum();
    long discarded = this.discarded.sum();
    forEachRunner(sums::addEnds);
    forEachRunner(sums::addTimes);
    forEachRunner(runner -> sums.started += runner.counters.startedAcquire());
    long taken = taken() + takenFromLanes();
    long queued = inQueues() + lanes.offered();
    long accepted = queued - moved() + acceptedElsewhere.sum();
    return new EngineMetrics(
        config.name(),
        workers.length,
        accepted,
        rejected.sum(),
        sums.completed,
        sums.failed,
        cancelled,
        discarded,
        accepted - sums.completed - sums.failed - cancelled - discarded,
        queued - taken + guests.waiting(),
        sums.started - sums.ended,
        sums.stolen,
        failures.reported(),
        workersReplaced.get(),
        sums.waited.times(samples.timedOneIn()),
        sums.ran.times(samples.timedOneIn()));
  }

  /** Times of several runners. */
  private static final class Times {
    long samples;
    long nanos;
    long max;

    void add(long samples, long nanos, long max) {
      this.samples += samples;
      this.nanos += nanos;
      this.max = Math.max(this.max, max);
    }

    TaskTimes times(int oneIn) {
      return new TaskTimes(oneIn, samples, Duration.ofNanos(nanos), Duration.ofNanos(max));
    }
  }

  private static final class Sums {
    final Times waited = new Times();
    final Times ran = new Times();
    long started;
    long ended;
    long completed;
    long failed;
    long stolen;

    void addTimes(TaskRunner runner) {
      WorkerCounters counters = runner.counters;
      long waits = counters.waitSamplesAcquire();
      waited.add(waits, counters.waitNanos, counters.maxWaitNanos);
      long runs = counters.runSamplesAcquire();
      ran.add(runs, counters.runNanos, counters.maxRunNanos);
    }

    void addEnds(TaskRunner runner) {
      ended += runner.counters.endedAcquire();
      completed += runner.counters.completedAcquire();
      failed += runner.counters.failedAcquire();
      stolen += runner.counters.stolenAcquire();
    }
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
