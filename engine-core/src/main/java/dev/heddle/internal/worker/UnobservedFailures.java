// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.error.ErrorText;
import dev.heddle.error.FailureContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The failures that nobody has looked at yet. Each is logged once: when its handle has been
 * collected, or when the engine is closed. Safe for use by any thread.
 *
 * <p>Being in the set decides who deals with a record: whoever removes it, an observer or a
 * reporter.
 */
final class UnobservedFailures {

  private static final Logger LOGGER = System.getLogger("dev.heddle");

  private final String engine;
  private final Set<FailureRecord> records = ConcurrentHashMap.newKeySet();
  private final ReferenceQueue<TaskHandleImpl<?>> collected = new ReferenceQueue<>();
  private final AtomicLong reported = new AtomicLong();

  UnobservedFailures(String engine) {
    this.engine = engine;
  }

  FailureRecord track(TaskHandleImpl<?> handle, Throwable error, FailureContext context) {
    FailureRecord record = new FailureRecord(handle, error, context, this, collected);
    records.add(record);
    return record;
  }

  /** Forgets a record that somebody has looked at, or that did not become the outcome. */
  void forget(@Nullable Object outcome) {
    if (outcome instanceof FailureRecord record) {
      records.remove(record);
    }
  }

  /** Reports the failures whose handles have been collected since the last call. */
  void reportCollected() {
    Object reference;
    while ((reference = collected.poll()) != null) {
      report((FailureRecord) reference);
    }
  }

  /** Reports all that are left: the engine is closed. */
  void reportAll() {
    records.forEach(this::report);
  }

  private void report(FailureRecord record) {
    if (records.remove(record)) {
      reported.incrementAndGet();
      try {
        LOGGER.log(
            Level.WARNING,
            "task failed and nobody looked at its handle: engine="
                + engine
                + ", "
                + describe(record),
            record.error());
      } catch (Throwable e) { // of the log, or of the error's own toString: must not end a worker
        TaskHandleImpl.suppress(record.error(), e);
      }
    }
  }

  private static String describe(FailureRecord record) {
    FailureContext context = record.context();
    String worker = ErrorText.line(context.worker());
    return record.task()
        + ", attempt="
        + context.attempt()
        + ", worker="
        + worker
        + (context.parents().isEmpty() ? "" : ", parents=" + context.parents());
  }

  long reported() {
    return reported.get();
  }
}
