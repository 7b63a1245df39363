// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.queue;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/**
 * Linearizability of the overflow queue.
 *
 * <p>{@code offer} and {@code poll} are strict. {@code isEmpty} is relaxed on one side by contract:
 * {@code false} may mean an element that is still being put in. Its other side is strict, and
 * tested by looking before taking: {@code true} while the queue held an element all the time would
 * be an operation that has no place in any order.
 */
public final class OverflowQueueLincheckTest {

  private OverflowQueueLincheckTest() {}

  /** The operations, on whatever queue. */
  @Param(name = "element", gen = IntGen.class, conf = "1:5")
  abstract static class Operations {
    private final OverflowQueue<Integer> queue;

    Operations(OverflowQueue<Integer> queue) {
      this.queue = queue;
    }

    /**
     * Puts in.
     *
     * @param element the element
     */
    @Operation
    public void offer(@Param(name = "element") int element) {
      queue.offer(element);
    }

    /**
     * Takes out.
     *
     * @return the oldest element or {@code null}
     */
    @Operation
    public @Nullable Integer poll() {
      return queue.poll();
    }

    /**
     * Looks first, then takes out.
     *
     * @return the oldest element or {@code null}
     */
    @Operation
    public @Nullable Integer pollUnlessEmpty() {
      return queue.isEmpty() ? null : queue.poll();
    }
  }

  private static OverflowQueue<Integer> usedQueue(int slots) {
    OverflowQueue<Integer> queue = new OverflowQueue<>();
    for (int i = 0; i < slots; i++) {
      queue.offer(0);
      queue.poll();
    }
    return queue;
  }

  /** A new queue. */
  public static class Fresh extends Operations {
    /** For Lincheck. */
    public Fresh() {
      super(new OverflowQueue<>());
    }
  }

  /** A queue whose first segment has two slots left, so that scenarios cross into the next. */
  public static class AtBoundary extends Operations {
    /** For Lincheck. */
    public AtBoundary() {
      super(usedQueue(OverflowQueue.SEGMENT_SIZE - 2));
    }
  }

  /** The control: a producer that fills its slot without noticing that it was given up. */
  public static class PlainFill extends Operations {
    /** For Lincheck. */
    public PlainFill() {
      super(
          new OverflowQueue<>() {
            @Override
            boolean fill(@Nullable Object[] slots, int slot, Integer element) {
              slots[slot] = element;
              return true;
            }
          });
    }
  }
}
