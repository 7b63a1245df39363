// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * What others implement: what to do when an engine is full, where a task runs, and what it takes
 * along.
 *
 * <p>Stability: incubating until 1.0.
 */
@NullMarked // as the module is; Kotlin reads it only here
package dev.heddle.spi;

import org.jspecify.annotations.NullMarked;
