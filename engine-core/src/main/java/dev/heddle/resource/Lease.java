// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resource;

import dev.heddle.error.ResourceException;
import dev.heddle.internal.resource.LeaseImpl;
import org.jspecify.annotations.Nullable;

/**
 * What somebody holds of a {@link Resource}, until it is closed. Close it in a {@code try}
 * statement.
 *
 * <p>What a task has acquired by its options or its context comes back at the end of its run at the
 * latest, however that ends; its lease cannot be used any longer then. A lease that was taken from
 * the {@link Resource} itself, in a body, too, belongs to no task: if it is forgotten, it is never
 * given back.
 *
 * <p>Threads: any may use it and close it, one at a time.
 *
 * @param <T> the type of what it holds
 */
public sealed interface Lease<T extends @Nullable Object> extends AutoCloseable permits LeaseImpl {

  /**
   * Returns what is held.
   *
   * @return the item of a pool; {@code null} for a limit
   * @throws ResourceException if the lease is closed ({@code LEASE_MISUSE})
   */
  T value();

  /**
   * Returns of what this is a lease.
   *
   * @return the resource
   */
  Resource<T> resource();

  /**
   * Returns how much is held.
   *
   * @return permits of a limit; 1 for a pool
   */
  int permits();

  /**
   * Puts another item in the place of the one that is held, which is broken: {@link #value()}
   * returns the other one now, and the pool gets that back. The caller has to dispose of the broken
   * one.
   *
   * @param other an item that the pool does not have
   * @throws IllegalArgumentException if the pool has it already
   * @throws ResourceException if the lease is closed ({@code LEASE_MISUSE})
   */
  void replace(T other);

  /**
   * Gives everything back and lets those who wait for it go on: their tasks are queued by the
   * calling thread. Does not wait.
   *
   * @throws ResourceException if the lease is closed, by its holder or by the end of the task
   *     ({@code LEASE_MISUSE}); nothing is given back twice
   */
  @Override
  void close();
}
