// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Tasks that wait: fetches many pages of a web server, a few at a time.
 *
 * <p>{@link dev.heddle.examples.fetcher.Fetcher} is the program. A {@link
 * dev.heddle.examples.fetcher.Page} says what its answer has to be, a {@link
 * dev.heddle.examples.fetcher.LocalServer} answers and counts how many ask at a time, and {@link
 * dev.heddle.examples.fetcher.Totals} are what the fetched pages add up to.
 */
@NullMarked
package dev.heddle.examples.fetcher;

import org.jspecify.annotations.NullMarked;
