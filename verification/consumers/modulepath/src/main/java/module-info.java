// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** A program that is a module and needs no more than Heddle and its native operations. */
module consumer {
  requires dev.heddle.nativeops;
}
