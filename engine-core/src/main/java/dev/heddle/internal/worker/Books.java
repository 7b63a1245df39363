// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.observe.EngineMetrics;
import dev.heddle.observe.TaskTimes;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What an engine has accepted, and what has become of it. Safe for use by any thread. */
/*
 * Counting.     Nothing is counted at submission: accepted is the sum of the queues' producer indices, and of the
 *               few tasks that come into no queue. Taken, completed, failed are counted by each runner on a line
 *               of its own (WorkerCounters), what is rare by adders here.
 * Reconciling.  Ends are read before beginnings: what is read as ended has been read as accepted, so live is
 *               never negative; when nothing is on its way, it is exact.
 * Evidence.     EngineModelTest, NothingLostTest, CounterWrapTest, soak Load.
 */
final class Books {

  /** Tasks that were refused. */
  final LongAdder rejected = new LongAdder();

  /** Tasks that were cancelled, counted by who cancels. */
  final LongAdder cancelled = new LongAdder();

  /** Tasks that have succeeded, and do not run themselves: their attempts do. */
  final LongAdder completedElsewhere = new LongAdder();

  /** Likewise, that have failed; and tasks whose timeout was over, counted by the timer thread. */
  final LongAdder failedElsewhere = new LongAdder();

  /** Workers that were relieved of tasks which went on after they had been cancelled. */
  final LongAdder quarantined = new LongAdder();

  /** Further attempts. */
  final LongAdder retries = new LongAdder();

  /** Attempts and tasks that took longer than their options allow. */
  final LongAdder timeouts = new LongAdder();

  /** Tasks that were dropped by the overflow policy. */
  final LongAdder discarded = new LongAdder();

  /** Accepted tasks that are, or were, in no queue. */
  final LongAdder acceptedElsewhere = new LongAdder();

  /** What queues have got and the engine has refused, because it came too late; by LifeCycle. */
  final AtomicLong notAccepted = new AtomicLong();

  /** Tasks that were taken out of a queue by who stopped the engine. */
  final AtomicLong takenByClose = new AtomicLong();

  /** Likewise, out of a lane. */
  final AtomicLong takenFromLanesByClose = new AtomicLong();

  final AtomicLong workersReplaced = new AtomicLong();

  private final TaskEngineImpl engine;

  Books(TaskEngineImpl engine) {
    this.engine = engine;
  }

  /** Tasks that were accepted into a queue. */
  long inQueues() {
    long sum = engine.overflow.enqueued() - notAccepted.get();
    for (Worker worker : engine.workers) {
      sum += worker.inbox.currentProducerIndex();
    }
    return sum;
  }

  /** Tasks that have given back their place in a queue. */
  long taken() {
    long sum = takenByClose.get();
    for (Worker worker : engine.threads.all()) {
      sum += worker.counters.takenAcquire();
    }
    for (TaskRunner guest : engine.guests.runners()) { // one that waits runs queued tasks inside
      sum += guest.counters.takenAcquire();
    }
    return sum;
  }

  EngineMetrics metrics() {
    Sums sums = new Sums();
    long cancelled = this.cancelled.sum();
    long discarded = this.discarded.sum();
    long completedElsewhere = this.completedElsewhere.sum();
    long failedElsewhere = this.failedElsewhere.sum();
    engine.forEachRunner(sums::addEnds);
    engine.forEachRunner(sums::addBeginnings);
    long completed = sums.completed + completedElsewhere;
    long failed = sums.failed + failedElsewhere;
    long taken = taken() + takenFromLanesByClose.get() + sums.takenFromLanes;
    long queued = inQueues() + engine.lanes.offered();
    long accepted = queued - sums.moved + acceptedElsewhere.sum();
    int oneIn = engine.samples.timedOneIn();
    return new EngineMetrics(
        engine.config().name(),
        engine.workers.length,
        accepted,
        rejected.sum(),
        completed,
        failed,
        cancelled,
        discarded,
        accepted - completed - failed - cancelled - discarded,
        queued - taken + engine.guests.waiting(),
        sums.started - sums.ended,
        Duration.ofNanos(longestNanos()),
        sums.stolen,
        engine.failures.reported(),
        workersReplaced.get(),
        retries.sum(),
        timeouts.sum(),
        engine.threads.standIns(),
        quarantined.sum(),
        sums.waited.times(oneIn),
        sums.ran.times(oneIn));
  }

  private long longestNanos() {
    long[] longest = new long[1];
    engine.forEachRunner(runner -> longest[0] = Math.max(longest[0], Dumps.runningNanos(runner)));
    return longest[0];
  }

  /** Times of several runners. */
  private static final class Times {
    private long samples;
    private long nanos;
    private long max;

    void add(long samples, long nanos, long max) {
      this.samples += samples;
      this.nanos += nanos;
      this.max = Math.max(this.max, max);
    }

    TaskTimes times(int oneIn) {
      return new TaskTimes(oneIn, samples, Duration.ofNanos(nanos), Duration.ofNanos(max));
    }
  }

  /** Counters of several runners. */
  private static final class Sums {
    private final Times waited = new Times();
    private final Times ran = new Times();
    private long started;
    private long ended;
    private long completed;
    private long failed;
    private long stolen;
    private long moved;
    private long takenFromLanes;

    void addEnds(TaskRunner runner) {
      WorkerCounters counters = runner.counters;
      ended += counters.endedAcquire();
      completed += counters.completedAcquire();
      failed += counters.failedAcquire();
      stolen += counters.stolenAcquire();
      long runs = counters.runSamplesAcquire();
      ran.add(runs, counters.runNanos, counters.maxRunNanos);
    }

    void addBeginnings(TaskRunner runner) {
      WorkerCounters counters = runner.counters;
      long waits = counters.waitSamplesAcquire();
      waited.add(waits, counters.waitNanos, counters.maxWaitNanos);
      started += counters.startedAcquire();
      takenFromLanes += counters.takenFromLanesAcquire();
      moved += counters.movedAcquire();
    }
  }
}
