// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Frames of forks, and how idle workers take them. */
package dev.heddle.internal.fork;
