// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does a task cost whose result is got from outside?
 *
 * <p><b>Method.</b> {@code submitGet} submits a body and gets its result, one after the other;
 * {@code submitGetPipelined} submits {@value #PIPELINED} bodies and then gets all results, in
 * order. The score is the time a task. The results are objects that exist, so that {@code -prof gc}
 * shows what handles and queues allocate.
 *
 * <p><b>Asserted.</b> The sum of the results.
 *
 * <p><b>Traps avoided.</b> The bodies are of four classes. One after the other, most of the time is
 * the waking of sleeping threads, which depends on the machine's mood: compare only within one run,
 * and look at {@link RoundTripBenchmark} for how the times are spread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SubmitGetBenchmark {

  /** Tasks an invocation of {@link #submitGetPipelined}. */
  static final int PIPELINED = 256;

  @Param({"heddle", "forkJoinPool", "threadPoolExecutor", "virtualThreads"})
  public String rival = "";

  @Param({"1", "2"})
  public int workers;

  private final Bodies bodies = new Bodies();
  private final Future<?>[] pipeline = new Future<?>[PIPELINED];
  private @Nullable Contestant contestant;
  private int next;

  @Setup
  public void setUp() {
    contestant = Contestant.start(rival, workers);
  }

  @TearDown
  public void tearDown() {
    if (contestant != null) {
      contestant.close();
    }
  }

  /** Submits a task and gets its result. */
  @Benchmark
  public int submitGet() throws Exception {
    int index = next++;
    Callable<Integer> body = bodies.body(index);
    int result = requireNonNull(contestant, "contestant").submit(body).get();
    if (result != Bodies.result(index)) {
      throw wrong(Bodies.result(index), result);
    }
    return result;
  }

  /** Submits many tasks, then gets their results. */
  @Benchmark
  @OperationsPerInvocation(PIPELINED)
  public long submitGetPipelined() throws Exception {
    Contestant target = requireNonNull(contestant, "contestant");
    for (int i = 0; i < PIPELINED; i++) {
      pipeline[i] = target.submit(bodies.body(i));
    }
    long sum = 0;
    for (Future<?> each : pipeline) {
      sum += (Integer) each.get();
    }
    if (sum != Bodies.sumOfResults(PIPELINED)) {
      throw wrong(Bodies.sumOfResults(PIPELINED), sum);
    }
    return sum;
  }

  private static IllegalStateException wrong(long expected, long actual) {
    return new IllegalStateException(
        "results must be those of the bodies: expected=" + expected + ", actual=" + actual);
  }
}
