// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import java.time.Duration;

/** The settings that the documentation of this package shows. */
final class EngineSettingsSnippets {

  private EngineSettingsSnippets() {}

  // @start region="orders"
  /**
   * What an order service can be told.
   *
   * @param workers threads that compute
   * @param uploads pictures that go up at a time
   * @param patience how long a customer waits
   */
  @EngineSettings("orders")
  record OrderSettings(
      @Default("4") @Range(max = "64") int workers, // an option of the engine
      @Default("5") @Range(min = "1", max = "1000") int uploads,
      @Default("30s") Duration patience) {}
  // @end
}
