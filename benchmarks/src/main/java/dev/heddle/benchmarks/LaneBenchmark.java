// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static java.util.Objects.requireNonNull;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.YieldingWaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import com.lmax.disruptor.util.DaemonThreadFactory;
import dev.heddle.TaskEngine;
import dev.heddle.TaskLane;
import java.util.concurrent.Executor;
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
 * What does a task cost that one thread puts into its own lane and one worker runs?
 *
 * <p><b>Method.</b> As {@link SubmitBenchmark}, with one worker: {@code heddle} executes through a
 * {@link TaskLane} of {@value #CAPACITY}, {@code disruptor} publishes to a ring of {@value
 * #CAPACITY} events for one producer, whose only handler runs the body that the event carries and
 * waits by {@link YieldingWaitStrategy}. {@code -p rival=heddleInbox} goes through the engine's
 * ordinary way in: what a lane spares; {@code -p rival=baseline} has the caller run the bodies.
 *
 * <p><b>Asserted.</b> After each invocation, every body has run exactly once.
 *
 * <p><b>Traps avoided.</b> Those of {@link SubmitBenchmark}; and neither queue is ever full: a
 * Disruptor whose ring is full has its producer sleep, an engine whose lane is full refuses, and
 * either would be the thing measured. Not equal: the Disruptor's thread never sleeps and serves one
 * ring, whereas the engine's worker looks after inbox, timers and closing, too, and sleeps when
 * there is nothing to do.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LaneBenchmark {

  /** Tasks an invocation. */
  static final int TASKS = 100_000;

  /** Places of the lane and of the ring. */
  static final int CAPACITY = 4_096;

  @Param({"heddle", "disruptor"})
  public String rival = "";

  @Param({"1"})
  public int workers;

  @Param({"256", "4096"})
  public int window;

  private @Nullable AutoCloseable contestant;
  private @Nullable WindowedProducer producer;

  /** Starts the contestant. */
  @Setup
  public void setUp() {
    if (workers != 1 || window > CAPACITY) {
      throw new IllegalArgumentException(
          "one worker and at most "
              + CAPACITY
              + " tasks outstanding are what can be compared: workers="
              + workers
              + ", window="
              + window);
    }
    producer = new WindowedProducer(start(), window);
  }

  private Executor start() {
    return switch (rival) {
      case "heddle" -> {
        TaskLane lane = startEngine().openLane(CAPACITY);
        yield lane::execute;
      }
      case "heddleInbox" -> startEngine()::execute;
      case "disruptor" -> new RingExecutor(startDisruptor());
      case "baseline" -> Runnable::run;
      default ->
          throw new IllegalArgumentException(
              "rival must be one of those in the README of the benchmarks: rival=" + rival);
    };
  }

  private TaskEngine startEngine() {
    TaskEngine engine = Contestant.startEngine(workers);
    contestant = engine; // whose end is the end of its lanes
    return engine;
  }

  private RingBuffer<Event> startDisruptor() {
    Disruptor<Event> disruptor =
        new Disruptor<>(
            Event::new,
            CAPACITY,
            DaemonThreadFactory.INSTANCE,
            ProducerType.SINGLE,
            new YieldingWaitStrategy());
    disruptor.handleEventsWith((event, sequence, endOfBatch) -> requireNonNull(event.body).run());
    contestant = disruptor::shutdown;
    return disruptor.start();
  }

  /** Stops the contestant. */
  @TearDown
  public void tearDown() throws Exception {
    if (contestant != null) {
      contestant.close();
    }
  }

  /** Executes all tasks of an invocation and waits until they have run. */
  @Benchmark
  @OperationsPerInvocation(TASKS)
  public long execute() {
    return requireNonNull(producer, "producer").execute(TASKS);
  }

  /** What lies in the ring. */
  private static final class Event {
    private @Nullable Runnable body;
  }

  /** Publishes bodies to the ring. */
  private record RingExecutor(RingBuffer<Event> ring) implements Executor {

    @Override
    public void execute(Runnable body) {
      long sequence = ring.next();
      ring.get(sequence).body = body;
      ring.publish(sequence);
    }
  }
}
