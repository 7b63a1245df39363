// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Seeing inside an engine: its books as a snapshot, and a binder for Micrometer.
 *
 * <p>Stability: incubating until 1.0.
 */
@NullMarked // as the module is; Kotlin reads it only here
package dev.heddle.observe;

import org.jspecify.annotations.NullMarked;
