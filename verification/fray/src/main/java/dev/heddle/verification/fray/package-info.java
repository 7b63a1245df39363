// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Scenarios of the whole engine under schedules that Fray chooses. */
package dev.heddle.verification.fray;
