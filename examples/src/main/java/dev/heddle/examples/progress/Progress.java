// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.progress;

/** Shows how far a run is. Steps may be made by any thread. */
public interface Progress extends AutoCloseable {

  /**
   * Shows that more has been done.
   *
   * @param amount how much
   */
  void stepBy(long amount);

  @Override
  void close();
}
