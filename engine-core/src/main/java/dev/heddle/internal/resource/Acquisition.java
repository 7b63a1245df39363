// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import dev.heddle.internal.resource.UsesImpl.Use;
import dev.heddle.resource.Resource;
import dev.heddle.resource.Uses;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Acquires what a task uses before it is queued, one after the other in the order of names. Holds
 * no thread while it waits.
 */
/*
 * Roles.        next: of the thread that starts and, after a wait, of the one that grants; there is one at a time, and the
 *               lock of the permits is between them. state: one CAS decides between "all is held" and "withdrawn".
 * Withdrawing.  Takes that step and ends the run's books (HeldLeases), where each lease is found that has a permit, waits or is
 *               about to. Whoever goes on acquiring meanwhile is refused by the books, or finds its lease withdrawn, or
 *               loses the CAS; then it stops, and has nothing to give back.
 * No recursion. What is there at once is taken in a loop; waiters are told in the loop of Grants.
 * Evidence.     AcquisitionTest, AcquisitionStressTest.
 */
public final class Acquisition {

  private enum State {
    ACQUIRING,
    HELD,
    WITHDRAWN
  }

  private final List<Use> uses;
  private final HeldLeases held;
  private final Runnable whenHeld;
  private final AtomicReference<State> state = new AtomicReference<>(State.ACQUIRING);
  private int next;

  /**
   * Prepares to acquire; takes nothing.
   *
   * @param uses what
   * @param held the books of the run, which are empty
   * @param whenHeld called once, by the thread that has given the last permit back, if the start
   *     had to wait and nobody has withdrawn; short, waits for nothing, runs no body, throws
   *     nothing
   */
  public Acquisition(Uses uses, HeldLeases held, Runnable whenHeld) {
    this.uses =
        switch (uses) {
          case UsesImpl impl -> impl.inOrder();
        };
    this.held = held;
    this.whenHeld = whenHeld;
  }

  /**
   * Starts; to be called once. Never waits.
   *
   * @return {@code true} if all is held now: the callback is not called then. {@code false} if it
   *     waits, or has been withdrawn
   */
  public boolean start() {
    return advance();
  }

  private boolean advance() {
    while (next < uses.size()) {
      Use use = uses.get(next++);
      if (!take(use.resource(), use.permits())) {
        return false;
      }
    }
    return state.compareAndSet(State.ACQUIRING, State.HELD);
  }

  private <T extends @Nullable Object> boolean take(Resource<T> resource, int permits) {
    ResourceImpl<T> of = ResourceImpl.of(resource);
    LeaseImpl<T> lease = new LeaseImpl<>(of, permits, held, true, this::granted);
    if (!held.add(lease)) {
      return false;
    }
    return of.permits.take(lease, true); // not isOpen(): who grants it meanwhile goes on instead
  }

  private void granted() {
    if (advance()) {
      whenHeld.run();
    }
  }

  /**
   * Withdraws, unless all is held: gives back what is held, and the callback is never called.
   *
   * @return whether it was in time; if not, the callback has been called or is about to be, or the
   *     start has returned or is about to return {@code true}
   */
  public boolean withdraw() {
    if (!state.compareAndSet(State.ACQUIRING, State.WITHDRAWN)) {
      return false;
    }
    held.releaseAll();
    return true;
  }
}
