// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

/**
 * What {@link MathOps#statistics} finds out about some values.
 *
 * @param count how many there are
 * @param mean their mean; NaN without values
 * @param variance of a sample: the sum of the squared deviations, divided by {@code count - 1}; NaN
 *     with fewer than two values
 * @param min the least; NaN without values, or if one is NaN; a zero is 0.0, not -0.0
 * @param max the greatest, likewise
 */
public record Statistics(long count, double mean, double variance, double min, double max) {}
