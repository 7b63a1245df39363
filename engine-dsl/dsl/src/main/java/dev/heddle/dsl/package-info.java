// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Definitions of tasks: by {@link dev.heddle.dsl.TaskDefinition#define}, step by step, or by
 * annotations on an interface, from which the processor makes the same.
 *
 * <p>Stability: incubating.
 */
@NullMarked // Kotlin reads it only here
package dev.heddle.dsl;

import org.jspecify.annotations.NullMarked;
