// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import dev.heddle.resource.Lease;
import dev.heddle.resource.Limit;
import dev.heddle.resource.Resource;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Permits without items. */
public final class LimitImpl extends ResourceImpl<@Nullable Void> implements Limit {

  /**
   * Makes a limit.
   *
   * @param name a name
   * @param permits at least 1
   */
  public LimitImpl(String name, int permits) {
    this(name, new Permits(atLeastOne(permits)));
  }

  /** For tests: with permits of another kind. */
  LimitImpl(String name, Permits permits) {
    super("limit", "permit", name, permits);
  }

  private static int atLeastOne(int permits) {
    if (permits < 1) {
      throw new IllegalArgumentException(
          "permits must be at least 1: permits=" + permits + " (a limit lets somebody in)");
    }
    return permits;
  }

  @Override
  Resource<@Nullable Void> self() {
    return this;
  }

  @Override
  public Optional<Lease<@Nullable Void>> tryAcquire(int permits) {
    return tryTake(permits);
  }

  @Override
  public Lease<@Nullable Void> acquire(int permits, Duration atMost) {
    return takeOrWait(permits, atMost);
  }
}
