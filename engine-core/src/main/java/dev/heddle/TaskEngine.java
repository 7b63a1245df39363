// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.ConfigurationException;
import dev.heddle.error.InvalidNameException;
import dev.heddle.error.MemoryLimitException;
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
import dev.heddle.internal.worker.TaskEngineImpl;
import dev.heddle.memory.MemoryReport;
import dev.heddle.memory.OwnedSegment;
import dev.heddle.observe.EngineDump;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.observe.Explanation;
import dev.heddle.resource.Limit;
import dev.heddle.spi.ContextPropagation;
import dev.heddle.spi.IdleStrategy;
import dev.heddle.spi.OverflowPolicy;
import java.lang.Thread.UncaughtExceptionHandler;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks on a fixed set of worker threads that share their work by stealing.
 *
 * {@snippet class="dev.heddle.EngineSnippets" region="first"}
 *
 * <p>Safe for use by any thread, its own workers included. Workers are not daemons: an engine that
 * is not closed keeps the JVM alive.
 *
 * <p><b>Order.</b> None is promised between tasks. With work stealing, no accepted task waits for
 * ever while any worker finishes tasks: each looks into all queues of the engine again and again,
 * also when its own never runs dry.
 *
 * <p><b>Capacity.</b> An engine holds at most {@link EngineConfig#queueCapacity()} accepted tasks
 * that no worker has taken yet. The limit is exact for one submitting thread; several at the same
 * instant may overshoot it by one task each. A cancelled task gives its place back when a worker
 * comes to it. Tasks that a worker of the engine submits are never refused for capacity and never
 * wait for it. Tasks that are delayed, wait for what they {@link TaskOptions#uses() use}, or wait
 * for their next attempt have been accepted and take no place; when they go on, they are queued
 * whether there is room or not. Nothing limits how many of these there are but who submits them,
 * for example by a permit for each submission.
 *
 * <p><b>Closing.</b> A task is either refused with {@link RejectedTaskException} or it gets an
 * outcome, also when it is submitted while the engine closes. Running tasks may submit until the
 * end: closing waits for what they submit, too.
 */
public interface TaskEngine extends AutoCloseable {

  /**
   * Starts an engine with the default settings.
   *
   * @return a running engine
   * @throws ThreadStartException if a worker cannot be started; nothing is left running
   */
  static TaskEngine create() {
    return builder().build();
  }

  /**
   * Returns a builder that starts from the default settings.
   *
   * @return a new builder
   */
  static Builder builder() {
    return new Builder(EngineConfig.defaults());
  }

  /**
   * Returns a builder that starts from given settings.
   *
   * @param from the settings
   * @return a new builder
   */
  static Builder builder(EngineConfig from) {
    return new Builder(requireNonNull(from, "from"));
  }

  /**
   * Returns the settings of this engine.
   *
   * @return the settings
   */
  EngineConfig config();

  /**
   * Runs a body for which nobody waits. What it throws goes to the engine's uncaught handler at
   * once.
   *
   * @param body the body
   * @throws RejectedTaskException if the engine is full or closed
   */
  void execute(Runnable body);

  /**
   * Submits a task.
   *
   * @param task the task
   * @param <R> the type of its result
   * @return its handle
   * @throws RejectedTaskException if the engine is full or closed
   */
  <R extends @Nullable Object> TaskHandle<R> submit(Task<R> task);

  /**
   * Submits a task with options.
   *
   * @param task the task
   * @param options what the engine should know about it
   * @param <R> the type of its result
   * @return its handle
   * @throws RejectedTaskException if the engine is full or closed
   */
  <R extends @Nullable Object> TaskHandle<R> submit(Task<R> task, TaskOptions options);

  /**
   * Submits a body that has a result and needs no context.
   *
   * @param body the body
   * @param <R> the type of its result
   * @return its handle
   * @throws RejectedTaskException if the engine is full or closed
   */
  <R extends @Nullable Object> TaskHandle<R> submit(Callable<R> body);

  /**
   * Submits a body that has no result and needs no context.
   *
   * @param body the body
   * @return its handle, whose result is {@code null}
   * @throws RejectedTaskException if the engine is full or closed
   */
  TaskHandle<?> submit(Runnable body);

  /**
   * Submits a task unless the engine is full.
   *
   * @param task the task
   * @param options what the engine should know about it
   * @param <R> the type of its result
   * @return its handle, or empty if the engine is full
   * @throws RejectedTaskException if the engine is closed
   */
  <R extends @Nullable Object> Optional<TaskHandle<R>> trySubmit(Task<R> task, TaskOptions options);

  /**
   * Computes a recursion whose branches may run on all workers.
   *
   * {@snippet class="dev.heddle.ForkSnippets" region="fib"}
   *
   * <p>In a task that runs on a worker of this engine, the calling thread computes; another thread
   * submits a task that does, and waits for it. The computation belongs to that task: if it is
   * cancelled, the computation ends soon with {@link dev.heddle.error.TaskCancelledException}.
   *
   * @param function the recursion; a constant
   * @param argument its first argument
   * @return the result
   * @throws dev.heddle.error.TaskFailedException if the function throws; the cause is what it threw
   * @throws dev.heddle.error.ForkDepthException if the recursion is deeper than the stack bears
   * @throws dev.heddle.error.ForkScopeException if a scope is used outside its branch
   * @throws dev.heddle.error.RejectedTaskException if the engine is full or closed
   * @throws dev.heddle.error.TaskInterruptedException if the calling thread is interrupted while it
   *     waits; the computation goes on
   */
  long computeLong(ForkLong function, long argument);

  /**
   * Computes a recursion over two {@code long}s.
   *
   * <p>See {@link #computeLong(ForkLong, long)}.
   *
   * @param function the recursion; a constant
   * @param first its first argument
   * @param second its second argument
   * @return the result
   */
  long computeLong(ForkLong2 function, long first, long second);

  /**
   * Computes a recursion over {@code int}s.
   *
   * <p>See {@link #computeLong(ForkLong, long)}.
   *
   * @param function the recursion; a constant
   * @param argument its argument
   * @return the result
   */
  int computeInt(ForkInt function, int argument);

  /**
   * Computes a recursion over {@code double}s.
   *
   * <p>See {@link #computeLong(ForkLong, long)}.
   *
   * @param function the recursion; a constant
   * @param argument its argument
   * @return the result
   */
  double computeDouble(ForkDouble function, double argument);

  /**
   * Computes a recursion over two {@code double}s.
   *
   * <p>See {@link #computeLong(ForkLong, long)}.
   *
   * @param function the recursion; a constant
   * @param first its first argument
   * @param second its second argument
   * @return the result
   */
  double computeDouble(ForkDouble2 function, double first, double second);

  /**
   * Computes a recursion over objects.
   *
   * <p>See {@link #computeLong(ForkLong, long)}.
   *
   * @param function the recursion; a constant
   * @param argument its argument
   * @param <T> the type of the argument
   * @param <R> the type of the result
   * @return the result
   */
  <T extends @Nullable Object, R extends @Nullable Object> R compute(
      Fork<T, R> function, T argument);

  /**
   * Computes a branch that brings its arguments along.
   *
   * <p>See {@link #computeLong(ForkLong, long)}.
   *
   * @param body the branch
   * @param <R> the type of the result
   * @return the result
   */
  <R extends @Nullable Object> R compute(ForkBody<R> body);

  /**
   * Returns this engine's loops: over ranges, lists, arrays and memory, to sort and to scan.
   *
   * {@snippet class="dev.heddle.ParallelSnippets" region="sum"}
   *
   * @return the loops
   */
  Parallel parallel();

  /**
   * Makes a limit of how many tasks do something at a time: a number of permits for {@link
   * TaskOptions#uses(dev.heddle.resource.Resource)}.
   *
   * @param name 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}
   * @param permits how many there are, at least 1
   * @return a new limit, as by {@link dev.heddle.resource.Limit#of}; may be used with other
   *     engines, too
   * @throws InvalidNameException if the name is not like that
   * @throws IllegalArgumentException if there are fewer than 1
   */
  default Limit limit(String name, int permits) {
    return Limit.of(name, permits);
  }

  /**
   * Says why a task has not run yet, or what it does: whom it waits for, who is before it, what the
   * workers do. Looks at it without stopping anybody; some microseconds a worker.
   *
   * @param handle a task of this engine
   * @return what is known at this moment
   * @throws IllegalArgumentException if it is one of another engine
   */
  Explanation explain(TaskHandle<?> handle);

  /**
   * Opens a queue of its own for one submitting thread. Every open lane costs each look of a worker
   * a few nanoseconds: open one for a thread that submits much, and close it.
   *
   * @param capacity how many accepted tasks may wait in it, 1 to 2^30, rounded up to a power of two
   * @return the lane
   * @throws IllegalArgumentException if {@code capacity} is out of range
   * @throws RejectedTaskException if the engine is closed
   */
  TaskLane openLane(int capacity);

  /**
   * Submits tasks together: all are accepted or none.
   *
   * <p>If the engine is closed at the same instant, those that it could not take any more are
   * cancelled.
   *
   * @param tasks the tasks; iterated once, before any is accepted
   * @param <R> the type of their results
   * @return the group, in the order of iteration
   * @throws RejectedTaskException if the engine has no room for all of them or is closed
   * @throws NullPointerException if a task is {@code null}; none is accepted
   */
  <R extends @Nullable Object> TaskGroup<R> submitAll(Collection<? extends Task<R>> tasks);

  /**
   * Submits a task for each item: all are accepted or none, as with {@link #submitAll}.
   *
   * @param items the items; iterated once, before any task is accepted
   * @param body what to do with an item
   * @param options the options of every task
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @return the group, in the order of iteration
   * @throws RejectedTaskException if the engine has no room for all of them or is closed
   */
  <T extends @Nullable Object, R extends @Nullable Object> TaskGroup<R> submitEach(
      Collection<T> items, TaskFunction<? super T, R> body, TaskOptions options);

  /**
   * Submits a task for later. It is accepted now, takes no place in a queue until then, and is
   * submitted to the workers, or to its strategy, when it is time. Closing the engine waits for it.
   *
   * @param task the task
   * @param delay how long to wait, zero or more; more than 146 years is cut to that
   * @param <R> the type of its result
   * @return its handle
   * @throws IllegalArgumentException if {@code delay} is negative
   * @throws RejectedTaskException if the engine is closed
   */
  <R extends @Nullable Object> TaskHandle<R> schedule(Task<R> task, Duration delay);

  /**
   * Runs a task again and again. Closing the engine ends that first.
   *
   * @param task the task; submitted anew for each run, whether the engine is full or not
   * @param schedule when
   * @param options what the engine should know about each run
   * @return its handle
   * @throws ConfigurationException if the schedule has a cron expression that cannot be read
   * @throws RejectedTaskException if the engine is closed
   */
  ScheduledHandle schedule(Task<?> task, Schedule schedule, TaskOptions options);

  /**
   * Returns this engine as the JDK's executors see it: for whatever takes an {@code Executor}, an
   * {@code ExecutorService} or a {@code ScheduledExecutorService}.
   *
   * <p>It keeps the contracts of {@link java.util.concurrent.ScheduledThreadPoolExecutor} with its
   * default policies: shutting down lets delayed tasks run and ends periodic ones. It differs in
   * two ways: shutting it down or closing it leaves the engine open, and a periodic task that is
   * overdue runs once. When the engine is full, the submitting thread runs the task, so that no
   * stage of a {@code CompletableFuture} is ever lost. Exceptions are the JDK's, with the engine's
   * own as their cause.
   *
   * @return a new view with a life of its own
   */
  ScheduledExecutorService asExecutorService();

  /**
   * Allocates off-heap memory that belongs to the calling task, or to the calling thread outside of
   * one, until it is closed or moved on. All bytes are 0.
   *
   * <p>The memory is a block of a slab, at most 12.5 % larger than what is asked for (15 bytes,
   * below 128), or of its own above 256 KiB: that is slow to allocate and to free. It counts
   * against {@link EngineConfig#memory()} slab by slab.
   *
   * {@snippet class="dev.heddle.MemorySnippets" region="owned"}
   *
   * @param byteSize how many bytes, zero or more
   * @param byteAlignment a power of two that the address is to be a multiple of
   * @return the segment, to be closed
   * @throws IllegalArgumentException if {@code byteSize} is negative, or {@code byteAlignment} no
   *     power of two
   * @throws MemoryLimitException if the budget is spent, or the JVM has not got the memory
   * @throws RejectedTaskException if the engine has closed
   */
  OwnedSegment allocate(long byteSize, long byteAlignment);

  /**
   * Allocates as {@link #allocate(long, long)} does, aligned to 16 bytes.
   *
   * @param byteSize how many bytes, zero or more
   * @return the segment, to be closed
   */
  default OwnedSegment allocate(long byteSize) {
    return allocate(byteSize, 16);
  }

  /**
   * Allocates as {@link #allocate(long)} does, but waits for memory if there is none: until other
   * tasks have closed their segments. A task that waits keeps its worker and what it owns.
   *
   * @param byteSize how many bytes, zero or more
   * @param atMost how long to wait, zero or more; more than 292 years is as good as for ever
   * @return the segment, to be closed
   * @throws IllegalArgumentException if {@code byteSize} or {@code atMost} is negative
   * @throws MemoryLimitException if there is no memory by then, or would never be, since it is more
   *     than the budget
   * @throws TaskInterruptedException if the caller is interrupted
   * @throws RejectedTaskException if the engine has closed
   */
  OwnedSegment allocate(long byteSize, Duration atMost);

  /**
   * Allocates as {@link #allocate(long, long)} does, but leaves in the memory what others have left
   * there: for who overwrites it at once.
   *
   * @param byteSize how many bytes, zero or more
   * @param byteAlignment a power of two that the address is to be a multiple of
   * @return the segment, to be closed
   */
  OwnedSegment allocateRaw(long byteSize, long byteAlignment);

  /**
   * Allocates as {@link #allocateRaw(long, long)} does, aligned to 16 bytes.
   *
   * @param byteSize how many bytes, zero or more
   * @return the segment, to be closed
   */
  default OwnedSegment allocateRaw(long byteSize) {
    return allocateRaw(byteSize, 16);
  }

  /**
   * Returns how much off-heap memory is used, and for what.
   *
   * @return a report of this moment
   */
  MemoryReport memory();

  /**
   * Returns what each thread runs now, since when and with which stack, for who wants to know why
   * something takes so long. Nothing is paid for it before it is asked for; then, some microseconds
   * a thread.
   *
   * @return a dump of this moment; its {@code toString} is for people
   */
  EngineDump dump();

  /**
   * Returns the engine's books as they stand.
   *
   * @return a snapshot; see {@link EngineMetrics} for when its sums are exact
   */
  EngineMetrics metrics();

  /**
   * Refuses new tasks from outside, runs those that were accepted and all that they submit to their
   * end, and waits until the workers have ended. Closing again waits likewise. If the caller is
   * interrupted while it waits, all tasks are cancelled and running ones interrupted, as by {@code
   * close(Duration.ZERO)}; it then goes on waiting and keeps its interrupt status set.
   *
   * <p>Called by a task of this engine, it only begins: it returns at once, since the engine cannot
   * end before its caller does.
   */
  @Override
  void close();

  /**
   * Closes as {@link #close()} does, but waits not longer than the given time. Then it refuses all
   * tasks, cancels what has not started, cancels and interrupts what is running, waits up to 100 ms
   * for that to end, and returns.
   *
   * @param atMost how long to wait, zero or more; more than 292 years is as good as for ever
   * @return what was done and what was left
   * @throws IllegalArgumentException if {@code atMost} is negative
   */
  CloseReport close(Duration atMost);

  /** Collects settings and starts an engine. A setter checks its value at once. Not thread-safe. */
  final class Builder {

    private final Map<Setting<?>, Object> values;
    private @Nullable ThreadFactory threadFactory;
    private @Nullable UncaughtExceptionHandler uncaughtHandler;
    private OverflowPolicy overflow = OverflowPolicy.reject();
    private IdleStrategy idleStrategy = IdleStrategy.adaptive();
    private ContextPropagation contextPropagation = ContextPropagation.none();

    private Builder(EngineConfig from) {
      this.values = new HashMap<>(from.values());
    }

    private <T> Builder set(Setting<T> option, T value) {
      values.put(option, option.check(requireNonNull(value, option.key())));
      return this;
    }

    /**
     * Sets what the engine is called in thread names, messages and metric tags.
     *
     * @param name 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}; need not be unique
     * @return this builder
     * @throws InvalidNameException if it is not like that
     */
    public Builder name(String name) {
      return set(EngineOptions.NAME, Names.check("name", requireNonNull(name, "name")));
    }

    /**
     * Sets the number of worker threads.
     *
     * @param workers 1 to 1,024
     * @return this builder
     * @throws ConfigurationException if out of range
     */
    public Builder workers(int workers) {
      return set(EngineOptions.WORKERS, workers);
    }

    /**
     * Sets how many accepted tasks may wait to start, over the whole engine. Those that are
     * delayed, wait for what they use, or wait for their next attempt do not count, and nothing
     * else limits them.
     *
     * @param queueCapacity 1 to 2^30
     * @return this builder
     * @throws ConfigurationException if out of range
     */
    public Builder queueCapacity(int queueCapacity) {
      return set(EngineOptions.QUEUE_CAPACITY, queueCapacity);
    }

    /**
     * Sets how much off-heap memory running tasks may hold together.
     *
     * @param memory at least 64 KiB a worker
     * @return this builder
     * @throws ConfigurationException if below 64 KiB; {@link #build()} checks it against the
     *     workers
     */
    public Builder memory(MemorySize memory) {
      return set(EngineOptions.MEMORY, memory);
    }

    /**
     * Sets whether an idle worker takes tasks that were given to another. Without stealing, tasks
     * are dealt to the workers in turn and stay where they were given.
     *
     * @param workStealing whether workers share
     * @return this builder
     */
    public Builder workStealing(boolean workStealing) {
      return set(EngineOptions.WORK_STEALING, workStealing);
    }

    /**
     * Sets how many tasks made by {@link Task#blocking} run at a time.
     *
     * @param blockingLimit 1 to 1,000,000
     * @return this builder
     * @throws ConfigurationException if out of range
     */
    public Builder blockingLimit(int blockingLimit) {
      return set(EngineOptions.BLOCKING_LIMIT, blockingLimit);
    }

    /**
     * Sets how many threads may stand in for workers whose tasks block: inside {@code
     * context.blocking} or {@code context.acquire}, in a wait for another task, or without saying
     * so. With {@link #isolateThreadLocals}, the last two are not seen. At the limit nothing stops:
     * workers that are blocked are missed, and the log says so: at most one line a second, which
     * all such warnings of the engine share.
     *
     * @param compensationLimit 0 to 10,000
     * @return this builder
     * @throws ConfigurationException if out of range
     */
    public Builder compensationLimit(int compensationLimit) {
      return set(EngineOptions.COMPENSATION_LIMIT, compensationLimit);
    }

    /**
     * Sets how many further attempts the engine makes for each 100 tasks that may be tried again,
     * beside ten a second and a hundred that a quiet time saves up. When they are spent, the error
     * of an attempt is that of its task, with a {@link dev.heddle.error.RetryBudgetException}
     * suppressed in it.
     *
     * @param retryBudget per cent, 0 to 10,000
     * @return this builder
     * @throws ConfigurationException if out of range
     */
    public Builder retryBudget(int retryBudget) {
      return set(EngineOptions.RETRY_BUDGET, retryBudget);
    }

    /**
     * Sets whether the times and the submit site of every task are taken. By default times are
     * those of one task in 64, and the site of a failure is one at which bodies of the same class
     * were submitted: exact for a lambda expression, since each has a class of its own.
     *
     * @param exactSamples whether to look at every task; a microsecond each
     * @return this builder
     */
    public Builder exactSamples(boolean exactSamples) {
      return set(EngineOptions.EXACT_SAMPLES, exactSamples);
    }

    /**
     * Sets whether segments of {@link TaskEngine#allocate} lie between red zones, and are kept out
     * of use for a while after their close, to find out who writes where he must not. For tests and
     * for the search of a fault: a segment costs a microsecond then, and 32 bytes more.
     *
     * @param memoryChecks whether to look
     * @return this builder
     */
    public Builder memoryChecks(boolean memoryChecks) {
      return set(EngineOptions.MEMORY_CHECKS, memoryChecks);
    }

    /**
     * Sets whether each task runs on a thread that no task has used, so that it finds no
     * thread-local of another and leaves none behind. Workers still take the tasks, as many at a
     * time and in the order as without; each gives its task to a new virtual thread and waits for
     * it, and so does a task that runs another which it waits for. A computation or a loop runs on
     * the one thread of its task. A task with a strategy of its own runs where that says.
     *
     * <p>Costs two hand-overs between threads, 10 to 50 microseconds a task. As on any virtual
     * thread, a body that computes for long keeps one of the JVM's carrier threads.
     *
     * <p><b>Limitation.</b> The engine does not look behind a worker that waits so. A body that
     * blocks, or waits for a task that runs elsewhere, without {@link TaskContext#blocking} keeps
     * its worker, and the log does not name it. A body that goes on though it was cancelled or its
     * timeout is over keeps its worker until it ends, also after {@link
     * TaskHandle#cancel(Duration)}.
     *
     * @param isolateThreadLocals whether to
     * @return this builder
     */
    public Builder isolateThreadLocals(boolean isolateThreadLocals) {
      return set(EngineOptions.ISOLATE_THREAD_LOCALS, isolateThreadLocals);
    }

    /**
     * Sets what happens to a task that is submitted from outside while the engine is full.
     *
     * @param overflow the policy; the default is {@link OverflowPolicy#reject()}
     * @return this builder
     */
    public Builder overflow(OverflowPolicy overflow) {
      this.overflow = requireNonNull(overflow, "overflow");
      return this;
    }

    /**
     * Sets how long workers without work look for some before they sleep. An engine without work
     * stealing does not ask: its workers sleep at once.
     *
     * @param idleStrategy the strategy; the default is {@link IdleStrategy#adaptive()}
     * @return this builder
     */
    public Builder idleStrategy(IdleStrategy idleStrategy) {
      this.idleStrategy = requireNonNull(idleStrategy, "idleStrategy");
      return this;
    }

    /**
     * Sets what tasks take along from the threads that submit them.
     *
     * @param contextPropagation the propagation; the default is {@link ContextPropagation#none()}
     * @return this builder
     */
    public Builder contextPropagation(ContextPropagation contextPropagation) {
      this.contextPropagation = requireNonNull(contextPropagation, "contextPropagation");
      return this;
    }

    /**
     * Closes the engine when the JVM exits, by a shutdown hook that is removed when the engine is
     * closed before.
     *
     * @param atMost how long the exit may wait, zero or more
     * @return this builder
     * @throws ConfigurationException if negative
     */
    public Builder closeOnExit(Duration atMost) {
      return set(EngineOptions.CLOSE_ON_EXIT, Optional.of(requireNonNull(atMost, "atMost")));
    }

    /**
     * Sets who makes the worker threads. Names, priorities and daemon status are then the
     * factory's.
     *
     * @param threadFactory makes one thread a call, not started; must not block, since the thread
     *     of all timers may call it for one that stands in
     * @return this builder
     */
    public Builder threadFactory(ThreadFactory threadFactory) {
      this.threadFactory = requireNonNull(threadFactory, "threadFactory");
      return this;
    }

    /**
     * Sets who hears of failures that no handle reports: of {@link #execute} bodies and of
     * callbacks. By default they are logged. What the handler throws is logged with the failure.
     *
     * @param uncaughtHandler called on the thread of the failure
     * @return this builder
     */
    public Builder uncaughtHandler(UncaughtExceptionHandler uncaughtHandler) {
      this.uncaughtHandler = requireNonNull(uncaughtHandler, "uncaughtHandler");
      return this;
    }

    /**
     * Starts an engine.
     *
     * @return a running engine
     * @throws ConfigurationException if options do not fit together
     * @throws ThreadStartException if a worker cannot be started; nothing is left running
     */
    public TaskEngine build() {
      return TaskEngineImpl.start(
          EngineConfig.of(values),
          overflow,
          idleStrategy,
          contextPropagation,
          threadFactory,
          uncaughtHandler);
    }
  }
}
