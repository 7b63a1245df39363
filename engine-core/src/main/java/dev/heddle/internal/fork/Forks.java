// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.fork;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The fork stacks of an engine's workers. Safe for use by any thread. */
public final class Forks {

  private static final int NOBODY = -1;

  private final AtomicReferenceArray<@Nullable ForkStack> stacks;
  private final IntConsumer started;

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
   * Makes the stack of a worker. Called by each new thread of it.
   *
   * @param worker its number
   * @return the stack, for the calling thread alone
   */
  public ForkStack attach(int worker) {
    ForkStack stack = new ForkStack(this, worker, Thread.currentThread());
    stacks.set(worker, stack);
    return stack;
  }

  /**
   * Makes a stack that no worker takes from.
   *
   * @return the stack, for the calling thread alone
   */
  public ForkStack alone() {
    return new ForkStack(this, NOBODY, Thread.currentThread());
  }

  /** Makes all workers look whether their computations were cancelled. */
  public void raiseCancel() {
    for (int i = 0; i < size(); i++) {
      ForkStack stack = stack(i);
      if (stack != null && stack.isActive()) {
        stack.raiseCancel();
      }
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
