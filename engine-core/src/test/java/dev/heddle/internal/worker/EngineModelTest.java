// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.Outcome;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.ErrorCode;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.observe.EngineMetrics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * Random sequences of calls against a model that needs no threads. The engine has one worker, which
 * runs a body only when the test lets it, so that the model knows what is queued at each step.
 */
class EngineModelTest {

  private static final int CAPACITY = 3;

  /** What can be done to an engine. */
  enum Action {
    SUBMIT,
    SUBMIT_FAILING,
    TRY_SUBMIT,
    EXECUTE,
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
            net.jqwik.api.Tuple.of(12, Action.LET_ONE_RUN),
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

  private static final class Model {
    final @Nullable TaskHandle<Object> handle;
    final boolean fails;
    boolean cancelled;

    Model(@Nullable TaskHandle<Object> handle, boolean fails) {
      this.handle = handle;
      this.fails = fails;
    }
  }

  private static final class Run implements AutoCloseable {
    private final QuietLog log = new QuietLog();
    private final TaskEngine engine =
        TaskEngine.builder()
            .workers(1)
            .queueCapacity(CAPACITY)
            .uncaughtHandler((thread, error) -> {})
            .build();
    private final Semaphore permits = new Semaphore(0);
    private final Deque<Model> queued = new ArrayDeque<>();
    private final List<Model> all = new ArrayList<>();
    private @Nullable Model running;
    private boolean closed;
    private long accepted;
    private long rejected;
    private long completed;
    private long failed;
    private long cancelled;

    void step(Action action) {
      switch (action) {
        case SUBMIT -> submit(false);
        case SUBMIT_FAILING -> submit(true);
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
      permits.acquire();
      if (fails) {
        throw new IllegalStateException("model");
      }
      return "value";
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

    private void accepted(@Nullable TaskHandle<Object> handle, boolean fails) {
      assertThat(closed).isFalse();
      accepted++;
      Model model = new Model(handle, fails);
      all.add(model);
      queued.add(model);
      takeIfIdle();
    }

    /** The worker takes the next task that was not cancelled, passing the cancelled ones. */
    private void takeIfIdle() {
      while (running == null && !queued.isEmpty()) {
        Model next = queued.remove();
        if (!next.cancelled) {
          running = next;
        }
      }
      long expectedQueued = queued.size();
      long expectedRunning = running == null ? 0 : 1;
      while (engine.metrics().queued() != expectedQueued
          || engine.metrics().running() != expectedRunning) {
        Thread.onSpinWait();
      }
    }

    private void submit(boolean fails) {
      try {
        TaskHandle<Object> handle = engine.submit(context -> body(fails));
        assertThat(expectedRefusal(1)).isNull();
        accepted(handle, fails);
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
          accepted(handle.get(), false);
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
        accepted(null, false);
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
          Model model = new Model(null, false);
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
      if (model.cancelled) {
        // its outcome was counted when it was cancelled
      } else if (model.fails) {
        failed++;
      } else {
        completed++;
      }
      TaskHandle<Object> handle = model.handle;
      if (handle != null && !model.cancelled) {
        Outcome<Object> outcome = handle.outcome();
        assertThat(outcome)
            .isInstanceOf(model.fails ? Outcome.Failure.class : Outcome.Success.class);
      }
      while (!closed && engine.metrics().running() != 0 && queued.isEmpty()) {
        Thread.onSpinWait();
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
      boolean decidesNow =
          !model.cancelled && (queued.contains(model) || running == model) && handle != null;
      assertThat(handle != null && handle.cancel()).isEqualTo(decidesNow);
      if (decidesNow) {
        model.cancelled = true;
        cancelled++;
      }
    }

    private void joinWithoutWaiting() {
      for (Model model : all) {
        TaskHandle<Object> handle = model.handle;
        if (handle == null) {
          continue;
        }
        boolean done = model.cancelled || (!queued.contains(model) && running != model);
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
      while (engine.metrics().completed() < completed || engine.metrics().failed() < failed) {
        Thread.onSpinWait();
      }
      EngineMetrics books = engine.metrics();
      assertThat(books.accepted()).isEqualTo(accepted);
      assertThat(books.rejected()).isEqualTo(rejected);
      assertThat(books.completed()).isEqualTo(completed);
      assertThat(books.failed()).isEqualTo(failed);
      assertThat(books.cancelled()).isEqualTo(cancelled);
      assertThat(books.live()).isEqualTo(accepted - completed - failed - cancelled);
    }

    void finish() {
      while (running != null) {
        letOneRun();
      }
      engine.close();
      compareBooks();
      assertThat(engine.metrics().live()).isZero();
      assertThat(engine.metrics().offered()).isEqualTo(accepted + rejected);
    }

    @Override
    public void close() {
      permits.release(1_000);
      engine.close();
      log.close();
    }
  }
}
