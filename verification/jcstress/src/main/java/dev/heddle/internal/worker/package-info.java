// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Races of handles: their publication and their cancellation. */
package dev.heddle.internal.worker;
