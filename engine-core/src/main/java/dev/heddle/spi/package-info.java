// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * What others implement: what to do when an engine is full, and where a task runs.
 *
 * <p>Stability: incubating until 1.0.
 */
@NullMarked // as the module is; Kotlin reads it only here
package dev.heddle.spi;

import org.jspecify.annotations.NullMarked;
