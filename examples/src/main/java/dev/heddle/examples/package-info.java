// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Small programs that show the engine at work. Each checks its own result and is run by the build:
 * {@link dev.heddle.examples.BasicUsage} is the one to read first, {@link
 * dev.heddle.examples.AdvancedFeatures} the next, {@link dev.heddle.examples.PrometheusText} shows
 * an engine to a monitoring system, {@link dev.heddle.examples.fetcher} waits for a web server,
 * {@link dev.heddle.examples.census} is a batch of real work, and {@link
 * dev.heddle.examples.performance} measures.
 */
@NullMarked
package dev.heddle.examples;

import org.jspecify.annotations.NullMarked;
