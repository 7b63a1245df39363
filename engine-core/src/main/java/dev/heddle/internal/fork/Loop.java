// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.fork;

import dev.heddle.TaskContext;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.internal.util.Seam;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A loop over a range of elements, which one worker starts and others may share. For one use.
 *
 * <p>What a loop does with its elements, a subclass says. It never sees an element twice, and none
 * is left out, unless the loop ends early.
 */
/*
 * Alone.        A loop starts on its owner alone, in pieces that grow by 32 as long as they take less than 3 us: a
 *               loop of a microsecond reads the clock three times, and nothing else. When it has run for
 *               longer and its rest is worth it, or at once if somebody has asked for work, it is shared.
 * Shared.       The rest is cut into units, which fit an int, and is one LoopPart in the owner's ring. Thieves split
 *               parts in halves, also those of other thieves. Everybody takes as many units at a time as he
 *               needs some 20 us for: so the end of the loop is not far from the end of the first who
 *               finds nothing left.
 * Roles.        next, sum: the owner's. remaining: by who has ended a part; 0: the owner may go on. parts: a list, newest
 *               first, by who makes one. error, stopped: by anybody, the first error wins. unitsAtATime: a
 *               guess, by anybody, in an allowed race.
 * Happens-before. Everything that is done in a part -> remaining (atomic subtraction) -> the owner sees 0.
 * Progress.     remaining counts units, not workers: parts may be split while others end. Who fails or is cancelled
 *               counts what is left of its part. So it becomes 0 when the last one has ended his units.
 * Want of stack. A loop is not shared if there is not enough to wait for its end.
 * Source.       Lazy splitting of ranges (Tzannes, Caragea, Barua, Vishkin 2010); a range as one packed word.
 * Evidence.     ParallelTest; LoopPartStressTest.
 */
public abstract class Loop implements Awaited {

  private static final long ALONE_NANOS = 3_000;
  private static final long WORTHY_NANOS = 20_000;
  private static final long NANOS_AT_A_TIME = 20_000;
  private static final int GROWTH = 32;

  /** Of so many elements a thread, the first one is some three hundredths of the loop's time. */
  private static final int MANY_ELEMENTS = 32;

  /** A thief leaves a rest alone that takes less than this part of {@link #NANOS_AT_A_TIME}. */
  private static final int LEAST_THEFT = 4;

  /** Calls that must find room on the stack before a loop is shared. */
  private static final int CALLS_TO_WAIT = 64;

  private final long from;
  private final long to;
  private final long unit;

  private long next; // the first element that is not shared and has not begun
  private long sum;

  private int units; // written before the loop is shared, as owner and task are
  private @Nullable ForkStack owner;
  private @Nullable TaskContext task;
  private int unitsAtATime = 1;

  private volatile @Nullable LoopPart parts;
  private volatile int remaining; // units
  private volatile boolean stopped;
  private volatile @Nullable Throwable error;

  /**
   * Makes a loop.
   *
   * @param from the first element
   * @param to the element after the last one; at least {@code from}, and at most 2^63 - 1 elements
   *     away
   * @param unit how many elements {@link #run} gets at least, but at the end; 0 for as few as is
   *     possible
   */
  protected Loop(long from, long to, long unit) {
    this.from = from;
    this.to = to;
    this.unit = Math.max(Math.max(unit, 1), (to - from) / Integer.MAX_VALUE + 1);
    this.next = from;
  }

  /**
   * Works on some elements: whole units. Called by several threads, each with elements of its own,
   * after {@link #shared} has been called; before, by one, in order.
   *
   * @param first the first element
   * @param end the element after the last one, greater than {@code first}
   * @return a part of {@link #sum}
   */
  protected abstract long run(long first, long end);

  /**
   * Called before other threads take part, if they do.
   *
   * @param first the first element that {@link #run} has not got yet
   */
  protected void shared(long first) {}

  /** Called by the thread that runs the loop when all has ended well, if it was shared. */
  protected void completed() {}

  /** Leaves out all that has not begun. */
  protected final void stop() {
    stopped = true;
  }

  /**
   * Returns the sum of what {@link #run} has returned, after the loop has ended.
   *
   * @return the sum
   */
  public final long sum() {
    long all = sum;
    for (LoopPart each = parts; each != null; each = each.previous) {
      all += each.sum();
    }
    return all;
  }

  // ---- alone

  /**
   * Tells whether it has so many elements, or none, that it does not matter who runs the first one.
   *
   * @param threads how many threads there are to share it
   * @return whether the first one may be run before the others are shared
   */
  public final boolean mayStartAnywhere(int threads) {
    return next == to || (to - next) / MANY_ELEMENTS >= threads;
  }

