// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * How long does it take from submitting a task until the thread outside has its answer, and how
 * much longer once in a thousand times?
 *
 * <p><b>Method.</b> {@code roundTripSpinning} executes a body that writes an answer, for which the
 * caller spins; {@code roundTripJoining} submits a body and gets its result, so that the
 * contestant's own way of waiting counts. One task at a time; each round trip is sampled, look at
 * p0.50 and p0.999. {@code baseline} is what the machine can do: two threads that both spin, each
 * on a field that the other writes. Its answer crosses twice between the cores, and no thread ever
 * sleeps; it is the same in both methods.
 *
 * <p><b>Asserted.</b> Each answer belongs to its question.
 *
 * <p><b>Traps avoided.</b> Question and answer lie on lines of their own. The bodies are of four
 * classes. Whether a pool's workers go to sleep between two tasks decides the result, and with
 * {@code workers=2} on two cores three threads may be awake: compare only within one run, with
 * nothing else running.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RoundTripBenchmark {

  @Param({"heddle", "forkJoinPool", "threadPoolExecutor", "baseline"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  private final Bodies bodies = new Bodies();
  private final PaddedLong question = new PaddedLong(); // written by the caller alone
  private final PaddedLong answer = new PaddedLong(); // written by whoever runs the body
  private final Runnable[] answers = {
    () -> answer.value = question.value,
    () -> answer.value = question.value,
    () -> answer.value = question.value,
    () -> answer.value = question.value,
  };
  private @Nullable Contestant contestant;
  private @Nullable Echo echo;
  private long asked;

  /** Starts the contestant. */
  @Setup
  public void setUp() {
    if (rival.equals("baseline")) {
      echo = new Echo(question, answer);
      echo.start();
    } else {
      contestant = Contestant.start(rival, workers);
    }
  }

  /** Stops the contestant. */
  @TearDown
  public void tearDown() throws InterruptedException {
    if (echo != null) {
      question.value = Echo.END;
      echo.join();
    }
    if (contestant != null) {
      contestant.close();
    }
  }

  /** Executes a task and spins until it has run. */
  @Benchmark
  public long roundTripSpinning() {
    long number = ++asked;
    question.value = number;
    if (echo == null) {
      requireNonNull(contestant, "contestant").execute(answers[(int) number & 3]);
    }
    return awaitAnswer(number);
  }

  /** Submits a task and gets its result. */
  @Benchmark
  public long roundTripJoining() throws Exception {
    long number = ++asked;
    if (echo != null) {
      question.value = number;
      return awaitAnswer(number);
    }
    Callable<Integer> body = bodies.body((int) number);
    int result = requireNonNull(contestant, "contestant").submit(body).get();
    if (result != Bodies.result((int) number)) {
      throw wrong(Bodies.result((int) number), result);
    }
    return result;
  }

  private long awaitAnswer(long number) {
    long seen = answer.value;
    while (seen != number) {
      if (seen > number) {
        throw wrong(number, seen);
      }
      Thread.onSpinWait();
      seen = answer.value;
    }
    return seen;
  }

  private static IllegalStateException wrong(long expected, long actual) {
    return new IllegalStateException(
        "answer must be that of the question: expected=" + expected + ", actual=" + actual);
  }

  /** The other thread of the baseline: gives each question back as the answer. */
  private static final class Echo extends Thread {

    private static final long END = -1;

    private final PaddedLong question;
    private final PaddedLong answer;

    Echo(PaddedLong question, PaddedLong answer) {
      super("echo");
      this.question = question;
      this.answer = answer;
    }

    @Override
    public void run() {
      long last = 0;
      while (last != END) {
        long next = question.value;
        if (next == last) {
          Thread.onSpinWait();
        } else {
          answer.value = next;
          last = next;
        }
      }
    }
  }
}
