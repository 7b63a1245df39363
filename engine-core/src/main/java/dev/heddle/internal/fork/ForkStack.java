// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.fork;

import dev.heddle.TaskContext;
import dev.heddle.error.ForkDepthException;
import dev.heddle.error.ForkScopeException;
import dev.heddle.fork.Fork;
import dev.heddle.fork.ForkBody;
import dev.heddle.fork.ForkDouble;
import dev.heddle.fork.ForkDouble2;
import dev.heddle.fork.ForkInt;
import dev.heddle.fork.ForkLong;
import dev.heddle.fork.ForkLong2;
import dev.heddle.internal.util.Seam;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Keeps what comes before the attention word off its cache line. */
abstract class ForkStackPadBefore {
  long p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;
}

/** What others want of a worker, on a line of its own: they write it, the worker reads it often. */
abstract class ForkStackAttention extends ForkStackPadBefore {
  volatile int attention;

  /** The worker's thread, or null if it is to look at the attention word. */
  @Nullable Thread undisturbed;
}

/** Keeps what comes after the attention word off its cache line. */
abstract class ForkStackPadAfter extends ForkStackAttention {
  long q00, q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14, q15;
}

/**
 * One worker's side of fork/join: the chain of its frames, what it offers to others, and what they
 * want of it.
 */
/*
 * Roles.        attention: bits are set by others, cleared by the worker, which reads it at every join.
 *               undisturbed: set to null by others after a bit of attention, to the thread by the worker before it
 *               reads attention. A fork compares it with the current thread, which must be that of the stack anyway:
 *               so the look at a fork costs nothing.
 *               ring: offers, put in by the worker, looked at by others; an offer in it need not be open.
 *               active, computations: written by the worker. waiting: the worker's thread while it sleeps in a
 *               join. Everything else is the worker's own.
 * Frames.       root -> child -> child ... A computation starts with a base frame: the root or, inside another
 *               computation, the frame below the innermost one in use. Frames in use are a prefix of the chain.
 *               Each base has a number, its run: that of the base around it, or a new one if what it computes was
 *               taken from another stack.
 * Offering.     A worker sets NEED of the others when it has found nothing and at each nap. The owner answers at its
 *               next fork or join with its oldest pending frames, two at most, and clears it; without any, it
 *               keeps it. So tiny computations beside an idle worker pay for one answer a nap (20 to 200 us).
 *               After a theft that was worth it, more is asked for at once: by the thief, when it finds
 *               nothing and when it takes the next branch; and in its own stack, for who waits for it. So is
 *               an owner's own NEED set when it takes a branch back that was on offer for long.
 * The looks.    That at a fork is plain, that at a join opaque: a compiler may merge the first with others, never
 *               the second, and each fork has its join.
 * Waiting.      Whoever waits for a taken branch may only take branches of the run under which the taker runs it: parts
 *               of what it waits for. So waiting goes never deeper than the sequential recursion, nor runs
 *               strange code under a lock that the branch below holds. (Leapfrogging, Wagner and Calder 1993.)
 * Sleeping.     Owner: (1) waiting = thread, (2) look at the offer's state, (3) park. Thief: (a) state = DONE,
 *               (b) look at waiting, unpark. All four are volatile: either (2) sees DONE, or (b) sees the thread.
 * Progress.     A taken branch is run by its taker at once; so a wait ends when the branch does.
 * Want of stack. Any call may end in a StackOverflowError. Then whoever is above, and has more stack, puts right what is
 *               left: each join frees all frames below it, end() drops computations whose own end() failed,
 *               helpTaker() gives a part back that did not begin, forget() clears the rest between two tasks.
 * Allowed races. NEED may be raised in vain, or an offer answered that nobody wants any more: one CAS takes it back.
 * Evidence.     ForkTreeTest, ForkScopeTest; BranchOfferStressTest (run stamps); soak RandomTrees.
 */
public final class ForkStack extends ForkStackPadAfter {

  /** Of the attention word: somebody has nothing to do. */
  private static final int NEED = 1;

  /** Of the attention word: some task was cancelled, perhaps that of a computation here. */
  private static final int CANCEL = 1 << 1;

  private static final int RING_SIZE = 8;
  private static final int OFFERS_AN_ANSWER = 2;

  /** Frames that are made in advance. */
  private static final int PREPARED_FRAMES = 64;

