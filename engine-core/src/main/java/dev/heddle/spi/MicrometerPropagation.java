// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;

/**
 * What is registered with Micrometer's context propagation. The only class that touches that
 * library, which is optional.
 */
final class MicrometerPropagation implements ContextPropagation {

  /** Clears what the submitter had not: else a body would see it of another task. */
  private final ContextSnapshotFactory factory =
      ContextSnapshotFactory.builder().clearMissing(true).build();

  @Override
  public Captured capture() {
    ContextSnapshot snapshot = factory.captureAll();
    return () -> snapshot.setThreadLocals()::close;
  }
}
