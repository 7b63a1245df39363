// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Off-heap memory of running tasks, counted against the engine's budget. */
package dev.heddle.internal.memory;