  /**
   * Of the number of computations: zero for those whose first fork finds no child, and a wish to
   * attend to. Code that was compiled before it has seen such would be thrown away when it does,
   * which may be deep in a recursion whose rest is interpreted then, in frames several times as
   * large.
   */
  private static final int DETOUR_MASK = 15;

  /** Frames that are kept between tasks. */
  private static final int KEPT_FRAMES = 4096;

  private static final int SPINS_AFTER_NEED = 64; // a microsecond or two
  private static final int SPINS_BEFORE_NAP = 1000;
  private static final long MIN_NAP_NANOS = 20_000;
  private static final long MAX_NAP_NANOS = 200_000;

  /** A theft that took longer was worth it. */
  private static final long WORTHY_NANOS = 10_000;

  final Thread thread;
  private final Forks forks;
  private final int index;
  private final Frame root = new Frame(this);
  private final Frame belowRoot;
  private final @Nullable Offer[] ring = new Offer[RING_SIZE]; // by RING

  private int bases;
  private @Nullable Frame[] baseFrames = new Frame[4];
  private @Nullable TaskContext[] baseTasks = new TaskContext[4];
  private long[] baseRuns = new long[4];
  private long lastRun;

  private volatile boolean active;
  private volatile long computations;
  private volatile @Nullable Thread waiting;

  private boolean used; // since the last forget()
  private boolean hasCarriers; // since the last letGo()
  private boolean leftOver; // an error has left frames in use
  private @Nullable Offer unfinished; // what this worker has taken for a join that waits
  private boolean worthIt; // the last theft
  private boolean mayAsk; // no need has been raised since a theft that was worth it
  private int nextVictim;
  private long nap = MIN_NAP_NANOS;

  ForkStack(Forks forks, int index, Thread thread) {
    this.forks = forks;
    this.index = index;
    this.thread = thread;
    this.attention = NEED; // the others may sleep already; so undisturbed stays null
    belowRoot = new Frame(this);
    Frame frame = root;
    for (int i = 1; i < PREPARED_FRAMES; i++) {
      frame = frame.childOrGrow();
    }
  }

  /** Returns what is to be the child of a frame without one. */
  Frame madeBelow(Frame frame) {
    return frame == root ? belowRoot : new Frame(this);
  }

  // ---- computations

  /**
   * Begins a computation on the calling thread, which is that of this stack.
   *
   * @param of the task it belongs to, whose cancellation ends it
   * @return its scope, to be given to {@link #end}
   */
  Frame begin(@Nullable TaskContext of) {
    // What begins inside another computation is a part of it: who waits for that may take it.
    return begin(taskOf(of), bases > 0 ? baseRuns[bases - 1] : ++lastRun);
  }

  /**
   * The task of what is computed now: a branch that was taken runs without a task of its own, for
   * it belongs to that of its computation.
   */
  private @Nullable TaskContext taskOf(@Nullable TaskContext of) {
    return of == null && bases > 0 ? baseTasks[bases - 1] : of;
  }

  private Frame begin(@Nullable TaskContext task, long run) {
    Frame base = root;
    if (bases > 0) {
      base = innermost().childOrGrow();
      if (base.function == null) {
        base.function = this; // so that forget() sees that it was used
      }
    }
    if (bases == baseRuns.length) {
      baseFrames = Arrays.copyOf(baseFrames, 2 * bases);
      baseTasks = Arrays.copyOf(baseTasks, 2 * bases);
      baseRuns = Arrays.copyOf(baseRuns, 2 * bases);
    }
    if (baseFrames[bases] != base) {
      baseFrames[bases] = base;
    }
    if (baseTasks[bases] != task) {
      baseTasks[bases] = task;
    }
    baseRuns[bases] = run;
    bases++;
    base.stage = Frame.RUNNING;
    if (bases == 1) {
      used = true;
      if ((computations & DETOUR_MASK) == 0) {
        root.child = null; // it is belowRoot again when it is needed
        undisturbed = null;
      }
      COMPUTATIONS.setRelease(this, computations + 1);
      active = true; // a full fence: then the looks for sleepers and at the task
    }
    try {
      if (task != null && task.isCancelled()) {
        raise(CANCEL); // who has cancelled it may have come too early to find this stack active
      }
      if (bases == 1) {
        forks.started(index);
      }
    } catch (Throwable e) { // no stack
      end(base);
      throw e;
    }
    return base;
  }

