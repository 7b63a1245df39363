// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long does the first task wait after a time in which there was nothing to do?
 *
 * <p><b>Method.</b> Before each task, the caller sleeps {@code idleMillis}. Then it executes a body
 * that writes a mark as its first act, and spins until it sees the mark; each such time is sampled.
 * {@code baseline} is what the machine can do: the caller unparks a thread that is parked, and that
 * thread writes the mark as its first act. The time of both includes the way of the mark back to
 * the caller, about a tenth of a microsecond.
 *
 * <p><b>Asserted.</b> Each mark belongs to its task.
 *
 * <p><b>Traps avoided.</b> The idle time is not part of the sample. Fifty tasks a second would be
 * measured in the interpreter for minutes, so 60,000 tasks come before, one in ten after a short
 * sleep. The sleep lets the cores fall into the same idle states for all contestants. After 20 ms
 * there are about 50 samples in a second: p0.50 and p0.90 mean something, p0.999 does not. For
 * {@code -p idleMillis=1000}, add {@code -w 10s -r 60s}: one sample a second.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
public class WakeBenchmark {

  private static final int WARM_UP_TASKS_A_SLEEP = 10;
  private static final long WARM_UP_SLEEP_NANOS = 200_000; // long enough to go to sleep

  @Param({"heddle", "forkJoinPool", "threadPoolExecutor", "baseline"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  @Param({"20"})
  public int idleMillis;

  @Param({"60000"})
  public int warmUpTasks;

  private final PaddedLong task = new PaddedLong(); // written by the caller alone
  private final PaddedLong mark = new PaddedLong(); // written by whoever runs the body
  private final Runnable[] bodies = {
    () -> mark.value = task.value,
    () -> mark.value = task.value,
    () -> mark.value = task.value,
    () -> mark.value = task.value,
  };
  private @Nullable Contestant contestant;
  private @Nullable Sleeper sleeper;
  private long executed;

  /** Starts the contestant, and lets the JIT compiler see what will be measured. */
  @Setup
  public void setUp() {
    if (rival.equals("baseline")) {
      sleeper = new Sleeper(task, mark);
      sleeper.start();
    } else {
      contestant = Contestant.start(rival, workers);
    }
    for (int i = 0; i < warmUpTasks; i++) {
      if (i % WARM_UP_TASKS_A_SLEEP == 0) {
        LockSupport.parkNanos(WARM_UP_SLEEP_NANOS);
      }
      wake();
    }
  }

  /** Stops the contestant. */
  @TearDown
  public void tearDown() throws InterruptedException {
    if (sleeper != null) {
      task.value = Sleeper.END;
      LockSupport.unpark(sleeper);
      sleeper.join();
    }
    if (contestant != null) {
      contestant.close();
    }
  }

  /** Lets the contestant go to sleep. */
  @Setup(Level.Invocation)
  public void idle() throws InterruptedException {
    Thread.sleep(idleMillis);
  }

  /** Executes a task and waits until it starts. */
  @Benchmark
  public long wake() {
    long number = ++executed;
    task.value = number;
    if (sleeper != null) {
      LockSupport.unpark(sleeper);
    } else {
      requireNonNull(contestant, "contestant").execute(bodies[(int) number & 3]);
    }
    long seen = mark.value;
    while (seen != number) {
      if (seen > number) {
        throw new IllegalStateException(
            "mark must be that of the task: expected=" + number + ", actual=" + seen);
      }
      Thread.onSpinWait();
      seen = mark.value;
    }
    return seen;
  }

  /** The thread of the baseline: writes the mark whenever it is unparked for a task. */
  private static final class Sleeper extends Thread {

    private static final long END = -1;

    private final PaddedLong task;
    private final PaddedLong mark;

    Sleeper(PaddedLong task, PaddedLong mark) {
      super("sleeper");
      this.task = task;
      this.mark = mark;
    }

    @Override
    public void run() {
      long last = 0;
      while (last != END) {
        LockSupport.park(this);
        last = task.value;
        mark.value = last;
      }
    }
  }
}
