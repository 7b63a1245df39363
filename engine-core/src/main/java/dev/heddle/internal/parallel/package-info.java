// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** The loops of {@link dev.heddle.fork.Parallel}: what they do with ranges. */
package dev.heddle.internal.parallel;
