// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.performance;

import dev.heddle.TaskEngine;
import dev.heddle.TaskOptions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** The engine or an executor of the JDK, started, with the tasks that it is going to run. */
sealed interface Contestant extends AutoCloseable {

  /** The engine. */
  String HEDDLE = "heddle";

  /** All contestants, in the order of the tables. */
  List<String> NAMES = List.of(HEDDLE, "forkJoinPool", "threadPoolExecutor");

  /** Runs all tasks and returns the sum of their results. */
  long sum() throws ExecutionException, InterruptedException;

  /** Submits one body. */
  Future<Long> submit(Callable<Long> body);

  @Override
  void close();

  /**
   * Starts a contestant.
   *
   * @param name one of {@link #NAMES}
   * @param workers its threads
   * @param tasks how many digests {@link #sum} computes
   */
  static Contestant start(String name, int workers, int tasks) {
    List<Integer> items = IntStream.range(0, tasks).boxed().toList();
    return switch (name) {
      case HEDDLE ->
          new Heddle(
              TaskEngine.builder()
                  .name("performance")
                  .workers(workers)
                  .queueCapacity(tasks) // they are accepted as a whole
                  .build(),
              items);
      case "forkJoinPool" ->
          new JdkPool(
              new ForkJoinPool(
                  workers, ForkJoinPool.defaultForkJoinWorkerThreadFactory, null, true),
              calls(items));
      case "threadPoolExecutor" -> new JdkPool(Executors.newFixedThreadPool(workers), calls(items));
      default -> throw new IllegalArgumentException("name must be one of " + NAMES + ": " + name);
    };
  }

  private static List<Callable<Long>> calls(List<Integer> items) {
    return items.stream().map(item -> (Callable<Long>) () -> Digest.of(item)).toList();
  }

  /**
   * The engine.
   *
   * @param engine the engine
   * @param items the numbers of the tasks
   */
  record Heddle(TaskEngine engine, List<Integer> items) implements Contestant {

    @Override
    public long sum() {
      List<Long> digests =
          engine
              .submitEach(items, (item, context) -> Digest.of(item), TaskOptions.defaults())
              .join();
      return digests.stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public Future<Long> submit(Callable<Long> body) {
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
   * @param calls the tasks
   */
  record JdkPool(ExecutorService pool, List<Callable<Long>> calls) implements Contestant {

    @Override
    public long sum() throws ExecutionException, InterruptedException {
      long sum = 0;
      for (Future<Long> each : pool.invokeAll(calls)) {
        sum += each.get();
      }
      return sum;
    }

    @Override
    public Future<Long> submit(Callable<Long> body) {
      return pool.submit(body);
    }

    @Override
    public void close() {
      pool.close();
    }
  }
}
