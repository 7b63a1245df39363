// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Races of segments that are passed on and shared. */
package dev.heddle.internal.memory;