  /** Ends a computation, of whose frames an error may have left some in use. */
  private void end(Frame base) {
    boolean freed = false;
    try {
      base.free();
      freed = true;
    } finally {
      leftOver |= !freed;
      do { // more than one, if an inner end had no stack
        bases--;
      } while (bases > 0 && baseFrames[bases] != base);
      if (bases == 0) {
        ACTIVE.setRelease(this, false);
      } else {
        raise(CANCEL); // an answer inside did not look at the computations around
      }
    }
  }

  /** Computes on the calling thread, which is that of this stack. */
  public long computeLong(ForkLong function, long argument, @Nullable TaskContext task) {
    Frame base = begin(task);
    try {
      return function.applyAsLong(base, argument);
    } catch (StackOverflowError e) {
      throw tooDeep(e);
    } finally {
      end(base);
    }
  }

  /** Computes on the calling thread, which is that of this stack. */
  public long computeLong(ForkLong2 function, long first, long second, @Nullable TaskContext task) {
    Frame base = begin(task);
    try {
      return function.applyAsLong(base, first, second);
    } catch (StackOverflowError e) {
      throw tooDeep(e);
    } finally {
      end(base);
    }
  }

  /** Computes on the calling thread, which is that of this stack. */
  public int computeInt(ForkInt function, int argument, @Nullable TaskContext task) {
    Frame base = begin(task);
    try {
      return function.applyAsInt(base, argument);
    } catch (StackOverflowError e) {
      throw tooDeep(e);
    } finally {
      end(base);
    }
  }

  /** Computes on the calling thread, which is that of this stack. */
  public double computeDouble(ForkDouble function, double argument, @Nullable TaskContext task) {
    Frame base = begin(task);
    try {
      return function.applyAsDouble(base, argument);
    } catch (StackOverflowError e) {
      throw tooDeep(e);
    } finally {
      end(base);
    }
  }

  /** Computes on the calling thread, which is that of this stack. */
  public double computeDouble(
      ForkDouble2 function, double first, double second, @Nullable TaskContext task) {
    Frame base = begin(task);
    try {
      return function.applyAsDouble(base, first, second);
    } catch (StackOverflowError e) {
      throw tooDeep(e);
    } finally {
      end(base);
    }
  }

  /** Computes on the calling thread, which is that of this stack. */
  public <T extends @Nullable Object, R extends @Nullable Object> R compute(
      Fork<T, R> function, T argument, @Nullable TaskContext task) {
    Frame base = begin(task);
    try {
      return function.apply(base, argument);
    } catch (StackOverflowError e) {
      throw tooDeep(e);
    } finally {
      end(base);
    }
  }

  /** Computes on the calling thread, which is that of this stack. */
  public <R extends @Nullable Object> R compute(ForkBody<R> body, @Nullable TaskContext task) {
    Frame base = begin(task);
    try {
      return body.run(base);
    } catch (StackOverflowError e) {
      throw tooDeep(e);
    } finally {
      end(base);
    }
  }

  /**
   * Runs a loop on the calling thread, which is that of this stack, and on those that take parts.
   *
   * @param loop what has not begun, or has been run alone
   * @param of the task it belongs to, whose cancellation ends it
   */
  public void run(Loop loop, @Nullable TaskContext of) {
    TaskContext task = taskOf(of);
    if (bases > 0 && (attention & NEED) != 0) {
      answerNeed(); // by what is pending, if there is something: it is more
    }
    if ((attention & NEED) == 0 && loop.runAlone(task)) {
      return;
    }
    Frame base = begin(task);
    try {
      ATTENTION.getAndBitwiseAnd(this, ~NEED); // this is the answer
      loop.share(this, task, baseRuns[bases - 1]);
    } catch (StackOverflowError e) {
      throw tooDeep(e);
    } finally {
      end(base);
    }
  }

  private static ForkDepthException tooDeep(StackOverflowError e) {
    return new ForkDepthException(
        "recursion must not be deeper than the stack of its thread: thread="
            + Thread.currentThread().getName()
            + " (fork in halves, not one by one, or give workers more stack)",
        e);
  }

