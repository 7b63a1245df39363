// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Tests of the adapters, with the libraries and an engine. */
@NullMarked
package dev.heddle.resilience;

import org.jspecify.annotations.NullMarked;
