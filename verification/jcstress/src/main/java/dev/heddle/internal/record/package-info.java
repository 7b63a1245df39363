// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Races of what describes running tasks, in its own package to reach what is not public. */
package dev.heddle.internal.record;
