// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Off-heap memory that tasks own, pass on and share: {@link dev.heddle.memory.OwnedSegment}.
 *
 * <p>Incubating: it may change in a minor version.
 */
package dev.heddle.memory;
