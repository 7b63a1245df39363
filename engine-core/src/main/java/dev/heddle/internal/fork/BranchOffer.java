// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.fork;

import static java.util.Objects.requireNonNull;

import dev.heddle.TaskContext;
import dev.heddle.fork.Fork;
import dev.heddle.fork.ForkAction;
import dev.heddle.fork.ForkBody;
import dev.heddle.fork.ForkDouble;
import dev.heddle.fork.ForkDouble2;
import dev.heddle.fork.ForkInt;
import dev.heddle.fork.ForkLong;
import dev.heddle.fork.ForkLong2;
import dev.heddle.fork.ToDouble;
import dev.heddle.fork.ToInt;
import dev.heddle.fork.ToLong;
import dev.heddle.internal.util.Seam;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The pending branch of one frame as others see it: who wants it, who has it, and what came out. As
 * old as its frame's first offer, and used again as the frame is.
 */
/*
 * Roles.        state: see below. run, task: written by the owner before it opens the offer. taker, takersRun: by who
 *               has taken it. result, object, error: by who has taken it, before it is done; by the owner after.
 * States.       CLOSED --owner: release--> OPEN --thief (CAS)--> TAKEN --thief: volatile--> DONE --owner--> CLOSED
 *                 ^                         |  ^                  |
 *                 '--owner takes back (CAS)-'  '--wrong run-------'
 * Happens-before. Frame's fields, run, task -> OPEN (release) -> TAKEN (CAS). Results -> DONE -> owner's volatile read.
 * Reuse.        It may be closed and opened again, for another branch, while a thief holds a reference to
 *               it. So nothing that was read before the CAS counts: the branch that is open at the CAS is the
 *               one that is taken. A thief that wants branches of one run only (see ForkStack) looks at run
 *               after the CAS, and opens the offer again if it is another. After DONE a thief touches it no more.
 * Evidence.     ForkTreeTest; BranchOfferStressTest and its controls; soak OfferReuse.
 */
non-sealed class BranchOffer extends Offer implements Awaited {

  static final int CLOSED = 0;
  static final int OPEN = 1;
  static final int TAKEN = 2;
  static final int DONE = 3;

  final Frame frame;
  volatile int state; // by STATE, but for a thief that is done

  /** The run of the owner that the branch belongs to. */
  long run;

  /** The task that the computation belongs to, if any. */
  @Nullable TaskContext task;

  private long openedNanos; // the owner's

  private volatile @Nullable ForkStack taker;
  private long takersRun; // written before taker, read after it
  private long result;
  private @Nullable Object object;
  @Nullable Throwable error;

  BranchOffer(Frame frame) {
    this.frame = frame;
  }

  int state() {
    return state;
  }

  /** Races of it are tested with a weaker one. */
  boolean casState(int expected, int update) {
    return STATE.compareAndSet(this, expected, update);
  }

  // ---- the owner

  void open(long run, @Nullable TaskContext task) {
    this.run = run;
    this.task = task;
    taker = null;
    openedNanos = Seam.nanoTime();
    STATE.setRelease(this, OPEN);
  }

  /** When it was opened. */
  long openedNanos() {
    return openedNanos;
  }

  /** Makes sure that it says nothing of an earlier branch. */
  void close() {
    STATE.setRelease(this, CLOSED);
  }

  /** Tells also whether it is likely to be given back. */
  @Override
  boolean isOver() {
    int seen = state;
    return seen == CLOSED || seen == DONE || (seen == TAKEN && taker != null);
  }

  boolean takeBack() {
    return casState(OPEN, CLOSED);
  }

  /** The result of a branch that is done; or throws what it has thrown. */
  long takeResult() {
    long taken = result;
    Throwable failure = takeError();
    if (failure != null) {
      throw ForkStack.sneak(failure);
    }
    return taken;
  }

  /** Likewise, of a branch whose result is an object. */
  @Nullable Object takeObject() {
    Object taken = object;
    takeResult();
    return taken;
  }

  /** What a branch that is done has thrown. */
  @Nullable Throwable takeError() {
    Throwable failure = error;
    error = null;
    object = null;
    task = null;
    taker = null;
    close();
    return failure;
  }

  @Override
  public boolean isPending() {
    return state == TAKEN;
  }

  @Override
  public boolean help(ForkStack helper) {
    ForkStack thief = taker;
    if (thief == null) {
      return false;
    }
    return helper.helpWith(thief, takersRun);
  }

  // ---- a thief

  @Override
  @Nullable Offer take() {
    return state == OPEN && casState(OPEN, TAKEN) ? this : null;
  }

  @Override
  @Nullable Offer takeOf(long wanted) {
    if (take() == null) {
      return null;
    }
    if (run == wanted) {
      return this;
    }
    giveBack();
    return null;
  }

  private void giveBack() {
    state = OPEN;
  }

  @Override
  @Nullable TaskContext task() {
    return task;
  }

  @Override
  ForkStack owner() {
    return frame.stack;
  }

  @Override
  void takenBy(ForkStack thief, long thiefsRun) {
    takersRun = thiefsRun;
    taker = thief;
  }

  @Override
  void end(@Nullable Throwable failure) {
    error = failure;
    state = DONE;
  }

  @Override
  void abandon(ForkStack thief, Throwable failure) {
    if (taker == thief) {
      end(failure);
    } else {
      giveBack();
    }
  }

  @Override
  void run(Frame scope) {
    Object function = requireNonNull(frame.function);
    switch (frame.stage) {
      case Frame.LONG -> result = ((ForkLong) function).applyAsLong(scope, frame.first);
      case Frame.LONG_2 ->
          result = ((ForkLong2) function).applyAsLong(scope, frame.first, frame.second);
      case Frame.TO_LONG -> result = ((ToLong) function).runAsLong(scope);
      case Frame.INT -> result = ((ForkInt) function).applyAsInt(scope, (int) frame.first);
      case Frame.TO_INT -> result = ((ToInt) function).runAsInt(scope);
      case Frame.DOUBLE ->
          setDouble(
              ((ForkDouble) function).applyAsDouble(scope, Double.longBitsToDouble(frame.first)));
      case Frame.DOUBLE_2 -> {
        double first = Double.longBitsToDouble(frame.first);
        double second = Double.longBitsToDouble(frame.second);
        setDouble(((ForkDouble2) function).applyAsDouble(scope, first, second));
      }
      case Frame.TO_DOUBLE -> setDouble(((ToDouble) function).runAsDouble(scope));
      case Frame.OBJECT -> object = call((Fork<?, ?>) function, scope, frame.argument);
      case Frame.BODY -> object = ((ForkBody<?>) function).run(scope);
      case Frame.ACTIONS ->
          Frame.joinAll(scope, (ForkAction[]) function, (int) frame.first, (int) frame.second);
      default -> throw new IllegalStateException("frame must be pending: stage=" + frame.stage);
    }
  }

  private void setDouble(double value) {
    result = Double.doubleToRawLongBits(value);
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // the fork has taken both with one type
  private static <T extends @Nullable Object> @Nullable Object call(
      Fork<T, ?> function, Frame scope, @Nullable Object argument) {
    return function.apply(scope, (T) argument);
  }

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(BranchOffer.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
