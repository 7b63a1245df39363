// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.Retry;
import dev.heddle.Task;
import dev.heddle.TaskContext;
import dev.heddle.TaskFunction;
import dev.heddle.TaskOptions;
import dev.heddle.error.FailureContext;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskTimedOutException;
import dev.heddle.internal.timer.Timers.Timer;
import dev.heddle.internal.util.Durations;
import dev.heddle.internal.util.Seam;
import dev.heddle.spi.ContextPropagation.Captured;
import dev.heddle.spi.ExecutionStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A task whose options say more than one attempt can do: a total timeout, further attempts, a
 * fallback, or resources that it waits for. It never runs itself; each {@link Attempt} is a task of
 * its own, so that one that ignores its end cannot get in the way of the next.
 *
 * @param <R> the type of the result
 */
/*
 * Roles.        task, fallback: forgotten by who has decided the outcome, or dropped the task; read by attempts, which begin
 *               later than that in vain. running, undecided, bodies, hasRun, attempts, over, the timers, earlierError: under the lock,
 *               which is never held while users' code runs, or while an attempt is started or cancelled.
 * States.       Its handle goes from QUEUED straight to an outcome, by one CAS. An attempt is in running from its start to
 *               its end; whoever takes it out (its end, its timeout, who cancels it) decides what comes next, once.
 *               So what a late body returns, after its timeout, is nobody's.
 * Next.         A success ends the task, unless the retry does not want it. A failure waits for the other attempt, if there is one
 *               (a hedge). The last one asks for a further attempt, then for the fallback, then is the outcome.
 * Threads.      Ends of bodies come on the threads that ran them, timeouts on the timer thread: that one releases who waits,
 *               and leaves everything that may call users' code (predicates, callbacks) to threads of its own.
 * Books.        The task counts, its attempts do not: each one that goes into a queue is taken off acceptedElsewhere, where the
 *               task is counted from its submission to its outcome. That long it is held by Guests, which closing waits for.
 * Evidence.     RetryTest, TaskTimeoutTest, FallbackAndHedgeTest, TaskEndsTest, soak CancelStorm; Fray: joinRetried, hedgeRetried.
 */
final class GuardedTask<R extends @Nullable Object> extends TaskHandleImpl<R> {

  private static final String STOPPED = "the task has its outcome";

  private final TaskOptions options;
  private volatile @Nullable Task<R> task; // until the outcome, like the next
  private final ExecutionStrategy strategy;
  private volatile @Nullable TaskFunction<? super Throwable, ? extends R> fallback;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Attempt<R>> running = new ArrayList<>(2);
  private final List<Attempt<R>> bodies = new ArrayList<>(2);
  private int undecided; // taken out, and neither a success nor known to be the last or not
  private boolean hasRun;
  private int attempts;
  private long begunNanos;
  private boolean over;
  private @Nullable Timer total;
  private @Nullable Timer pause; // until the next attempt
  private @Nullable Timer slow; // until a second one beside the first
  private @Nullable Throwable earlierError; // of an attempt, while another goes on

  /**
   * Makes a task.
   *
   * @param body what the user has submitted, for the place where that was
   * @param task the same as a task
   */
  GuardedTask(
      TaskEngineImpl engine,
      Object body,
      Task<R> task,
      TaskOptions options,
      ExecutionStrategy strategy,
      Captured captured) {
    super(engine, options.name(), body, captured);
    FallbackTask<R> saysMore = fallbackOf(task);
    this.task = saysMore == null ? task : saysMore.body();
    this.fallback = saysMore == null ? null : saysMore.fallback();
    this.options = options;
    this.strategy = strategy;
    this.home = HELD;
  }

  /** Tells whether a task has to be one of these. */
  static boolean isNeeded(@Nullable Task<?> task, TaskOptions options) {
    return options.totalTimeout().isPresent()
        || options.retry().isPresent()
        || options.hedge().isPresent()
        || !options.uses().isEmpty()
        || (task != null && fallbackOf(task) != null);
  }

