// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Tests of the native operations: each contract is run on both providers. */
package dev.heddle.nativeops;
