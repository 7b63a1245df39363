// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.queue;

import dev.heddle.verification.lincheck.BoundedFifo;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/** Linearizability of the one JCTools queue that the engine uses, as an inbox of two places. */
public final class MpmcQueueLincheckTest {

  private MpmcQueueLincheckTest() {}

  /**
   * Strict {@code offer} and {@code poll}; {@code isEmpty} as in {@link OverflowQueueLincheckTest}.
   */
  @Param(name = "element", gen = IntGen.class, conf = "1:5")
  public static class Strict {
    final MpmcVarHandleArrayQueue<Integer> queue =
        new MpmcVarHandleArrayQueue<>(BoundedFifo.CAPACITY);

    /** For Lincheck. */
    public Strict() {}

    /**
     * Puts in.
     *
     * @param element the element
     * @return whether there was a place
     */
    @Operation
    public boolean offer(@Param(name = "element") int element) {
      return queue.offer(element);
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

  /**
   * {@code relaxedPoll} may say "nothing" beside an element whose producer is late, so its {@code
   * null} has no place in an order; what it does return is strict. Here its {@code null} is
   * followed by a strict poll.
   */
  @Param(name = "element", gen = IntGen.class, conf = "1:5")
  public static class RelaxedPoll {
    private final MpmcVarHandleArrayQueue<Integer> queue =
        new MpmcVarHandleArrayQueue<>(BoundedFifo.CAPACITY);

    /** For Lincheck. */
    public RelaxedPoll() {}

    /**
     * Puts in.
     *
     * @param element the element
     * @return whether there was a place
     */
    @Operation
    public boolean offer(@Param(name = "element") int element) {
      return queue.offer(element);
    }

    /**
     * Takes out by relaxedPoll, or by poll if that says nothing.
     *
     * @return the oldest element or {@code null}
     */
    @Operation
    public @Nullable Integer poll() {
      Integer element = queue.relaxedPoll();
      return element != null ? element : queue.poll();
    }
  }
}
