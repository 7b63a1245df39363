// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static java.util.Objects.requireNonNull;

import dev.heddle.CancelReport;
import dev.heddle.Outcome;
import dev.heddle.Registration;
import dev.heddle.TaskContext;
import dev.heddle.TaskHandle;
import dev.heddle.error.DeadlockException;
import dev.heddle.error.FailureContext;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskContextException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.error.TaskInterruptedException;
import dev.heddle.error.TaskTimeoutException;
import dev.heddle.internal.resource.HeldLeases;
import dev.heddle.internal.util.Durations;
import dev.heddle.internal.util.Seam;
import dev.heddle.resource.Lease;
import dev.heddle.resource.Limit;
import dev.heddle.resource.Resource;
import dev.heddle.spi.ContextPropagation.Captured;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One submission: what the queue carries, what the caller holds, and what the body sees as its
 * context. One object, no lock.
 *
 * @param <R> the type of the result
 */
/*
 * Roles.        state: decided by one CAS, by the thread that runs the body or by who cancels. result:
 *               written by the thread that won, before state is final. body: cleared by the thread that won,
 *               so that a kept handle does not keep what the body captured. parent: the task that has submitted
 *               this one, written before it is published and cleared at the end, so that handles keep no
 *               chain of tasks that have ended. runner: written once, by the runner of the body.
 *               interruptMissed: under the runner's interruptLock.
 * States.       QUEUED --worker (CAS)--> RUNNING --worker: body ended (CAS)--> ENDING --> SUCCEEDED or FAILED
 *                 |                        |
 *                 '--canceller (CAS)--> CANCELLING <--canceller (CAS)           CANCELLING --> CANCELLED
 * Happens-before. result, then state (release); state (volatile read), then result.
 * Listeners.    See TaskListeners.
 * Children.     Who cancels a running task: (1) state, (2) look at hasSubmitted, then at what runs on each thread, and
 *               cancel those whose parent this is. Who starts one of them: (a) current of its runner, (b) CAS to
 *               RUNNING, (c) look at the parent's state. (1), (2), (b), (c) are volatile: either (2) finds it, or (c)
 *               sees (1). One that has not started is cancelled instead of being started. Likewise hasSubmitted, which
 *               is written before the child is published by an atomic step.
 * Counting.     The outcome is counted before it shows: who has seen an outcome sees it in the metrics too.
 * Place.        A queued task takes one place of the engine's capacity. Who moves it from QUEUED to RUNNING
 *               gives the place back, also while the queue still carries it; a task that was cancelled keeps
 *               its place until a worker comes to it, so that submitting and cancelling cannot fill memory.
 * Allowed races. Several workers may try to start it (from a queue, and inside a task that waits for it): the
 *               CAS from QUEUED has one winner, the others drop it.
 * Progress.     Deciding is wait-free apart from listeners. Waiting parks.
 * Evidence.     TaskHandleTest, CancellationStressTest, PublicationStressTest.
 */
