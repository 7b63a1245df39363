// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resource;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.InvalidNameException;
import dev.heddle.internal.resource.ResourcePoolImpl;
import java.util.Collection;

/**
 * Things that are lent, one a lease. The one that came back last is lent first, so that those of
 * which there is no need stay cold. A broken one is replaced by its holder: {@link Lease#replace}.
 *
 * <p>The pool never closes its items: who has made them does, when no lease is open any more.
 *
 * @param <T> the type of an item
 */
public sealed interface ResourcePool<T> extends Resource<T> permits ResourcePoolImpl {

  /**
   * Makes a pool that lends out the given items, the first one first.
   *
   * @param name 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}
   * @param items at least one; none twice, by identity
   * @param <T> the type of an item
   * @return the pool
   * @throws InvalidNameException if the name is not like that
   * @throws IllegalArgumentException if there is no item, or one is there twice
   */
  static <T> ResourcePool<T> of(String name, Collection<? extends T> items) {
    return new ResourcePoolImpl<>(requireNonNull(name, "name"), requireNonNull(items, "items"));
  }
}
