// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.lincheck;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What an unbounded queue does when one thread uses it. */
public final class Fifo {

  private final ArrayDeque<Integer> elements = new ArrayDeque<>();

  /** For Lincheck. */
  public Fifo() {}

  /**
   * Puts in.
   *
   * @param element the element
   */
  public void offer(int element) {
    elements.addLast(element);
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
