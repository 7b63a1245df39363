// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Queues that JCTools does not have. See {@link dev.heddle.internal.queue.OverflowQueue}. */
package dev.heddle.internal.queue;
