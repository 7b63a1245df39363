// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Off-heap memory that tasks own, pass on and share: {@link dev.heddle.memory.OwnedSegment}.
 *
 * <p>Stability: incubating until 1.0.
 */
@NullMarked // as the module is; Kotlin reads it only here
package dev.heddle.memory;

import org.jspecify.annotations.NullMarked;
