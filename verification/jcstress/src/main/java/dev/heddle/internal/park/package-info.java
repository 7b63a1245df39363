// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Races of workers that go to sleep with those that wake them. */
package dev.heddle.internal.park;
