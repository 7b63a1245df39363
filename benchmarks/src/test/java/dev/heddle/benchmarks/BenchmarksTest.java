// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
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
}
