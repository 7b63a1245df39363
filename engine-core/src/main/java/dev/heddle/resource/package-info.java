// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * What a task may hold, and how it is given back: {@link dev.heddle.resource.Limit} counts permits,
 * {@link dev.heddle.resource.ResourcePool} hands out things, {@link dev.heddle.resource.Lease} is
 * what its holder has of them.
 *
 * <p>Stability: incubating until 1.0.
 */
@NullMarked // as the module is; Kotlin reads it only here
package dev.heddle.resource;

import org.jspecify.annotations.NullMarked;
