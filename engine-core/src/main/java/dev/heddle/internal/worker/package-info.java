// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * The engine itself: submission, workers, handles, groups, life cycle. Start with {@link
 * dev.heddle.internal.worker.TaskEngineImpl}.
 */
package dev.heddle.internal.worker;
