// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * The two providers of the operations, and how the library is found and called. {@link
 * dev.heddle.nativeops.internal.Library} holds all downcalls.
 */
@NullMarked
package dev.heddle.nativeops.internal;

import org.jspecify.annotations.NullMarked;
