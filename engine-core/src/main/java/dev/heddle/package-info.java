// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * The API of the engine: build a {@link dev.heddle.TaskEngine}, submit a {@link dev.heddle.Task},
 * look at its {@link dev.heddle.TaskHandle} and its {@link dev.heddle.Outcome}.
 *
 * <p>Stability: incubating until 1.0. Every public type states its threads; where nothing is said,
 * a {@code null} argument is a {@link java.lang.NullPointerException} that names the parameter.
 *
 * <p>Memory consistency, for all of this package: what a thread did before it submitted a task
 * happens-before the task's body; what the body did happens-before the return of any method that
 * reports its outcome ({@code join}, {@code get}, {@code outcome}, {@code isDone() == true}, a
 * callback).
 */
@NullMarked // as the module is; Kotlin reads it only here
package dev.heddle;

import org.jspecify.annotations.NullMarked;
