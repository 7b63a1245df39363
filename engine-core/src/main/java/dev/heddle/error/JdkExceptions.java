// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Between the JDK's exceptions and ours. */
final class JdkExceptions {

  private JdkExceptions() {}

  /**
   * What {@link java.util.concurrent.Future#get} throws: its cause is the body's own exception, so
   * that ours cannot be. Prints as what it extends, with the story below.
   */
  static final class Failed extends ExecutionException {
    private static final long serialVersionUID = 1L;

    /** What was converted. */
    private final TaskFailedException ours;

    Failed(TaskFailedException ours) {
      super(ours.getMessage(), ours.getCause());
      this.ours = ours;
      setStackTrace(ours.getStackTrace());
      for (Throwable suppressed : ours.getSuppressed()) {
        addSuppressed(suppressed);
      }
    }

    @Override
    @SuppressWarnings("OverrideThrowableToString") // as in ours
    public String toString() {
      return ours.withStory(ExecutionException.class.getName() + ": " + getMessage());
    }
  }

  static <E extends Exception> E withCause(E theirs, TaskException ours) {
    theirs.initCause(ours);
    return theirs;
  }

  static TaskException toOurs(Throwable thrown) {
    if (thrown instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    TaskException ours = oursIn(thrown);
    if (ours != null) {
      return ours;
    }
    List<Throwable> wrappers = new ArrayList<>();
    Throwable inner = unwrap(thrown, wrappers);
    TaskException made = make(inner, inner == thrown);
    for (Throwable wrapper : wrappers) {
      for (Throwable suppressed : wrapper.getSuppressed()) {
        made.addSuppressed(suppressed);
      }
    }
    return made;
  }

  /** Looks for one of ours below exceptions that carry it, and below no others. */
  private static @Nullable TaskException oursIn(Throwable thrown) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Throwable each = thrown;
    while (each != null && seen.add(each)) {
      if (each instanceof TaskException ours) {
        return ours;
      }
      if (each instanceof Failed failed) {
        return failed.ours;
      }
      each = isWrapper(each) || hasACounterpart(each) ? each.getCause() : null;
    }
    return null;
  }

  private static boolean isWrapper(Throwable error) {
    return error instanceof ExecutionException || error instanceof CompletionException;
  }

  private static boolean hasACounterpart(Throwable error) {
    return error instanceof CancellationException
        || error instanceof TimeoutException
        || error instanceof RejectedExecutionException
        || error instanceof InterruptedException;
  }

  /** What is inside of wrappers, which are added to a list; of a ring of them, the outermost. */
  private static Throwable unwrap(Throwable thrown, List<Throwable> wrappers) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Throwable each = thrown;
    Throwable cause;
    while (isWrapper(each) && (cause = each.getCause()) != null) {
      if (!seen.add(each)) {
        wrappers.clear();
        return thrown;
      }
      wrappers.add(each);
      each = cause;
    }
    return each;
  }

  private static TaskException make(Throwable error, boolean bare) {
    String text = "error=" + ErrorText.quote(error);
    return switch (error) {
      case CancellationException e ->
          new TaskCancelledException(
              "task was cancelled: " + text + " (submit it again if its result is wanted)",
              null,
              e);
      case TimeoutException e ->
          new TaskTimeoutException(
              "task has not ended in time: " + text + " (wait longer, or cancel it)", e);
      case RejectedExecutionException e -> RejectedTaskException.byExecutor(text, e);
      case InterruptedException e when bare -> // otherwise it was another thread's
          new TaskInterruptedException(
              "interrupted while waiting: " + text + " (the thread's interrupt status is set)", e);
      default -> new TaskFailedException("task failed: " + text + " (look at the cause)", error);
    };
  }
}
