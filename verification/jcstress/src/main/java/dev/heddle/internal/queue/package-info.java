// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Races of the overflow queue. */
package dev.heddle.internal.queue;