  /**
   * Works on the first elements, or all, as long as that seems quicker than to share them.
   *
   * @param of the task it belongs to
   * @return whether the loop has ended
   */
  public final boolean runAlone(@Nullable TaskContext of) {
    if (next == to) {
      return true;
    }
    long start = Seam.nanoTime();
    long mark = start;
    long size = unit;
    for (; ; ) {
      long end = size < to - next ? next + size : to;
      sum += run(next, end);
      next = end;
      if (end == to || stopped) {
        return true;
      }
      if (of != null) {
        of.checkCancelled();
      }
      long now = Seam.nanoTime();
      long took = Math.max(now - mark, 1);
      mark = now;
      if (now - start > ALONE_NANOS && (double) took * (to - end) > (double) WORTHY_NANOS * size) {
        guess((double) NANOS_AT_A_TIME / took * ((double) size / unit));
        return false;
      }
      long most = ALONE_NANOS * size / took;
      long limit = size <= Long.MAX_VALUE / GROWTH ? GROWTH * size : Long.MAX_VALUE;
      size = Math.clamp(unit == 1 ? most : most / unit * unit, unit, limit);
    }
  }

  /** Works on all that {@link #runAlone} has left, if it cannot be shared. */
  public final void runRest() {
    long first = next;
    next = to;
    sum += run(first, to);
  }

  private void guess(double units) {
    unitsAtATime = (int) Math.clamp(units, 1, Integer.MAX_VALUE);
  }

  // ---- shared

  /** Works on the rest, with others. Called by the thread of a stack, inside a computation. */
  final void share(ForkStack stack, @Nullable TaskContext of, long run) {
    if (!hasStack()) {
      runRest();
      return;
    }
    LoopPart mine = open(stack, of);
    try {
      mine.work(stack, run);
      mine.end(null);
    } catch (Throwable e) {
      mine.end(e);
    }
    stack.await(this);
    Throwable failure = error;
    if (failure != null) {
      throw ForkStack.sneak(failure);
    }
    completed();
  }

  /** Makes the rest a part, which others can take from as soon as it is in a ring. */
  final LoopPart open(ForkStack stack, @Nullable TaskContext of) {
    shared(next);
    owner = stack;
    task = of;
    units = (int) ((to - from - 1) / unit + 1);
    int first = (int) ((next - from) / unit);
    LoopPart rest = firstPart(LoopPart.pack(first, units));
    remaining = units - first;
    parts = rest;
    return rest;
  }

  /** Races of it are tested with a weaker one. */
  LoopPart firstPart(long range) {
    return new LoopPart(this, null, range);
  }

  private static boolean hasStack() {
    try {
      return countCalls(CALLS_TO_WAIT) == CALLS_TO_WAIT;
    } catch (StackOverflowError e) {
      return false;
    }
  }

  private static int countCalls(int calls) {
    return calls == 0 ? 0 : 1 + countCalls(calls - 1);
  }

  /** Works on a part that the thread of a stack has. */
  final void work(LoopPart part, ForkStack stack) {
    int size = unitsAtATime;
    long start = Seam.nanoTime();
    while (!stopped && part.workOnSome(size)) {
      stack.attendInLoop();
      long end = Seam.nanoTime();
      double goal = (double) size * NANOS_AT_A_TIME / Math.max(end - start, 1);
      start = end;
      guess(Math.clamp(goal, (double) size / GROWTH, (double) size * GROWTH));
      size = unitsAtATime;
    }
  }

  final long runUnits(int first, int end) {
    return run(from + first * unit, end == units ? to : from + end * unit);
  }

  final int leastTheft() {
    return unitsAtATime / LEAST_THEFT;
  }

  final boolean isStopped() {
    return stopped;
  }

  final LoopPart newPart() {
    for (; ; ) {
      LoopPart newest = parts;
      LoopPart part = new LoopPart(this, newest, LoopPart.NOTHING);
      if (PARTS.compareAndSet(this, newest, part)) {
        return part;
      }
    }
  }

  final void fail(Throwable failure) {
    stopped = true;
    if (!ERROR.compareAndSet(this, null, failure)) {
      Throwable first = error;
      // All who work on it hear of a cancellation: one of them is enough.
      if (first != null && first != failure && !(failure instanceof TaskCancelledException)) {
        first.addSuppressed(failure);
      }
    }
  }

  final void ended(int units) {
    REMAINING.getAndAdd(this, -units);
  }

  final ForkStack owner() {
    ForkStack known = owner;
    if (known == null) {
      throw new IllegalStateException("loop must be shared before it is taken");
    }
    return known;
  }

  final @Nullable TaskContext task() {
    return task;
  }

  @Override
  public final boolean isPending() {
    return remaining != 0;
  }

  @Override
  public final boolean help(ForkStack helper) {
    for (LoopPart each = parts; each != null; each = each.previous) {
      if (each.help(helper)) {
        return true;
      }
    }
    return false;
  }

  private static final VarHandle PARTS;
  private static final VarHandle REMAINING;
  private static final VarHandle ERROR;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      PARTS = lookup.findVarHandle(Loop.class, "parts", LoopPart.class);
      REMAINING = lookup.findVarHandle(Loop.class, "remaining", int.class);
      ERROR = lookup.findVarHandle(Loop.class, "error", Throwable.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
