// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.error.TaskTimedOutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a task ended: exactly one of the records below. Immutable.
 *
 * @param <R> the type of the result
 */
public sealed interface Outcome<R extends @Nullable Object> {

  /**
   * The body returned.
   *
   * @param value what it returned
   * @param <R> the type of the result
   */
  record Success<R extends @Nullable Object>(R value) implements Outcome<R> {}

  /**
   * The body threw, or a timeout of the task was over.
   *
   * @param error what the body threw, to which the engine may have added suppressed exceptions; or
   *     a {@link TaskTimedOutException}
   * @param <R> the type of the result
   */
  record Failure<R extends @Nullable Object>(Throwable error) implements Outcome<R> {
    /** Refuses {@code null}. */
    public Failure {
      requireNonNull(error, "error");
    }
  }

  /**
   * The task was cancelled before its body returned.
   *
   * @param reason by whom or what, in words
   * @param <R> the type of the result
   */
  record Cancelled<R extends @Nullable Object>(String reason) implements Outcome<R> {
    /** Refuses {@code null}. */
    public Cancelled {
      requireNonNull(reason, "reason");
    }
  }

  /**
   * The task was accepted and then dropped by the engine's {@link dev.heddle.spi.OverflowPolicy}.
   *
   * @param error says why
   * @param <R> the type of the result
   */
  record Rejected<R extends @Nullable Object>(RejectedTaskException error) implements Outcome<R> {
    /** Refuses {@code null}. */
    public Rejected {
      requireNonNull(error, "error");
    }
  }

  /**
   * Returns the value of a success.
   *
   * @return the value
   * @throws TaskFailedException if this is a failure; its error is the cause
   * @throws TaskCancelledException if this is cancelled
   * @throws RejectedTaskException if this is rejected
   */
  default R orThrow() {
    return switch (this) {
      case Success<R>(R value) -> value;
      case Failure<R>(Throwable error) -> throw new TaskFailedException("task failed", error);
      case Cancelled<R>(String reason) ->
          throw new TaskCancelledException("task was cancelled: reason=" + reason);
      case Rejected<R>(RejectedTaskException error) -> throw error;
    };
  }

  /**
   * Returns the value of a success, or another one.
   *
   * @param other what to return otherwise
   * @return the value or {@code other}
   */
  default R orElse(R other) {
    return this instanceof Success<R>(R value) ? value : other;
  }

  /**
   * Applies a function to the value of a success and leaves the other outcomes as they are.
   *
   * @param function the function; what it throws is thrown by this method
   * @param <S> the type of its results
   * @return an outcome of the same kind
   */
  default <S extends @Nullable Object> Outcome<S> map(Function<? super R, ? extends S> function) {
    requireNonNull(function, "function");
    return switch (this) {
      case Success<R>(R value) -> new Success<>(function.apply(value));
      case Failure<R>(Throwable error) -> new Failure<>(error);
      case Cancelled<R>(String reason) -> new Cancelled<>(reason);
      case Rejected<R>(RejectedTaskException error) -> new Rejected<>(error);
    };
  }
}