  private static <R extends @Nullable Object> @Nullable FallbackTask<R> fallbackOf(Task<R> task) {
    Task<R> inner = task instanceof BlockingTask<R> blocking ? blocking.body() : task;
    return inner instanceof FallbackTask<R> saysMore ? saysMore : null;
  }

  /** Tells whether a task is marked as blocking, below its fallback or above it. */
  static boolean isBlocking(Task<?> task) {
    return task instanceof BlockingTask<?>
        || (task instanceof FallbackTask<?> saysMore && saysMore.body() instanceof BlockingTask<?>);
  }

  // ---- attempts

  /** Begins: called when the task has been accepted, and is due. */
  void begin() {
    begin(strategy);
  }

  /** As {@link #begin()}, with the first attempt where another strategy says. */
  void begin(ExecutionStrategy first) {
    begunNanos = Seam.nanoTime();
    if (options.retry().isPresent()) {
      engine().retryBudget.add();
    }
    try {
      options
          .totalTimeout()
          .ifPresent(
              limit ->
                  setTimer(
                      () -> total = engine().timers.after(nanos(limit), this::totalTimeoutIsOver)));
      startAttempt(null, first, false);
    } catch (Throwable e) {
      stopAttempts("it could not be started", false);
      throw e;
    }
  }

  private static long nanos(Duration limit) {
    return Durations.waitNanos("timeout", limit);
  }

