// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * What every internal package may use: the seam between the engine and the machine, and small
 * helpers. Depends on nothing of the engine.
 */
package dev.heddle.internal.util;
