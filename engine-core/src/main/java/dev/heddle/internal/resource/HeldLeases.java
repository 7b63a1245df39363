// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import dev.heddle.error.ResourceException;
import dev.heddle.internal.util.Durations;
import dev.heddle.resource.Lease;
import dev.heddle.resource.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one run of a task holds and waits for. Made for one run, ended by {@link #releaseAll}. Safe
 * for use by any thread; acquiring is for one thread at a time, or the order is checked too late.
 */
/*
 * Roles.        leases, noWaits, ended: under the lock, a monitor; nothing of another class is called under it but the list.
 * Books first.  A lease is put into the list while it is NEW, before a permit is taken for it, and taken out after it has
 *               left. So whoever ends the run finds each lease that has a permit, waits for one or is about to: the last step
 *               of each is decided under the lock of its permits, where there is one winner. Who finds the run ended
 *               before the list takes its lease is refused.
 * Deadlocks.    Somebody who waits for r holds only what comes before r in the order of names. Were there a circle of
 *               those who wait, each for what the next one holds, the names would grow all the way round; so there is none.
 *               Waiting behind others in the queue of r adds no circle: those wait for r, too, and who is before whom there is
 *               fixed. Taking without waiting is free of the rule, but what it has taken counts as held.
 * Evidence.     HeldLeasesTest, AcquisitionTest, AcquisitionStressTest.
 */
public final class HeldLeases {

  private final List<LeaseImpl<?>> leases = new ArrayList<>(4);
  private boolean noWaits;
  private boolean ended;

  /** Makes the books of a run that holds nothing. */
  public HeldLeases() {}

  /**
   * Takes permits if there are as many and nobody waits for them. Never waits.
   *
   * @param resource of what
   * @param permits how many
   * @param <T> the type of what a lease holds
   * @return what is held now; empty if there were too few
   * @throws IllegalArgumentException if the number is out of range
   * @throws ResourceException if the run has ended ({@code LEASE_MISUSE})
   */
  public <T extends @Nullable Object> Optional<Lease<T>> tryAcquire(
      Resource<T> resource, int permits) {
    ResourceImpl<T> of = ResourceImpl.of(resource);
    LeaseImpl<T> lease =
        new LeaseImpl<>(of, of.checkWanted(permits), this, false, ResourceImpl.NOBODY);
    addOrRefuse(lease);
    if (of.permits.take(lease, false)) {
      return Optional.of(lease);
    }
    lease.withdraw();
    return Optional.empty();
  }

  /**
   * Takes permits; parks the calling thread until their turn has come.
   *
   * @param resource of what
   * @param permits how many
   * @param atMost how long to wait
   * @param <T> the type of what a lease holds
   * @return what is held now; {@code null} if {@link #cancelWaits} or the end of the run keeps it
   *     from waiting
   * @throws IllegalArgumentException if the number is out of range, or the time negative
   * @throws ResourceException {@code RESOURCE_ORDER} as {@link #checkOrder}, {@code
   *     RESOURCE_TIMEOUT}, or {@code LEASE_MISUSE} if the run has ended
   * @throws dev.heddle.error.TaskInterruptedException if interrupted while it waits
   */
  public <T extends @Nullable Object> @Nullable Lease<T> acquire(
      Resource<T> resource, int permits, Duration atMost) {
    long nanos = Durations.waitNanos("atMost", atMost);
    ResourceImpl<T> of = ResourceImpl.of(resource);
    LeaseImpl<T> lease = of.forThisThread(of.checkWanted(permits), this);
    checkOrder(resource);
    boolean mayWait = addOrRefuse(lease);
    if (of.await(lease, mayWait ? nanos : 0)) {
      return lease;
    }
    if (waitsAreCancelled()) {
      return null;
    }
    throw of.timedOut(permits, atMost);
  }

  /**
   * Checks that a resource may be waited for.
   *
   * @param resource of what
   * @throws ResourceException if the run holds something whose name is not before this one's
   *     ({@code RESOURCE_ORDER})
   */
  public void checkOrder(Resource<?> resource) {
    String held = greatest();
    if (held != null && held.compareTo(resource.name()) >= 0) {
      throw ResourceException.outOfOrder(
          "resources must be acquired in the order of their names: held="
              + held
              + ", wanted="
              + resource.name()
              + " (acquire it first, or both together by uses)");
    }
  }

  private synchronized @Nullable String greatest() {
    String greatest = null;
    for (LeaseImpl<?> lease : leases) {
      if (lease.isOpen() && (greatest == null || greatest.compareTo(lease.resource.name) < 0)) {
        greatest = lease.resource.name;
      }
    }
    return greatest;
  }

  /**
   * Returns what the run holds of a resource, the latest lease if there are several.
   *
   * @param resource of what
   * @param <T> the type of what a lease holds
   * @return an open lease
   * @throws ResourceException if there is none ({@code RESOURCE_NOT_HELD})
   */
  public <T extends @Nullable Object> Lease<T> lease(Resource<T> resource) {
    LeaseImpl<T> found = find(ResourceImpl.of(resource));
    if (found == null) {
      throw ResourceException.notHeld(
          "task must hold a resource to use it: wanted="
              + resource.name()
              + " (name it in uses, or acquire it)");
    }
    return found;
  }

  @SuppressWarnings("unchecked") // a lease of this resource
  private synchronized <T extends @Nullable Object> @Nullable LeaseImpl<T> find(
      ResourceImpl<T> resource) {
    for (LeaseImpl<?> lease : leases.reversed()) {
      if (lease.resource == resource && lease.isOpen()) {
        return (LeaseImpl<T>) lease;
      }
    }
    return null;
  }

  /**
   * Says what the run waits for: {@code waits for 1 permit of limit db: capacity=5, 3 ahead}. Walks
   * through those that wait.
   *
   * @return empty if it waits for nothing
   */
  public Optional<String> waitsFor() {
    for (LeaseImpl<?> lease : copy()) {
      ResourceImpl<?> resource = lease.resource;
      int ahead = resource.permits.ahead(lease);
      if (ahead >= 0) {
        return Optional.of(
            "waits for "
                + lease.permits
                + " "
                + resource.unit
                + (lease.permits == 1 ? "" : "s")
                + " of "
                + resource.kind
                + " "
                + resource.name
                + ": capacity="
                + resource.capacity()
                + ", "
                + ahead
                + " ahead");
      }
    }
    return Optional.empty();
  }

  /**
   * Keeps the run from waiting any longer: {@link #acquire} returns, now and later, what is there
   * at once, or {@code null}. What is held stays held.
   */
  public void cancelWaits() {
    synchronized (this) {
      noWaits = true;
    }
    for (LeaseImpl<?> lease : copy()) {
      if (!lease.ofUses && lease.withdraw()) {
        lease.granted(); // wakes its thread
      }
    }
  }

  private synchronized boolean waitsAreCancelled() {
    return noWaits;
  }

  /**
   * Ends the run: withdraws what waits and gives back what is held, each once. Nothing can be
   * acquired afterwards. Calling it again does nothing.
   *
   * @return how many leases the body has acquired and left open
   */
  public int releaseAll() {
    synchronized (this) {
      ended = true;
      noWaits = true;
    }
    int leftOpen = 0;
    Throwable thrown = null;
    for (LeaseImpl<?> lease : copy().reversed()) {
      try {
        if (lease.withdraw()) {
          if (!lease.ofUses) {
            lease.granted();
          }
        } else if (lease.end(LeaseImpl.State.ENDED) && !lease.ofUses) {
          leftOpen++;
        }
      } catch (RuntimeException | Error e) { // of a waiter, which should not: the others come first
        if (thrown == null) {
          thrown = e;
        } else if (thrown != e) {
          thrown.addSuppressed(e);
        }
      }
    }
    if (thrown instanceof Error e) {
      throw e;
    }
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    return leftOpen;
  }

  private synchronized List<LeaseImpl<?>> copy() {
    return List.copyOf(leases);
  }

  /** Puts a new lease into the books, unless the run has ended. */
  synchronized boolean add(LeaseImpl<?> lease) {
    return !ended && leases.add(lease);
  }

  /** As {@link #add}, but throws; returns whether the run may wait. */
  private synchronized boolean addOrRefuse(LeaseImpl<?> lease) {
    if (!add(lease)) {
      throw ResourceException.misuse(
          "resources are for a task that runs: wanted="
              + lease.resource.name
              + ", state=ended (acquire inside the body, on its thread)");
    }
    return !noWaits;
  }

  /** Takes a lease that has left out of the books, if it is there; the latest are found first. */
  synchronized void forget(LeaseImpl<?> lease) {
    for (int i = leases.size() - 1; i >= 0; i--) {
      if (leases.get(i) == lease) {
        leases.remove(i);
        return;
      }
    }
  }
}
