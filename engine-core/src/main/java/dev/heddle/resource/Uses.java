// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resource;

import dev.heddle.error.ResourceException;
import dev.heddle.internal.resource.UsesImpl;

/**
 * What a task needs before it starts. Immutable. They are acquired one after the other in the order
 * of their names, whatever order they are given in here.
 */
public sealed interface Uses permits UsesImpl {

  /**
   * Returns the needs of a task that needs nothing.
   *
   * @return nothing
   */
  static Uses none() {
    return UsesImpl.NONE;
  }

  /**
   * Returns these and one permit or item more.
   *
   * @param resource of what
   * @return new needs
   * @throws ResourceException if there is a resource of that name already ({@code RESOURCE_ORDER}),
   *     for there is no order between the two
   */
  Uses and(Resource<?> resource);

  /**
   * Returns these and several permits more.
   *
   * @param limit of what
   * @param permits how many, 1 to the capacity of the limit
   * @return new needs
   * @throws ResourceException if there is a resource of that name already ({@code RESOURCE_ORDER})
   * @throws IllegalArgumentException if the number is out of range
   */
  Uses and(Limit limit, int permits);

  /**
   * Tells whether nothing is needed.
   *
   * @return whether nothing is
   */
  boolean isEmpty();
}
