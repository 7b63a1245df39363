// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.fork;

import static java.util.Objects.requireNonNull;

import dev.heddle.fork.Fork;
import dev.heddle.fork.ForkAction;
import dev.heddle.fork.ForkBody;
import dev.heddle.fork.ForkCarrier;
import dev.heddle.fork.ForkDouble;
import dev.heddle.fork.ForkDouble2;
import dev.heddle.fork.ForkInt;
import dev.heddle.fork.ForkLong;
import dev.heddle.fork.ForkLong2;
import dev.heddle.fork.ForkScope;
import dev.heddle.fork.ToDouble;
import dev.heddle.fork.ToInt;
import dev.heddle.fork.ToLong;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The scope of a branch, and the right branch of a join as long as the left one runs. Kept and used
 * again by the next join at the same depth, so that a fork allocates nothing.
 */
/*
 * Roles.        All fields belong to the thread of the stack, apart from what a BranchOffer says: who has taken the
 *               offer of a frame reads function, arguments and stage, which do not change then. What is in a carrier
 *               is the program's: written before the fork, read by who runs a branch, and a result written there
 *               is read after the join, so offering (release, then the CAS of who takes it) and settling order both.
 * A join.       of the scope s: its child c gets the right branch (stage: its kind); the left branch runs with c
 *               as its scope; if c was not promoted meanwhile, the right branch runs (stage RUNNING), with c
 *               as its scope, too; c is FREE again. Nearly always this is all: some plain stores and two calls.
 * Misuse.       A scope is in use if its stage is not FREE and its child's is: otherwise its branch has ended, or
 *               is inside another one. The scope of the branch that runs now may be the recycled scope of
 *               one that has ended: who has kept that uses the right scope by a wrong name, and nothing breaks.
 * Errors.       What a branch throws passes through its join, which frees its child and, after an error that no
 *               handler below could deal with (no stack), whatever is left below.
 * Inlining.     The common path of each form stays below what the JIT compiler inlines; the rest is out of line.
 * Source.       Lazy task creation (Mohr, Kranz, Halstead 1991); frames kept in a chain as by the Cilk and
 *               Chili runtimes.
 * Evidence.     ForkScopeTest, ForkTreeTest, ForkCarrierTest.
 */
final class Frame implements ForkScope {

  /** Of {@link #stage}: no branch has this scope. */
  static final byte FREE = 0;

  /** Of {@link #stage}: the scope of a branch, with nothing pending. */
  static final byte RUNNING = 1;

  // Of stage: the kind of the pending right branch.
  static final byte LONG = 2;
  static final byte LONG_2 = 3;
  static final byte TO_LONG = 4;
  static final byte INT = 5;
  static final byte TO_INT = 6;
  static final byte DOUBLE = 7;
  static final byte DOUBLE_2 = 8;
  static final byte TO_DOUBLE = 9;
  static final byte OBJECT = 10;
  static final byte BODY = 11;
  static final byte ACTIONS = 12;

  final ForkStack stack;
  @Nullable Frame child;
  @Nullable Object function;
  @Nullable Object argument;
  @Nullable BranchOffer offer; // made when first needed
  @Nullable ForkCarrier carrier; // of the join that uses this frame, or of an earlier one
  long first;
  long second;
  byte stage;
  boolean promoted; // the offer is open, taken or done

  Frame(ForkStack stack) {
    this.stack = stack;
  }

  /** The next deeper frame. */
  Frame childOrGrow() {
    Frame next = child;
    return next == null ? grow() : next;
  }

  private Frame grow() {
    Frame next = stack.madeBelow(this);
    child = next;
    return next;
  }

  /** Whether no join has used it since it was made, or let go of. */
  boolean isUnused() {
    return function == null && carrier == null;
  }

  /** Lets go of what it was used for; not of the carrier itself, which is to be used again. */
  void forget() {
    function = null;
    argument = null;
    BranchOffer used = offer;
    if (used != null) {
      used.task = null;
    }
    if (carrier != null) {
      carrier.forget();
    }
  }

