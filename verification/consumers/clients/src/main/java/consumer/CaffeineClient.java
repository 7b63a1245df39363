// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package consumer;

import static consumer.Check.onWorker;
import static consumer.Check.same;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import dev.heddle.TaskEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A cache that loads, evicts and tells its listeners on the engine. */
final class CaffeineClient {

  private static final int KEYS = 10_000;
  private static final int MAXIMUM = 500;

  private CaffeineClient() {}

  static String run(TaskEngine engine) throws Exception {
    int evicted = loadMoreThanFits(engine);
    expireUntouched(engine);
    return evicted + " of " + KEYS + " entries evicted";
  }

  /** Loads each key once; every entry is then either still there, or a listener was told of it. */
  private static int loadMoreThanFits(TaskEngine engine) throws Exception {
    AtomicInteger loads = new AtomicInteger();
    AtomicInteger evictions = new AtomicInteger();
    AtomicInteger removals = new AtomicInteger();
    AtomicInteger elsewhere = new AtomicInteger();
    int left;
    // Closing the view waits for the listeners, and leaves the engine open.
    try (ScheduledExecutorService executor = engine.asExecutorService()) {
      AsyncCache<Integer, Integer> cache =
          Caffeine.newBuilder()
              .executor(executor)
              .maximumSize(MAXIMUM)
              .evictionListener(
                  (Integer key, Integer value, RemovalCause cause) -> {
                    same(key * key, value);
                    same(RemovalCause.SIZE, cause);
                    evictions.incrementAndGet();
                  })
              .removalListener(
                  (Integer key, Integer value, RemovalCause cause) -> {
                    if (!Thread.currentThread().getName().startsWith("heddle-clients-")) {
                      elsewhere.incrementAndGet(); // what a listener throws is only logged
                    }
                    removals.incrementAndGet();
                  })
              .buildAsync();
      List<CompletableFuture<Integer>> squares = new ArrayList<>();
      for (int key = 0; key < KEYS; key++) {
        squares.add(
            cache.get(
                key,
                k -> {
                  onWorker();
                  loads.incrementAndGet();
                  return k * k;
                }));
      }
      for (int key = 0; key < KEYS; key++) {
        same(key * key, squares.get(key).get(1, TimeUnit.MINUTES));
      }
      Map<Integer, Integer> together =
          cache
              .getAll(
                  IntStream.range(KEYS, KEYS + 100).boxed().toList(),
                  keys -> {
                    onWorker();
                    loads.addAndGet(keys.size());
                    return keys.stream().collect(Collectors.toMap(k -> k, k -> k * k));
                  })
              .get(1, TimeUnit.MINUTES);
      same(100, together.size());
      Cache<Integer, Integer> view = cache.synchronous();
      view.cleanUp();
      left = Math.toIntExact(view.estimatedSize());
    }
    same(KEYS + 100, loads.get());
    same(true, left <= MAXIMUM);
    same(KEYS + 100 - left, evictions.get());
    same(KEYS + 100 - left, removals.get());
    same(0, elsewhere.get());
    return evictions.get();
  }

  /** Nobody touches the cache any more: what has expired is removed by a timer of the engine. */
  private static void expireUntouched(TaskEngine engine) throws InterruptedException {
    CountDownLatch removed = new CountDownLatch(3);
    try (ScheduledExecutorService executor = engine.asExecutorService()) {
      Cache<String, String> cache =
          Caffeine.newBuilder()
              .executor(executor)
              .scheduler(Scheduler.forScheduledExecutorService(executor))
              .expireAfterWrite(Duration.ofMillis(50))
              .removalListener(
                  (String key, String value, RemovalCause cause) -> {
                    if (cause == RemovalCause.EXPIRED) {
                      removed.countDown();
                    }
                  })
              .build();
      cache.putAll(Map.of("warp", "1", "weft", "2", "shed", "3"));
      same(true, removed.await(1, TimeUnit.MINUTES));
      same(0L, cache.estimatedSize());
    }
  }
}
