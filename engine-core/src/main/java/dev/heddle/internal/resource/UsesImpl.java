// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.ResourceException;
import dev.heddle.resource.Limit;
import dev.heddle.resource.Resource;
import dev.heddle.resource.Uses;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Needs in the order of their names.
 *
 * @param inOrder no name twice
 */
public record UsesImpl(List<Use> inOrder) implements Uses {

  /** Nothing. */
  public static final Uses NONE = new UsesImpl(List.of());

  /**
   * One need.
   *
   * @param resource of what
   * @param permits how many
   */
  public record Use(Resource<?> resource, int permits) {}

  /** Copies the list. */
  public UsesImpl {
    inOrder = List.copyOf(inOrder);
  }

  @Override
  public Uses and(Resource<?> resource) {
    return with(requireNonNull(resource, "resource"), 1);
  }

  @Override
  public Uses and(Limit limit, int permits) {
    return with(requireNonNull(limit, "limit"), permits);
  }

  private Uses with(Resource<?> resource, int permits) {
    ResourceImpl.of(resource).checkWanted(permits);
    String name = resource.name();
    int at = 0;
    while (at < inOrder.size() && inOrder.get(at).resource.name().compareTo(name) < 0) {
      at++;
    }
    if (at < inOrder.size() && inOrder.get(at).resource.name().equals(name)) {
      boolean same = inOrder.get(at).resource == resource;
      throw ResourceException.outOfOrder(
          "resources of a task must have different names: name="
              + name
              + (same
                  ? " (ask once, for several permits)"
                  : " (there are two of that name: rename one, so that there is an order)"));
    }
    List<Use> uses = new ArrayList<>(inOrder);
    uses.add(at, new Use(resource, permits));
    return new UsesImpl(uses);
  }

  @Override
  public boolean isEmpty() {
    return inOrder.isEmpty();
  }

  @Override
  public String toString() {
    return inOrder.stream()
        .map(use -> use.resource.name() + (use.permits == 1 ? "" : " x " + use.permits))
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
