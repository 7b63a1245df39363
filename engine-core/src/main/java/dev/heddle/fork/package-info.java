// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Fork/join: recursions whose branches may run on several workers, at about the price of a call a
 * branch; and loops that need no grain size.
 *
 * <p>A branch is a function of a {@link dev.heddle.fork.ForkScope}; to fork is to call one of its
 * {@code join} methods. Computations start at {@link dev.heddle.TaskEngine#computeLong}, loops at
 * {@link dev.heddle.TaskEngine#parallel}.
 *
 * <p>Stability: incubating until 1.0.
 */
@NullMarked
package dev.heddle.fork;

import org.jspecify.annotations.NullMarked;
