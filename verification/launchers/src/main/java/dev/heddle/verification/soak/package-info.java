// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Programs that run for minutes or hours and print one line of result. */
package dev.heddle.verification.soak;
