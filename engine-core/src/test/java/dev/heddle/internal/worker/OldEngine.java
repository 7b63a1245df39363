// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.TaskEngine;
import dev.heddle.internal.queue.OverflowQueue;
import dev.heddle.internal.util.TestSeam;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;

/**
 * Starts engines whose counters, sequences and queue indices stand where those of an engine stand
 * that has run for long. All are set, by reflection, before the first worker has a thread.
 */
final class OldEngine {

  /**
   * No inbox begins later: JCTools compares its indices by their order, so that they must not wrap
   * at 2^63 (at 10^9 tasks a second, after 292 years).
   */
  private static final long LAST_INBOX_INDEX = Long.MAX_VALUE - (1L << 40);

  private OldEngine() {}

  /** Starts an engine whose counters all stand at a number, of which an {@code int} has the end. */
  static TaskEngineImpl start(TaskEngine.Builder builder, long count) {
    try (TestSeam.Change change =
        TestSeam.makeThreads(
            body -> {
              if (!(body instanceof Worker worker)) { // of the timers, or of a guest
                return new Thread(body);
              }
              if (worker.index == 0) { // the first of them to get a thread
                advance(worker.engine, count);
              }
              return new Worker.WorkerThread(worker, "old-engine-worker-" + worker.index);
            })) {
      return (TaskEngineImpl) builder.build();
    }
  }

  /** Returns where an inbox stands in an engine whose counters stand at a number. */
  static long inboxIndex(long count) {
    return count < 0 ? LAST_INBOX_INDEX : Math.min(count, LAST_INBOX_INDEX);
  }

  private static void advance(TaskEngineImpl engine, long count) {
    try {
      advance(engine.overflow, count);
      long queued = engine.overflow.enqueued();
      long taken = 0;
      for (Worker worker : engine.workers) {
        WorkerCounters counters = worker.counters;
        counters.taken = count;
        counters.started = count;
        counters.ended = count;
        counters.completed = count;
        counters.failed = count;
        counters.stolen = count;
        field(worker, "tick").setInt(worker, (int) count);
        advance(worker.inbox, inboxIndex(count));
        queued += worker.inbox.currentProducerIndex();
        taken += count;
      }
      // The sums stand there too, and nothing is queued:
      engine.books.notAccepted.set(queued - count);
      engine.books.takenByClose.set(count - taken);
      Object capacity = value(engine, "capacity");
      field(capacity, "takenBefore").setLong(capacity, count);
      ((AtomicLong) value(engine, "taskIds")).set(count);
      ((AtomicInteger) value(engine, "turn")).set((int) count);
      engine.books.cancelled.add(count);
      engine.books.discarded.add(count);
      Object timers = value(engine, "timers");
      field(timers, "timersMade").setLong(timers, count);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private static void advance(OverflowQueue<?> queue, long count)
      throws ReflectiveOperationException {
    Constructor<?> segments = value(queue, "head").getClass().getDeclaredConstructor(long.class);
    segments.setAccessible(true);
    Object segment = segments.newInstance(count);
    field(queue, "head").set(queue, segment);
    field(queue, "tail").set(queue, segment);
  }

  /** The sequence of an index that is free for a producer is the index itself. */
  private static void advance(MpmcVarHandleArrayQueue<?> queue, long index)
      throws ReflectiveOperationException {
    long[] sequences = (long[]) value(queue, "sequenceBuffer");
    for (int i = 0; i < sequences.length; i++) {
      sequences[(int) ((index + i) & (sequences.length - 1))] = index + i;
    }
    field(queue, "producerIndex").setLong(queue, index);
    field(queue, "consumerIndex").setLong(queue, index);
  }

  static Object value(Object object, String name) throws ReflectiveOperationException {
    return field(object, name).get(object);
  }

  static Field field(Object object, String name) throws NoSuchFieldException {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getName().equals(name)) {
          field.setAccessible(true);
          return field;
        }
      }
    }
    throw new NoSuchFieldException(name);
  }
}
