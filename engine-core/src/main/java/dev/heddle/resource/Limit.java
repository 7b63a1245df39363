// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resource;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.InvalidNameException;
import dev.heddle.error.ResourceException;
import dev.heddle.error.TaskInterruptedException;
import dev.heddle.internal.resource.LimitImpl;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A number of permits: bounds how many do something at the same time. Its leases hold no value.
 *
 * <p>In a body, use {@link dev.heddle.TaskContext#acquire(Limit, int, Duration) context.acquire}: a
 * lease that is taken by {@link #tryAcquire(int)} or {@link #acquire(int, Duration)} is not the
 * task's, see {@link Resource}.
 *
 * {@snippet class="dev.heddle.ResourceSnippets" region="limit"}
 */
public sealed interface Limit extends Resource<@Nullable Void> permits LimitImpl {

  /**
   * Makes a limit of which nothing is taken.
   *
   * @param name 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}
   * @param permits how many there are, at least 1
   * @return the limit
   * @throws InvalidNameException if the name is not like that
   * @throws IllegalArgumentException if there would be less than one permit
   */
  static Limit of(String name, int permits) {
    return new LimitImpl(requireNonNull(name, "name"), permits);
  }

  /**
   * Takes several permits, all or none, if there are as many and nobody waits; for threads outside
   * of tasks. Never waits.
   *
   * @param permits how many, 1 to {@link #capacity()}
   * @return what is held now, which the caller has to close; empty if there were too few
   * @throws IllegalArgumentException if the number is out of range
   */
  Optional<Lease<@Nullable Void>> tryAcquire(int permits);

  /**
   * Takes several permits, all at once; for threads outside of tasks. Parks the calling thread
   * until its turn has come.
   *
   * @param permits how many, 1 to {@link #capacity()}
   * @param atMost how long to wait; zero for not at all
   * @return what is held now, which the caller has to close
   * @throws ResourceException if the time is over ({@code RESOURCE_TIMEOUT})
   * @throws TaskInterruptedException if the thread is interrupted while it waits
   * @throws IllegalArgumentException if the number is out of range, or the time negative
   */
  Lease<@Nullable Void> acquire(int permits, Duration atMost);
}
