// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Permits, the leases of them, and who waits for them; knows nothing of workers. */
package dev.heddle.internal.resource;
