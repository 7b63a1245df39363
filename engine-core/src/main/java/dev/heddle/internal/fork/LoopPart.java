// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.fork;

import dev.heddle.TaskContext;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A range of a loop's units and who works on it: he takes units from its front, thieves split off
 * its rear half, without asking him.
 */
/*
 * Roles.        range: by CAS of whoever takes from it; first written by who has split it off, when nobody else
 *               can take from it, since it was empty. sum, done: of who works on the part; read by the loop's owner
 *               when no unit is left. taker, takersRun: by who works on it, read by who waits for the loop.
 *               run: by who works on it, before others can see the part in his ring.
 * Invariants.   Each unit is in the range of one part, or taken by the worker of that part, or counted in the
 *               loop's done units. The front of a range only grows and its rear only shrinks, so a CAS that
 *               succeeds has split what it has seen.
 * Happens-before. Splitting: the loop's fields -> ring (release) -> CAS. Results: the body, sum -> Loop.remaining.
 * Want of stack. A thief makes the empty part and tells the loop of it before the CAS: nothing is called between
 *               the CAS and the moment when the part has its range. end() may be repeated.
 * Evidence.     ParallelTest; LoopPartStressTest and its controls.
 */
non-sealed class LoopPart extends Offer {

  /** No units. */
  static final long NOTHING = 0;

  final Loop loop;

  /** The part of the same loop that was made before. */
  final @Nullable LoopPart previous;

  volatile long range; // packed, by RANGE
  private volatile @Nullable ForkStack taker; // while a thief works on it
  private long takersRun; // written before taker, read after it
  private long run;
  private int done; // units, those that are being worked on included
  private long sum;

  LoopPart(Loop loop, @Nullable LoopPart previous, long range) {
    this.loop = loop;
    this.previous = previous;
    this.range = range;
  }

  static long pack(int first, int end) {
    return (long) first << Integer.SIZE | end;
  }

  static int first(long range) {
    return (int) (range >>> Integer.SIZE);
  }

  static int end(long range) {
    return (int) range;
  }

  static int size(long range) {
    return end(range) - first(range);
  }

  /** Races of it are tested with a weaker one. */
  boolean casRange(long expected, long update) {
    return RANGE.compareAndSet(this, expected, update);
  }

  // ---- who works on it

  /** Takes some units from the front. */
  long takeFirst(int atMost) {
    for (; ; ) {
      long seen = range;
      int size = size(seen);
      if (size == 0) {
        return NOTHING;
      }
      int first = first(seen);
      int end = size <= atMost ? end(seen) : first + atMost;
      if (casRange(seen, pack(end, end(seen)))) {
        done += end - first;
        return pack(first, end);
      }
    }
  }

  /** Works on it, as the one who has it, until nothing is left or the loop is stopped. */
  void work(ForkStack stack, long stacksRun) {
    run = stacksRun;
    int place = stack.place(this);
    try {
      loop.work(this, stack);
    } finally {
      stack.withdraw(this, place);
    }
  }

  /** Works on some units; {@code false} if there are none. */
  boolean workOnSome(int atMost) {
    long units = takeFirst(atMost);
    if (units == NOTHING) {
      return false;
    }
    workOn(units);
    return true;
  }

  void workOn(long units) {
    sum += loop.runUnits(first(units), end(units));
  }

  long sum() {
    return sum;
  }

  @Override
  void run(Frame scope) {
    work(scope.stack, takersRun);
  }

  @Override
  void takenBy(ForkStack thief, long thiefsRun) {
    takersRun = thiefsRun;
    taker = thief;
  }

  @Override
  void end(@Nullable Throwable failure) {
    if (failure != null) {
      loop.fail(failure);
    }
    drain();
    taker = null;
    loop.ended(done);
  }

  /** Counts what a stopped loop leaves. */
  private void drain() {
    for (; ; ) {
      long seen = range;
      if (size(seen) == 0) {
        return;
      }
      if (casRange(seen, NOTHING)) {
        done += size(seen);
        return;
      }
    }
  }

  @Override
  void abandon(ForkStack thief, Throwable failure) {
    end(failure);
  }

  // ---- others

  @Override
  @Nullable Offer take() {
    LoopPart rear = null;
    for (; ; ) {
      long seen = range;
      int size = size(seen);
      if (size < loop.leastTheft() || size == 0 || loop.isStopped()) {
        return null; // what was made is empty, and stays so
      }
      if (rear == null) {
        rear = loop.newPart();
        continue;
      }
      int middle = end(seen) - (size + 1) / 2; // the owner works already
      if (casRange(seen, pack(first(seen), middle))) {
        rear.range = pack(middle, end(seen));
        return rear;
      }
    }
  }

  @Override
  @Nullable Offer takeOf(long wanted) {
    return run == wanted ? take() : null;
  }

  /** Runs a part of it, or of what its taker has forked, for who waits for the loop. */
  boolean help(ForkStack helper) {
    Offer rear = take();
    if (rear != null) {
      helper.runWhileWaiting(rear);
      return true;
    }
    ForkStack thief = taker;
    return thief != null && helper.helpWith(thief, takersRun);
  }

  @Override
  boolean isOver() {
    return size(range) == 0;
  }

  @Override
  @Nullable TaskContext task() {
    return loop.task();
  }

  @Override
  ForkStack owner() {
    return loop.owner();
  }

  private static final VarHandle RANGE;

  static {
    try {
      RANGE = MethodHandles.lookup().findVarHandle(LoopPart.class, "range", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
