// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import dev.heddle.error.InvalidNameException;
import dev.heddle.error.ResourceException;
import dev.heddle.error.TaskInterruptedException;
import dev.heddle.internal.util.Durations;
import dev.heddle.internal.util.Seam;
import dev.heddle.resource.Lease;
import dev.heddle.resource.Resource;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What limits and pools have in common: a name, permits, and threads that wait for them.
 *
 * @param <T> the type of what a lease holds
 */
public abstract sealed class ResourceImpl<T extends @Nullable Object>
    permits LimitImpl, ResourcePoolImpl {

  /** The waiter of a lease that does not wait. */
  static final Runnable NOBODY = () -> {};

  final String kind;
  final String unit;
  final String name;
  final Permits permits;

  ResourceImpl(String kind, String unit, String name, Permits permits) {
    this.kind = kind;
    this.unit = unit;
    this.name = InvalidNameException.check("name", name);
    this.permits = permits;
  }

  /** Returns what is behind a resource. */
  @SuppressWarnings("unchecked") // the two classes that Resource permits extend this one
  static <T extends @Nullable Object> ResourceImpl<T> of(Resource<T> resource) {
    return (ResourceImpl<T>) (Object) resource;
  }

  abstract Resource<T> self();

  /**
   * Returns the name.
   *
   * @return the name
   */
  public final String name() {
    return name;
  }

  /**
   * Returns how much there is.
   *
   * @return permits
   */
  public final int capacity() {
    return permits.capacity();
  }

  /**
   * Returns how much is free.
   *
   * @return permits
   */
  public final int available() {
    return permits.available();
  }

  /**
   * Returns how many wait.
   *
   * @return leases
   */
  public final int waiting() {
    return permits.waiting();
  }

  /**
   * Takes one.
   *
   * @return the lease, if there was one
   */
  public final Optional<Lease<T>> tryAcquire() {
    return tryTake(1);
  }

  /**
   * Takes one, waits for it.
   *
   * @param atMost how long
   * @return the lease
   */
  public final Lease<T> acquire(Duration atMost) {
    return takeOrWait(1, atMost);
  }

  final Optional<Lease<T>> tryTake(int wanted) {
    LeaseImpl<T> lease = new LeaseImpl<>(this, checkWanted(wanted), null, false, NOBODY);
    return permits.take(lease, false) ? Optional.of(lease) : Optional.empty();
  }

  final Lease<T> takeOrWait(int wanted, Duration atMost) {
    long nanos = Durations.waitNanos("atMost", atMost);
    LeaseImpl<T> lease = forThisThread(checkWanted(wanted), null);
    if (await(lease, nanos)) {
      return lease;
    }
    throw timedOut(wanted, atMost);
  }

  /** Makes a lease for which the calling thread will wait. */
  final LeaseImpl<T> forThisThread(int wanted, @Nullable HeldLeases holder) {
    Thread self = Thread.currentThread();
    return new LeaseImpl<>(this, wanted, holder, false, () -> Seam.unpark(self));
  }

  /**
   * Opens a lease of the calling thread, which parks as long as it has to wait.
   *
   * @return {@code false} if the time is over or somebody else has withdrawn the lease; it is
   *     withdrawn then
   */
  final boolean await(LeaseImpl<T> lease, long nanos) {
    if (permits.take(lease, nanos > 0)) {
      return true;
    }
    long deadline = Seam.nanoTime() + nanos;
    boolean done = false;
    try {
      while (lease.state == LeaseImpl.State.WAITING) {
        if (Thread.currentThread().isInterrupted()) {
          if (lease.withdraw()) {
            throw interrupted(lease.permits);
          }
        } else if (nanos == Durations.FOR_EVER) {
          Seam.park(this);
        } else {
          long left = deadline - Seam.nanoTime();
          if (left <= 0) {
            lease.withdraw();
          } else {
            Seam.parkNanos(this, left);
          }
        }
      }
      done = true;
    } finally {
      if (!done && !lease.withdraw()) { // whatever was thrown: nobody would have the lease
        lease.end(LeaseImpl.State.CLOSED);
      }
    }
    if (lease.state == LeaseImpl.State.NEW) {
      lease.withdraw();
    }
    return lease.isOpen();
  }

  private TaskInterruptedException interrupted(int wanted) {
    return new TaskInterruptedException(
        "interrupted while waiting for a resource: "
            + kind
            + "="
            + name
            + ", permits="
            + wanted
            + " (nothing is held; the thread's interrupt status is set)",
        new InterruptedException());
  }

  /** What to throw when the time is over. */
  final ResourceException timedOut(int wanted, Duration atMost) {
    return ResourceException.timedOut(
        kind
            + " was not free in time: "
            + kind
            + "="
            + name
            + ", permits="
            + wanted
            + ", atMost="
            + atMost
            + ", capacity="
            + capacity()
            + ", available="
            + available()
            + ", waiting="
            + waiting()
            + " (wait longer, close leases earlier, or raise the capacity)");
  }

  /** Returns a number of permits, checked. */
  final int checkWanted(int wanted) {
    if (wanted < 1) {
      throw new IllegalArgumentException(
          "permits must be at least 1: permits=" + wanted + " (ask for what the work needs)");
    }
    if (wanted > 1 && this instanceof ResourcePoolImpl) {
      throw new IllegalArgumentException(
          "permits of a pool must be 1: permits="
              + wanted
              + ", pool="
              + name
              + " (acquire a lease for each item)");
    }
    if (wanted > permits.capacity()) {
      throw new IllegalArgumentException(
          "permits must be at most the capacity: permits="
              + wanted
              + ", "
              + kind
              + "="
              + name
              + ", capacity="
              + permits.capacity()
              + " (ask for less, or raise the capacity)");
    }
    return wanted;
  }

  @Override
  public final String toString() {
    return kind
        + " "
        + name
        + ": capacity="
        + capacity()
        + ", available="
        + available()
        + ", waiting="
        + waiting();
  }
}
