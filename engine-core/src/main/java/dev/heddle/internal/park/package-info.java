// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** The sleeping and waking of workers. See {@link dev.heddle.internal.park.IdleWorkers}. */
package dev.heddle.internal.park;
