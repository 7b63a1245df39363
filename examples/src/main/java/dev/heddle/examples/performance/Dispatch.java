// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.performance;

import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * How long tasks have waited to start, from just before they were submitted to the first act of
 * their bodies. They were submitted one at a time, after pauses of different length, so that
 * sleeping workers have their share in it.
 *
 * @param contestant the name of the contestant
 * @param waits the waits in nanoseconds
 * @param digestSum the sum of the results of the tasks
 */
record Dispatch(String contestant, Histogram waits, long digestSum) {

  private static final int MAX_PAUSE_NANOS = 100_000;
  private static final int DIGITS = 3;
  private static final double NANOS_PER_MICRO = 1e3;

  /** What a body tells: when it started, and its result. */
  private record Answer(long start, long digest) {}

  /** Submits a number of tasks and measures each. */
  static Dispatch measure(String name, Contestant contestant, int tasks)
      throws ExecutionException, InterruptedException {
    Random random = new Random(tasks);
    Histogram waits = new Histogram(DIGITS);
    Answer[] answers = new Answer[tasks];
    long sum = 0;
    for (int i = 0; i < tasks; i++) {
      int task = i;
      LockSupport.parkNanos(random.nextInt(MAX_PAUSE_NANOS));
      long submitted = System.nanoTime();
      Future<Long> digest =
          contestant.submit(
              () -> {
                long start = System.nanoTime();
                long result = Digest.of(task);
                answers[task] = new Answer(start, result);
                return result;
              });
      sum += digest.get();
      waits.recordValue(Math.max(0, answers[task].start() - submitted));
    }
    return new Dispatch(name, waits, sum);
  }

  /** Returns the wait that so many percent of the tasks do not exceed. */
  double micros(double percentile) {
    return waits.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
  }
}
