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
 * <p>Stability: incubating until 1.0.
 */
@NullMarked // as the module is; Kotlin reads it only here
package dev.heddle.error;

import org.jspecify.annotations.NullMarked;
