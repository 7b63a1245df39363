// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** What runs where: one record of 128 off-heap bytes for each task that runs. */
package dev.heddle.internal.record;
