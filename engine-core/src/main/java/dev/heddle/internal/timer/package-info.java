// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** One thread that calls back at given times. See {@link dev.heddle.internal.timer.Timers}. */
package dev.heddle.internal.timer;