  // ---- the steps of a join

  /** Returns the frame for a join of this scope, if this is the scope of the branch that runs. */
  private Frame enter() {
    Frame next = child;
    if (next == null
        || next.stage != FREE
        || stage == FREE
        || Thread.currentThread() != stack.undisturbed) {
      next = enterSlowly();
    }
    return next;
  }

  private Frame enterSlowly() {
    if (Thread.currentThread() != stack.thread || stage == FREE) {
      throw stack.misuse(this);
    }
    Frame next = childOrGrow(); // not before: another thread must not write here
    if (next.stage != FREE) {
      throw stack.misuse(this);
    }
    if (stack.undisturbed == null) {
      next.function = null; // so that fork(), which can offer it, attends
    }
    return next;
  }

  /** Makes this the frame of a join: what comes besides the function has been written. */
  private void fork(byte kind, Object function) {
    if (this.function != function) { // a store of a reference costs more than the look
      setFunction(kind, function);
    }
    stage = kind; // last: then compiled code that has the left branch in it knows the stage there
  }

  private void setFunction(byte kind, Object function) { // rare, and not inlined where it is
    this.function = function;
    if (stack.undisturbed == null) {
      stage = kind;
      stack.attendAtFork(this);
    }
  }

  /** Tells whether the caller has to run the right branch; waits if somebody else does. */
  private boolean takeBack() {
    if (promoted) {
      if (!stack.takeBackOrWait(this)) {
        return false;
      }
    } else if (stack.attention != 0) {
      stage = RUNNING;
      stack.attend();
    }
    stage = RUNNING; // last, as in fork()
    return true;
  }

  // ---- long

  @Override
  public long joinLong(ForkLong function, long left, long right, LongBinaryOperator combine) {
    Frame next = enter();
    next.first = right;
    next.fork(LONG, function);
    long a;
    try {
      a = function.applyAsLong(next, left);
    } catch (Throwable e) {
      throw next.leftFailed(e);
    }
    long b;
    try {
      b = next.takeBack() ? function.applyAsLong(next, right) : next.takenResult();
    } catch (Throwable e) {
      throw next.failed(e);
    }
    next.stage = FREE;
    return combine.applyAsLong(a, b);
  }

  @Override
  public long joinLong(
      ForkLong2 function,
      long left1,
      long left2,
      long right1,
      long right2,
      LongBinaryOperator combine) {
    Frame next = enter();
    next.first = right1;
    next.second = right2;
    next.fork(LONG_2, function);
    long a;
    try {
      a = function.applyAsLong(next, left1, left2);
    } catch (Throwable e) {
      throw next.leftFailed(e);
    }
    long b;
    try {
      b = next.takeBack() ? function.applyAsLong(next, right1, right2) : next.takenResult();
    } catch (Throwable e) {
      throw next.failed(e);
    }
    next.stage = FREE;
    return combine.applyAsLong(a, b);
  }

  @Override
  public long joinLong(ToLong left, ToLong right, LongBinaryOperator combine) {
    Frame next = enter();
    next.fork(TO_LONG, right);
    long a;
    try {
      a = left.runAsLong(next);
    } catch (Throwable e) {
      throw next.leftFailed(e);
    }
    long b;
    try {
      b = next.takeBack() ? right.runAsLong(next) : next.takenResult();
    } catch (Throwable e) {
      throw next.failed(e);
    }
    next.stage = FREE;
    return combine.applyAsLong(a, b);
  }

  // ---- int

  @Override
  public int joinInt(ForkInt function, int left, int right, IntBinaryOperator combine) {
    Frame next = enter();
    next.first = right;
    next.fork(INT, function);
    int a;
    try {
      a = function.applyAsInt(next, left);
    } catch (Throwable e) {
      throw next.leftFailed(e);
    }
    int b;
    try {
      b = next.takeBack() ? function.applyAsInt(next, right) : (int) next.takenResult();
    } catch (Throwable e) {
      throw next.failed(e);
    }
    next.stage = FREE;
    return combine.applyAsInt(a, b);
  }

