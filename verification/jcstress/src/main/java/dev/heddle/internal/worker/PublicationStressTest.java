// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.heddle.Outcome.Cancelled;
import dev.heddle.Outcome.Success;
import dev.heddle.internal.queue.OverflowQueue;
import dev.heddle.internal.worker.Stage.Box;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * What one side has written before a task is submitted, ends or is cancelled is seen by the other
 * side, and who asks to be told is told once.
 *
 * <p>Results are read from plain fields; -1 stands for "not there yet", 0 for a write that was not
 * seen.
 */
public final class PublicationStressTest {

  private PublicationStressTest() {}

  /** A body that writes a plain field and returns the box around it. */
  abstract static class OneTask {
    final Box box = new Box();
    final Worker worker = Stage.worker();
    final TaskHandleImpl<Box> handle =
        Stage.handle(
            context -> {
              box.value = 1;
              return box;
            });

    final @Nullable Box getWithin(long nanos) {
      try {
        return handle.get(nanos, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return null;
      } catch (InterruptedException | ExecutionException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Through an inbox: what the submitter wrote, the body reads. */
  @JCStressTest
  @Outcome(
      id = "0",
      expect = FORBIDDEN,
      desc = "the inbox hands the task over before what was written into it")
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the inbox was empty")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
  @State
  public static class SubmitThroughInbox {
    private final MpmcVarHandleArrayQueue<Object> inbox = new MpmcVarHandleArrayQueue<>(2);
    private final Worker worker = Stage.worker();

    /** Writes and submits. */
    @Actor
    public void submitter() {
      Box argument = new Box();
      argument.value = 1;
      inbox.offer(Stage.handle(context -> argument.value));
    }

    /** Takes and runs. */
    @Actor
    public void worker(I_Result r) {
      r.r1 = runAndRead(inbox.relaxedPoll(), worker);
    }
  }

  @SuppressWarnings("unchecked") // these tests put nothing else into a queue
  private static int runAndRead(@Nullable Object task, Worker worker) {
    if (task == null) {
      return -1;
    }
    TaskHandleImpl<Integer> handle = (TaskHandleImpl<Integer>) task;
    handle.runOn(worker);
    return handle.resultNow();
  }

  /** Through the overflow queue: what the submitter wrote, the body reads. */
  @JCStressTest
  @Outcome(
      id = "0",
      expect = FORBIDDEN,
      desc = "the queue hands the task over before what was written into it")
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the queue was empty")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
  @State
  public static class SubmitThroughOverflow {
    private final OverflowQueue<Object> overflow = new OverflowQueue<>();
    private final Worker worker = Stage.worker();

    /** Writes and submits. */
    @Actor
    public void submitter() {
      Box argument = new Box();
      argument.value = 1;
      overflow.offer(Stage.handle(context -> argument.value));
    }

    /** Takes and runs. */
    @Actor
    public void worker(I_Result r) {
      r.r1 = runAndRead(overflow.poll(), worker);
    }
  }

  /** The control of these two: the task is handed over through a plain field. */
  @JCStressTest
  @Outcome(
      id = "0",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: the body does not see what was written, as nothing published it")
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the field was empty")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
  @State
  public static class SubmitThroughInboxControl {
    private @Nullable Box field;

    /** Hands over, then writes: what a processor or compiler may make of plain writes. */
    @Actor
    public void submitter() {
      Box argument = new Box();
      field = argument;
      argument.value = 1;
    }

    /** Takes and reads. */
    @Actor
    public void worker(I_Result r) {
      Box argument = field;
      r.r1 = argument == null ? -1 : argument.value;
    }
  }

  /** {@code isDone}, then the result. */
  @JCStressTest
  @Outcome(id = "0", expect = FORBIDDEN, desc = "done is seen before the body's write")
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the task has not ended")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
  @State
  public static class RunIsDone extends OneTask {
    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Looks and reads. */
    @Actor
    public void reader(I_Result r) {
      r.r1 = handle.isDone() ? handle.resultNow().value : -1;
    }
  }

  /** The control of {@link RunIsDone}: reads without looking at the state. */
  @JCStressTest
  @Outcome(
      id = "0",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: the result is read before it is there")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
  @State
  public static class RunIsDoneControl extends OneTask {
    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Reads. */
    @Actor
    public void reader(I_Result r) {
      r.r1 = box.value;
    }
  }

  /** {@code state}, then the result. */
  @JCStressTest
  @Outcome(id = "0", expect = FORBIDDEN, desc = "SUCCESS is seen before the body's write")
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the task has not ended")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
  @State
  public static class RunState extends OneTask {
    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Looks and reads. */
    @Actor
    public void reader(I_Result r) {
      r.r1 = Stage.outcome(handle) == 1 ? handle.resultNow().value : -1;
    }
  }

  /** {@code join}: parked and unparked, or in time for the end. */
  @JCStressTest
  @Outcome(id = "0", expect = FORBIDDEN, desc = "join returns before the body's write is seen")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
  @State
  public static class RunJoin extends OneTask {
    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Waits and reads. */
    @Actor
    public void reader(I_Result r) {
      r.r1 = handle.join().value;
    }
  }

  /** {@code outcome}: as join, by another way out. */
  @JCStressTest
  @Outcome(id = "0", expect = FORBIDDEN, desc = "the outcome is there before the body's write")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
  @State
  public static class RunOutcome extends OneTask {
    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Waits and reads. */
    @Actor
    public void reader(I_Result r) {
      r.r1 = handle.outcome() instanceof Success<Box> success ? success.value().value : -1;
    }
  }

  /** {@code get} with a limit that may pass. */
  @JCStressTest
  @Outcome(id = "0", expect = FORBIDDEN, desc = "get returns before the body's write is seen")
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the time passed")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
  @State
  public static class RunGetWithLimit extends OneTask {
    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Waits for a moment and reads. */
    @Actor
    public void reader(I_Result r) {
      Box result = getWithin(1);
      r.r1 = result == null ? -1 : result.value;
    }
  }

  /** {@code exceptionNow}, once the state says so. */
  @JCStressTest
  @Outcome(id = "0", expect = FORBIDDEN, desc = "FAILED is seen before what the error carries")
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the task has not ended")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
  @State
  public static class RunFails {
    private static final class Failure extends RuntimeException {
      int value;

      Failure() {
        super("stress", null, false, false);
      }
    }

    private final Worker worker = Stage.worker();
    private final TaskHandleImpl<Box> handle =
        Stage.handle(
            context -> {
              Failure failure = new Failure();
              failure.value = 1;
              throw failure;
            });

    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Looks and reads. */
    @Actor
    public void reader(I_Result r) {
      r.r1 = Stage.outcome(handle) == 2 ? ((Failure) handle.exceptionNow()).value : -1;
    }

    /** Looks at the failure, else it would be logged as unobserved. */
    @Arbiter
    public void after() {
      handle.exceptionNow();
    }
  }

  /** A callback that is registered while the task ends. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "called before the body's write is seen")
  @Outcome(
      id = "0, .*",
      expect = FORBIDDEN,
      desc = "never called: pushed after the last look, and its pusher saw no end either")
  @Outcome(id = "2, .*", expect = FORBIDDEN, desc = "called twice: taken off by both")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "called once, by one of them")
  @State
  public static class RunCallback extends OneTask {
    private final AtomicInteger calls = new AtomicInteger();
    private volatile int seen;

    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Registers. */
    @Actor
    public void listener() {
      handle.onComplete(
          outcome -> {
            seen = outcome instanceof Success<Box> success ? success.value().value : -1;
            calls.incrementAndGet();
          });
    }

    /** Reads the books. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = calls.get();
      r.r2 = seen;
    }
  }

  /** The control of {@link RunCallback}: the same protocol without a look after the push. */
  @JCStressTest
  @Outcome(
      id = "0",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: never called, as nobody looked after the push")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "called once")
  @Outcome(expect = FORBIDDEN, desc = "called twice")
  @State
  public static class RunCallbackControl {
    private final AtomicReference<@Nullable Runnable> listener = new AtomicReference<>();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean done;

    private void serve() {
      Runnable taken = listener.getAndSet(null);
      if (taken != null) {
        taken.run();
      }
    }

    /** Ends, then serves. */
    @Actor
    public void worker() {
      done = true;
      serve();
    }

    /** Looks, then pushes: too early a look. */
    @Actor
    public void listener() {
      if (done) {
        calls.incrementAndGet();
      } else {
        listener.set(calls::incrementAndGet);
      }
    }

    /** Reads the books. */
    @Arbiter
    public void after(I_Result r) {
      r.r1 = calls.get();
    }
  }

  /** Two callbacks of one thread, registered while the task ends. */
  @JCStressTest
  @Outcome(id = "12", expect = ACCEPTABLE, desc = "each once, in order")
  @Outcome(
      id = "21",
      expect = ACCEPTABLE,
      desc = "each once; the first was left to the ending thread, the second served itself")
  @Outcome(expect = FORBIDDEN, desc = "one was never called, or twice")
  @State
  public static class RunTwoCallbacks extends OneTask {
    private final AtomicInteger calls = new AtomicInteger();

    private void call(int number) {
      calls.getAndUpdate(before -> before * 10 + number);
    }

    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Registers both. */
    @Actor
    public void listener() {
      handle.onComplete(outcome -> call(1));
      handle.onComplete(outcome -> call(2));
    }

    /** Reads the books. */
    @Arbiter
    public void after(I_Result r) {
      r.r1 = calls.get();
    }
  }

  /** A waiter whose time passes takes itself off the stack on which a callback lies. */
  @JCStressTest
  @Outcome(
      id = "0",
      expect = FORBIDDEN,
      desc = "never called: it was off the stack when the task ended, and pushed back unseen")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "called once")
  @Outcome(expect = FORBIDDEN, desc = "called twice: served and pushed back")
  @State
  public static class RunForgetWaiter extends OneTask {
    private final AtomicInteger calls = new AtomicInteger();

    /** Has a callback on the stack. */
    public RunForgetWaiter() {
      handle.onComplete(outcome -> calls.incrementAndGet());
    }

    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Waits for no time at all. */
    @Actor
    public void waiter() {
      getWithin(0);
    }

    /** Reads the books. */
    @Arbiter
    public void after(I_Result r) {
      r.r1 = calls.get();
    }
  }

  /** A {@link CompletableFuture} that is asked for while the task ends. */
  @JCStressTest
  @Outcome(id = "-1", expect = FORBIDDEN, desc = "never completed")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "completed before the body's write is seen")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "completed")
  @State
  public static class RunToCompletableFuture extends OneTask {
    private volatile @Nullable CompletableFuture<Box> future;

    /** Runs. */
    @Actor
    public void worker() {
      handle.runOn(worker);
    }

    /** Asks for it. */
    @Actor
    public void listener() {
      future = handle.toCompletableFuture();
    }

    /** Reads it. */
    @Arbiter
    public void after(I_Result r) {
      CompletableFuture<Box> asked = future;
      r.r1 = asked == null || !asked.isDone() ? -1 : asked.join().value;
    }
  }

  /** What a canceller wrote before, the body sees once it sees that it is cancelled. */
  @JCStressTest
  @Outcome(id = "0", expect = FORBIDDEN, desc = "isCancelled is seen before the canceller's write")
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the body was done, or never ran")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
  @State
  public static class CancelSeenByBody {
    private final Worker worker = Stage.worker();
    private int reason;
    private int seenByBody = -1;
    private final TaskHandleImpl<Integer> handle =
        Stage.handle(
            context -> {
              seenByBody = context.isCancelled() ? reason : -1;
              return 1;
            });

    /** Writes and cancels. */
    @Actor
    public void canceller() {
      reason = 1;
      handle.cancel();
    }

    /** Runs. */
    @Actor
    public void worker(I_Result r) {
      handle.runOn(worker);
      r.r1 = seenByBody;
    }
  }

  /** What a canceller wrote before, and why, is seen by who sees the cancellation. */
  @JCStressTest
  @Outcome(id = "0", expect = FORBIDDEN, desc = "cancelled is seen before the canceller's write")
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not cancelled yet")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
  @State
  public static class CancelSeenByReader extends OneTask {
    private int reason;

    /** Writes and cancels. */
    @Actor
    public void canceller() {
      reason = 1;
      handle.cancel();
    }

    /** Looks and reads. */
    @Actor
    public void reader(I_Result r) {
      if (!handle.isCancelled()) {
        r.r1 = -1;
      } else if (handle.outcome() instanceof Cancelled<Box> cancelled
          && !cancelled.reason().isEmpty()) {
        r.r1 = reason;
      }
    }
  }

  /** Two threads ask for the task's number. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "both have the same number, and it stays")
  @Outcome(expect = FORBIDDEN, desc = "two numbers for one task")
  @State
  public static class IdId extends OneTask {
    private long first;
    private long second;

    /** Asks. */
    @Actor
    public void first() {
      first = handle.id();
    }

    /** Asks. */
    @Actor
    public void second() {
      second = handle.id();
    }

    /** Compares. */
    @Arbiter
    public void after(I_Result r) {
      r.r1 = first == second && first == handle.id() && first > 0 ? 1 : 0;
    }
  }
}
