// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Circuit breakers and rate limiters of other libraries around tasks: {@link
 * dev.heddle.resilience.Resilience4jTasks}, {@link dev.heddle.resilience.FailsafeTasks}.
 * Incubating.
 */
@NullMarked
package dev.heddle.resilience;

import org.jspecify.annotations.NullMarked;