  private Frame innermost() {
    Frame frame = root;
    for (Frame next = frame.child; next != null && next.stage != Frame.FREE; next = frame.child) {
      frame = next;
    }
    return frame;
  }

  /** Forgets what finished computations leave in their frames. Called between tasks. */
  public void forget() {
    if (!used) {
      return;
    }
    used = false;
    root.childOrGrow();
    if (leftOver || bases > 0) {
      leftOver = false;
      root.freeAll();
      Arrays.fill(ring, null);
      bases = 0;
      ACTIVE.setRelease(this, false);
    }
    Arrays.fill(baseTasks, null);
    Arrays.fill(baseFrames, null);
    int kept = 0;
    for (Frame each = root; each != null; each = each.child) {
      if (each.isUnused() && each != root && kept >= PREPARED_FRAMES) {
        return; // never used, and so are those below
      }
      each.forget();
      if (++kept == KEPT_FRAMES) {
        each.child = null;
        Arrays.fill(ring, null); // no offer is open
      }
    }
  }

  /** Says that a frame has got a carrier. */
  void keepsCarriers() {
    hasCarriers = true;
  }

  /**
   * Lets go of all carriers: their classes are the program's, and class loaders may want to go.
   * Called by a worker that has nothing to run, after {@link #forget}.
   */
  public void letGo() {
    if (hasCarriers) {
      hasCarriers = false;
      for (Frame each = root; each != null; each = each.child) {
        each.carrier = null;
      }
    }
  }

  ForkScopeException misuse(Frame scope) {
    String rule;
    if (Thread.currentThread() != thread) {
      rule =
          "scope is for the thread that runs its branch: thread="
              + Thread.currentThread().getName()
              + ", scopeOf="
              + thread.getName();
    } else if (scope.stage == Frame.FREE) {
      rule = "scope is for the time its branch runs: stage=ended";
    } else {
      rule = "scope is for its own branch: usedIn=a branch that it has forked";
    }
    return new ForkScopeException(rule + " (use the scope that the branch was given)");
  }