  @Override
  public int joinInt(ToInt left, ToInt right, IntBinaryOperator combine) {
    Frame next = enter();
    next.fork(TO_INT, right);
    int a;
    try {
      a = left.runAsInt(next);
    } catch (Throwable e) {
      throw next.leftFailed(e);
    }
    int b;
    try {
      b = next.takeBack() ? right.runAsInt(next) : (int) next.takenResult();
    } catch (Throwable e) {
      throw next.failed(e);
    }
    next.stage = FREE;
    return combine.applyAsInt(a, b);
  }

  // ---- double

  @Override
  public double joinDouble(
      ForkDouble function, double left, double right, DoubleBinaryOperator combine) {
    Frame next = enter();
    next.first = Double.doubleToRawLongBits(right);
    next.fork(DOUBLE, function);
    double a;
    try {
      a = function.applyAsDouble(next, left);
    } catch (Throwable e) {
      throw next.leftFailed(e);
    }
    double b;
    try {
      b = next.takeBack() ? function.applyAsDouble(next, right) : next.takenDouble();
    } catch (Throwable e) {
      throw next.failed(e);
    }
    next.stage = FREE;
    return combine.applyAsDouble(a, b);
  }

  @Override
  public double joinDouble(
      ForkDouble2 function,
      double left1,
      double left2,
      double right1,
      double right2,
      DoubleBinaryOperator combine) {
    long first = Double.doubleToRawLongBits(right1);
    Frame next = enter();
    next.first = first;
    next.second = Double.doubleToRawLongBits(right2);
    next.fork(DOUBLE_2, function);
    double a;
    try {
      a = function.applyAsDouble(next, left1, left2);
    } catch (Throwable e) {
      throw next.leftFailed(e);
    }
    double b;
    try {
      b = next.takeBack() ? function.applyAsDouble(next, right1, right2) : next.takenDouble();
    } catch (Throwable e) {
      throw next.failed(e);
    }
    next.stage = FREE;
    return combine.applyAsDouble(a, b);
  }

  @Override
  public double joinDouble(ToDouble left, ToDouble right, DoubleBinaryOperator combine) {
    Frame next = enter();
    next.fork(TO_DOUBLE, right);
    double a;
    try {
      a = left.runAsDouble(next);
    } catch (Throwable e) {
      throw next.leftFailed(e);
    }
    double b;
    try {
      b = next.takeBack() ? right.runAsDouble(next) : next.takenDouble();
    } catch (Throwable e) {
      throw next.failed(e);
    }
    next.stage = FREE;
    return combine.applyAsDouble(a, b);
  }

  // ---- objects

  @Override
  public <T extends @Nullable Object, R extends @Nullable Object> R join(
      Fork<T, R> function, T left, T right, BinaryOperator<R> combine) {
    Frame next = enter();
    if (next.argument != right) { // as in fork(): carriers are the same each time
      next.argument = right;
    }
    next.fork(OBJECT, function);
    R a;
    try {
      a = function.apply(next, left);
    } catch (Throwable e) {
      throw next.leftFailed(e);
    }
    R b;
    try {
      b = next.takeBack() ? function.apply(next, right) : next.<R>takenObject();
    } catch (Throwable e) {
      throw next.failed(e);
    }
    next.stage = FREE;
    return combine.apply(a, b);
  }

  @Override
  public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      R join(
          ForkBody<A> left,
          ForkBody<B> right,
          BiFunction<? super A, ? super B, ? extends R> combine) {
    Frame next = enter();
    next.fork(BODY, right);
    A a;
    try {
      a = left.run(next);
    } catch (Throwable e) {
      throw next.leftFailed(e);
    }
    B b;
    try {
      b = next.takeBack() ? right.run(next) : next.<B>takenObject();
    } catch (Throwable e) {
      throw next.failed(e);
    }
    next.stage = FREE;
    return combine.apply(a, b);
  }