  /** Sets a timer, unless the task has its outcome. */
  private void setTimer(Runnable set) {
    lock.lock();
    try {
      if (!over) {
        set.run();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Starts an attempt, unless the task has its outcome.
   *
   * @param toReplace what the fallback gets; {@code null} for the body
   * @param asHedge only beside the first one, while that is alone
   * @return whether there is a new one
   */
  private boolean startAttempt(
      @Nullable Throwable toReplace, ExecutionStrategy where, boolean asHedge) {
    Attempt<R> attempt;
    lock.lock();
    try {
      Object kept = keptBody();
      if (over || kept == null || (asHedge && !mayHedge())) {
        return false;
      }
      attempt = new Attempt<>(this, kept, ++attempts, toReplace);
      running.add(attempt);
    } finally {
      lock.unlock();
    }
    if (options.uses().isEmpty() || attempt.acquire(options.uses(), () -> launchHeld(attempt))) {
      launch(attempt, where);
    }
    return true;
  }

  /** Whether a second attempt may begin beside the first one; called under the lock. */
  private boolean mayHedge() {
    return running.size() == 1
        && attempts == 1
        && options.retry().map(Retry::maxAttempts).orElse(2) > 1;
  }

  private void launch(Attempt<R> attempt, ExecutionStrategy where) {
    engine().launch(attempt, where);
    attempt.setLaunched();
    lookAgain(); // who waits on a worker runs it
  }

  /** Launches an attempt that has waited for what it uses, on the thread that has given it back. */
  private void launchHeld(Attempt<R> attempt) {
    try {
      launch(
          attempt,
          strategy == ExecutionStrategy.caller() ? ExecutionStrategy.workStealing() : strategy);
    } catch (Throwable e) { // of the strategy
      strategyFailed(e);
    }
  }

  private void strategyFailed(Throwable error) {
    discard(RejectedTaskException.strategyFailed(engine().config().name(), name(), error));
    afterOutcome(false);
  }

  /** Starts a further attempt; called by a thread to which nothing may be thrown. */
  private void startFurther(@Nullable Throwable toReplace) {
    try {
      startAttempt(toReplace, strategy, false);
    } catch (Throwable e) { // of the strategy
      strategyFailed(e);
    }
  }

  /** Called by an attempt that starts. */
  void started(Attempt<R> attempt) {
    lock.lock();
    try {
      if (over) { // its outcome was decided a moment ago, and who has will cancel this attempt
        throw new TaskCancelledException("task has its outcome: " + describe());
      }
      hasRun = true;
      bodies.add(attempt);
    } finally {
      lock.unlock();
    }
    if (options.hedge().isPresent() && attempt.attempt() == 1) {
      long nanos = engine().latencies.slowNanos(name(), nanos(options.hedge().get()));
      setTimer(() -> slow = engine().timers.after(nanos, this::firstIsSlow));
    }
  }

  /** How long each attempt may take. */
  Optional<Duration> timeout() {
    return options.timeout();
  }

  /** Called by an attempt whose body has ended, whatever has become of the task meanwhile. */
  void bodyEnded(Attempt<R> attempt) {
    lock.lock();
    try {
      bodies.remove(attempt);
    } finally {
      lock.unlock();
    }
  }

  private static <T> List<T> copyOf(List<T> few) {
    return few.isEmpty() ? List.of() : List.copyOf(few);
  }

  @Override
  boolean hasRun() {
    lock.lock();
    try {
      return hasRun;
    } finally {
      lock.unlock();
    }
  }

  @Override
  List<Attempt<R>> bodies() {
    lock.lock();
    try {
      return copyOf(bodies);
    } finally {
      lock.unlock();
    }
  }

  /** The body of an attempt. */
  R call(Attempt<R> attempt) throws Exception {
    Throwable failed = attempt.toReplace;
    Task<R> toRun = task;
    TaskFunction<? super Throwable, ? extends R> instead = fallback;
    if (failed == null && toRun != null) {
      return toRun.run(attempt);
    }
    if (failed == null || instead == null) { // a moment after the look in started()
      throw new TaskCancelledException("task has its outcome: " + describe());
    }
    try {
      return instead.apply(failed, attempt);
    } catch (Throwable e) {
      suppress(e, failed);
      throw e;
    }
  }

  /** Takes an attempt out that has ended; whoever does so decides what comes of its end. */
  private boolean takeOut(Attempt<R> attempt) {
    lock.lock();
    try {
      if (!running.remove(attempt) || over) {
        return false;
      }
      undecided++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  // ---- how they end

  /** Called when a body has returned, on the thread that ran it. */
  void succeeded(Attempt<R> attempt, @Nullable Object value) {
    if (!takeOut(attempt)) {
      return;
    }
    if (options.hedge().isPresent()) {
      engine().latencies.add(name(), attempt.ranNanos(Seam.nanoTime()));
    }
    try {
      if (attempt.toReplace != null || !isUnwanted(value)) {
        succeed(value);
        return;
      }
    } catch (Throwable e) { // of the user's predicate
      if (isLast(e)) {
        giveUp(attempt, e, attempt.story(), "the condition of the retry has failed");
      }
      return;
    }
    if (isLast(null) && pauseForNext(null) != null) {
      succeed(value);
    }
  }

  private boolean isUnwanted(@Nullable Object value) {
    return options.retry().isPresent() && options.retry().get().isForResult(value);
  }

  /** Called when a body has thrown, on the thread that ran it. */
  void failed(Attempt<R> attempt, Throwable error, FailureContext story) {
    if (takeOut(attempt)) {
      afterFailure(attempt, error, story);
    }
  }

  /**
   * Whether an attempt that was taken out was the last one: otherwise the other may still succeed.
   * Of two that end at the same time, one is.
   *
   * @param error what it has failed with, to be told with what the last one fails with; {@code
   *     null} if it has not
   */
  private boolean isLast(@Nullable Throwable error) {
    lock.lock();
    try {
      if (earlierError != null && error != null) {
        suppress(error, earlierError);
      }
      undecided--;
      if (!running.isEmpty() || undecided > 0) {
        earlierError = error;
        return false;
      }
      earlierError = null;
      cancel(slow);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void afterFailure(Attempt<R> attempt, Throwable error, FailureContext story) {
    if (!isLast(error)) {
      return;
    }
    boolean isFallback = attempt.toReplace != null;
    String why = isFallback ? "the fallback failed" : "";
    try {
      if (!isFallback && options.retry().isPresent()) {
        why = "not to be tried again after such an error";
        if (options.retry().get().isFor(error)) {
          String refused = pauseForNext(error);
          if (refused == null) {
            return;
          }
          why = refused;
        }
      }
    } catch (Throwable e) { // of the user's predicate
      suppress(error, e);
    }
    giveUp(attempt, error, story, why);
  }

  /**
   * Lets the fallback begin, if there is one and it has not failed itself; ends the task if not.
   */
  private void giveUp(Attempt<R> attempt, Throwable error, FailureContext story, String why) {
    if (attempt.toReplace == null && fallback != null) {
      startFurther(error);
    } else {
      finishFailed(error, story.withNote(why));
    }
  }

  /** Sets the timer of the next attempt; otherwise returns why there is none. */
  private @Nullable String pauseForNext(@Nullable Throwable error) {
    Retry retry = options.retry().orElseThrow();
    int begun = attempt();
    if (begun >= retry.maxAttempts()) {
      return "attempt " + begun + " of " + retry.maxAttempts();
    }
    double random = (double) (Seam.seed() >>> 11) / (1L << 53); // 0 to 1
    double shorter = 1 - retry.jitter() * random;
    long nanos = (long) ((double) retry.delay(begun + 1).toNanos() * shorter);
    long soFar = Seam.nanoTime() - begunNanos;
    if (retry.maxTime().isPresent()
        && soFar + nanos > Durations.waitNanos("maxTime", retry.maxTime().get())) {
      return "no further attempt in time: maxTime=" + retry.maxTime().get();
    }
    if (!engine().retryBudget.tryTake()) {
      if (error != null) {
        suppress(error, engine().retryBudget.spent());
      }
      return "the retry budget is spent";
    }
    engine().books.retries.increment();
    setTimer(() -> pause = engine().timers.after(nanos, () -> startFurther(null)));
    return null;
  }

  /** Called on the timer thread when the first attempt takes longer than most. */
  private void firstIsSlow() {
    lock.lock();
    try {
      if (over || !mayHedge()) {
        return;
      }
    } finally {
      lock.unlock();
    }
    if (!engine().retryBudget.tryTake()) {
      return;
    }
    try {
      if (startAttempt(null, strategy, true)) {
        engine().books.retries.increment();
      }
    } catch (Throwable e) { // of the strategy
      strategyFailed(e);
    }
  }

  /** Called on the timer thread when an attempt has taken too long. */
  void timeIsOver(Attempt<R> attempt) {
    if (!takeOut(attempt)) {
      return;
    }
    engine().books.timeouts.increment();
    try {
      FailureContext story = attempt.story();
      TaskTimedOutException error = attempt.timedOut(options.timeout().orElseThrow(), story);
      if (attempt.toReplace != null) {
        suppress(error, attempt.toReplace);
      }
      if (options.retry().isPresent() || fallback != null || options.hedge().isPresent()) {
        engine().guests.callBack(() -> afterFailure(attempt, error, story));
      } else {
        finishFailed(error, story);
      }
    } catch (Throwable e) { // no memory, or no thread for what may call users' code
      failWith(e);
    } finally {
      attempt.cancel("its timeout was over", options.interruptible());
    }
  }

  /** Called on the timer thread. */
  private void totalTimeoutIsOver() {
    List<Attempt<R>> now = attemptsNow();
    if (!tryEndUnstarted()) {
      return;
    }
    Object failure;
    try {
      engine().books.timeouts.increment();
      engine().books.failedElsewhere.increment();
      FailureContext story = now.isEmpty() ? failureContext(null, 0) : now.getFirst().story();
      failure = track(totalTimedOut(story), story);
    } catch (Throwable e) { // no memory: it is over all the same
      failure = e;
    }
    endTracked(failure);
    afterOutcome(options.interruptible());
  }

  private TaskTimedOutException totalTimedOut(FailureContext story) {
    return new TaskTimedOutException(
        "task took longer than its total timeout: "
            + describe()
            + ", attempts="
            + attempt()
            + ", totalTimeout="
            + options.totalTimeout().orElseThrow()
            + " (raise it, or make attempts shorter)",
        story);
  }

  // ---- the outcome

  private void succeed(@Nullable Object value) {
    if (tryEndUnstarted()) {
      engine().books.completedElsewhere.increment();
      endQuietly(value, null);
      afterOutcome(options.interruptible());
    }
  }

  private void finishFailed(Throwable error, FailureContext story) {
    if (!tryEndUnstarted()) {
      return;
    }
    Object outcome = track(error, story);
    engine().books.failedElsewhere.increment();
    endTracked(outcome);
    afterOutcome(options.interruptible());
  }

  /** Ends the task with an error of the engine's own steps. */
  private void failWith(Throwable error) {
    if (tryEndUnstarted()) {
      engine().books.failedElsewhere.increment();
      endTracked(error);
      afterOutcome(false);
    }
  }

  private void afterOutcome(boolean interrupt) {
    stopAttempts(STOPPED, interrupt);
    engine().forgetGuest(this);
  }

  /** Sees to it that nothing more is begun, and cancels what has begun. */
  private void stopAttempts(String reason, boolean interrupt) {
    List<Attempt<R>> toCancel;
    lock.lock();
    try {
      over = true;
      toCancel = copyOf(running);
      running.clear();
      forgetBody();
      cancel(total);
      cancel(pause);
      cancel(slow);
    } finally {
      lock.unlock();
    }
    toCancel.forEach(attempt -> attempt.cancel(reason, interrupt));
  }

  @Override
  void forgetBody() {
    super.forgetBody();
    task = null;
    fallback = null;
  }

  /** Whether an interrupt is sent to bodies that are not wanted any more. */
  boolean isInterruptible() {
    return options.interruptible();
  }

  private static void cancel(@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }

  @Override
  boolean cancel(String reason, boolean interrupt) {
    boolean cancelled = super.cancelUnstarted(reason);
    if (cancelled) {
      stopAttempts(reason, interrupt || options.interruptible());
    }
    return cancelled;
  }

  @Override
  boolean cancelUnstarted(String reason) {
    return cancel(reason, false);
  }

  /** Called when somebody has cancelled an attempt. */
  void attemptCancelled(Attempt<R> attempt, String reason) {
    if (takeOut(attempt)) {
      cancel(reason, false);
    }
  }

  // ---- waiting

  /** What runs it now, if something does. */
  @Override
  @Nullable TaskRunner runnerAcquire() {
    List<Attempt<R>> now = attemptsNow();
    return now.isEmpty() ? null : now.getFirst().runnerAcquire();
  }

  /** How long it is until the next attempt, if the task waits for that. */
  Optional<Duration> untilNextAttempt() {
    lock.lock();
    try {
      return pause == null || pause.leftNanos() <= 0
          ? Optional.empty()
          : Optional.of(Duration.ofNanos(pause.leftNanos()));
    } finally {
      lock.unlock();
    }
  }

  List<Attempt<R>> attemptsNow() {
    lock.lock();
    try {
      return copyOf(running);
    } finally {
      lock.unlock();
    }
  }

  @Override
  boolean help(@Nullable TaskRunner waiting) {
    if (waiting != null) {
      for (Attempt<R> attempt : attemptsNow()) {
        attempt.help(waiting);
      }
    }
    return isDone();
  }

  @Override
  R call(Object body) {
    throw new AssertionError("attempts run, not their task");
  }

  /** The context that is its body's, for {@link TaskContext#taskId()} and the like. */
  @Override
  public int attempt() {
    lock.lock();
    try {
      return Math.max(1, attempts);
    } finally {
      lock.unlock();
    }
  }
}