  /** Throws anything, also what is checked: a branch may have thrown it by the same trick. */
  static RuntimeException sneak(Throwable error) {
    ForkStack.<RuntimeException>throwAs(error);
    throw new AssertionError(error); // not reached
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void throwAs(Throwable error) throws E {
    throw (E) error;
  }

  // ---- attention

  private void raise(int bit) {
    if ((attention & bit) == 0) {
      ATTENTION.getAndBitwiseOr(this, bit);
      UNDISTURBED.setVolatile(this, null);
    }
  }

  /** Asks for branches. Called by others. */
  void raiseNeed() {
    raise(NEED);
  }

  /** Makes the worker look whether its computations were cancelled. Called by anybody. */
  void raiseCancel() {
    raise(CANCEL);
  }

  /** As {@link #attend}, at the beginning of a join, whose frame must not stay in use. */
  void attendAtFork(Frame frame) {
    try {
      UNDISTURBED.setVolatile(this, thread);
      attend();
    } catch (Throwable e) {
      frame.free();
      throw e;
    }
  }

  /** Does what others want. */
  void attend() {
    if ((attention & NEED) != 0) {
      answerNeed();
    }
    if ((attention & CANCEL) != 0) {
      ATTENTION.getAndBitwiseAnd(this, ~CANCEL);
      TaskContext task = baseTasks[bases - 1];
      if (task != null) {
        task.checkCancelled();
      }
    }
  }

  /** Offers the oldest pending frames. */
  private void answerNeed() {
    try {
      offerOldest();
    } catch (OutOfMemoryError | StackOverflowError e) {
      return; // no memory to share work: then it is not shared, and the join goes on
    }
  }

  private void offerOldest() {
    ATTENTION.getAndBitwiseAnd(this, ~NEED);
    int offered = 0;
    int base = 0;
    for (Frame each = root; each != null && each.stage != Frame.FREE; each = each.child) {
      if (base < bases && each == baseFrames[base]) {
        base++;
      } else if (each.stage > Frame.RUNNING && !each.promoted) {
        if (!offer(each, baseRuns[base - 1], baseTasks[base - 1])) {
          return; // the ring is full of open offers
        }
        if (++offered == OFFERS_AN_ANSWER) {
          return;
        }
      }
    }
    if (offered == 0) {
      raise(NEED);
    }
  }

  private boolean offer(Frame frame, long run, @Nullable TaskContext task) {
    for (int i = 0; i < RING_SIZE; i++) {
      Offer old = ring[i];
      if (old == null || old == frame.offer || old.isOver()) {
        BranchOffer offer = frame.offer;
        if (offer == null) {
          offer = new BranchOffer(frame);
          frame.offer = offer;
        }
        offer.close();
        frame.promoted = true;
        offer.open(run, task);
        RING.setRelease(ring, i, offer);
        return true;
      }
    }
    return false;
  }

  /** As {@link #attend}, between two pieces of a loop: that is offered already. */
  void attendInLoop() {
    if (attention != 0) {
      attend();
    }
  }

  /**
   * Offers a part of a loop that the calling thread works on; its place, or -1 if there is none.
   */
  int place(LoopPart part) {
    for (int i = 0; i < RING_SIZE; i++) {
      Offer old = ring[i];
      if (old == null || old.isOver()) {
        RING.setRelease(ring, i, part);
        return i;
      }
    }
    return -1;
  }

  void withdraw(LoopPart part, int place) {
    if (place >= 0 && ring[place] == part) { // it was over, and replaced
      RING.setRelease(ring, place, null);
    }
  }

  // ---- joining a promoted frame

  /**
   * Takes back the branch of a promoted frame or, if somebody has taken it, waits for its end.
   *
   * @return whether it was taken back, and has to be run by the caller
   */
  boolean takeBackOrWait(Frame frame) {
    BranchOffer offer = frame.offer;
    if (offer == null) {
      throw new IllegalStateException("a promoted frame must have an offer");
    }
    boolean back = offer.takeBack();
    if (back) {
      if (Seam.nanoTime() - offer.openedNanos() > WORTHY_NANOS) {
        raise(NEED); // nobody wanted it for long, but the next one may be wanted
      }
    } else {
      back = waitFor(offer);
    }
    frame.promoted = false;
    if (back) {
      frame.stage = Frame.RUNNING;
    }
    return back;
  }

  private boolean waitFor(BranchOffer offer) {
    for (; ; ) {
      await(offer);
      int state = offer.state();
      if (state == BranchOffer.DONE) {
        return false;
      }
      // Given back by somebody who had taken it by mistake, or never opened, for want of stack.
      if (state == BranchOffer.CLOSED || offer.takeBack()) {
        return true;
      }
    }
  }

  /** Waits, and helps meanwhile, until nothing is pending. */
  void await(Awaited end) {
    boolean interrupted = false;
    long nap = MIN_NAP_NANOS;
    try {
      while (end.isPending()) {
        if ((attention & NEED) != 0) {
          answerNeed();
        }
        if (!end.help(this) && !spinWhilePending(end)) {
          waiting = thread;
          if (end.isPending()) {
            Seam.parkNanos(this, nap);
          }
          waiting = null;
          interrupted |= Thread.interrupted();
          nap = Math.min(2 * nap, MAX_NAP_NANOS);
        }
      }
    } finally {
      if (interrupted) {
        thread.interrupt();
      }
    }
  }

  /** Runs a part of what a worker runs under a run of it; {@code false} if it offers none. */
  boolean helpWith(ForkStack taker, long run) {
    Offer part = taker.takeOf(run);
    if (part == null) {
      taker.raiseNeed();
      pause(SPINS_AFTER_NEED);
      part = taker.takeOf(run);
    }
    if (part == null) {
      return false;
    }
    runWhileWaiting(part);
    return true;
  }

  /** Runs what was taken by a wait, whose frames are in use. */
  void runWhileWaiting(Offer part) {
    Offer outer = unfinished;
    unfinished = part;
    try {
      run(part);
    } catch (Throwable e) {
      if (unfinished == part) { // no stack to begin it, or to say that it is done
        part.abandon(this, e);
      }
      throw e;
    } finally {
      unfinished = outer;
    }
  }

  /** Waits a moment; {@code true} if something has happened. */
  private static boolean spinWhilePending(Awaited end) {
    for (int i = 0; i < SPINS_BEFORE_NAP; i++) {
      if (!end.isPending()) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  private static void pause(int spins) {
    for (int i = 0; i < spins; i++) {
      Thread.onSpinWait();
    }
  }

  // ---- taking from others

  /** Takes something of one run that this stack offers. Called by the thread that waits for it. */
  private @Nullable Offer takeOf(long run) {
    for (int i = 0; i < RING_SIZE; i++) {
      Offer offer = (Offer) RING.getAcquire(ring, i);
      Offer taken = offer == null ? null : offer.takeOf(run);
      if (taken != null) {
        return taken;
      }
    }
    return null;
  }

  /** Takes anything that this stack offers. Called by an idle worker. */
  private @Nullable Offer takeAny() {
    for (int i = 0; i < RING_SIZE; i++) {
      Offer offer = (Offer) RING.getAcquire(ring, i);
      Offer taken = offer == null ? null : offer.take();
      if (taken != null) {
        return taken;
      }
    }
    return null;
  }

  /**
   * Takes a branch from another worker. Called by the idle worker of this stack.
   *
   * @return what {@link #run} is to be called with, or {@code null}
   */
  public @Nullable Offer steal() {
    Offer offer = scan();
    if (offer == null && mayAsk) {
      mayAsk = false;
      raiseNeedOfOthers();
      pause(SPINS_AFTER_NEED);
      offer = scan();
    }
    return offer;
  }

  private @Nullable Offer scan() {
    for (int i = 0; i < forks.size(); i++) {
      nextVictim = nextVictim + 1 < forks.size() ? nextVictim + 1 : 0;
      ForkStack victim = forks.stack(nextVictim);
      if (victim != null && victim != this && victim.active) {
        Offer offer = victim.takeAny();
        if (offer != null) {
          if (worthIt) {
            victim.raiseNeed(); // so that there is another one when this one has ended
          }
          return offer;
        }
      }
    }
    return null;
  }

  /**
   * Returns how long to nap before the next look: short after a theft that was worth it.
   *
   * @param most the longest, in nanoseconds
   * @return nanoseconds
   */
  public long napNanos(long most) {
    nap = Math.min(2 * nap, most);
    return nap;
  }

  /** Asks all others for branches: called by an idle worker before it sleeps. */
  public void raiseNeedOfOthers() {
    for (int i = 0; i < forks.size(); i++) {
      ForkStack victim = forks.stack(i);
      if (victim != null && victim != this) {
        victim.raiseNeed();
      }
    }
  }

  /**
   * Runs what was taken. Called by the thread of this stack.
   *
   * @param offer what was taken
   */
  public void run(Offer offer) {
    ForkStack owner = offer.owner();
    long start = 0;
    Throwable error = null;
    try {
      start = Seam.nanoTime();
      TaskContext task = offer.task();
      Frame base = begin(task, ++lastRun);
      offer.takenBy(this, lastRun);
      if (worthIt) {
        raise(NEED); // who waits for it will want a part
      }
      try {
        if (task != null) {
          task.checkCancelled(); // who cancelled it may have told the others before
        }
        offer.run(base);
      } finally {
        end(base);
      }
    } catch (Throwable e) {
      error = e;
    }
    offer.end(error);
    if (unfinished == offer) {
      unfinished = null;
    }
    Thread sleeper = owner.waiting;
    if (sleeper != null) {
      Seam.unpark(sleeper);
    }
    worthIt = Seam.nanoTime() - start > WORTHY_NANOS;
    mayAsk = worthIt;
    if (worthIt) {
      nap = MIN_NAP_NANOS;
    }
  }

  /**
   * Tells whether its worker sleeps in a join, until others have run what they have taken. Called
   * by any thread.
   *
   * @return whether it does
   */
  public boolean isWaiting() {
    return waiting != null;
  }

  boolean isActive() {
    return active;
  }

  /** How many computations have begun here. */
  long computations() {
    return computations;
  }

  private static final VarHandle ATTENTION;
  private static final VarHandle UNDISTURBED;
  private static final VarHandle ACTIVE;
  private static final VarHandle COMPUTATIONS;
  private static final VarHandle RING = MethodHandles.arrayElementVarHandle(Offer[].class);

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ATTENTION = lookup.findVarHandle(ForkStackAttention.class, "attention", int.class);
      UNDISTURBED = lookup.findVarHandle(ForkStackAttention.class, "undisturbed", Thread.class);
      ACTIVE = lookup.findVarHandle(ForkStack.class, "active", boolean.class);
      COMPUTATIONS = lookup.findVarHandle(ForkStack.class, "computations", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
