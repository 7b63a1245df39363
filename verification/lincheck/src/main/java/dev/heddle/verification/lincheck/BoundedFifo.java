// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.lincheck;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What a queue of two places does when one thread uses it. */
public final class BoundedFifo {

  /** The smallest that JCTools has. */
  public static final int CAPACITY = 2;

  private final ArrayDeque<Integer> elements = new ArrayDeque<>();

  /** For Lincheck. */
  public BoundedFifo() {}

  /**
   * Puts in.
   *
   * @param element the element
   * @return whether there was a place
   */
  public boolean offer(int element) {
    return elements.size() < CAPACITY && elements.add(element);
  }

  /**
   * Takes out.
   *
   * @return the oldest element or {@code null}
   */
  public @Nullable Integer poll() {
    return elements.pollFirst();
  }

  /**
   * Looks first, then takes out; alone, that is the same.
   *
   * @return the oldest element or {@code null}
   */
  public @Nullable Integer pollUnlessEmpty() {
    return poll();
  }
}