abstract class TaskHandleImpl<R extends @Nullable Object> extends TaskListeners
    implements TaskHandle<R>, TaskContext {

  private static final byte QUEUED = 0;
  private static final byte RUNNING = 1;
  private static final byte ENDING = 2;
  private static final byte CANCELLING = 3;
  private static final byte SUCCEEDED = 4;
  private static final byte FAILED = 5;
  private static final byte CANCELLED = 6;
  private static final byte DISCARDED = 7;

  static final String PARENT_CANCELLED = "the task that had submitted it was cancelled";

  /** How often a waiting thread pauses before it parks: some ten microseconds in all. */
  private static final int SPINS = 500;

  private final TaskEngineImpl engine;
  private final String name;
  private long submittedNanos; // 0 if nobody wants to know
  private volatile byte state;
  private volatile long id;
  private @Nullable Object body;

  /**
   * The value of a success, the {@link FailureRecord} of a failure (or, without memory for one, its
   * error), the reason of a cancellation, the {@link RejectedTaskException} of a dropped task.
   */
  private @Nullable Object result;

  private volatile @Nullable TaskRunner runner;
  private @Nullable TaskHandleImpl<?> parent; // by PARENT
  boolean interruptMissed;
  private volatile boolean hasSubmitted; // other tasks; written by the thread that runs this one

  /** Of {@link #home}: a queue of the engine has it. */
  static final byte IN_QUEUE = 0;

  /** Of {@link #home}: a {@link Lane} has it, where it takes no place of the engine's capacity. */
  static final byte IN_LANE = 1;

  /** Of {@link #home}: a strategy or a submitter has it; see {@link Guests}. */
  static final byte HELD = 2;

  /** Where it waits; written before it is put there. */
  volatile byte home;

  private boolean neverStarted; // of a cancelled task; written before the state is final

  TaskHandleImpl(TaskEngineImpl engine, String name, Object body) {
    this(engine, name, body, engine.contexts.capture());
  }

  TaskHandleImpl(TaskEngineImpl engine, String name, Object body, Captured captured) {
    this.engine = engine;
    this.name = name;
    this.submittedNanos = engine.samples.submission(body);
    this.body = engine.samples.toKeep(body, captured);
  }

  /**
   * Makes an attempt of a task.
   *
   * @param kept the {@link #keptBody} of the task
   */
  TaskHandleImpl(GuardedTask<R> task, Object kept, boolean isFirst) {
    TaskHandleImpl<R> owner = task;
    this.engine = owner.engine;
    this.name = owner.name;
    this.id = owner.id();
    this.body = kept;
    this.submittedNanos = isFirst ? owner.submittedNanos : 0;
    this.parent = owner.parentAcquire();
  }

  /** What is kept of the body; {@code null} from a moment before the outcome on. */
  final @Nullable Object keptBody() {
    return body;
  }

  /** Says that the time until its start will say nothing about the queues: it is delayed. */
  final void forgetSubmission() {
    submittedNanos = 0;
  }

  /** Notes who submits it, before it is published. */
  final void submittedBy(@Nullable TaskRunner runner) {
    TaskHandleImpl<?> submitter = runner == null ? null : runner.currentAcquire();
    if (submitter != null) {
      submitter.hasSubmitted = true;
      PARENT.set(this, submitter);
    }
  }

  /** The task that has submitted this one, while this one has not ended. */
  final @Nullable TaskHandleImpl<?> parentAcquire() {
    return (TaskHandleImpl<?>) PARENT.getAcquire(this);
  }

  /** Runs the body. */
  abstract R call(Object body) throws Exception;

  // ---- running, on a worker

  /**
   * Runs the body and decides the outcome; {@code false} if the task was started or cancelled
   * before.
   */
  final boolean runOn(TaskRunner worker) {
    worker.begin(this);
    TaskHandleImpl<?> parent = parentAcquire();
    if (parent != null && parent.isToStop()) {
      cancelUnstarted(PARENT_CANCELLED);
    }
    if (!STATE.compareAndSet(this, QUEUED, RUNNING)) {
      worker.end(true);
      return false;
    }
    RUNNER.setRelease(this, worker);
    if (parent != null && parent.isToStop()) { // it did not find this one running: see Children
      cancel(PARENT_CANCELLED, false);
    }
    worker.counters.addTaken(home);
    worker.counters.addStarted();
    Object kept = requireNonNull(body);
    long submitted = submittedNanos;
    long parentId = parent == null ? 0 : parent.id();
    long started = worker.startRecord(id, parentId, Contexts.bodyOf(kept), submitted != 0);
    if (submitted != 0) {
      worker.counters.addWait(started - submitted);
    }
    @Nullable Object value = null;
    Throwable error = null;
    try {
      value = engine.contexts.call(this, kept);
    } catch (Throwable e) {
      error = e;
    }
    try {
      worker.releaseMemory(this);
    } catch (Throwable e) { // a segment of the arena is still in use elsewhere: the body's mistake
      error = error == null ? e : suppress(error, e);
    }
    if (submitted != 0) {
      worker.counters.addRun(Seam.nanoTime() - started);
    }
    worker.record().release();
    worker.counters.addEnded();
    settle(worker, value, error);
    return true;
  }

  /** Decides the outcome by how the body has ended, unless it was decided before. */
  void settle(TaskRunner worker, @Nullable Object value, @Nullable Throwable error) {
    Object outcome = error == null ? value : track(worker, error);
    if (!tryEnd(worker)) {
      engine.failures.forget(outcome);
    } else if (error == null) {
      worker.counters.addCompleted();
      finish(SUCCEEDED, outcome);
    } else {
      worker.counters.addFailed();
      finish(FAILED, outcome);
      engine.failures.reportCollected(); // no worker may ever be idle
    }
  }

  /** Takes the right to decide the outcome of a body that has ended, and lets go of the body. */
  final boolean tryEnd(TaskRunner worker) {
    boolean won = STATE.compareAndSet(this, RUNNING, ENDING);
    worker.end(!won);
    body = null;
    return won;
  }

  /**
   * Ends a task with an error of the engine's own steps, if this runner has started it and it has
   * no outcome. Called on the thread that ran it, with more stack than they had.
   */
  void fail(TaskRunner worker, Throwable error) {
    if (tryFail(worker)) {
      worker.counters.addFailed();
      finish(FAILED, error);
    }
  }

  /** Takes the right to end it with an error of the engine's own steps. */
  final boolean tryFail(TaskRunner worker) {
    if (runner != worker || !(STATE.compareAndSet(this, RUNNING, ENDING) || state == ENDING)) {
      return false;
    }
    body = null;
    return true;
  }

  /** Takes the right to decide the outcome of a task that does not run itself. */
  final boolean tryEndUnstarted() {
    return STATE.compareAndSet(this, QUEUED, ENDING);
  }

  /** Ends with a result or an error that is not tracked. */
  final void endQuietly(@Nullable Object value, @Nullable Throwable error) {
    body = null;
    finish(error == null ? SUCCEEDED : FAILED, error == null ? value : error);
  }

  /** Ends with what {@link #track} has returned. */
  final void endTracked(Object failure) {
    body = null;
    finish(FAILED, failure);
  }

  /**
   * Tracks a failure until somebody looks; without memory for that, the error stands for itself.
   */
  private Object track(TaskRunner worker, Throwable error) {
    try {
      return track(error, storyOf(worker));
    } catch (Throwable e) {
      return suppress(error, e);
    }
  }

  final Object track(Throwable error, FailureContext story) {
    try {
      return engine.failures.track(this, error, story);
    } catch (Throwable e) {
      return suppress(error, e);
    }
  }

  /** What is known of a body that has ended, for the thread that has run it. */
  FailureContext storyOf(TaskRunner worker) {
    return failureContext(worker, 0);
  }

  /**
   * What is known about this task, before its outcome.
   *
   * @param startedNanos 0 if the record says so; only for the thread that runs it, then
   */
  final FailureContext failureContext(@Nullable TaskRunner worker, long startedNanos) {
    return FailureRecord.contextOf(this, worker, submittedNanos, startedNanos);
  }

  static Throwable suppress(Throwable error, Throwable later) {
    if (error != later) {
      error.addSuppressed(later);
    }
    return error;
  }

  /** Where it was submitted, as far as that is known. Called by any thread. */
  final @Nullable StackTraceElement site() {
    Object kept = body;
    return kept == null ? null : engine.samples.siteOf(kept); // without a body it has ended
  }

  private void finish(byte outcome, @Nullable Object value) {
    result = value;
    PARENT.setRelease(this, null);
    STATE.setRelease(this, outcome);
    serveListenersIfAny();
  }

  // ---- cancelling

  @Override
  public final boolean cancel() {
    return cancel("cancel() was called", false);
  }

  @Override
  public final boolean cancel(boolean mayInterruptIfRunning) {
    return cancel("cancel() was called", mayInterruptIfRunning);
  }

  /** Cancels; {@code true} if this call decided the outcome. */
  boolean cancel(String reason, boolean interrupt) {
    if (cancelUnstarted(reason)) {
      return true;
    }
    if (!tryDecide()) {
      return false;
    }
    finishCancelled(reason);
    stopBody(interrupt);
    return true;
  }

  /** Tells a body that goes on, and what it has begun elsewhere, that nobody wants it any more. */
  final void stopBody(boolean interrupt) {
    if (hasSubmitted) {
      engine.cancelChildren(this, interrupt);
    }
    engine.cancelComputations();
    awaitRunner().cancelled(this, interrupt);
  }

  /** Takes the right to decide the outcome of a body that runs; not for how the body has ended. */
  final boolean tryDecide() {
    return STATE.compareAndSet(this, RUNNING, CANCELLING);
  }

  /** What the body sees of its task. */
  TaskContext context() {
    return this;
  }

  /** Tells whether a body that runs should end: cancelled, or its time is over. */
  boolean isToStop() {
    return isCancelled();
  }

  @Override
  public final CancelReport cancel(Duration bound) {
    long nanos = Durations.waitNanos("bound", bound);
    long started = Seam.nanoTime();
    refuseToWaitForItself();
    boolean decided = cancel("cancel(" + bound + ") was called", false);
    CancelReport.End end = hasRun() ? CancelReport.End.ENDED : CancelReport.End.NEVER_STARTED;
    List<StackTraceElement> stack = List.of();
    try {
      for (TaskHandleImpl<R> body : bodies()) {
        TaskRunner its = requireNonNull(body.runner);
        if (!its.awaitEnd(body, nanos - (Seam.nanoTime() - started))) {
          end = CancelReport.End.IGNORED;
          stack = its.stack();
          if (its instanceof Worker worker) {
            engine.watch.quarantine(worker, body);
          }
        }
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    return new CancelReport(decided, end, Duration.ofNanos(Seam.nanoTime() - started), stack);
  }

  /** Tells whether its body was ever started. */
  boolean hasRun() {
    return runner != null;
  }

  /** What has been started, and may not have ended: itself, or its attempts. */
  List<? extends TaskHandleImpl<R>> bodies() {
    return runner == null ? List.of() : List.of(this);
  }

  /** Waits for the next instruction of who has started this task. */
  private TaskRunner awaitRunner() {
    for (; ; ) {
      TaskRunner started = runner;
      if (started != null) {
        return started;
      }
      Thread.onSpinWait();
    }
  }

  /** Cancels unless the task has started; {@code true} if this call decided the outcome. */
  boolean cancelUnstarted(String reason) {
    if (!STATE.compareAndSet(this, QUEUED, CANCELLING)) {
      return false;
    }
    forgetBody();
    neverStarted = true;
    finishCancelled(reason);
    if (home == HELD) {
      engine.forgetGuest(this);
    }
    return true;
  }

  /** Lets go of what a task was made of, so that a handle that is kept does not keep it. */
  void forgetBody() {
    body = null;
  }

  private void finishCancelled(String reason) {
    try {
      countCancelled(); // may need memory
    } finally {
      finish(CANCELLED, reason);
    }
  }

  /** Counts a task that is cancelled. */
  void countCancelled() {
    engine.books.cancelled.increment();
  }

  /**
   * Tells whether a task that comes out of a queue, and is not run, has kept its place until now.
   */
  final boolean keptItsPlace() {
    return stateWhenSettled() == CANCELLED && neverStarted && home != HELD;
  }

  /** Tells whether a queue that carries this task may forget it. */
  final boolean isStale() {
    return state != QUEUED;
  }

  /** Drops a task that was accepted, as an overflow policy has said. */
  final void discard(RejectedTaskException why) {
    if (STATE.compareAndSet(this, QUEUED, CANCELLING)) {
      forgetBody();
      engine.books.discarded.increment();
      finish(DISCARDED, why);
    }
  }

  /** Ends a task that was never accepted: as cancelled, but not counted so. */
  final void refuse(String reason) {
    if (STATE.compareAndSet(this, QUEUED, CANCELLING)) {
      forgetBody();
      finish(CANCELLED, reason);
    }
  }

  // ---- identity, context

  @Override
  public final long id() {
    long known = id;
    if (known == 0) {
      long fresh = engine.nextTaskId();
      known = ID.compareAndSet(this, 0L, fresh) ? fresh : id;
    }
    return known;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final long taskId() {
    return id();
  }

  @Override
  public final String taskName() {
    return name;
  }

  @Override
  public int attempt() {
    return 1;
  }

  @Override
  public final TaskEngineImpl engine() {
    return engine;
  }

  @Override
  public final void checkCancelled() {
    if (isToStop()) {
      throw cancelledException();
    }
  }

  @Override
  public final Registration onCancel(Runnable action) {
    OnCancel registered = new OnCancel(engine.contexts.carry(requireNonNull(action, "action")));
    push(registered);
    if (isDone()) {
      serveListeners();
    }
    return registered;
  }

  @Override
  public final void progress(long done, long total) {
    if (done < 0 || done > total) {
      throw new IllegalArgumentException(
          "done must be 0 to total: done="
              + done
              + ", total="
              + total
              + " (count what has been done, of what there is)");
    }
    runnerOfThisThread("progress").record().progress(done, total);
  }

  @Override
  public final MemorySegment cancelFlag() {
    return runnerOfThisThread("the cancel flag").cancelFlag(this);
  }

  @Override
  public final Arena arena() {
    return runnerOfThisThread("the arena").arena();
  }

  @Override
  public final <T extends @Nullable Object> T blocking(Callable<T> body) throws Exception {
    requireNonNull(body, "body");
    runnerOfThisThread("blocking").willBlock();
    return body.call();
  }

  @Override
  public final <T extends @Nullable Object> Lease<T> lease(Resource<T> resource) {
    requireNonNull(resource, "resource");
    return runnerOfThisThread("a lease").leases().lease(resource);
  }

  @Override
  public final <T extends @Nullable Object> Lease<T> acquire(
      Resource<T> resource, Duration atMost) {
    return acquire(requireNonNull(resource, "resource"), 1, atMost);
  }

  @Override
  public final Lease<@Nullable Void> acquire(Limit limit, int permits, Duration atMost) {
    return acquire((Resource<@Nullable Void>) requireNonNull(limit, "limit"), permits, atMost);
  }

  private <T extends @Nullable Object> Lease<T> acquire(
      Resource<T> resource, int permits, Duration atMost) {
    Durations.waitNanos("atMost", atMost);
    TaskRunner here = runnerOfThisThread("a lease");
    HeldLeases held = here.leases(); // before the look, so that who cancels finds it
    checkCancelled();
    held.checkOrder(resource);
    Optional<Lease<T>> atOnce = held.tryAcquire(resource, permits);
    if (atOnce.isPresent()) {
      return atOnce.get();
    }
    here.willBlock();
    Lease<T> lease = held.acquire(resource, permits, atMost);
    if (lease == null) {
      throw cancelledException();
    }
    return lease;
  }

  final TaskRunner runnerOfThisThread(String what) {
    TaskRunner worker = engine.currentRunner();
    if (worker == null || worker.currentAcquire() != this) {
      throw new TaskContextException(
          what + " is for the thread that runs the task, while it runs: " + describe());
    }
    return worker;
  }

  // ---- looking

  @Override
  public final boolean isDone() {
    return stateWhenSettled() >= SUCCEEDED;
  }

  @Override
  public final boolean isCancelled() {
    return stateWhenSettled() == CANCELLED;
  }

  /** The state, past the few instructions of ENDING and CANCELLING. */
  private byte stateWhenSettled() {
    byte seen;
    while ((seen = state) == ENDING || seen == CANCELLING) {
      Thread.onSpinWait();
    }
    return seen;
  }

  @Override
  public final State state() {
    return switch (stateWhenSettled()) {
      case SUCCEEDED -> State.SUCCESS;
      case FAILED, DISCARDED -> State.FAILED;
      case CANCELLED -> State.CANCELLED;
      default -> State.RUNNING;
    };
  }

  @Override
  public final R resultNow() {
    if (stateWhenSettled() != SUCCEEDED) {
      throw new IllegalStateException("task has no result: " + describe() + ", state=" + state());
    }
    return value();
  }

  @Override
  public final Throwable exceptionNow() {
    if (stateWhenSettled() == DISCARDED) {
      return rejection();
    }
    if (stateWhenSettled() != FAILED) {
      throw new IllegalStateException("task has not failed: " + describe() + ", state=" + state());
    }
    return error();
  }

  // In state SUCCEEDED, result is what the body returned, which R allows to be null or does not.
  @SuppressWarnings({"unchecked", "NullAway"})
  private R value() {
    return (R) result;
  }

  private Throwable error() {
    Object failure = requireNonNull(result);
    return failure instanceof FailureRecord record ? record.observe() : (Throwable) failure;
  }

  private RejectedTaskException rejection() {
    return (RejectedTaskException) requireNonNull(result);
  }

  final String describe() {
    return "name=" + name + ", id=" + id();
  }

  @Override
  public final String toString() {
    return "TaskHandle[" + describe() + ", state=" + state() + "]";
  }

  // ---- waiting

  @Override
  public final R join() {
    waitInterruptibly();
    return valueOrThrow();
  }

  @Override
  public final R join(Duration atMost) {
    long nanos = Durations.waitNanos("atMost", atMost);
    try {
      if (!waitUntilDone(nanos)) {
        throw new TaskTimeoutException(
            "task has not ended in time: "
                + describe()
                + ", atMost="
                + atMost
                + " (the task goes on)");
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    return valueOrThrow();
  }

  @Override
  public final Outcome<R> outcome() {
    waitInterruptibly();
    return settledOutcome();
  }

  /**
   * As {@link #join}, for a task that wakes other workers: a waiter that spins would keep them from
   * the processor that it has, unless there are more than workers.
   */
  final R joinComputation() {
    try {
      waitUntilDone(Durations.FOR_EVER, engine.computationWaitersSpin);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    return valueOrThrow();
  }

  /** Waits for the outcome without looking at it. */
  final void waitInterruptibly() {
    try {
      waitUntilDone(Durations.FOR_EVER);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private TaskInterruptedException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new TaskInterruptedException("interrupted while waiting for a task: " + describe(), e);
  }

  @Override
  public final R get() throws InterruptedException, ExecutionException {
    waitUntilDone(Durations.FOR_EVER);
    return valueOrThrowAsFuture();
  }

  @Override
  public final R get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (!waitUntilDone(Math.max(0, requireNonNull(unit, "unit").toNanos(timeout)))) {
      throw new TimeoutException("task has not ended in time: " + describe());
    }
    return valueOrThrowAsFuture();
  }

  private R valueOrThrow() {
    return switch (stateWhenSettled()) {
      case SUCCEEDED -> value();
      case FAILED -> throw failedException();
      case DISCARDED -> throw rejection();
      default -> throw cancelledException();
    };
  }

  /** As {@link #valueOrThrow}, in the JDK's terms: the cause is the body's own exception. */
  private R valueOrThrowAsFuture() throws ExecutionException {
    return switch (stateWhenSettled()) {
      case SUCCEEDED -> value();
      case FAILED -> throw failedException().toJdk();
      case DISCARDED ->
          throw new ExecutionException("task was dropped: " + describe(), rejection());
      default -> throw cancelledException().toJdk();
    };
  }

  final TaskFailedException failedException() {
    FailureContext context = result instanceof FailureRecord record ? record.context() : null;
    return new TaskFailedException("task failed: " + describeFailure(), error(), context);
  }

  /** Name and id, and where tasks of this kind were seen to be submitted. */
  private String describeFailure() {
    return result instanceof FailureRecord record ? record.task() : describe();
  }

  private TaskCancelledException cancelledException() {
    return new TaskCancelledException(
        "task was cancelled: " + describe() + ", reason=" + reasonToStop());
  }

  /** Why {@link #isToStop} is true. */
  String reasonToStop() {
    return (String) requireNonNull(result);
  }

  private Outcome<R> settledOutcome() {
    return switch (stateWhenSettled()) {
      case SUCCEEDED -> new Outcome.Success<>(value());
      case FAILED -> new Outcome.Failure<>(error());
      case DISCARDED -> new Outcome.Rejected<>(rejection());
      default -> new Outcome.Cancelled<>(reasonToStop());
    };
  }

  /** Waits for the outcome; {@code false} if the time passes. A worker may run the task instead. */
  final boolean waitUntilDone(long nanos) throws InterruptedException {
    return waitUntilDone(nanos, engine.waitersSpin);
  }

  private boolean waitUntilDone(long nanos, boolean spins) throws InterruptedException {
    if (isDone()) {
      return true;
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    refuseToWaitForItself();
    TaskRunner helper = nanos == Durations.FOR_EVER ? engine.currentRunner() : null;
    return help(helper) || awaitDone(nanos, helper, spins);
  }

  /** Throws if what the calling thread runs is this task: it would wait for ever. */
  final void refuseToWaitForItself() {
    TaskRunner waiting = engine.currentRunner();
    if (waiting != null && waiting.isBelow(runnerAcquire()) && !isDone()) {
      throw new DeadlockException(
          "task waits for itself: " + describe() + " (use its result after it has returned)");
    }
  }

  /** What runs it, or has run it. */
  @Nullable TaskRunner runnerAcquire() {
    return runner;
  }

  /** Runs the task inside the one that waits for it, if it is queued; {@code true} if it has. */
  boolean help(@Nullable TaskRunner waiting) {
    return waiting != null && state == QUEUED && home != HELD && waiting.runInside(this);
  }

  /** Runs the task here if the caller is a worker of the engine and nobody has started it. */
  final void runIfOnWorker() {
    help(engine.currentRunner());
  }

  /**
   * Waits as long as waking up would take; a virtual thread must not, since it keeps its carrier.
   * Each look takes the cache line away from who runs the task and slows it, so the pauses grow, to
   * a sixteenth of what has been waited.
   */
  private boolean spinUntilDone() {
    if (Thread.currentThread().isVirtual()) {
      return false;
    }
    int spins = 0;
    while (state < SUCCEEDED && spins < SPINS) {
      for (int pause = 1 + spins / 16; pause > 0; pause--) {
        Thread.onSpinWait();
        spins++;
      }
    }
    return state >= SUCCEEDED;
  }

  private boolean awaitDone(long nanos, @Nullable TaskRunner helper, boolean spins)
      throws InterruptedException {
    long deadline = nanos == Durations.FOR_EVER ? 0 : Seam.nanoTime() + nanos;
    if (spins && spinUntilDone()) {
      return true;
    }
    TaskRunner waiting = engine.currentRunner();
    TaskRunner thread = nanos == Durations.FOR_EVER ? TaskRunner.outermostOfThread() : null;
    if (waiting != null) {
      waiting.record().waitsFor(id());
    }
    try {
      return parkUntilDone(nanos, deadline, helper, thread);
    } finally {
      if (waiting != null) {
        waiting.record().waitsFor(0);
      }
      if (thread != null) {
        thread.setWaitsFor(null);
      }
    }
  }

  private boolean parkUntilDone(
      long nanos, long deadline, @Nullable TaskRunner helper, @Nullable TaskRunner thread)
      throws InterruptedException {
    Waiter waiter = new Waiter(Thread.currentThread());
    push(waiter);
    while (!isDone()) {
      waiter.mustLook = false;
      if (help(helper)) { // it has come into a queue since, maybe behind what this thread runs
        return true;
      }
      if (thread != null) {
        thread.setWaitsFor(this);
        try {
          Waits.refuseCircle(thread, this);
        } catch (DeadlockException e) {
          forget(waiter);
          throw e;
        }
      }
      if (isDone() || waiter.mustLook) {
        continue; // what was called since may have waited for a lock, and so used up the wake-up
      }
      if (nanos == Durations.FOR_EVER) {
        Seam.park(this);
      } else {
        long left = deadline - Seam.nanoTime();
        if (left <= 0) {
          forget(waiter);
          return isDone();
        }
        Seam.parkNanos(this, left);
      }
      if (Thread.interrupted()) {
        forget(waiter);
        throw new InterruptedException();
      }
    }
    return true;
  }

  // ---- listeners

  private final class OnCancel extends Listener implements Registration {
    private final AtomicReference<@Nullable Runnable> action;

    OnCancel(Runnable action) {
      this.action = new AtomicReference<>(action);
    }

    @Override
    void serve() {
      Runnable registered = action.getAndSet(null);
      if (registered != null && isToStop()) {
        try {
          registered.run();
        } catch (Throwable e) {
          engine.uncaught(e);
        }
      }
    }

    @Override
    boolean isUsers() {
      return true;
    }

    @Override
    public void close() {
      if (action.getAndSet(null) != null) {
        pushAgain(takeListeners(), this);
      }
    }
  }

  private final class Callback extends Listener {
    private final Consumer<? super Outcome<R>> consumer;

    Callback(Consumer<? super Outcome<R>> consumer) {
      this.consumer = consumer;
    }

    @Override
    boolean isUsers() {
      return true;
    }

    @Override
    void serve() {
      try {
        consumer.accept(settledOutcome());
      } catch (Throwable e) {
        engine.uncaught(e);
      }
    }
  }

  @Override
  public final TaskHandle<R> onComplete(Consumer<? super Outcome<R>> callback) {
    push(new Callback(engine.contexts.carry(requireNonNull(callback, "callback"))));
    if (isDone()) {
      serveListeners();
    }
    return this;
  }

  /** Calls back at the end without looking at the outcome: a failure stays unobserved. */
  final void onEnd(Runnable action) {
    push(
        new Listener() {
          @Override
          void serve() {
            action.run();
          }
        });
    if (isDone()) {
      serveListeners();
    }
  }

  @Override
  public final CompletableFuture<R> toCompletableFuture() {
    CompletableFuture<R> future = new CompletableFuture<>();
    onComplete(
        outcome -> {
          switch (outcome) {
            case Outcome.Success<R>(R value) -> future.complete(value);
            case Outcome.Failure<R>(Throwable error) -> future.completeExceptionally(error);
            case Outcome.Rejected<R>(RejectedTaskException error) ->
                future.completeExceptionally(error);
            case Outcome.Cancelled<R> cancelled ->
                future.completeExceptionally(cancelledException().toJdk());
          }
        });
    return future;
  }

  private static final VarHandle STATE;
  private static final VarHandle ID;
  private static final VarHandle RUNNER;
  private static final VarHandle PARENT;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(TaskHandleImpl.class, "state", byte.class);
      RUNNER = lookup.findVarHandle(TaskHandleImpl.class, "runner", TaskRunner.class);
      PARENT = lookup.findVarHandle(TaskHandleImpl.class, "parent", TaskHandleImpl.class);
      ID = lookup.findVarHandle(TaskHandleImpl.class, "id", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
