// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

import dev.heddle.spi.ContextPropagation.Captured;
import dev.heddle.spi.ContextPropagation.Restored;

/** Nothing to take along, in each of its three roles. */
enum NoContext implements ContextPropagation, Captured, Restored {
  INSTANCE;

  @Override
  public Captured capture() {
    return this;
  }

  @Override
  public Restored restore() {
    return this;
  }

  @Override
  public void close() {}
}
