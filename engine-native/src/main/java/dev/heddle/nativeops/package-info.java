// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Operations on numbers and texts: {@link dev.heddle.nativeops.MathOps}, {@link
 * dev.heddle.nativeops.StringOps}, got from {@link dev.heddle.nativeops.NativeOps}; tasks around
 * them, {@link dev.heddle.nativeops.NativeTask}.
 *
 * <p>Each operation has the same results, and the same errors, in C and in Java. Incubating.
 */
@NullMarked
package dev.heddle.nativeops;

import org.jspecify.annotations.NullMarked;
