// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * How fast the engine is on this machine, beside executors of the JDK, with pictures.
 *
 * <p>{@link dev.heddle.examples.performance.PerformanceDemo} is the program. A {@link
 * dev.heddle.examples.performance.Contestant} runs {@link dev.heddle.examples.performance.Digest}
 * tasks, {@link dev.heddle.examples.performance.Rate} says how many a second, {@link
 * dev.heddle.examples.performance.Dispatch} how long they waited to start, and {@link
 * dev.heddle.examples.performance.Charts} draws both. Figures that are compared with others belong
 * into the benchmarks: this is to see and to try.
 */
@NullMarked
package dev.heddle.examples.performance;

import org.jspecify.annotations.NullMarked;
