// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Runs the tests of linearizability and judges them. */
package dev.heddle.verification.lincheck;
