// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.CloseReport;
import dev.heddle.Schedule;
import dev.heddle.ScheduledHandle;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.fork.ForkLong2;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The code of README's table "Coming from the JDK", which comes to the same before and after: each
 * piece of code in the first two columns must occur here.
 */
class MigrationTest {

  private static final String HEADING = "## Coming from the JDK";
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final List<String> ITEMS = List.of("warp", "weft", "shed");
  private static final int RUNS = 3;

  private static int price(String item) {
    return item.length() * 10 + item.charAt(0);
  }

  // ---- ExecutorService

  @Test
  void submit_jdkAndEngine_samePrice() throws Exception {
    assertThat(submitBefore()).isEqualTo(159);
    assertThat(submitAfter()).isEqualTo(159);
  }

  private static int submitBefore() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
      Future<Integer> price = pool.submit(() -> price("warp"));
      return price.get();
    }
  }

  private static int submitAfter() {
    try (TaskEngine engine = TaskEngine.builder().workers(8).build()) {
      TaskHandle<Integer> price = engine.submit(() -> price("warp"));
      return price.join();
    }
  }

  @Test
  void invokeAll_jdkAndEngine_samePricesInOrder() throws Exception {
    assertThat(invokeAllBefore()).containsExactly(159, 159, 155);
    assertThat(invokeAllAfter()).containsExactly(159, 159, 155);
  }

  private static List<Integer> invokeAllBefore() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      List<Callable<Integer>> calls = new ArrayList<>();
      ITEMS.forEach(item -> calls.add(() -> price(item)));
      List<Future<Integer>> futures = pool.invokeAll(calls);
      List<Integer> prices = new ArrayList<>();
      for (Future<Integer> future : futures) {
        prices.add(future.get());
      }
      return prices;
    }
  }

  private static List<Integer> invokeAllAfter() {
    TaskOptions options = TaskOptions.defaults().name("price");
    try (TaskEngine engine = TaskEngine.create()) {
      return engine.submitEach(ITEMS, (item, context) -> price(item), options).join();
    }
  }

  @Test
  void invokeAny_jdkAndEngine_resultOfTheOneThatSucceeds() throws Exception {
    assertThat(invokeAnyBefore()).isEqualTo(159);
    assertThat(invokeAnyAfter()).isEqualTo(159);
  }

  private static int invokeAnyBefore() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      List<Callable<Integer>> calls = List.of(() -> price(""), () -> price("warp"));
      return pool.invokeAny(calls);
    }
  }

  private static int invokeAnyAfter() {
    try (TaskEngine engine = TaskEngine.create()) {
      List<Task<Integer>> tasks = List.of(context -> price(""), context -> price("warp"));
      return engine.submitAll(tasks).first();
    }
  }

  @Test
  void shutdown_jdkAndEngine_acceptedTaskHasRun() throws Exception {
    assertThat(shutdownBefore()).isTrue();
    assertThat(shutdownAfter()).isTrue();
  }

  private static boolean shutdownBefore() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(1);
    Future<Integer> price = pool.submit(() -> price("warp"));
    pool.shutdown();
    if (!pool.awaitTermination(5, TimeUnit.SECONDS)) {
      List<Runnable> neverStarted = pool.shutdownNow();
      assertThat(neverStarted).isEmpty();
    }
    return price.isDone() && price.get() == 159;
  }

  private static boolean shutdownAfter() {
    TaskEngine engine = TaskEngine.builder().workers(1).build();
    TaskHandle<Integer> price = engine.submit(() -> price("warp"));
    CloseReport report = engine.close(Duration.ofSeconds(5));
    assertThat(report.neverStarted()).isZero();
    return price.isDone() && price.join() == 159;
  }

  @Test
  void virtualThreads_jdkAndEngine_taskIsOnOne() throws Exception {
    assertThat(virtualThreadsBefore()).isTrue();
    assertThat(virtualThreadsAfter()).isTrue();
  }

  private static boolean virtualThreadsBefore() throws Exception {
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      return pool.submit(() -> Thread.currentThread().isVirtual()).get();
    }
  }

  private static boolean virtualThreadsAfter() {
    try (TaskEngine engine = TaskEngine.builder().blockingLimit(20).build()) {
      return engine.submit(Task.blocking(context -> Thread.currentThread().isVirtual())).join();
    }
  }

  // ---- ForkJoinPool

  @Test
  void forkJoinSubmit_jdkAndEngine_samePrice() {
    assertThat(forkJoinSubmitBefore()).isEqualTo(159);
    assertThat(forkJoinSubmitAfter()).isEqualTo(159);
  }

  private static int forkJoinSubmitBefore() {
    try (ForkJoinPool pool = new ForkJoinPool(8)) {
      return pool.submit(() -> price("warp")).join();
    }
  }

  private static int forkJoinSubmitAfter() {
    try (TaskEngine engine = TaskEngine.builder().workers(8).build()) {
      return engine.submit(() -> price("warp")).join();
    }
  }

  @Test
  void forkJoinInvoke_jdkAndEngine_sameSum() {
    assertThat(forkJoinInvokeBefore()).isEqualTo(500_500);
    assertThat(forkJoinInvokeAfter()).isEqualTo(500_500);
  }

  private static int forkJoinInvokeBefore() {
    try (ForkJoinPool pool = new ForkJoinPool(2)) {
      return pool.invoke(new Sum(1, 1_000));
    }
  }

  private static int forkJoinInvokeAfter() {
    try (TaskEngine engine = TaskEngine.builder().workers(2).build()) {
      return (int) engine.computeLong(SUM, 1, 1_000);
    }
  }

  private static final class Sum extends RecursiveTask<Integer> {
    private final int from;
    private final int to;

    Sum(int from, int to) {
      this.from = from;
      this.to = to;
    }

    @Override
    protected Integer compute() {
      if (to - from < 100) {
        return IntStream.rangeClosed(from, to).sum();
      }
      int middle = (from + to) / 2;
      Sum left = new Sum(from, middle);
      left.fork();
      return new Sum(middle + 1, to).compute() + left.join();
    }
  }

  static final ForkLong2 SUM =
      (scope, from, to) -> {
        if (from == to) {
          return from;
        }
        long middle = (from + to) / 2;
        return scope.joinLong(MigrationTest.SUM, from, middle, middle + 1, to, Long::sum);
      };

  @Test
  void parallelStream_jdkAndEngine_sameSum() {
    assertThat(parallelStreamBefore()).isEqualTo(333_283_335_000L);
    assertThat(parallelStreamAfter()).isEqualTo(333_283_335_000L);
  }

  private static long parallelStreamBefore() {
    return IntStream.range(0, 10_000).parallel().mapToLong(i -> (long) i * i).sum();
  }

  private static long parallelStreamAfter() {
    try (TaskEngine engine = TaskEngine.create()) {
      return engine.parallel().range(0, 10_000).sumLong(i -> (long) i * i);
    }
  }

  // ---- CompletableFuture

  @Test
  void supplyAsync_jdkAndEngine_samePrice() throws Exception {
    assertThat(supplyAsyncBefore()).isEqualTo(318);
    assertThat(supplyAsyncAfter()).isEqualTo(318);
  }

  private static int supplyAsyncBefore() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      return CompletableFuture.supplyAsync(() -> price("warp"), pool)
          .thenApplyAsync(price -> 2 * price, pool)
          .get();
    }
  }

  private static int supplyAsyncAfter() throws Exception {
    try (TaskEngine engine = TaskEngine.create()) {
      ExecutorService pool = engine.asExecutorService();
      return CompletableFuture.supplyAsync(() -> price("warp"), pool)
          .thenApplyAsync(price -> 2 * price, pool)
          .get();
    }
  }

  @Test
  void stages_jdkAndEngine_samePrice() throws Exception {
    assertThat(stagesBefore()).isEqualTo(318);
    assertThat(stagesAfter()).isEqualTo(318);
  }

  private static int stagesBefore() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      CompletableFuture<Integer> price = CompletableFuture.supplyAsync(() -> price("warp"), pool);
      return price.thenApply(each -> 2 * each).get();
    }
  }

  private static int stagesAfter() throws Exception {
    try (TaskEngine engine = TaskEngine.create()) {
      CompletableFuture<Integer> price = engine.submit(() -> price("warp")).toCompletableFuture();
      return price.thenApply(each -> 2 * each).get();
    }
  }

  // ---- ScheduledExecutorService

  @Test
  void schedule_jdkAndEngine_samePrice() throws Exception {
    assertThat(scheduleBefore()).isEqualTo(159);
    assertThat(scheduleAfter()).isEqualTo(159);
  }

  private static int scheduleBefore() throws Exception {
    try (ScheduledExecutorService timer = Executors.newScheduledThreadPool(1)) {
      ScheduledFuture<Integer> price =
          timer.schedule(() -> price("warp"), 5, TimeUnit.MILLISECONDS);
      return price.get();
    }
  }

  private static int scheduleAfter() {
    try (TaskEngine engine = TaskEngine.create()) {
      TaskHandle<Integer> price = engine.schedule(context -> price("warp"), Duration.ofMillis(5));
      return price.join();
    }
  }

  @Test
  void scheduleAtFixedRate_jdkAndEngine_runsUntilCancelled() throws Exception {
    assertThat(fixedRateBefore()).isTrue();
    assertThat(fixedRateAfter()).isTrue();
  }

  private static boolean fixedRateBefore() throws Exception {
    CountDownLatch beats = new CountDownLatch(RUNS);
    try (ScheduledExecutorService timer = Executors.newScheduledThreadPool(1)) {
      ScheduledFuture<?> beat =
          timer.scheduleAtFixedRate(beats::countDown, 0, 5, TimeUnit.MILLISECONDS);
      beats.await();
      return beat.cancel(false) && beat.isCancelled();
    }
  }

  private static boolean fixedRateAfter() throws Exception {
    CountDownLatch beats = new CountDownLatch(RUNS);
    TaskOptions options = TaskOptions.defaults().name("beat");
    Task<?> beat = Task.action(context -> beats.countDown());
    try (TaskEngine engine = TaskEngine.create()) {
      ScheduledHandle handle =
          engine.schedule(beat, Schedule.fixedRate(Duration.ofMillis(5)), options);
      beats.await();
      return handle.cancel() && handle.isCancelled();
    }
  }

  @Test
  void scheduleWithFixedDelay_jdkAndEngine_runsUntilClosed() throws Exception {
    assertThat(fixedDelayBefore()).isTrue();
    assertThat(fixedDelayAfter()).isTrue();
  }

  private static boolean fixedDelayBefore() throws Exception {
    CountDownLatch beats = new CountDownLatch(RUNS);
    ScheduledFuture<?> handle;
    try (ScheduledExecutorService timer = Executors.newScheduledThreadPool(1)) {
      handle = timer.scheduleWithFixedDelay(beats::countDown, 0, 5, TimeUnit.MILLISECONDS);
      beats.await();
    }
    return handle.isCancelled();
  }

  private static boolean fixedDelayAfter() throws Exception {
    CountDownLatch beats = new CountDownLatch(RUNS);
    TaskOptions options = TaskOptions.defaults().name("beat");
    Task<?> beat = Task.action(context -> beats.countDown());
    ScheduledHandle handle;
    try (TaskEngine engine = TaskEngine.create()) {
      handle = engine.schedule(beat, Schedule.fixedDelay(Duration.ofMillis(5)), options);
      beats.await();
    }
    return handle.isCancelled();
  }

  @Test
  void view_jdkAndEngine_sameCode() throws Exception {
    assertThat(viewBefore()).isEqualTo(159);
    assertThat(viewAfter()).isEqualTo(159);
  }

  private static int viewBefore() throws Exception {
    try (ScheduledExecutorService timer = Executors.newScheduledThreadPool(2)) {
      return timer.schedule(() -> price("warp"), 5, TimeUnit.MILLISECONDS).get();
    }
  }

  private static int viewAfter() throws Exception {
    try (TaskEngine engine = TaskEngine.create()) {
      ScheduledExecutorService timer = engine.asExecutorService();
      return timer.schedule(() -> price("warp"), 5, TimeUnit.MILLISECONDS).get();
    }
  }

  // ---- README

  @Test
  void readme_codeOfTheTable_occursInThisFile() throws Exception {
    Path basedir = Path.of(System.getProperty("basedir", ""));
    String source =
        Files.readString(basedir.resolve("src/test/java/dev/heddle/examples/MigrationTest.java"));
    List<String> rows = rows(Files.readString(basedir.resolve("../README.md")));
    assertThat(rows).as("rows of the table under \"%s\" in README.md", HEADING).hasSize(14);
    for (String row : rows) {
      String[] cells = row.split("\\|", -1);
      assertThat(cells).as("cells of the row%n%s", row).hasSize(6);
      for (String cell : List.of(cells[2], cells[3])) {
        List<String> code = CODE.matcher(cell).results().map(MatchResult::group).toList();
        assertThat(code).as("code in the cell%n%s", cell).isNotEmpty();
      }
      CODE.matcher(cells[2] + cells[3])
          .results()
          .map(match -> match.group(1))
          .forEach(
              code ->
                  assertThat(withoutBlanks(source))
                      .as("code in README.md: %s", code)
                      .contains(withoutBlanks(code)));
    }
    for (String type :
        List.of(
            "ExecutorService", "ForkJoinPool", "CompletableFuture", "ScheduledExecutorService")) {
      assertThat(rows).as(type).anyMatch(row -> row.startsWith("| `" + type + "` |"));
    }
  }

  /** The rows of the table under the heading, without the head of the table. */
  private static List<String> rows(String readme) {
    return readme
        .lines()
        .dropWhile(line -> !line.equals(HEADING))
        .skip(1)
        .takeWhile(line -> !line.startsWith("## "))
        .filter(line -> line.startsWith("|"))
        .skip(2)
        .toList();
  }

  /** The formatter breaks lines where it likes. */
  private static String withoutBlanks(String code) {
    return code.replaceAll("\\s", "");
  }
}
