// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A virtual thread for each task, up to a limit. A thread that ends starts the next that waits,
 * which must not inherit its thread-locals; all have the context class loader of who has made the
 * strategy.
 */
final class VirtualThreadStrategy implements ExecutionStrategy {

  /** Below this many waiting tasks, looking for cancelled ones is not worth it. */
  private static final int MIN_SWEEP = 64;

  private final @Nullable ClassLoader contextLoader =
      Thread.currentThread().getContextClassLoader();
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<TaskExecution> waiting =
      new ArrayDeque<>(); // under the lock, as the next two
  private int sweepAt = MIN_SWEEP;
  private int free; // under the lock

  VirtualThreadStrategy(int atMost) {
    if (atMost < 1) {
      throw new IllegalArgumentException("atMost must be at least 1: atMost=" + atMost);
    }
    this.free = atMost;
  }

  @Override
  public void start(TaskExecution execution) {
    lock.lock();
    try {
      if (free == 0) {
        forgetCancelled();
        waiting.add(execution);
        return;
      }
      free--;
    } finally {
      lock.unlock();
    }
    startThread(execution);
  }

  /** Each time the queue has doubled, so that cancelled tasks are never more than half of it. */
  private void forgetCancelled() {
    if (waiting.size() >= sweepAt) {
      waiting.removeIf(execution -> !execution.isPending());
      sweepAt = Math.max(MIN_SWEEP, 2 * waiting.size());
    }
  }

  private void startThread(TaskExecution first) {
    Thread.ofVirtual()
        .name("heddle-" + first.engine() + "-" + first.task())
        .inheritInheritableThreadLocals(false)
        .start(
            () -> {
              Thread.currentThread().setContextClassLoader(contextLoader);
              try {
                first.run();
              } finally {
                TaskExecution next = next();
                if (next != null) {
                  startThread(next);
                }
              }
            });
  }

  /** The next that waits, which takes over the permit; without one the permit is given back. */
  private @Nullable TaskExecution next() {
    lock.lock();
    try {
      TaskExecution next = waiting.poll();
      if (next == null) {
        free++;
      }
      return next;
    } finally {
      lock.unlock();
    }
  }
}
