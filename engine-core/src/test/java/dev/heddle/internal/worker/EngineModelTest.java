// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.Outcome;
import dev.heddle.Retry;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.ErrorCode;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.observe.EngineMetrics;
import dev.heddle.resource.Limit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * Random sequences of calls against a model that needs no threads. The engine has one worker, which
 * runs a body only when the test lets it, and pauses end only when the test lets time pass, so that
 * the model knows what is queued at each step.
 */
class EngineModelTest {

  private static final int CAPACITY = 3;
  private static final int ATTEMPTS = 2;
  private static final long LIMIT_NANOS = 10_000_000_000L;

  /** Short, since the engine replaces the worker of a task that goes on a second after its end. */
  private static final Duration PAUSE = Duration.ofMillis(5);

  /** What can be done to an engine. */
  enum Action {
    SUBMIT,
    SUBMIT_FAILING,
    TRY_SUBMIT,
    EXECUTE,
    SUBMIT_TIMED,
    SUBMIT_RETRIED_ONCE,
    SUBMIT_RETRIED_IN_VAIN,
    SUBMIT_WITH_FALLBACK,
    SUBMIT_LIMITED,
    SUBMIT_INTERRUPTIBLE,
    LET_PAUSES_END,
    CANCEL_IN_PAUSE,
    SUBMIT_ALL_TWO,
    LET_ONE_RUN,
    CANCEL_OLDEST,
    CANCEL_NEWEST,
    JOIN_WITHOUT_WAITING,
    CLOSE
  }

  @Provide
  Arbitrary<List<Action>> actions() {
    return Arbitraries.frequency(
            net.jqwik.api.Tuple.of(6, Action.SUBMIT),
            net.jqwik.api.Tuple.of(3, Action.SUBMIT_FAILING),
            net.jqwik.api.Tuple.of(3, Action.TRY_SUBMIT),
            net.jqwik.api.Tuple.of(3, Action.EXECUTE),
            net.jqwik.api.Tuple.of(3, Action.SUBMIT_ALL_TWO),
            net.jqwik.api.Tuple.of(1, Action.SUBMIT_TIMED),
            net.jqwik.api.Tuple.of(2, Action.SUBMIT_RETRIED_ONCE),
            net.jqwik.api.Tuple.of(2, Action.SUBMIT_RETRIED_IN_VAIN),
            net.jqwik.api.Tuple.of(2, Action.SUBMIT_WITH_FALLBACK),
            net.jqwik.api.Tuple.of(3, Action.SUBMIT_LIMITED),
            net.jqwik.api.Tuple.of(2, Action.SUBMIT_INTERRUPTIBLE),
            net.jqwik.api.Tuple.of(3, Action.LET_PAUSES_END),
            net.jqwik.api.Tuple.of(2, Action.CANCEL_IN_PAUSE),
            net.jqwik.api.Tuple.of(16, Action.LET_ONE_RUN),
            net.jqwik.api.Tuple.of(3, Action.CANCEL_OLDEST),
            net.jqwik.api.Tuple.of(3, Action.CANCEL_NEWEST),
            net.jqwik.api.Tuple.of(2, Action.JOIN_WITHOUT_WAITING),
            net.jqwik.api.Tuple.of(1, Action.CLOSE))
        .list()
        .ofMinSize(1)
        .ofMaxSize(100);
  }

  @Property(tries = 500)
  void anySequence_behavesAsTheModel(@ForAll("actions") List<Action> actions) {
    try (Run run = new Run()) {
      actions.forEach(run::step);
      run.finish();
    }
  }

  /** What a task says, and what comes of it. */
  private enum Kind {
    PLAIN,
    FAILING,
    TIMED,
    RETRIED_ONCE,
    RETRIED_IN_VAIN,
    WITH_FALLBACK,
    LIMITED,
    INTERRUPTIBLE;

    /** Whether an attempt throws; the one after the last is the fallback. */
    boolean fails(int attempt) {
      return switch (this) {
        case FAILING, RETRIED_IN_VAIN -> true;
        case RETRIED_ONCE -> attempt == 1;
        case WITH_FALLBACK -> attempt <= ATTEMPTS;
        default -> false;
      };
    }

    boolean isRetried() {
      return this == RETRIED_ONCE || this == RETRIED_IN_VAIN || this == WITH_FALLBACK;
    }
  }

