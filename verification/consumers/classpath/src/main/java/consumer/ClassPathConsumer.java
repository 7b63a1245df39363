// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package consumer;

import dev.heddle.CloseReport;
import dev.heddle.EngineConfig;
import dev.heddle.MemorySize;
import dev.heddle.Outcome;
import dev.heddle.Schedule;
import dev.heddle.ScheduledHandle;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.ConfigurationException;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.spi.ExecutionStrategy;
import dev.heddle.spi.OverflowPolicy;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/** Submits tasks in every way there is, from the class path and without optional dependencies. */
final class ClassPathConsumer {

  private static final TaskOptions QUOTE = TaskOptions.defaults().name("quote");

  private ClassPathConsumer() {}

  public static void main(String[] arguments) throws Exception {
    onlyWhatIsNeeded();
    defaults();
    submissions();
    otherThreads();
    times();
    overflow();
    closing();
    System.out.println("class path: passed, " + libraries());
  }

  /**
   * Checks that neither Micrometer nor cron-utils nor JSpecify nor anything else is here unasked.
   */
  private static void onlyWhatIsNeeded() {
    absent("com.cronutils.model.Cron");
    absent("io.micrometer.core.instrument.MeterRegistry");
    absent("org.jspecify.annotations.Nullable");
    same(
        List.of("heddle-core", "jctools-core", "jctools-core-jdk11"),
        libraries().stream().map(jar -> jar.replaceFirst("-\\d.*", "")).toList());
  }

  private static List<String> libraries() {
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(System.getProperty("java.class.path"))
        .map(entry -> new File(entry).getName())
        .filter(name -> name.endsWith(".jar"))
        .sorted()
        .toList();
  }

  private static void absent(String className) {
    try {
      Class.forName(className);
    } catch (ClassNotFoundException expected) {
      return;
    }
    throw new AssertionError("must not be on the class path: " + className);
  }

  private static void defaults() {
    try (TaskEngine engine = TaskEngine.create()) {
      same(42, engine.submit(() -> 6 * 7).join());
    }
  }

  private static void submissions() throws Exception {
    EngineConfig config = EngineConfig.load(Map.of("heddle.workers", "2"));
    CompletableFuture<Throwable> uncaught = new CompletableFuture<>();
    TaskEngine.Builder builder =
        TaskEngine.builder(config)
            .name("orders")
            .queueCapacity(1_000)
            .memory(MemorySize.mebibytes(1))
            .workStealing(true)
            .uncaughtHandler((thread, error) -> uncaught.complete(error));
    try (TaskEngine engine = builder.build()) {
      same("orders", engine.config().name());
      same(2, engine.config().workers());

      CountDownLatch executed = new CountDownLatch(1);
      engine.execute(executed::countDown);
      same(true, executed.await(1, TimeUnit.MINUTES));

      TaskHandle<Long> task = engine.submit(context -> context.taskId());
      same(task.id(), task.join());
      TaskHandle<String> named = engine.submit(context -> context.taskName(), QUOTE);
      same("quote", named.join(Duration.ofMinutes(1)));
      Callable<String> callable = () -> Thread.currentThread().getName();
      same(true, engine.submit(callable).get().startsWith("heddle-orders-worker-"));
      Runnable runnable = () -> {};
      TaskHandle<?> nothing = engine.submit(runnable);
      same(null, nothing.join());
      same("quote", engine.trySubmit(context -> context.taskName(), QUOTE).orElseThrow().join());
      same(null, engine.submit(Task.action(context -> context.checkCancelled())).join());

      List<Task<Integer>> squares = List.of(context -> 1, context -> 4, context -> 9);
      same(List.of(1, 4, 9), engine.submitAll(squares).join());
      same(
          List.of(3, 5),
          engine.submitEach(List.of("one", "three"), (item, c) -> item.length(), QUOTE).join());

      same(
          6L,
          engine
              .submit(
                  context -> {
                    var segment = context.arena().allocateFrom(ValueLayout.JAVA_LONG, 1, 2, 3);
                    long sum = 0;
                    for (int i = 0; i < 3; i++) {
                      sum += segment.getAtIndex(ValueLayout.JAVA_LONG, i);
                    }
                    return sum;
                  })
              .join());

      failures(engine);

      Error lost = new Error("expected");
      engine.execute(
          () -> {
            throw lost;
          });
      same(lost, uncaught.get(1, TimeUnit.MINUTES));
    }
  }

