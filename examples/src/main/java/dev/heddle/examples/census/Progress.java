// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

/** Shows how far a run is. Steps may be made by any thread. */
interface Progress extends AutoCloseable {

  /** Shows that one more package has been counted. */
  void step(ClassPackage counted);

  @Override
  void close();
}
