// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.ErrorText;
import dev.heddle.resource.Resource;
import dev.heddle.resource.ResourcePool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Permits with an item each.
 *
 * @param <T> the type of an item
 */
public final class ResourcePoolImpl<T> extends ResourceImpl<T> implements ResourcePool<T> {

  /**
   * Makes a pool.
   *
   * @param name a name
   * @param items at least one, distinct
   */
  public ResourcePoolImpl(String name, Collection<? extends T> items) {
    super("pool", "item", name, new Permits(checked(items)));
  }

  private static List<?> checked(Collection<?> items) {
    List<Object> copy = new ArrayList<>();
    for (Object item : items) {
      copy.add(requireNonNull(item, "item"));
    }
    if (copy.isEmpty()) {
      throw new IllegalArgumentException(
          "items must be at least one: items=0 (a pool lends something)");
    }
    Object twice = Permits.twice(copy);
    if (twice != null) {
      throw new IllegalArgumentException(
          "items must be distinct: item="
              + ErrorText.quote(twice)
              + " (give each one once; two leases must not hold the same)");
    }
    return copy;
  }

  @Override
  Resource<T> self() {
    return this;
  }
}
