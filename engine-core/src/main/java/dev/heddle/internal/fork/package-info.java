// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Frames of forks and parts of loops, and how idle workers take them. */
package dev.heddle.internal.fork;
