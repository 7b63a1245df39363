// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.failsafe.ExecutionContext;
import dev.failsafe.Failsafe;
import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.nativeops.NativeOps;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls each benchmark method a few times as JMH would: the methods check their results. */
class BenchmarksTest {

  private static final int CALLS = 3;

  @ParameterizedTest
  @CsvSource({
    "heddle, 1, 256",
    "heddle, 2, 4096",
    "heddle, 2, 2147483647",
    "forkJoinPool, 2, 256",
    "threadPoolExecutor, 2, 4096",
    "baseline, 1, 256",
  })
  void execute_anyRivalAndWindow_allBodiesRan(String rival, int workers, int window) {
    SubmitBenchmark benchmark = new SubmitBenchmark();
    benchmark.rival = rival;
    benchmark.workers = workers;
    benchmark.window = window;
    benchmark.setUp();
    try {
      for (int call = 1; call <= CALLS; call++) {
        assertThat(benchmark.execute()).isEqualTo((long) call * SubmitBenchmark.TASKS);
      }
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline", "heddleFunction", "heddleLambda", "forkJoinPool"})
  void integral_anyRival_sameArea(String rival) {
    ForkCarrierBenchmark benchmark = new ForkCarrierBenchmark();
    benchmark.rival = rival;
    benchmark.workers = 2;
    benchmark.setUp();
    try {
      for (int call = 0; call < CALLS; call++) {
        assertThat(benchmark.integral()).isPositive();
      }
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline", "definition", "baselineMethod", "taskSet"})
  void submitDefined_anyRival_rightResults(String rival) {
    DslBenchmark benchmark = new DslBenchmark();
    benchmark.rival = rival;
    benchmark.workers = 2;
    benchmark.setUp();
    try {
      for (int call = 0; call < CALLS; call++) {
        assertThat(benchmark.submitGetPipelined()).isEqualTo(8_320);
      }
    } finally {
      benchmark.tearDown();
    }
  }

  /** Without {@code malloc}, which needs native access. */
  @ParameterizedTest
  @ValueSource(strings = {"heddle", "heddleZeroed", "confinedArena", "nettyPooled"})
  void allocateAndFree_anyRival_readsWhatItWrote(String rival) {
    AllocatorBenchmark benchmark = new AllocatorBenchmark();
    benchmark.rival = rival;
    benchmark.bytes = 64;
    benchmark.setUp();
    try {
      for (int call = 0; call < CALLS; call++) {
        assertThat(benchmark.allocateAndFree()).isPositive();
      }
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline", "heddle", "nettyPooled"})
  void passOn_anyRival_readsWhatWasWritten(String rival) {
    RemoteFreeBenchmark benchmark = new RemoteFreeBenchmark();
    benchmark.rival = rival;
    benchmark.setUp();
    try {
      for (int call = 0; call < CALLS; call++) {
        assertThat(benchmark.passOn()).isPositive();
      }
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline", "heddle", "confinedArena"})
  void tenSegments_anyRival_readsWhatItWrote(String rival) {
    TaskArenaBenchmark benchmark = new TaskArenaBenchmark();
    benchmark.rival = rival;
    for (int call = 0; call < CALLS; call++) {
      assertThat(benchmark.tenSegments()).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"heddle", "forkJoinPool", "threadPoolExecutor", "virtualThreads"})
  void submitGet_anyRival_rightResults(String rival) throws Exception {
    SubmitGetBenchmark benchmark = new SubmitGetBenchmark();
    benchmark.rival = rival;
    benchmark.workers = 2;
    benchmark.setUp();
    try {
      for (int call = 0; call < CALLS; call++) {
        assertThat(benchmark.submitGet()).isEqualTo(call + 1);
        assertThat(benchmark.submitGetPipelined()).isEqualTo(640);
      }
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"heddle", "forkJoinPool", "threadPoolExecutor", "virtualThreads"})
  void submitAll_anyRival_rightResults(String rival) throws Exception {
    BatchSubmitBenchmark benchmark = new BatchSubmitBenchmark();
    benchmark.rival = rival;
    benchmark.workers = 2;
    benchmark.setUp();
    try {
      for (int call = 0; call < CALLS; call++) {
        assertThat(benchmark.submitAll()).isEqualTo(2_500);
      }
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"heddle", "forkJoinPool", "threadPoolExecutor", "baseline"})
  void roundTrip_anyRival_answersOfTheQuestions(String rival) throws Exception {
    RoundTripBenchmark benchmark = new RoundTripBenchmark();
    benchmark.rival = rival;
    benchmark.workers = 1;
    benchmark.setUp();
    try {
      for (int call = 0; call < CALLS; call++) {
        assertThat(benchmark.roundTripSpinning()).isEqualTo(2 * call + 1);
        assertThat(benchmark.roundTripJoining()).isPositive();
      }
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"heddle", "forkJoinPool", "threadPoolExecutor", "baseline"})
  void wake_anyRival_marksOfTheTasks(String rival) throws Exception {
    WakeBenchmark benchmark = new WakeBenchmark();
    benchmark.rival = rival;
    benchmark.workers = 1;
    benchmark.idleMillis = 5;
    benchmark.warmUpTasks = 20;
    benchmark.setUp();
    try {
      for (int call = 1; call <= CALLS; call++) {
        benchmark.idle();
        assertThat(benchmark.wake()).isEqualTo(benchmark.warmUpTasks + call);
      }
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"heddle", "disruptor", "heddleInbox", "baseline"})
  void lane_anyRival_allBodiesRan(String rival) throws Exception {
    LaneBenchmark benchmark = new LaneBenchmark();
    benchmark.rival = rival;
    benchmark.workers = 1;
    benchmark.window = LaneBenchmark.CAPACITY;
    benchmark.setUp();
    try {
      for (int call = 1; call <= CALLS; call++) {
        assertThat(benchmark.execute()).isEqualTo((long) call * LaneBenchmark.TASKS);
      }
    } finally {
      benchmark.tearDown();
    }
  }

  @Test
  void producer_bodyRunTwice_noticed() {
    WindowedProducer producer =
        new WindowedProducer(
            body -> {
              body.run();
              body.run();
            },
            64);
    assertThatThrownBy(() -> producer.execute(31))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("each task must run once: executed=31, ran=62");
  }

  @Test
  void producer_anyNumberOfTasks_neverMoreThanAWindowOutstanding() {
    List<Runnable> waiting = new ArrayList<>();
    int[] most = {0};
    WindowedProducer producer =
        new WindowedProducer(
            body -> {
              waiting.add(body);
              most[0] = Math.max(most[0], waiting.size());
              if (waiting.size() >= 64) {
                waiting.forEach(Runnable::run);
                waiting.clear();
              }
            },
            64);
    assertThat(producer.execute(640)).isEqualTo(640);
    assertThat(most[0]).isEqualTo(64);
  }

  @Test
  void idleCpuCheck_oneSecond_saysHowMuch() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    // Not which exit code: the machine that builds may be busy.
    assertThat(idleCpuCheck(out, "1")).isBetween(0, 1);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("idle engine: ", "% of a core in 1 s");
  }

  @Test
  void idleCpuCheck_engineIsBusy_exitCodeOne() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    try (TaskEngine engine = TaskEngine.builder().name("busy").workers(1).build()) {
      TaskHandle<?> spinner =
          engine.submit(
              context -> {
                while (!context.isCancelled()) {
                  Thread.onSpinWait();
                }
                return 0;
              });
      assertThat(IdleCpuCheck.check(engine, 1, stream, stream)).isEqualTo(1);
      spinner.cancel();
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("idle engine must use at most 0.5 % of a core: percent=");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "3601", "one"})
  void idleCpuCheck_wrongSeconds_refused(String seconds) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(idleCpuCheck(out, seconds)).isEqualTo(2);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .startsWith("idle-cpu-check: seconds must be one number from 1 to 3600: arguments=[");
  }

  @Test
  void start_unknownRival_refused() {
    assertThatThrownBy(() -> Contestant.start("turtle", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rival=turtle");
  }

  private static int idleCpuCheck(ByteArrayOutputStream out, String... args) throws Exception {
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    return IdleCpuCheck.run(args, stream, stream);
  }

  @ParameterizedTest
  @CsvSource({
    "baseline, 1",
    "heddleFunction, 1",
    "heddleFunction, 2",
    "heddleLambda, 2",
    "forkJoinPool, 2",
  })
  void fib34_anyRival_theNumber(String rival, int workers) throws Exception {
    ForkJoinBenchmark benchmark = new ForkJoinBenchmark();
    benchmark.rival = rival;
    benchmark.workers = workers;
    benchmark.setUp();
    try {
      assertThat(benchmark.fib34()).isEqualTo(5_702_887);
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @CsvSource({"baseline, 1, 8", "heddleFunction, 2, 8", "forkJoinPool, 2, 12"})
  void trees_anyRival_sumsOfTheNumbers(String rival, int workers, int n) throws Exception {
    SmallTreeBenchmark benchmark = new SmallTreeBenchmark();
    benchmark.rival = rival;
    benchmark.workers = workers;
    benchmark.n = n;
    benchmark.setUp();
    try {
      assertThat(benchmark.trees()).isPositive();
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline", "heddleFunction"})
  void coarseForks_anyRival_sumsOfTheLeaves(String rival) {
    CoarseForkBenchmark benchmark = new CoarseForkBenchmark();
    benchmark.rival = rival;
    benchmark.workers = 2;
    benchmark.setUp();
    try {
      assertThat(benchmark.balanced()).isEqualTo(benchmark.rightNested());
      assertThat(benchmark.pendingAboveALongLeaf()).isNotZero();
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline", "heddleFunction"})
  void coarseLoops_anyRival_sumsOfTheElements(String rival) {
    CoarseForkBenchmark benchmark = new CoarseForkBenchmark();
    benchmark.rival = rival;
    benchmark.workers = 2;
    benchmark.setUp();
    try {
      assertThat(benchmark.oneRange()).isEqualTo(benchmark.balanced());
      assertThat(benchmark.skewedLoop()).isNotZero();
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "baseline, 1023",
    "heddleFunction, 1023",
    "forkJoinPool, 1023",
    "heddleFunction, 65535"
  })
  void treeSum_anyRival_sumOfTheNumbers(String rival, int nodes) throws Exception {
    TreeSumBenchmark benchmark = new TreeSumBenchmark();
    benchmark.rival = rival;
    benchmark.workers = 2;
    benchmark.nodes = nodes;
    benchmark.setUp();
    try {
      assertThat(benchmark.sum()).isPositive();
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline", "heddleRange", "heddleElement", "parallelStream"})
  void loops_anyRival_sumsOfAPlainLoop(String rival) throws Exception {
    ParallelLoopBenchmark benchmark = new ParallelLoopBenchmark();
    benchmark.rival = rival;
    benchmark.workers = 2;
    benchmark.size = 100_000;
    benchmark.setUp();
    try {
      assertThat(benchmark.fromInside()).isEqualTo(benchmark.fromOutside());
      assertThat(benchmark.memoryBound()).isPositive();
      assertThat(benchmark.copyInParts()).isPositive();
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline", "heddle", "forkJoinPool"})
  void sortAndScan_anyRival_inOrder(String rival) {
    SortBenchmark benchmark = new SortBenchmark();
    benchmark.rival = rival;
    benchmark.size = 100_000;
    benchmark.setUp();
    try {
      assertThat(benchmark.sort()).isSorted();
      assertThat(benchmark.scan()).isNotZero();
    } finally {
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"confined", "shared"})
  void nativeCall_anyRival_countsCodePoints(String arena) {
    assumeThat(NativeOps.get().isNative()).isTrue();
    NativeCallBenchmark benchmark = new NativeCallBenchmark();
    NativeCallBenchmark.Text text = new NativeCallBenchmark.Text();
    text.arena = arena;
    text.setUp();
    try {
      assertThat(benchmark.baseline(text)).isEqualTo(12);
      assertThat(benchmark.heddle(text)).isEqualTo(12);
      assertThat(benchmark.java(text)).isEqualTo(12);
    } finally {
      text.tearDown();
    }
  }

  @Test
  void nativeCall_jni_countsCodePoints() throws Exception {
    assumeThat(NativeOps.get().isNative()).isTrue();
    assumeThat(JniStub.hasCompiler()).isTrue();
    NativeCallBenchmark.Jni jni = new NativeCallBenchmark.Jni();
    jni.setUp();
    assertThat(new NativeCallBenchmark().jni(jni)).isEqualTo(12);
  }

  @Test
  void nativeTask_withAndWithout_countsThePayloads() {
    assumeThat(NativeOps.get().isNative()).isTrue();
    NativeCallBenchmark benchmark = new NativeCallBenchmark();
    NativeCallBenchmark.Engine engine = new NativeCallBenchmark.Engine();
    engine.setUp();
    try {
      for (int call = 0; call < CALLS; call++) {
        assertThat(benchmark.nativeTask(engine)).isEqualTo(64L * NativeCallBenchmark.TASKS);
        assertThat(benchmark.raw(engine)).isEqualTo(64L * NativeCallBenchmark.TASKS);
      }
    } finally {
      engine.tearDown();
    }
  }

  @Test
  void callback_withAndWithout_sameResult() {
    assumeThat(NativeOps.get().isNative()).isTrue();
    NativeCallBenchmark benchmark = new NativeCallBenchmark();
    NativeCallBenchmark.Listener listener = new NativeCallBenchmark.Listener();
    for (int call = 0; call < CALLS; call++) {
      assertThat(benchmark.listened(listener)).isEqualTo(benchmark.unheard(listener));
      assertThat(benchmark.bareUpcall(listener)).isEqualTo(benchmark.bareDowncall());
    }
    listener.tearDown();
  }

  @Test
  void cancellationLooks_anyRival_sameNumberAsWithout() {
    CancellationBenchmark benchmark = new CancellationBenchmark();
    CancellationBenchmark.Engine engine = new CancellationBenchmark.Engine();
    CancellationBenchmark.FailsafePool failsafe = new CancellationBenchmark.FailsafePool();
    engine.setUp();
    failsafe.setUp();
    try {
      int expected = benchmark.baseline(engine);
      assertThat(benchmark.heddleIsCancelled(engine)).isEqualTo(expected);
      assertThat(benchmark.heddleCheckCancelled(engine)).isEqualTo(expected);
      assertThat(benchmark.volatileFlag(engine)).isEqualTo(expected);
      assertThat(benchmark.threadInterrupted(engine)).isEqualTo(expected);
      assertThat(benchmark.completableFuture(engine)).isEqualTo(expected);
      assertThat(benchmark.failsafe(failsafe)).isEqualTo(expected);
      assertThat(benchmark.heddleOnCancel(engine)).isEqualTo(CancellationBenchmark.REGISTRATIONS);
    } finally {
      engine.tearDown();
      failsafe.tearDown();
    }
  }

  /** A look that was compiled away, or never there, would be the fastest. */
  @Test
  void cancellationLooks_cancelled_leaveTheLoop() throws Exception {
    CancellationBenchmark benchmark = new CancellationBenchmark();
    benchmark.flag = true;
    assertThatThrownBy(benchmark::flagLoop).isInstanceOf(CancellationException.class);

    CompletableFuture<Integer> future = new CompletableFuture<>();
    future.cancel(false);
    assertThatThrownBy(() -> CancellationBenchmark.futureLoop(future))
        .isInstanceOf(CancellationException.class);

    Thread.currentThread().interrupt();
    assertThatThrownBy(CancellationBenchmark::interruptedLoop)
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();

    BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
    try (TaskEngine engine = TaskEngine.builder().name("looks").workers(1).build()) {
      BlockingQueue<TaskContext> contexts = new LinkedBlockingQueue<>();
      TaskHandle<?> task =
          engine.submit(
              context -> {
                contexts.add(context);
                while (!context.isCancelled()) {
                  Thread.onSpinWait();
                }
                thrown.add(catchThrowable(() -> CancellationBenchmark.isCancelledLoop(context)));
                thrown.add(catchThrowable(() -> CancellationBenchmark.checkCancelledLoop(context)));
                return 0;
              });
      assertThat(contexts.take().taskId()).isEqualTo(task.id());
      task.cancel();
    }
    assertThat(thrown).hasSize(2);
    assertThat(thrown.take()).isInstanceOf(CancellationException.class);
    assertThat(thrown.take()).isInstanceOf(TaskCancelledException.class);

    BlockingQueue<ExecutionContext<?>> executions = new LinkedBlockingQueue<>();
    CompletableFuture<Integer> execution =
        Failsafe.<Integer>none()
            .getAsync(
                context -> {
                  executions.add(context);
                  while (!context.isCancelled()) {
                    Thread.onSpinWait();
                  }
                  thrown.add(catchThrowable(() -> CancellationBenchmark.failsafeLoop(context)));
                  return 0;
                });
    executions.take();
    execution.cancel(false);
    assertThat(thrown.take()).isInstanceOf(CancellationException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"heddle", "forkJoinPool", "threadPoolExecutor"})
  void cancelUnstarted_anyRival_noneRuns(String rival) {
    CancellationBenchmark benchmark = new CancellationBenchmark();
    CancellationBenchmark.Pool pool = new CancellationBenchmark.Pool();
    pool.rival = rival;
    pool.setUp();
    try {
      for (int call = 0; call < CALLS; call++) {
        assertThat(benchmark.cancelUnstarted(pool)).isEqualTo(CancellationBenchmark.CANCELLED);
      }
    } finally {
      pool.tearDown();
    }
  }

  @Test
  void cancelUnstarted_aBodyRan_noticed() {
    CancellationBenchmark benchmark = new CancellationBenchmark();
    CancellationBenchmark.Pool pool = new CancellationBenchmark.Pool();
    pool.rival = "heddle";
    pool.setUp();
    benchmark.ran.incrementAndGet();
    try {
      assertThatThrownBy(() -> benchmark.cancelUnstarted(pool))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "each task must be cancelled, and none must run: tasks=10000, cancelled=10000,"
                  + " ran=1");
    } finally {
      pool.tearDown();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "heddle",
        "heddleWithoutTimeout",
        "completableFuture",
        "completableFutureWithoutTimeout",
        "scheduledThreadPoolExecutor",
        "scheduledThreadPoolExecutorWithoutTimeout",
        "failsafe",
        "failsafeWithoutTimeout"
      })
  void timeouts_anyRival_rightResults(String rival) throws Exception {
    TimeoutBenchmark benchmark = new TimeoutBenchmark();
    TimeoutBenchmark.Submissions submissions = new TimeoutBenchmark.Submissions();
    submissions.rival = rival;
    submissions.workers = 2;
    submissions.setUp();
    try {
      for (int call = 0; call < CALLS; call++) {
        assertThat(benchmark.submitGetPipelined(submissions)).isEqualTo(640);
      }
    } finally {
      submissions.tearDown();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "heddle, 0",
    "heddle, 1000",
    "heddleTimer, 0",
    "heddleTimer, 1000",
    "completableFuture, 1000",
    "scheduledThreadPoolExecutor, 1000",
    "nettyWheelTimer, 1000",
  })
  void armAndDisarm_anyRival_wasPendingAndNoneFired(String rival, int pending) {
    TimeoutBenchmark benchmark = new TimeoutBenchmark();
    TimeoutBenchmark.Armed armed = new TimeoutBenchmark.Armed();
    armed.rival = rival;
    armed.pending = pending;
    armed.setUp();
    try {
      for (int call = 0; call < CALLS; call++) {
        assertThat(benchmark.armAndDisarm(armed)).isTrue();
      }
    } finally {
      armed.tearDown();
    }
  }

  @Test
  void armAndDisarm_oneHasFired_noticed() {
    TimeoutBenchmark.Armed armed = new TimeoutBenchmark.Armed();
    armed.rival = "heddleTimer";
    armed.setUp();
    armed.fired.incrementAndGet();
    assertThatThrownBy(armed::tearDown)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no timer must fire: fired=1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"heddle", "heddleHeap", "java", "javaProvider"})
  void mathKernels_anyRival_resultsOfPlainLoops(String rival) {
    assumeThat(NativeOps.get().isNative()).isTrue();
    MathKernelBenchmark kernels = new MathKernelBenchmark();
    kernels.rival = rival;
    kernels.bytes = 1 << 18; // more than what C may have from the heap
    kernels.setUp();
    assertThat(kernels.dot()).isPositive();
    assertThat(kernels.statistics().count()).isEqualTo(1 << 15);
    assertThat(kernels.axpy()).isPositive();
    assertThat(kernels.sum()).isNotZero();

    MatmulBenchmark matmul = new MatmulBenchmark();
    matmul.rival = rival;
    matmul.side = 33;
    matmul.setUp();
    assertThat(matmul.matmul()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "heddle, ascii",
    "heddle, latin1",
    "heddle, mixed",
    "heddleHeap, latin1",
    "heddleHeap, mixed",
    "java, mixed"
  })
  void stringKernels_anyRival_resultsOfTheJdk(String rival, String text) {
    assumeThat(NativeOps.get().isNative()).isTrue();
    StringKernelBenchmark kernels = new StringKernelBenchmark();
    kernels.rival = rival;
    kernels.text = text;
    for (int bytes : new int[] {16, 256, 1 << 18}) {
      kernels.bytes = bytes;
      kernels.setUp();
      assertThat(kernels.validate()).isEqualTo(-1);
      assertThat(kernels.countCodePoints()).isBetween(bytes / 2L, (long) bytes);
      assertThat(kernels.reverse()).isNotNull();
      assertThat(kernels.upperCase()).isNotNull();
      assertThat(kernels.words()).isPositive();
      assertThat(kernels.find()).isEqualTo(bytes - 7);
      assertThat(kernels.xxh64()).isNotZero();
      assertThat(kernels.fnv1a()).isNotZero();
    }
  }

  @Test
  void crossoverPlot_results_pictureAndSizes(@TempDir Path folder) throws Exception {
    Path results = folder.resolve("results.json");
    String result =
        """
        {"benchmark": "a.B.%s", "params": {"rival": "%s", "bytes": "%d"}, "primaryMetric": {"score": %d}}\
        """;
    Files.writeString(
        results,
        Stream.of(
                result.formatted("dot", "heddle", 256, 80),
                result.formatted("dot", "java", 256, 60),
                result.formatted("dot", "heddle", 4096, 200),
                result.formatted("dot", "java", 4096, 900),
                result.formatted("sum", "heddle", 256, 80),
                result.formatted("sum", "java", 256, 60),
                "{\"benchmark\": \"a.B.other\", \"primaryMetric\": {\"score\": 1}}")
            .collect(Collectors.joining(",", "[", "]")));
    Path picture = folder.resolve("crossover.svg");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(crossoverPlot(out, results.toString(), picture.toString())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("dot: faster from 4096 bytes on", "sum: never faster");
    assertThat(picture).content().contains("<svg");
  }

  @Test
  void crossoverPlot_nothingToDraw_refused(@TempDir Path folder) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Path results = folder.resolve("results.json");
    assertThat(crossoverPlot(out)).isEqualTo(2);
    assertThat(crossoverPlot(out, results.toString(), "a.svg")).isEqualTo(2);
    Files.writeString(results, "[]");
    assertThat(crossoverPlot(out, results.toString(), "a.svg")).isEqualTo(2);
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .hasSize(3)
        .allMatch(line -> line.startsWith("crossover-plot: "));
  }

  private static int crossoverPlot(ByteArrayOutputStream out, String... args) {
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    return CrossoverPlot.run(args, stream, stream);
  }
}
