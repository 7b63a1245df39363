// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Races of forks and of parts of loops. */
package dev.heddle.internal.fork;
