// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * The errors of the engine, under one catchable root: {@link dev.heddle.error.TaskException}.
 *
 * <p>A message reads {@code rule in words: name=value (what to do)}; values are cut to 128
 * characters and escaped, so one message is one line. Programs should look at the type or at {@link
 * dev.heddle.error.TaskException#code()}, never at the text. Arguments that are {@code null} or out
 * of range get the JDK's {@link java.lang.NullPointerException} and {@link
 * java.lang.IllegalArgumentException}.
 *
 * <p>A task that has failed comes with its story: {@link dev.heddle.error.FailureContext}, as text
 * below the message, as data, and as plain maps for logs and other processes ({@link
 * dev.heddle.error.TaskException#toMap()}). What its body threw is the cause: the same object, in
 * which nothing is changed but what it suppresses. There the engine may add what else went wrong:
 * that the retry budget is spent, what the other attempt of a hedge or the task before its fallback
 * has failed with, what a predicate threw. An exception that is kept and thrown again collects
 * these. {@link dev.heddle.error.TaskException#toJdk()} and {@link
 * dev.heddle.error.TaskException#of} lead to the JDK's exceptions and back.
 *
 * <p>Stability: incubating until 1.0.
 */
@NullMarked // as the module is; Kotlin reads it only here
package dev.heddle.error;

import org.jspecify.annotations.NullMarked;
