// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

import dev.heddle.internal.worker.ActionTask;
import dev.heddle.internal.worker.AppliedTask;
import dev.heddle.internal.worker.BlockingTask;
import dev.heddle.internal.worker.FallbackTask;
import org.jspecify.annotations.Nullable;

/**
 * A unit of work with a result of type {@code R}; usually a lambda.
 *
 * <p>A task is only a function: the engine keeps everything it knows about one submission in the
 * {@link TaskHandle}, so the same task may be submitted many times, also at once.
 *
 * @param <R> the type of the result; a task without one is a {@code Task<Void>}
 */
@FunctionalInterface
public interface Task<R extends @Nullable Object> {

  /**
   * Computes the result. Called for each attempt: once at most for each submission, unless its
   * {@link TaskOptions} have a retry or a hedge. A hedge may run it twice at a time. Called on a
   * worker thread, unless the task is {@link #blocking}, or its {@link TaskOptions#strategy()
   * strategy}, the engine's overflow policy or {@link EngineConfig#isolateThreadLocals()} says
   * otherwise.
   *
   * @param context what the engine offers to this run; valid only until this method returns
   * @return the result
   * @throws Exception any failure; it becomes the {@link Outcome.Failure} of the handle, unless
   *     there is a further attempt or a fallback, or the handle has its outcome by then
   */
  R run(TaskContext context) throws Exception;

  /**
   * Makes a task of a body that has no result.
   *
   * @param body the body
   * @return a task whose result is {@code null}
   */
  static Task<@Nullable Void> action(TaskAction body) {
    return new ActionTask(requireNonNull(body, "body"));
  }

  /**
   * Makes a task of a function and its argument, as {@link TaskEngine#submitEach} does for each
   * item.
   *
   * @param function the function
   * @param item the argument
   * @param <T> the type of the argument
   * @param <R> the type of the result
   * @return a task that calls the function
   */
  static <T extends @Nullable Object, R extends @Nullable Object> Task<R> of(
      TaskFunction<? super T, ? extends R> function, T item) {
    return new AppliedTask<>(requireNonNull(function, "function"), item);
  }

  /**
   * Marks a task that blocks: unless its options say otherwise it runs on a virtual thread, at most
   * {@link EngineConfig#blockingLimit()} of an engine at a time, and keeps no worker.
   *
   * @param body the task
   * @param <R> the type of its result
   * @return a task that does the same and blocks
   */
  static <R extends @Nullable Object> Task<R> blocking(Task<R> body) {
    return new BlockingTask<>(requireNonNull(body, "body"));
  }

  /**
   * Adds what is to be done when a task has failed for good: after the last attempt and its
   * timeout, but not after a cancellation or the total timeout. The fallback is an attempt of its
   * own, with the same timeout, which is not tried again.
   *
   * @param body the task
   * @param fallback gets what the task failed with, and has its result or fails instead; its error
   *     has that of the task suppressed in it
   * @param <R> the type of the result
   * @return a task that does the same and does not fail so easily
   */
  static <R extends @Nullable Object> Task<R> fallback(
      Task<R> body, TaskFunction<? super Throwable, ? extends R> fallback) {
    return new FallbackTask<>(requireNonNull(body, "body"), requireNonNull(fallback, "fallback"));
  }
}
