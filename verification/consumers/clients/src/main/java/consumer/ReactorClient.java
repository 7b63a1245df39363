// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package consumer;

import static consumer.Check.onWorker;
import static consumer.Check.same;

import dev.heddle.TaskEngine;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/** Fluxes that change threads, run in parallel and wait, all on the engine. */
final class ReactorClient {

  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final int DELAYS = 2_000;

  private ReactorClient() {}

  static String run(TaskEngine engine) throws InterruptedException {
    ScheduledExecutorService executor = engine.asExecutorService();
    Scheduler scheduler = Schedulers.fromExecutorService(executor, "heddle");
    publishOn(scheduler);
    parallel(scheduler);
    delays(scheduler);
    interval(scheduler);
    timeout(scheduler);
    retry(scheduler);
    scheduler.dispose();
    same(true, executor.isShutdown());
    same(true, executor.awaitTermination(1, TimeUnit.MINUTES));
    same(42, engine.submit(() -> 6 * 7).join());
    return DELAYS + " delays";
  }

  /** One after the other and in order, on whichever worker. */
  private static void publishOn(Scheduler scheduler) {
    long[] next = {1};
    Long sum =
        Flux.range(1, 100_000)
            .publishOn(scheduler)
            .doOnNext(
                i -> {
                  onWorker();
                  same(next[0]++, (long) i);
                })
            .publishOn(scheduler, 16)
            .reduce(0L, Long::sum)
            .block(AT_MOST);
    same(5_000_050_000L, sum);
  }

  private static void parallel(Scheduler scheduler) {
    Long steps =
        Flux.range(1, 20_000)
            .parallel(8)
            .runOn(scheduler)
            .doOnNext(i -> onWorker())
            .map(i -> collatzSteps(i))
            .sequential()
            .reduce(0L, Long::sum)
            .block(AT_MOST);
    same(LongStream.rangeClosed(1, 20_000).map(ReactorClient::collatzSteps).sum(), steps);
  }

  private static long collatzSteps(long start) {
    long steps = 0;
    for (long n = start; n != 1; n = n % 2 == 0 ? n / 2 : 3 * n + 1) {
      steps++;
    }
    return steps;
  }

  /** No delay ends before its time. */
  private static void delays(Scheduler scheduler) {
    Long sum =
        Flux.range(0, DELAYS)
            .flatMap(
                i -> {
                  long nanos = Duration.ofMillis(i % 20).toNanos();
                  long begin = System.nanoTime();
                  return Mono.delay(Duration.ofNanos(nanos), scheduler)
                      .map(
                          zero -> {
                            onWorker();
                            same(true, System.nanoTime() - begin >= nanos);
                            return (long) i;
                          });
                },
                256)
            .reduce(0L, Long::sum)
            .block(AT_MOST);
    same(DELAYS * (DELAYS - 1L) / 2, sum);
  }

  private static void interval(Scheduler scheduler) {
    List<Long> ticks =
        Flux.interval(Duration.ofMillis(2), scheduler).take(20).collectList().block(AT_MOST);
    same(LongStream.range(0, 20).boxed().toList(), ticks);
  }

  private static void timeout(Scheduler scheduler) {
    try {
      Mono.never().timeout(Duration.ofMillis(20), scheduler).block(AT_MOST);
      throw new AssertionError("never has come");
    } catch (RuntimeException expected) {
      same(TimeoutException.class, Exceptions.unwrap(expected).getClass());
    }
  }

  private static void retry(Scheduler scheduler) {
    AtomicInteger attempts = new AtomicInteger();
    Integer attempt =
        Mono.fromCallable(
                () -> {
                  onWorker();
                  if (attempts.incrementAndGet() < 3) {
                    throw new IllegalStateException("expected");
                  }
                  return attempts.get();
                })
            .subscribeOn(scheduler)
            .retryWhen(Retry.fixedDelay(5, Duration.ofMillis(2)).scheduler(scheduler))
            .block(AT_MOST);
    same(3, attempt);
  }
}
