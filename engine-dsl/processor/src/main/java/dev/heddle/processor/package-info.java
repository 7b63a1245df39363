// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Writes tasks for the annotations of {@link dev.heddle.dsl}: one reader, which checks, one model,
 * one writer. Called by the compiler, not by programs.
 */
@NullMarked
package dev.heddle.processor;

import org.jspecify.annotations.NullMarked;
