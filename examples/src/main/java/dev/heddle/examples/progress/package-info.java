// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Progress bars of the examples. */
@NullMarked
package dev.heddle.examples.progress;

import org.jspecify.annotations.NullMarked;
