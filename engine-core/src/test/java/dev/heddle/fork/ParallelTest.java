// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskFailedException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What loops promise, on any number of workers, from inside and from outside. */
@Timeout(60)
class ParallelTest {

  private static final int[] SIZES = {0, 1, 2, 63, 64, 1_000, 4_097, 70_000, 1_000_003};

  private static Stream<Arguments> places() {
    return Stream.of(1, 2, 3, 8)
        .flatMap(workers -> Stream.of(Arguments.of(workers, true), Arguments.of(workers, false)));
  }

  /** Calls from a task of the engine, or from the thread of the test. */
  private static <R> R call(TaskEngine engine, boolean inside, Callable<R> body) throws Exception {
    return inside ? engine.submit(body).join() : body.call();
  }

  private static TaskEngine engine(int workers) {
    return TaskEngine.builder().workers(workers).build();
  }

  // ---- each element once

  @ParameterizedTest
  @MethodSource("places")
  void forEach_anySize_seesEachElementOnce(int workers, boolean inside) throws Exception {
    try (TaskEngine engine = engine(workers)) {
      for (int size : SIZES) {
        AtomicIntegerArray seen = new AtomicIntegerArray(size);
        call(
            engine,
            inside,
            () -> {
              engine.parallel().range(-5, size - 5).forEach(i -> seen.incrementAndGet(i + 5));
              engine
                  .parallel()
                  .range(7L, size + 7L)
                  .forEach(i -> seen.incrementAndGet((int) i - 7));
              return null;
            });
        assertThat(IntStream.range(0, size).allMatch(i -> seen.get(i) == 2)).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("places")
  void forEachRange_anySize_rangesPartitionTheElements(int workers, boolean inside)
      throws Exception {
    try (TaskEngine engine = engine(workers)) {
      for (int size : SIZES) {
        AtomicIntegerArray seen = new AtomicIntegerArray(size);
        call(
            engine,
            inside,
            () -> {
              engine
                  .parallel()
                  .range(0, size)
                  .forEachRange(
                      (first, end) -> {
                        assertThat(end).isGreaterThan(first);
                        for (int i = first; i < end; i++) {
                          seen.incrementAndGet(i);
                        }
                      });
              return null;
            });
        assertThat(IntStream.range(0, size).allMatch(i -> seen.get(i) == 1)).isTrue();
      }
    }
  }

  @Test
  void range_atTheEndsOfItsType_countsRight() {
    try (TaskEngine engine = engine(2)) {
      Parallel parallel = engine.parallel();
      LongAdder calls = new LongAdder();
      parallel.range(Long.MAX_VALUE - 1000, Long.MAX_VALUE).forEach(i -> calls.increment());
      parallel.range(Long.MIN_VALUE, Long.MIN_VALUE + 1000).forEach(i -> calls.increment());
      parallel.range(Integer.MAX_VALUE - 1000, Integer.MAX_VALUE).forEach(i -> calls.increment());
      parallel.range(Integer.MIN_VALUE, Integer.MIN_VALUE + 1000).forEach(i -> calls.increment());
      assertThat(calls.sum()).isEqualTo(4000);

      long most = parallel.range(0, Integer.MAX_VALUE).sumLongRange((first, end) -> end - first);
      assertThat(most).isEqualTo(Integer.MAX_VALUE);
      long more = parallel.range(-3L, 1L << 40).sumLongRange((first, end) -> end - first);
      assertThat(more).isEqualTo((1L << 40) + 3);
      long all = parallel.range(0, Long.MAX_VALUE).sumLongRange((first, end) -> end - first);
      assertThat(all).isEqualTo(Long.MAX_VALUE);
      long both =
          parallel.range(-1L << 62, (1L << 62) - 1).sumLongRange((first, end) -> end - first);
      assertThat(both).isEqualTo(Long.MAX_VALUE);
    }
  }

  // ---- results

  @ParameterizedTest
  @MethodSource("places")
  void sum_anySize_isThatOfAPlainLoop(int workers, boolean inside) throws Exception {
    try (TaskEngine engine = engine(workers)) {
      for (int size : SIZES) {
        long expected = (long) size * (size - 1) / 2;
        IntLoop ints = engine.parallel().range(0, size);
        LongLoop longs = engine.parallel().range(0L, size);
        assertThat(call(engine, inside, () -> ints.sumLong(i -> i))).isEqualTo(expected);
        assertThat(call(engine, inside, () -> longs.sumLong(i -> i))).isEqualTo(expected);
        assertThat(call(engine, inside, () -> ints.sumLongRange(ParallelTest::sumOfRange)))
            .isEqualTo(expected);
        assertThat(call(engine, inside, () -> ints.reduceLong(0, i -> i, Long::sum)))
            .isEqualTo(expected);
        assertThat(
                call(
                    engine,
                    inside,
                    () -> longs.reduceLongRange(0, ParallelTest::sumOfRange, Long::sum)))
            .isEqualTo(expected);
      }
    }
  }

  private static long sumOfRange(long first, long end) {
    return (first + end - 1) * (end - first) / 2;
  }

  @Test
  void doubleResults_anyNumberOfWorkers_haveTheSameBits() throws Exception {
    for (int size : SIZES) {
      double[] values = new Random(size).doubles(size, -1e9, 1e9).toArray();
      List<List<Double>> results = new ArrayList<>();
      for (int workers : new int[] {1, 2, 3, 8}) {
        try (TaskEngine engine = engine(workers)) {
          for (boolean inside : new boolean[] {true, false}) {
            results.add(call(engine, inside, () -> doubleResults(engine.parallel(), values)));
          }
        }
      }
      assertThat(results).allSatisfy(each -> assertThat(each).isEqualTo(results.getFirst()));
      assertThat(results.getFirst().getFirst())
          .isCloseTo(Arrays.stream(values).sum(), org.assertj.core.data.Offset.offset(1.0));
    }
  }

  private static List<Double> doubleResults(Parallel parallel, double[] values) {
    IntLoop ints = parallel.range(0, values.length);
    LongLoop longs = parallel.range(0L, values.length);
    IntRangeToDouble part =
        (first, end) -> {
          double sum = 0;
          for (int i = first; i < end; i++) {
            sum += values[i];
          }
          return sum;
        };
    return List.of(
        ints.sumDouble(i -> values[i]),
        longs.sumDouble(i -> values[(int) i]),
        ints.sumDoubleRange(part),
        longs.sumDoubleRange((first, end) -> part.applyAsDouble((int) first, (int) end)),
        ints.reduceDouble(0, i -> values[i], Double::sum),
        ints.reduceDoubleRange(0, part, Double::sum),
        longs.reduceDouble(0, i -> values[(int) i], Double::sum),
        parallel.over(MemorySegment.ofArray(values), Double.BYTES).sumDouble(ParallelTest::sumOf));
  }

  private static double sumOf(MemorySegment slice) {
    double sum = 0;
    for (long i = 0; i < slice.byteSize() / Double.BYTES; i++) {
      sum += slice.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("places")
  void reduce_whatDoesNotCommute_isInOrder(int workers, boolean inside) throws Exception {
    try (TaskEngine engine = engine(workers)) {
      for (int size : new int[] {0, 1, 2, 63, 1_000, 70_000}) {
        String expected =
            IntStream.range(0, size).mapToObj(Integer::toString).collect(Collectors.joining());
        List<Integer> list = IntStream.range(0, size).boxed().toList();
        Parallel parallel = engine.parallel();
        assertThat(
                call(
                    engine,
                    inside,
                    () -> parallel.range(0, size).reduce("", Integer::toString, String::concat)))
            .isEqualTo(expected);
        assertThat(
                call(
                    engine,
                    inside,
                    () ->
                        parallel
                            .range(0L, size)
                            .reduceRange("", ParallelTest::digits, String::concat)))
            .isEqualTo(expected);
        assertThat(
                call(
                    engine,
                    inside,
                    () -> parallel.over(list).reduce("", String::valueOf, String::concat)))
            .isEqualTo(expected);
      }
    }
  }

  private static String digits(long first, long end) {
    StringBuilder digits = new StringBuilder();
    for (long i = first; i < end; i++) {
      digits.append(i);
    }
    return digits.toString();
  }

  @ParameterizedTest
  @MethodSource("places")
  void map_anySize_keepsTheOrder(int workers, boolean inside) throws Exception {
    try (TaskEngine engine = engine(workers)) {
      for (int size : SIZES) {
        IntLoop loop = engine.parallel().range(3, size + 3);
        LongLoop longs = engine.parallel().range(3L, size + 3L);
        int[] expected = IntStream.range(3, size + 3).map(i -> i * i).toArray();
        assertThat(call(engine, inside, () -> loop.mapToInt(i -> i * i))).isEqualTo(expected);
        assertThat(call(engine, inside, () -> longs.mapToInt(i -> (int) (i * i))))
            .isEqualTo(expected);
        assertThat(call(engine, inside, () -> loop.mapToLong(i -> i)))
            .isEqualTo(call(engine, inside, () -> longs.mapToLong(i -> i)));
        assertThat(call(engine, inside, () -> loop.mapToDouble(i -> i)))
            .isEqualTo(call(engine, inside, () -> longs.mapToDouble(i -> i)));
        List<Integer> list = IntStream.range(0, size).boxed().toList();
        assertThat(
                call(
                    engine,
                    inside,
                    () ->
                        engine
                            .parallel()
                            .over(list)
                            .<@Nullable Integer>map(i -> i % 7 == 0 ? null : i)))
            .isEqualTo(list.stream().map(i -> i % 7 == 0 ? null : i).collect(Collectors.toList()));
        assertThat(call(engine, inside, () -> engine.parallel().over(list).filter(i -> i % 3 == 0)))
            .isEqualTo(list.stream().filter(i -> i % 3 == 0).toList());
      }
    }
  }

  @Test
  @SuppressWarnings("JdkObsolete") // a list without random access
  void over_listsAndArrays_allForms() {
    try (TaskEngine engine = engine(2)) {
      Parallel parallel = engine.parallel();
      List<String> linked = new LinkedList<>(List.of("a", "bb", "ccc"));
      String[] array = {"a", "bb", "ccc"};
      for (ListLoop<String> loop : List.of(parallel.over(linked), parallel.over(array))) {
        LongAdder length = new LongAdder();
        loop.forEach(each -> length.add(each.length()));
        assertThat(length.sum()).isEqualTo(6);
        assertThat(loop.sumLong(String::length)).isEqualTo(6);
        assertThat(loop.sumDouble(String::length)).isEqualTo(6.0);
        assertThat(loop.map(String::length)).containsExactly(1, 2, 3);
        assertThat(loop.findAny(each -> each.length() == 2)).contains("bb");
        assertThat(loop.findAny(String::isEmpty)).isEmpty();
        assertThat(loop.anyMatch(each -> each.length() == 3)).isTrue();
        assertThat(loop.anyMatch(String::isEmpty)).isFalse();
      }
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> parallel.over(linked).map(String::length).set(0, 1));
      String[] holes = {null};
      assertThatExceptionOfType(TaskFailedException.class)
          .isThrownBy(() -> parallel.over(holes).findAny(each -> each == null))
          .withCauseInstanceOf(NullPointerException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("places")
  void findAny_oneInABillion_stopsSoon(int workers, boolean inside) throws Exception {
    try (TaskEngine engine = engine(workers)) {
      LongLoop loop = engine.parallel().range(0, 1L << 50);
      long found = call(engine, inside, () -> loop.findAny(i -> i % 1000 == 999).getAsLong());
      assertThat(found % 1000).isEqualTo(999);
      IntLoop ints = engine.parallel().range(0, 100_000);
      assertThat(call(engine, inside, () -> ints.anyMatch(i -> i == 99_999))).isTrue();
      assertThat(call(engine, inside, () -> ints.anyMatch(i -> i < 0))).isFalse();
      assertThat(call(engine, inside, () -> ints.findAny(i -> i == 5)).getAsInt()).isEqualTo(5);
    }
  }

  // ---- memory

  @Test
  void over_segment_seesEachByteOnce() {
    try (TaskEngine engine = engine(2);
        Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(ValueLayout.JAVA_LONG, 1_000_000);
      SegmentLoop loop = engine.parallel().over(memory, Long.BYTES);
      loop.forEachSlice(
          slice -> {
            for (long i = 0; i < slice.byteSize() / Long.BYTES; i++) {
              long was = slice.getAtIndex(ValueLayout.JAVA_LONG, i);
              slice.setAtIndex(ValueLayout.JAVA_LONG, i, was + 1);
            }
          });
      assertThat(loop.sumLong(ParallelTest::longsOf)).isEqualTo(1_000_000);
      assertThat(engine.parallel().over(memory.asSlice(0, 0), 8).sumLong(ParallelTest::longsOf))
          .isZero();
    }
  }

  private static long longsOf(MemorySegment slice) {
    long sum = 0;
    for (long i = 0; i < slice.byteSize() / Long.BYTES; i++) {
      sum += slice.getAtIndex(ValueLayout.JAVA_LONG, i);
    }
    return sum;
  }

  // ---- sharing

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8})
  void forEach_elementsThatWaitForEachOther_areSharedByAllWorkers(int workers) {
    try (TaskEngine engine = engine(workers)) {
      for (int times = 0; times < 20; times++) {
        CountDownLatch all = new CountDownLatch(workers);
        engine
            .parallel()
            .range(0, 1 + workers)
            .forEach(
                i -> {
                  if (i == 0) { // shows that each of the others may be worth a worker
                    long start = System.nanoTime();
                    while (System.nanoTime() - start < MILLISECONDS.toNanos(1)) {
                      LockSupport.parkNanos(MILLISECONDS.toNanos(1)); // returns early at times
                    }
                  } else {
                    all.countDown();
                    awaitWithin(all);
                  }
                });
      }
    }
  }

  private static void awaitWithin(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void nested_loopsForksAndTasks_combine() throws Exception {
    try (TaskEngine engine = engine(3)) {
      Parallel parallel = engine.parallel();
      ForkLong fib = new ForkLong[] {null, ParallelTest::fib}[1];
      long sum =
          parallel
              .range(0, 200)
              .sumLong(
                  i ->
                      parallel.range(0, 2_000).sumLong(j -> j % 3)
                          + engine.computeLong(fib, i % 15)
                          + engine.submit(() -> (long) i).join()
                          + engine.compute(
                              scope ->
                                  scope.joinLong(
                                      left -> parallel.range(0L, i).sumLong(k -> k),
                                      right -> parallel.over(List.of(i)).sumLong(k -> k),
                                      Long::sum)));
      long expected = 0;
      for (int i = 0; i < 200; i++) {
        expected += 1_999 + plainFib(i % 15) + i + (long) i * (i - 1) / 2 + i;
      }
      assertThat(sum).isEqualTo(expected);
    }
  }

  private static long fib(ForkScope scope, long n) {
    return n < 2 ? n : scope.joinLong(ParallelTest::fib, n - 1, n - 2, Long::sum);
  }

  private static long plainFib(long n) {
    return n < 2 ? n : plainFib(n - 1) + plainFib(n - 2);
  }

  @Test
  void waiting_forALoop_runsNothingElse() throws Exception {
    try (TaskEngine engine = engine(2)) {
      ThreadLocal<Boolean> inLoop = ThreadLocal.withInitial(() -> false);
      AtomicInteger strangers = new AtomicInteger();
      List<TaskHandle<?>> handles = new ArrayList<>();
      for (int t = 0; t < 50; t++) {
        handles.add(
            engine.submit(
                () -> {
                  if (inLoop.get()) {
                    strangers.incrementAndGet();
                  }
                  inLoop.set(true);
                  try {
                    long odd =
                        engine.parallel().range(0, 20_000).sumLong(i -> plainFib(i % 10) & 1);
                    assertThat(odd).isPositive();
                  } finally {
                    inLoop.set(false);
                  }
                }));
      }
      for (TaskHandle<?> handle : handles) {
        handle.join();
      }
      assertThat(strangers).hasValue(0);
    }
  }

  // ---- errors

  @ParameterizedTest
  @MethodSource("places")
  void body_throws_comesOutAfterAllHaveEnded(int workers, boolean inside) throws Exception {
    try (TaskEngine engine = engine(workers)) {
      for (int bad : new int[] {0, 40, 99_999}) {
        AtomicInteger running = new AtomicInteger();
        IllegalStateException failure = new IllegalStateException("element " + bad);
        AtomicInteger left = new AtomicInteger(-1);
        Throwable thrown =
            call(
                engine,
                inside,
                () -> {
                  Throwable caught =
                      catchThrowable(
                          () ->
                              engine
                                  .parallel()
                                  .range(0, 100_000)
                                  .forEach(
                                      i -> {
                                        running.incrementAndGet();
                                        try {
                                          if (i == bad) {
                                            throw failure;
                                          }
                                        } finally {
                                          running.decrementAndGet();
                                        }
                                      }));
                  left.set(running.get());
                  return caught;
                });
        assertThat(thrown).isInstanceOf(TaskFailedException.class).hasRootCause(failure);
        assertThat(left).hasValue(0);
      }
      assertThat(engine.parallel().range(0, 1000).sumLong(i -> 1)).isEqualTo(1000);
    }
  }

  @Test
  void bodies_allThrow_oneIsThrownAndTheOthersAreSuppressed() {
    try (TaskEngine engine = engine(2)) {
      CountDownLatch both = new CountDownLatch(2);
      Throwable thrown =
          catchThrowable(
              () ->
                  engine
                      .parallel()
                      .range(0, 2)
                      .forEach(
                          i -> {
                            both.countDown();
                            awaitWithin(both);
                            throw new IllegalStateException("element " + i);
                          }));
      assertThat(thrown).isInstanceOf(TaskFailedException.class);
      assertThat(requireNonNull(thrown.getCause()).getSuppressed()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void cancel_ofTheTask_endsItsLoop(int workers) throws Exception {
    try (TaskEngine engine = engine(workers)) {
      CountDownLatch started = new CountDownLatch(1);
      LongAdder running = new LongAdder();
      CountDownLatch ended = new CountDownLatch(1);
      List<Throwable> seen = new ArrayList<>();
      TaskHandle<?> handle =
          engine.submit(
              () -> {
                try {
                  engine
                      .parallel()
                      .range(0, 1L << 40)
                      .forEach(
                          i -> {
                            running.increment();
                            started.countDown();
                            running.decrement();
                          });
                } catch (TaskCancelledException e) {
                  seen.add(e);
                } finally {
                  ended.countDown();
                }
              });
      awaitWithin(started);
      handle.cancel();
      awaitWithin(ended);
      assertThat(seen).hasSize(1);
      assertThat(running.sum()).isZero();
    }
  }

  @Test
  void loop_ofAClosedEngine_isRejected() {
    TaskEngine engine = engine(2);
    engine.close();
    Parallel parallel = engine.parallel();
    assertThatExceptionOfType(RejectedTaskException.class)
        .isThrownBy(() -> parallel.range(0, 10).forEach(i -> {}));
    assertThatExceptionOfType(RejectedTaskException.class)
        .isThrownBy(() -> parallel.range(0, 0).forEach(i -> {}));
    assertThatExceptionOfType(RejectedTaskException.class)
        .isThrownBy(() -> parallel.range(0, 100_000).forEach(i -> {}));
    assertThatExceptionOfType(RejectedTaskException.class)
        .isThrownBy(() -> parallel.sort(new int[3]));
  }

  @Test
  void loop_beginsOutsideAndEngineIsFull_isRunToItsEndThere() {
    try (TaskEngine engine = TaskEngine.builder().workers(1).queueCapacity(1).build()) {
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      Runnable busy =
          () -> {
            started.countDown();
            awaitWithin(release);
          };
      TaskHandle<?> running = engine.submit(busy);
      awaitWithin(started);
      TaskHandle<?> queued = engine.submit(() -> {});
      Parallel parallel = engine.parallel();
      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> parallel.range(0, 10).forEach(i -> {}));
      assertThat(parallel.range(0, 3_000_000).sumLong(i -> i)).isEqualTo(4_499_998_500_000L);
      assertThat(parallel.range(0, 3_000_000).sumDouble(i -> i)).isEqualTo(4_499_998_500_000.0);
      release.countDown();
      running.join();
      queued.join();
    }
  }

  // ---- bad input

  @Test
  void badInput_anyForm_isRefusedByName() {
    try (TaskEngine engine = engine(1);
        Arena confined = Arena.ofConfined()) {
      Parallel parallel = engine.parallel();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> parallel.range(1, 0))
          .withMessage("to must not be less than from: from=1, to=0 (exchange them)");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> parallel.range(Long.MIN_VALUE, 0L))
          .withMessage(
              "range must have at most 2^63 - 1 elements: from=-9223372036854775808, to=0"
                  + " (loop over a part of it)");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> parallel.range(0, 1L << 31).mapToInt(i -> 0))
          .withMessage(
              "results must fit into an array: elements=2147483648 (map a part of the range)");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> parallel.over(MemorySegment.ofArray(new byte[10]), 4))
          .withMessage(
              "elementByteSize must divide the size of the segment: elementByteSize=4, byteSize=10"
                  + " (take a slice of whole elements)");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> parallel.over(MemorySegment.ofArray(new byte[10]), 0));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> parallel.over(confined.allocate(8), 8))
          .withMessageContaining("segment must be accessible by all workers");
    }
  }

  // ---- sorting

  private static Stream<Arguments> sizesToSort() {
    return Stream.of(1, 2, 3, 8)
        .flatMap(
            workers ->
                Stream.of(0, 1, 8_191, 8_192, 8_193, 100_003)
                    .map(size -> Arguments.of(workers, size)));
  }

  @ParameterizedTest
  @MethodSource("sizesToSort")
  void sort_primitives_asTheJdkDoes(int workers, int size) {
    Random random = new Random(size);
    try (TaskEngine engine = engine(workers)) {
      for (int range : new int[] {1, 10, Integer.MAX_VALUE}) {
        int[] ints = random.ints(size, 0, range).toArray();
        int[] sortedInts = ints.clone();
        Arrays.sort(sortedInts);
        engine.parallel().sort(ints);
        assertThat(ints).isEqualTo(sortedInts);
        engine.parallel().sort(ints);
        assertThat(ints).isEqualTo(sortedInts);

        long[] longs = random.longs(size, -range, range).toArray();
        long[] sortedLongs = longs.clone();
        Arrays.sort(sortedLongs);
        engine.parallel().sort(longs);
        assertThat(longs).isEqualTo(sortedLongs);

        double[] special = {Double.NaN, -0.0, 0.0, Double.NEGATIVE_INFINITY, 1, -1};
        double[] doubles =
            random.ints(size, 0, range).mapToDouble(i -> i < 6 ? special[i] : i).toArray();
        double[] sortedDoubles = doubles.clone();
        Arrays.sort(sortedDoubles);
        engine.parallel().sort(doubles);
        assertThat(doubles).isEqualTo(sortedDoubles);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sizesToSort")
  void sort_objects_isStable(int workers, int size) {
    Random random = new Random(size);
    record Pair(int key, int place) {}
    Pair[] pairs =
        IntStream.range(0, size)
            .mapToObj(place -> new Pair(random.nextInt(100), place))
            .toArray(Pair[]::new);
    Pair[] sorted = pairs.clone();
    Arrays.sort(sorted, Comparator.comparingInt(Pair::key));
    try (TaskEngine engine = engine(workers)) {
      engine.parallel().sort(pairs, Comparator.comparingInt(Pair::key));
      assertThat(pairs).isEqualTo(sorted);
      String[] words =
          IntStream.range(0, size)
              .mapToObj(i -> "" + (i * 7919) % 1_000_003)
              .toArray(String[]::new);
      engine.parallel().sort(words);
      assertThat(words).isSorted().hasSize(size);
    }
  }

  @Test
  void sort_orderThrows_comesOut() {
    try (TaskEngine engine = engine(2)) {
      for (int calls : new int[] {1, 1_000, 300_000, 400_000, 450_000}) {
        Integer[] numbers =
            new Random(calls).ints(40_000, 0, 1_000_000).boxed().toArray(Integer[]::new);
        AtomicInteger left = new AtomicInteger(calls);
        Throwable thrown =
            catchThrowable(
                () ->
                    engine
                        .parallel()
                        .sort(
                            numbers,
                            (a, b) -> {
                              if (left.decrementAndGet() == 0) {
                                throw new IllegalStateException("no order");
                              }
                              return Integer.compare(a, b);
                            }));
        assertThat(thrown).hasRootCauseMessage("no order");
      }
    }
  }

  // ---- scanning

  @ParameterizedTest
  @MethodSource("sizesToSort")
  void scan_anyType_asTheJdkDoes(int workers, int size) {
    try (TaskEngine engine = engine(workers)) {
      Parallel parallel = engine.parallel();
      int[] ints = new Random(1).ints(size).toArray();
      int[] expectedInts = ints.clone();
      Arrays.parallelPrefix(expectedInts, Integer::sum);
      parallel.scan(ints, Integer::sum);
      assertThat(ints).isEqualTo(expectedInts);

      long[] longs = new Random(1).longs(size).toArray();
      long[] expectedLongs = longs.clone();
      Arrays.parallelPrefix(expectedLongs, Math::max);
      parallel.scan(longs, Math::max);
      assertThat(longs).isEqualTo(expectedLongs);

      double[] doubles = new Random(1).ints(size, 0, 10).asDoubleStream().toArray();
      double[] expectedDoubles = doubles.clone();
      Arrays.parallelPrefix(expectedDoubles, Double::sum);
      parallel.scan(doubles, Double::sum);
      assertThat(doubles).isEqualTo(expectedDoubles);

      BigInteger[] big =
          IntStream.range(0, Math.min(size, 1000))
              .mapToObj(BigInteger::valueOf)
              .toArray(BigInteger[]::new);
      BigInteger[] expectedBig = big.clone();
      Arrays.parallelPrefix(expectedBig, BigInteger::add);
      parallel.scan(big, BigInteger::add);
      assertThat(big).isEqualTo(expectedBig);
    }
  }
}
