// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Linearizability of the queues, in their own package to reach what is not public. */
package dev.heddle.internal.queue;