  private static final class Model {
    final @Nullable TaskHandle<Object> handle;
    final Kind kind;
    boolean cancelled;
    int attempt = 1;

    Model(@Nullable TaskHandle<Object> handle, Kind kind) {
      this.handle = handle;
      this.kind = kind;
    }
  }

  private static final class Run implements AutoCloseable {
    private final QuietLog log = new QuietLog();
    private final TestSeam.VirtualClock clock = TestSeam.stopClock();
    private final TaskEngine engine =
        TaskEngine.builder()
            .workers(1)
            .compensationLimit(0)
            .retryBudget(10_000)
            .queueCapacity(CAPACITY)
            .uncaughtHandler((thread, error) -> {})
            .build();
    private final Semaphore permits = new Semaphore(0);
    private final AtomicInteger begun = new AtomicInteger(); // bodies
    private final Deque<Model> queued = new ArrayDeque<>();
    private final List<Model> all = new ArrayList<>();
    private final Limit limit = Limit.of("model", 1);
    private final Deque<Model> waiting = new ArrayDeque<>(); // for the limit
    private final List<Model> paused = new ArrayList<>();
    private @Nullable Model holder; // of the limit
    private @Nullable Model running;
    private int runs;
    private boolean closed;
    private long accepted;
    private long rejected;
    private long completed;
    private long failed;
    private long cancelled;
    private long retries;

    void step(Action action) {
      switch (action) {
        case SUBMIT -> submit(Kind.PLAIN);
        case SUBMIT_FAILING -> submit(Kind.FAILING);
        case SUBMIT_TIMED -> submit(Kind.TIMED);
        case SUBMIT_RETRIED_ONCE -> submit(Kind.RETRIED_ONCE);
        case SUBMIT_RETRIED_IN_VAIN -> submit(Kind.RETRIED_IN_VAIN);
        case SUBMIT_WITH_FALLBACK -> submit(Kind.WITH_FALLBACK);
        case SUBMIT_LIMITED -> submit(Kind.LIMITED);
        case SUBMIT_INTERRUPTIBLE -> submit(Kind.INTERRUPTIBLE);
        case LET_PAUSES_END -> letPausesEnd();
        case CANCEL_IN_PAUSE -> cancelInPause();
        case TRY_SUBMIT -> trySubmit();
        case EXECUTE -> execute();
        case SUBMIT_ALL_TWO -> submitTwo();
        case LET_ONE_RUN -> letOneRun();
        case CANCEL_OLDEST -> cancel(true);
        case CANCEL_NEWEST -> cancel(false);
        case JOIN_WITHOUT_WAITING -> joinWithoutWaiting();
        case CLOSE -> beginClose();
      }
      compareBooks();
    }

    private Object body(boolean fails) throws InterruptedException {
      begun.incrementAndGet();
      permits.acquire();
      if (fails) {
        throw new IllegalStateException("model");
      }
      return "value";
    }

    private Task<Object> task(Kind kind) {
      Task<Object> task = context -> body(kind.fails(context.attempt()));
      return kind == Kind.WITH_FALLBACK
          ? Task.fallback(task, (error, context) -> body(false))
          : task;
    }

    private TaskOptions options(Kind kind) {
      TaskOptions options = TaskOptions.defaults();
      Duration never = Duration.ofHours(1);
      return switch (kind) {
        case PLAIN, FAILING -> options;
        case TIMED -> options.timeout(never).totalTimeout(never);
        case RETRIED_ONCE, RETRIED_IN_VAIN, WITH_FALLBACK ->
            options.retry(Retry.fixed(PAUSE, ATTEMPTS));
        case LIMITED -> options.uses(limit);
        case INTERRUPTIBLE -> options.interruptible(true);
      };
    }

    private boolean full() {
      return queued.size() >= CAPACITY;
    }

    private @Nullable ErrorCode expectedRefusal(int tasks) {
      if (closed) {
        return ErrorCode.ENGINE_CLOSED;
      }
      return queued.size() + tasks > CAPACITY ? ErrorCode.QUEUE_FULL : null;
    }

    private void refused(RejectedTaskException e, int tasks) {
      assertThat(e.code()).isEqualTo(expectedRefusal(tasks));
      rejected += tasks;
    }

