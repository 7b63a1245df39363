// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Judges a run of jcstress: outcomes, and controls that must be seen to fail. */
package dev.heddle.verification.jcstress;
