// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.ResourceException;
import dev.heddle.resource.Lease;
import dev.heddle.resource.Resource;
import org.jspecify.annotations.Nullable;

/**
 * A lease, from the request for it to its end. Its holder sees it when it is open. The argument is
 * in {@link Permits}.
 *
 * @param <T> the type of what it holds
 */
public final class LeaseImpl<T extends @Nullable Object> implements Lease<T> {

  /** How far a lease has come; the arrows are in {@link Permits}. */
  enum State {
    NEW,
    WAITING,
    OPEN,
    WITHDRAWN,
    CLOSED,
    ENDED
  }

  final ResourceImpl<T> resource;
  final int permits;
  private final @Nullable HeldLeases holder;
  final boolean ofUses; // comes back at the end of the run without a word
  private final Runnable waiter;

  volatile State state = State.NEW; // these five: see Permits
  @Nullable LeaseImpl<?> before;
  @Nullable LeaseImpl<?> after;
  Permits.@Nullable Slot slot;
  @Nullable Object item; // published by state

  /**
   * Makes a lease that is not open.
   *
   * @param holder the run that it belongs to; none for a thread outside of tasks
   * @param waiter told by another thread that the lease is open now, or that somebody else than
   *     itself has withdrawn it; short, does not wait, does not throw
   */
  LeaseImpl(
      ResourceImpl<T> resource,
      int permits,
      @Nullable HeldLeases holder,
      boolean ofUses,
      Runnable waiter) {
    this.resource = resource;
    this.permits = permits;
    this.holder = holder;
    this.ofUses = ofUses;
    this.waiter = waiter;
  }

  void granted() {
    waiter.run();
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  /** Withdraws, unless it is too late. */
  boolean withdraw() {
    return leave(State.WITHDRAWN);
  }

  /** Gives everything back, unless that has been done. */
  boolean end(State end) {
    return leave(end);
  }

  private boolean leave(State to) {
    LeaseImpl<?> opened = resource.permits.leave(this, to);
    if (opened == this) {
      return false;
    }
    try {
      if (holder != null) {
        holder.forget(this);
      }
    } finally {
      if (opened != null) {
        Grants.deliver(opened);
      }
    }
    return true;
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"}) // an item of the pool, or null for a limit
  public T value() {
    if (!isOpen()) {
      throw misuse();
    }
    return (T) item;
  }

  @Override
  public Resource<T> resource() {
    return resource.self();
  }

  @Override
  public int permits() {
    return permits;
  }

  @Override
  public void replace(T other) {
    requireNonNull(other, "other");
    if (!resource.permits.replace(this, other, resource.name)) {
      throw misuse();
    }
  }

  @Override
  public void close() {
    if (!end(State.CLOSED)) {
      throw misuse();
    }
  }

  private ResourceException misuse() {
    return ResourceException.misuse(
        "lease is for its holder until it is closed: "
            + resource.kind
            + "="
            + resource.name
            + ", state="
            + (state == State.ENDED ? "given back by the end of its task" : "closed")
            + " (close it once, and acquire another one for further use)");
  }

  @Override
  public String toString() {
    return "Lease["
        + resource.kind
        + "="
        + resource.name
        + ", permits="
        + permits
        + ", state="
        + state
        + "]";
  }
}
