// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Stress tests of setting and cancelling timers. */
package dev.heddle.internal.timer;
