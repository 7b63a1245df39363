// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.fork;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The fork stacks of an engine's workers. Safe for use by any thread. */
/*
 * Posts.        stacks: of who holds each post. Who takes a post over puts its stack in the place of the one before, whose worker
 *               goes on with its task: that stack is put into others first. Its worker leaves, when its task has ended, in
 *               the opposite order: out of stacks by CAS, then out of others. So if the CAS of the new one succeeds, the old one
 *               leaves others after it was put there; if it fails, the new one takes it out again. Nothing stays behind.
 * Late.         A worker that is relieved while it makes its first stack must not take the place of its successor's:
 *               it (1) reads the place, (2) sees that it holds the post, (3) puts its stack in by CAS. If it was relieved
 *               after (2), and the successor was before (3), that fails; if the successor comes later, it finds it.
 * Evidence.     TaskEndsTest (computations of relieved workers, and of guests).
 */
public final class Forks {

  private static final int NOBODY = -1;

  private final AtomicReferenceArray<@Nullable ForkStack> stacks;
  private final IntConsumer started;

  /** Stacks that are at no post, of workers that were relieved and of guests. */
  private final Set<ForkStack> others = ConcurrentHashMap.newKeySet();

  /**
   * Makes it.
   *
   * @param workers how many there are
   * @param started called by a worker, with its number, when it begins a computation, after the
   *     others can see that
   */
  public Forks(int workers, IntConsumer started) {
    this.stacks = new AtomicReferenceArray<>(workers);
    this.started = started;
  }

  /**
   * Makes the stack of a worker, from which others take as long as it holds its post. It is to be
   * given to {@link #leave} before the worker gets another.
   *
   * @param worker its number
   * @param holdsPost whether the caller holds that post; once it does not, it never will again
   * @return the stack, for the calling thread alone
   */
  public ForkStack attach(int worker, BooleanSupplier holdsPost) {
    ForkStack stack = new ForkStack(this, worker, Thread.currentThread());
    for (; ; ) {
      ForkStack before = stacks.get(worker);
      if (!holdsPost.getAsBoolean()) {
        return alone();
      }
      if (before != null) {
        others.add(before); // of who had the post before, and may compute
      }
      if (stacks.compareAndSet(worker, before, stack)) {
        return stack;
      }
      if (before != null) {
        others.remove(before);
      }
    }
  }

  /**
   * Makes a stack that no worker takes from. It is to be given to {@link #leave}.
   *
   * @return the stack, for the calling thread alone
   */
  public ForkStack alone() {
    ForkStack stack = new ForkStack(this, NOBODY, Thread.currentThread());
    others.add(stack);
    return stack;
  }

  /**
   * Forgets a stack that will not be used any more.
   *
   * @param stack the stack
   */
  public void leave(ForkStack stack) {
    for (int i = 0; i < size(); i++) {
      stacks.compareAndSet(i, stack, null);
    }
    others.remove(stack); // after that: see attach
  }

  /** Makes everybody look whether his computations were cancelled. */
  public void raiseCancel() {
    for (int i = 0; i < size(); i++) {
      raiseCancel(stack(i));
    }
    others.forEach(Forks::raiseCancel);
  }

  private static void raiseCancel(@Nullable ForkStack stack) {
    if (stack != null && stack.isActive()) {
      stack.raiseCancel();
    }
  }

  /**
   * Tells whether a worker might find branches to take.
   *
   * @param worker its number
   * @return whether another worker computes
   */
  public boolean othersCompute(int worker) {
    for (int i = 0; i < size(); i++) {
      ForkStack stack = stack(i);
      if (i != worker && stack != null && stack.isActive()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Counts computations.
   *
   * @param worker the number of a worker
   * @return how many the others have begun, wrapping
   */
  public long startedByOthers(int worker) {
    long sum = 0;
    for (int i = 0; i < size(); i++) {
      ForkStack stack = stack(i);
      if (i != worker && stack != null) {
        sum += stack.computations();
      }
    }
    return sum;
  }

  int size() {
    return stacks.length();
  }

  @Nullable ForkStack stack(int worker) {
    return stacks.get(worker);
  }

  void started(int worker) {
    if (worker != NOBODY) {
      started.accept(worker);
    }
  }
}