    private void accepted(@Nullable TaskHandle<Object> handle, Kind kind) {
      assertThat(closed).isFalse();
      accepted++;
      Model model = new Model(handle, kind);
      all.add(model);
      if (kind == Kind.LIMITED && holder != null) {
        waiting.add(model);
        return;
      }
      if (kind == Kind.LIMITED) {
        holder = model;
      }
      queued.add(model);
      takeIfIdle();
    }

    /** Who holds the limit gives it to who has waited longest. */
    private void giveBack(Model model) {
      if (holder == model) {
        holder = waiting.poll();
        if (holder != null) {
          queued.add(holder);
        }
      }
    }

    /** The worker takes the next task that was not cancelled, passing the cancelled ones. */
    private void takeIfIdle() {
      while (running == null && !queued.isEmpty()) {
        Model next = queued.remove();
        if (!next.cancelled) {
          running = next;
          runs++;
        }
      }
      long expectedQueued = queued.size();
      long expectedRunning = running == null ? 0 : 1;
      await(
          () ->
              engine.metrics().queued() == expectedQueued
                  && engine.metrics().running() == expectedRunning
                  && begun.get() == runs,
          () -> "queued=" + expectedQueued + ", running=" + expectedRunning + ", begun=" + runs);
    }

    /** Waits for what the model expects; with a limit, so that a short sequence can be found. */
    private void await(BooleanSupplier condition, Supplier<String> expected) {
      long start = System.nanoTime();
      while (!condition.getAsBoolean()) {
        if (System.nanoTime() - start > LIMIT_NANOS) {
          throw new AssertionError(
              "expected " + expected.get() + ", begun=" + begun + ", " + engine.metrics());
        }
        Thread.onSpinWait();
      }
    }

    private void submit(Kind kind) {
      if (kind.isRetried()
          && all.stream().filter(model -> model.kind.isRetried() && isOpen(model)).count()
              >= CAPACITY) {
        return; // so that those in their pauses can always be queued together
      }
      try {
        TaskHandle<Object> handle = engine.submit(task(kind), options(kind));
        assertThat(expectedRefusal(1)).isNull();
        accepted(handle, kind);
      } catch (RejectedTaskException e) {
        refused(e, 1);
      }
    }

    private void trySubmit() {
      try {
        Optional<TaskHandle<Object>> handle =
            engine.trySubmit(context -> body(false), TaskOptions.defaults());
        assertThat(handle.isEmpty()).isEqualTo(full());
        if (handle.isPresent()) {
          accepted(handle.get(), Kind.PLAIN);
        } else {
          rejected++;
        }
      } catch (RejectedTaskException e) {
        refused(e, 1);
      }
    }

