// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Command lines of the examples. */
@NullMarked
package dev.heddle.examples.cli;

import org.jspecify.annotations.NullMarked;
