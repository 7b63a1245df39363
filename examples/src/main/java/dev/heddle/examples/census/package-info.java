// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * A census of class files: a batch of real work on the engine, checked against a sequential run.
 *
 * <p>{@link dev.heddle.examples.census.Census} is the program. A {@link
 * dev.heddle.examples.census.ClassSource} lists packages of class files, a {@link
 * dev.heddle.examples.census.PackageCounter} counts one package into a {@link
 * dev.heddle.examples.census.Tally}, a {@link dev.heddle.examples.census.Run} does so for all
 * packages, and a {@link dev.heddle.examples.census.Report} says what came out.
 */
@NullMarked
package dev.heddle.examples.census;

import org.jspecify.annotations.NullMarked;
