// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** What of forks is linearizable, in its own package to reach what is not public. */
package dev.heddle.internal.fork;
