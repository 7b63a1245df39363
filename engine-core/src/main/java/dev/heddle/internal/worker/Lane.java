// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static java.util.Objects.requireNonNull;

import dev.heddle.Task;
import dev.heddle.TaskHandle;
import dev.heddle.TaskLane;
import dev.heddle.TaskOptions;
import dev.heddle.error.LaneException;
import dev.heddle.error.RejectedTaskException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/** The queue of one producer, and the side of it that workers see. */
/*
 * Roles.        queue: filled by the producer alone, emptied by whoever has claimed it. claimed: the right to take
 *               one task; taken by CAS, given back by a release store, before the task runs. So a worker that
 *               is stuck in a body keeps no task from the others. producer: written by the first thread that
 *               submits; others compare with it.
 * Waking.       Producer: (a) offer, a release store of the queue's index, (b) full fence, (c) read the idle
 *               word. Worker: announce, look at the index, park; see IdleWorkers. The fence does what
 *               the atomic step of an inbox does there: it puts (a) before (c) for everybody.
 * Happens-before. offer -> poll by the queue; one taker's poll -> the next one's by claimed.
 * Places.       Tasks of a lane are counted apart from those of the queues: they take no place of the capacity.
 *               A stale entry (its task was run by one that waits for it) keeps its place until a worker passes it.
 * Closing.      Only the producer closes, so no task can come in behind it. A closed lane leaves the engine when
 *               a worker, or close itself, finds it empty.
 * Source.       The queue is JCTools' SpscArrayQueue; the claim makes its single consumer change hands.
 * Evidence.     TaskLaneTest, NothingLostTest.
 */
final class Lane extends LanePadAfter implements TaskLane {

  private final TaskEngineImpl engine;
  private final SpscVarHandleArrayQueue<Object> queue;
  private @Nullable Thread producer; // by PRODUCER where threads meet
  private volatile boolean closed;

  Lane(TaskEngineImpl engine, int capacity) {
    this.engine = engine;
    this.queue = new SpscVarHandleArrayQueue<>(capacity);
  }

  // ---- the producer's side

  @Override
  public void execute(Runnable body) {
    if (!offer(engine.contexts.carry(requireNonNull(body, "body")))) {
      throw full();
    }
  }

  @Override
  public boolean tryExecute(Runnable body) {
    boolean accepted = offer(engine.contexts.carry(requireNonNull(body, "body")));
    if (!accepted) {
      engine.books.rejected.increment();
    }
    return accepted;
  }

  @Override
  public <R extends @Nullable Object> TaskHandle<R> submit(Task<R> task) {
    requireNonNull(task, "task");
    TaskHandleImpl<R> handle = // also of one with a fallback: that runs inside the body
        new Handles.OfTask<>(
            engine, TaskOptions.defaults().name(), task, engine.contexts.capture());
    handle.home = TaskHandleImpl.IN_LANE;
    if (!offer(handle)) {
      throw full();
    }
    return handle;
  }

  private RejectedTaskException full() {
    engine.books.rejected.increment();
    return RejectedTaskException.laneFull(engine.config().name(), queue.capacity());
  }

  /** Puts a task in and wakes a worker if that is needed; {@code false} if the lane is full. */
  private boolean offer(Object task) {
    requireOwner();
    if (closed) {
      engine.books.rejected.increment();
      throw RejectedTaskException.laneClosed(engine.config().name());
    }
    engine.refuseIfClosing();
    if (!queue.offer(task)) {
      return false;
    }
    VarHandle.fullFence(); // the queue's index, then the idle word
    engine.publishedInLane(task);
    return true;
  }

  private void requireOwner() {
    Thread caller = Thread.currentThread();
    if (producer != caller
        && !(producer == null && PRODUCER.compareAndSet(this, (Thread) null, caller))
        && PRODUCER.getVolatile(this) != caller) {
      throw new LaneException(
          "lane belongs to the first thread that submits: engine="
              + engine.config().name()
              + ", thread="
              + caller.getName()
              + " (open a lane for each thread)");
    }
  }

  @Override
  public int capacity() {
    return queue.capacity();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    requireOwner();
    closed = true;
    engine.lanes.dropIfDone(this);
  }

  @Override
  public String toString() {
    return "TaskLane[engine="
        + engine.config().name()
        + ", capacity="
        + queue.capacity()
        + ", size="
        + queue.size()
        + ", closed="
        + closed
        + "]";
  }

  // ---- the workers' side

  /** Takes a task, unless there is none or another worker takes one at this moment. */
  @Nullable Object poll() {
    if (queue.relaxedPeek() == null) { // not isEmpty(), which would fetch the producer's line
      if (closed) {
        engine.lanes.dropIfDone(this);
      }
      return null;
    }
    if (!CLAIMED.compareAndSet(this, false, true)) {
      return null;
    }
    Object task = queue.relaxedPoll();
    CLAIMED.setRelease(this, false);
    return task;
  }

  /** Takes a task; for closing only, when others take one at most for a moment. */
  @Nullable Object pollForClosing() {
    while (!CLAIMED.compareAndSet(this, false, true)) {
      Thread.onSpinWait();
    }
    Object task = queue.relaxedPoll();
    CLAIMED.setRelease(this, false);
    return task;
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** Whether nothing is in it and nothing will be. */
  boolean isDone() {
    return closed && queue.isEmpty();
  }

  /** How many tasks have come in. */
  long offered() {
    return queue.currentProducerIndex();
  }

  private static final VarHandle CLAIMED;
  private static final VarHandle PRODUCER;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      CLAIMED = lookup.findVarHandle(LaneClaim.class, "claimed", boolean.class);
      PRODUCER = lookup.findVarHandle(Lane.class, "producer", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}

/** The claim on a line of its own: workers write it for each task, the producer reads the rest. */
abstract class LaneClaim {
  volatile boolean claimed;
}

/** Keeps what the producer reads off the line of the claim. */
abstract class LanePadAfter extends LaneClaim {
  long p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;
}
