// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import dev.heddle.MemorySize;
import dev.heddle.dsl.Default;
import dev.heddle.dsl.EngineSettings;
import dev.heddle.dsl.Range;

/**
 * What {@link BasicUsage} can be told, by system properties such as {@code -Dbasic.workers=4}.
 *
 * @param workers threads that run tasks
 * @param queueCapacity tasks that may wait; the program submits a hundred at once
 * @param memory off-heap bytes for its tasks
 * @param workStealing whether an idle worker helps the others
 */
@EngineSettings("basic")
record BasicSettings(
    @Default("8") @Range(max = "16") int workers,
    @Default("1000") @Range(min = "100") int queueCapacity,
    @Default("1MiB") MemorySize memory,
    @Default("true") boolean workStealing) {}
