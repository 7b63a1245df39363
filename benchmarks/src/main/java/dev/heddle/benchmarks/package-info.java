// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Benchmarks, one class a question. The contestant of a run is its {@code rival} parameter: {@code
 * heddle}, {@code forkJoinPool}, {@code threadPoolExecutor}, {@code virtualThreads}, {@code
 * disruptor} and others that its README lists, or {@code baseline} for the least that the machine
 * can do.
 *
 * <p>Each fork of JMH's runs one contestant, so that the calls through {@link
 * dev.heddle.benchmarks.Contestant} have one target and cost nothing. What a contestant runs has
 * several classes on purpose: an engine never knows its tasks.
 */
@NullMarked
package dev.heddle.benchmarks;

import org.jspecify.annotations.NullMarked;