    private void execute() {
      try {
        engine.execute(
            () -> {
              try {
                body(false);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
        accepted(null, Kind.PLAIN);
      } catch (RejectedTaskException e) {
        refused(e, 1);
      }
    }

    private void submitTwo() {
      try {
        engine.submitAll(List.of(context -> body(false), context -> body(false)));
        assertThat(expectedRefusal(2)).isNull();
        accepted += 2;
        for (int i = 0; i < 2; i++) {
          Model model = new Model(null, Kind.PLAIN);
          all.add(model);
          queued.add(model);
        }
        takeIfIdle();
      } catch (RejectedTaskException e) {
        refused(e, 2);
      }
    }

    private void letOneRun() {
      Model model = running;
      if (model == null) {
        return;
      }
      permits.release();
      running = null;
      giveBack(model);
      boolean fails = model.kind.fails(model.attempt);
      if (model.cancelled) {
        // its outcome was counted when it was cancelled
      } else if (fails && goesOn(model)) {
        takeIfIdle();
        return;
      } else if (fails) {
        failed++;
      } else {
        completed++;
      }
      TaskHandle<Object> handle = model.handle;
      if (handle != null && !model.cancelled) {
        Outcome<Object> outcome = handle.outcome();
        assertThat(outcome).isInstanceOf(fails ? Outcome.Failure.class : Outcome.Success.class);
      }
      while (!closed && engine.metrics().running() != 0 && queued.isEmpty()) {
        Thread.onSpinWait();
      }
      takeIfIdle();
    }

    /**
     * Begins the pause before a further attempt, or the fallback; {@code false} if there is none.
     */
    private boolean goesOn(Model model) {
      if (model.kind.isRetried() && model.attempt < ATTEMPTS) {
        model.attempt++;
        retries++;
        paused.add(model);
        GuardedTask<?> task = (GuardedTask<?>) model.handle;
        await(
            () -> task == null || task.untilNextAttempt().isPresent(),
            () -> "a pause before attempt " + model.attempt);
        return true;
      }
      if (model.kind == Kind.WITH_FALLBACK && model.attempt == ATTEMPTS) {
        model.attempt++;
        queued.add(model);
        return true;
      }
      return false;
    }

    /**
     * Accepted attempts take no notice of the capacity; but here no more are queued than an inbox
     * holds, so that their order is known.
     */
    private void letPausesEnd() {
      if (queued.size() + paused.size() > CAPACITY) {
        return;
      }
      queued.addAll(paused);
      paused.clear();
      clock.advance(PAUSE);
      takeIfIdle();
    }

    private void cancelInPause() {
      if (!paused.isEmpty()) {
        cancel(paused.removeFirst());
      }
    }

    private void cancel(Model model) {
      TaskHandle<Object> handle = model.handle;
      assertThat(handle != null && handle.cancel()).isTrue();
      model.cancelled = true;
      cancelled++;
      paused.remove(model);
      waiting.remove(model);
      if (running != model) {
        giveBack(model);
      } else if (model.kind == Kind.INTERRUPTIBLE) {
        running = null; // the interrupt has ended its body
      }
      takeIfIdle();
    }

    private void cancel(boolean oldest) {
      List<Model> candidates = all.stream().filter(model -> model.handle != null).toList();
      if (candidates.isEmpty()) {
        return;
      }
      Model model = oldest ? candidates.getFirst() : candidates.getLast();
      TaskHandle<Object> handle = model.handle;
      if (holder == model && !waiting.isEmpty() && full()) {
        return; // the next one would be queued as well
      }
      if (isOpen(model)) {
        cancel(model);
      } else {
        assertThat(handle != null && handle.cancel()).isFalse();
      }
    }

    private boolean isOpen(Model model) {
      return !model.cancelled
          && (queued.contains(model)
              || waiting.contains(model)
              || paused.contains(model)
              || running == model);
    }

    private void joinWithoutWaiting() {
      for (Model model : all) {
        TaskHandle<Object> handle = model.handle;
        if (handle == null) {
          continue;
        }
        boolean done = !isOpen(model);
        assertThat(handle.isDone()).isEqualTo(done);
        if (!done) {
          org.assertj.core.api.Assertions.assertThatThrownBy(() -> handle.join(Duration.ZERO))
              .isInstanceOf(dev.heddle.error.TaskTimeoutException.class);
        }
      }
    }

    private void beginClose() {
      if (!closed) {
        closed = true;
        Thread closer = new Thread(engine::close);
        closer.start();
        while (!engine.toString().contains("closing=true")) {
          Thread.onSpinWait();
        }
      }
    }

    private void compareBooks() {
      await(
          () -> engine.metrics().completed() >= completed && engine.metrics().failed() >= failed,
          () -> "completed=" + completed + ", failed=" + failed);
      EngineMetrics books = engine.metrics();
      assertThat(books.accepted()).isEqualTo(accepted);
      assertThat(books.rejected()).isEqualTo(rejected);
      assertThat(books.completed()).isEqualTo(completed);
      assertThat(books.failed()).isEqualTo(failed);
      assertThat(books.cancelled()).isEqualTo(cancelled);
      assertThat(books.retries()).isEqualTo(retries);
      assertThat(books.timeouts()).isZero();
      assertThat(books.live()).isEqualTo(accepted - completed - failed - cancelled);
    }

    void finish() {
      while (running != null || !paused.isEmpty()) {
        letOneRun();
        letPausesEnd();
      }
      engine.close();
      compareBooks();
      assertThat(engine.metrics().live()).isZero();
      assertThat(engine.metrics().offered()).isEqualTo(accepted + rejected);
    }

    @Override
    public void close() {
      permits.release(1_000);
      clock.close(); // what is paused after a failed comparison is over soon
      engine.close();
      log.close();
    }
  }
}