  private static void failures(TaskEngine engine) throws InterruptedException {
    IOException error = new IOException("expected");
    TaskHandle<Integer> failed =
        engine.submit(
            context -> {
              throw error;
            });
    String seen =
        switch (failed.outcome()) {
          case Outcome.Success<Integer>(Integer value) -> "success " + value;
          case Outcome.Failure<Integer>(Throwable cause) -> "failure " + cause.getMessage();
          case Outcome.Cancelled<Integer>(String reason) -> "cancelled " + reason;
          case Outcome.Rejected<Integer>(RejectedTaskException cause) -> "rejected " + cause;
        };
    same("failure expected", seen);
    try {
      failed.join();
      throw new AssertionError("join returned");
    } catch (TaskFailedException expected) {
      same(error, expected.getCause());
    }
    try {
      failed.get();
      throw new AssertionError("get returned");
    } catch (ExecutionException expected) {
      same(error, expected.getCause());
    }
    same(true, failed.toCompletableFuture().isCompletedExceptionally());
    AtomicReference<Outcome<Integer>> told = new AtomicReference<>();
    failed.onComplete(told::set);
    same(-1, told.get().map(value -> value + 1).orElse(-1));
  }

  private static void otherThreads() throws Exception {
    try (TaskEngine engine = TaskEngine.builder().blockingLimit(2).build()) {
      Task<Boolean> blocking = Task.blocking(context -> Thread.currentThread().isVirtual());
      same(true, engine.submit(blocking).join());
      same(true, engine.submit(blocking, QUOTE).join());
      TaskOptions here = QUOTE.strategy(ExecutionStrategy.caller());
      same(Thread.currentThread(), engine.submit(c -> Thread.currentThread(), here).join());
      ScheduledExecutorService view = engine.asExecutorService();
      same(42, view.submit(() -> 6 * 7).get());
      same(42, CompletableFuture.supplyAsync(() -> 6, view).thenApplyAsync(n -> n * 7, view).get());
      view.close();
      same(42, engine.submit(() -> 6 * 7).join());
    }
  }

  private static void times() throws Exception {
    try (TaskEngine engine = TaskEngine.create()) {
      same(42, engine.schedule(context -> 6 * 7, Duration.ofMillis(1)).join());
      CountDownLatch runs = new CountDownLatch(3);
      ScheduledHandle periodic =
          engine.schedule(
              Task.action(context -> runs.countDown()),
              Schedule.fixedRate(Duration.ofMillis(1)),
              QUOTE);
      same(true, runs.await(1, TimeUnit.MINUTES));
      same(true, periodic.cancel());
      try {
        engine.schedule(context -> 42, Schedule.cron("0 12 * * *", ZoneOffset.UTC), QUOTE);
        throw new AssertionError("scheduled without cron-utils");
      } catch (ConfigurationException expected) {
        same(true, expected.getMessage().contains("com.cronutils:cron-utils"));
      }
    }
  }

  private static void overflow() throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    TaskEngine.Builder builder =
        TaskEngine.builder().workers(1).queueCapacity(1).overflow(OverflowPolicy.discard());
    try (TaskEngine engine = builder.build()) {
      engine.submit(
          () -> {
            started.countDown();
            open.await();
            return "running";
          });
      started.await();
      TaskHandle<String> waiting = engine.submit(() -> "waiting");
      Outcome<String> dropped = engine.submit(() -> "dropped").outcome();
      open.countDown();
      same("waiting", waiting.join());
      same(true, dropped instanceof Outcome.Rejected<String>);
      same(1L, engine.metrics().discarded());
    }
  }

  private static void closing() throws InterruptedException {
    TaskEngine engine = TaskEngine.builder().workers(1).build();
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    engine.submit(
        () -> {
          started.countDown();
          never.await();
          return "unreachable";
        });
    started.await();
    TaskHandle<String> waiting = engine.submit(() -> "unreachable");
    CloseReport report = engine.close(Duration.ZERO);
    same(1L, report.neverStarted());
    same(true, waiting.isCancelled());
    try {
      engine.submit(() -> "unreachable");
      throw new AssertionError("a closed engine accepted a task");
    } catch (RejectedTaskException expected) {
      engine.close();
    }
    same(true, report.terminated() || !report.stillRunning().isEmpty());
  }

  private static void same(Object expected, Object actual) {
    if (expected == null ? actual != null : !expected.equals(actual)) {
      throw new AssertionError("expected=" + expected + ", actual=" + actual);
    }
  }
}