  @Override
  public void joinAll(ForkAction... branches) {
    if (branches.length == 0) {
      return;
    }
    for (int i = 0; i < branches.length; i++) {
      requireNonNull(branches[i], "branch");
    }
    if (branches.length == 1) {
      runAlone(branches[0]);
    } else {
      joinHalves(branches, 0, branches.length);
    }
  }

  private void runAlone(ForkAction branch) {
    Frame next = enter();
    next.function = branch; // so that forget() sees that it was used
    next.stage = RUNNING;
    try {
      branch.run(next);
    } finally {
      next.free();
    }
  }

  /** Runs some of the branches, in halves. */
  static void joinAll(ForkScope scope, ForkAction[] branches, int from, int to) {
    if (to - from == 1) {
      branches[from].run(scope);
    } else {
      ((Frame) scope).joinHalves(branches, from, to);
    }
  }

  private void joinHalves(ForkAction[] branches, int from, int to) {
    int middle = (from + to) >>> 1;
    Frame next = enter();
    next.first = middle;
    next.second = to;
    next.fork(ACTIONS, branches);
    try {
      joinAll(next, branches, from, middle);
    } catch (Throwable e) {
      throw next.leftFailed(e);
    }
    try {
      if (next.takeBack()) {
        joinAll(next, branches, middle, to);
      } else {
        next.takenResult();
      }
    } catch (Throwable e) {
      throw next.failed(e);
    }
    next.stage = FREE;
  }

  @Override
  public <C extends ForkCarrier> C carrier(Class<C> type, Supplier<C> maker) {
    Frame next = enter();
    ForkCarrier kept = next.carrier;
    return kept != null && kept.getClass() == type ? type.cast(kept) : next.newCarrier(type, maker);
  }

  private <C extends ForkCarrier> C newCarrier(Class<C> type, Supplier<C> maker) {
    requireNonNull(type, "type");
    C made = type.cast(requireNonNull(requireNonNull(maker, "maker").get(), "carrier"));
    carrier = made;
    stack.keepsCarriers();
    return made;
  }

  // ---- what is rare

  private long takenResult() {
    return requireNonNull(offer).takeResult();
  }

  private double takenDouble() {
    return Double.longBitsToDouble(takenResult());
  }

  // What the branch returned, which its type allows to be null or does not.
  @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"})
  private <R extends @Nullable Object> R takenObject() {
    return (R) requireNonNull(offer).takeObject();
  }

  /** Called when the left branch has thrown: the right one must have ended, or never starts. */
  private RuntimeException leftFailed(Throwable error) {
    if (promoted && !stack.takeBackOrWait(this)) {
      Throwable right = requireNonNull(offer).takeError();
      if (right != null && right != error) {
        error.addSuppressed(right);
      }
    }
    throw failed(error);
  }

  /** Frees this frame and what an error has left below it; throws the error again. */
  private RuntimeException failed(Throwable error) {
    free();
    throw ForkStack.sneak(error);
  }

  /** Frees this frame and all below, after waiting for what others have taken of them. */
  void free() {
    // None is free before all have ended: whoever helps meanwhile uses the frames below.
    for (Frame each = this; each != null && each.stage != FREE; each = each.child) {
      if (!each.promoted) {
        each.stage = RUNNING; // so that it is not offered any more
      }
    }
    for (Frame each = this; each != null && each.stage != FREE; each = each.child) {
      each.settle();
    }
    for (Frame each = this; each != null && each.stage != FREE; each = each.child) {
      each.stage = FREE;
    }
  }

  /** Frees all frames in use from this one on, also behind free ones. */
  void freeAll() {
    for (Frame each = this; each != null; each = each.child) {
      each.settle();
      each.stage = FREE;
    }
  }

  private void settle() {
    if (promoted && !stack.takeBackOrWait(this)) {
      requireNonNull(offer).takeError();
    }
  }
}
