// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resource;

import dev.heddle.error.ResourceException;
import dev.heddle.error.TaskInterruptedException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something of which there is only so much, and the typed key under which a task finds what it
 * holds of it. Keep one in a {@code static final} field.
 *
 * <p>A task takes from it by {@link dev.heddle.TaskOptions#uses() uses} or {@link
 * dev.heddle.TaskContext#acquire(Resource, Duration) context.acquire}. What a body takes by the
 * methods of this interface is not the task's: it is not given back at the end of the run, and not
 * checked for order; and a wait here goes on if the task is cancelled without an interrupt.
 *
 * <p>Fair: who asks first is served first. A request for much is not overtaken by those for less
 * that come after it, and {@link #tryAcquire()} takes nothing as long as somebody waits.
 *
 * <p>Deadlocks: a task acquires its resources in the order of their names, which is checked; so
 * tasks cannot wait for each other in a circle. What is taken here is not checked: who holds
 * several resources so should keep the same order.
 *
 * <p>Threads: any. Memory consistency: what was done before a lease was closed happens-before what
 * is done by those who then get its permits.
 *
 * {@snippet class="dev.heddle.ResourceSnippets" region="pool"}
 *
 * @param <T> the type of what a lease holds
 */
public sealed interface Resource<T extends @Nullable Object> permits Limit, ResourcePool {

  /**
   * Returns what it is called in messages and reports; its place in the order, too.
   *
   * @return 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}
   */
  String name();

  /**
   * Returns how much there is in all.
   *
   * @return permits or items, at least 1
   */
  int capacity();

  /**
   * Returns how much nobody holds. May be stale; may be more than zero although somebody waits, who
   * then wants more than that.
   *
   * @return permits or items, zero to {@link #capacity()}
   */
  int available();

  /**
   * Returns how many requests wait. May be stale.
   *
   * @return zero or more
   */
  int waiting();

  /**
   * Takes one permit or item if there is one and nobody waits for it; for threads outside of tasks.
   * Never waits.
   *
   * @return what is held now, which the caller has to close; empty if there was none
   */
  Optional<Lease<T>> tryAcquire();

  /**
   * Takes one permit or item; for threads outside of tasks. Parks the calling thread until its turn
   * has come.
   *
   * @param atMost how long to wait; zero for not at all, {@code Duration.ofSeconds(Long.MAX_VALUE)}
   *     for ever
   * @return what is held now, which the caller has to close
   * @throws ResourceException if the time is over ({@code RESOURCE_TIMEOUT})
   * @throws TaskInterruptedException if the thread is interrupted while it waits
   * @throws IllegalArgumentException if the time is negative
   */
  Lease<T> acquire(Duration atMost);
}
