// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.TaskEngine;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The engine or one of its rivals, behind what they have in common. */
sealed interface Contestant extends AutoCloseable {

  /** What no benchmark fills: a full engine would refuse tasks instead of being fast. */
  int QUEUE_CAPACITY = 1 << 24;

  /** Runs a body for which nobody waits. */
  void execute(Runnable body);

  /** Submits a body and returns what its result can be got from. */
  Future<Integer> submit(Callable<Integer> body);

  /** Runs what was accepted to its end and stops. */
  @Override
  void close();

  /**
   * Starts a contestant.
   *
   * @param rival its name, as a {@code rival} parameter has it
   * @param workers its threads; those of {@code virtualThreads} are the carriers, which it shares
   *     with all virtual threads of the JVM
   */
  static Contestant start(String rival, int workers) {
    return switch (rival) {
      case "heddle" -> new Heddle(startEngine(workers));
      case "forkJoinPool", "threadPoolExecutor", "virtualThreads" ->
          new JdkPool(startPool(rival, workers));
      case "baseline" -> new Caller();
      default ->
          throw new IllegalArgumentException(
              "rival must be one of those in the README of the benchmarks: rival=" + rival);
    };
  }

  /** Starts an engine. */
  static TaskEngine startEngine(int workers) {
    return TaskEngine.builder()
        .name("benchmark")
        .workers(workers)
        .queueCapacity(QUEUE_CAPACITY)
        .build();
  }

  /** Starts one of the JDK's executors. */
  static ExecutorService startPool(String rival, int workers) {
    return switch (rival) {
      // Asynchronous mode, first in first out, as its documentation wants it for tasks that are
      // never joined.
      case "forkJoinPool" ->
          new ForkJoinPool(workers, ForkJoinPool.defaultForkJoinWorkerThreadFactory, null, true);
      case "threadPoolExecutor" ->
          new ThreadPoolExecutor(
              workers, workers, 0, TimeUnit.NANOSECONDS, new LinkedBlockingQueue<>());
      case "virtualThreads" -> {
        // Read by the JDK when the first virtual thread of the JVM starts: here, in a fork.
        System.setProperty("jdk.virtualThreadScheduler.parallelism", "" + workers);
        System.setProperty("jdk.virtualThreadScheduler.maxPoolSize", "" + workers);
        yield Executors.newVirtualThreadPerTaskExecutor();
      }
      default -> throw new IllegalArgumentException("rival is not an executor: rival=" + rival);
    };
  }

  /**
   * The engine.
   *
   * @param engine the engine
   */
  record Heddle(TaskEngine engine) implements Contestant {

    @Override
    public void execute(Runnable body) {
      engine.execute(body);
    }

    @Override
    public Future<Integer> submit(Callable<Integer> body) {
      return engine.submit(body);
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  /**
   * An executor of the JDK.
   *
   * @param pool the executor
   */
  record JdkPool(ExecutorService pool) implements Contestant {

    @Override
    public void execute(Runnable body) {
      pool.execute(body);
    }

    @Override
    public Future<Integer> submit(Callable<Integer> body) {
      return pool.submit(body);
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  /** No executor at all: the caller runs the body itself. What the body alone costs. */
  record Caller() implements Contestant {

    @Override
    public void execute(Runnable body) {
      body.run();
    }

    @Override
    public Future<Integer> submit(Callable<Integer> body) {
      try {
        return CompletableFuture.completedFuture(body.call());
      } catch (Exception e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    @Override
    public void close() {}
  }
}
