// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.heddle.EngineLog;
import dev.heddle.EngineProbe;
import dev.heddle.MemorySize;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.ErrorCode;
import dev.heddle.error.MemoryLimitException;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.SegmentOwnerException;
import dev.heddle.error.SegmentReleasedException;
import dev.heddle.error.TaskException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OwnedSegmentTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();
  @RegisterExtension final EngineLog log = new EngineLog();

  // ---- sizes

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 16, 17, 64, 1_000, 4_096, 65_536, 262_144, 262_145, 1 << 22})
  void allocate_anySize_zeroedAndOfThatSize(long size) {
    TaskEngine engine = engines.start(1);
    for (int round = 0; round < 3; round++) {
      try (OwnedSegment owned = engine.allocate(size)) {
        assertThat(owned.byteSize()).isEqualTo(size);
        assertThat(owned.segment().byteSize()).isEqualTo(size);
        assertThat(owned.segment().mismatch(MemorySegment.ofArray(new byte[(int) size])))
            .isEqualTo(-1);
        owned.segment().fill((byte) 1);
      }
    }
    assertThat(engine.memory().usedBytes()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "100, 64", "0, 4096", "5000, 4096", "300, 32", "10, 65536", "300000, 128"})
  void allocate_aligned_addressIsAMultiple(long size, long alignment) {
    TaskEngine engine = engines.start(1);
    List<OwnedSegment> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      OwnedSegment owned = engine.allocateRaw(size, alignment);
      assertThat(owned.segment().address() % alignment).isZero();
      all.add(owned);
    }
    all.forEach(OwnedSegment::close);
    assertThat(engine.memory().usedBytes()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"-1, 16", "16, 0", "16, -8", "16, 24", "-9223372036854775808, 1"})
  void allocate_badValues_areRefused(long size, long alignment) {
    TaskEngine engine = engines.start(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> engine.allocate(size, alignment))
        .withMessageMatching("byte(Size|Alignment) must be .*: byte.*=-?\\d+ \\(use .*\\)");
  }

  // ---- mistakes

  @Test
  void use_afterClose_isDetected() {
    TaskEngine engine = engines.start(1);
    OwnedSegment owned = engine.allocate(64);
    owned.close();
    assertReleased(owned, "closed");
  }

  @Test
  void use_afterMove_isDetectedAndTheNewHandleIsGood() {
    TaskEngine engine = engines.start(1);
    OwnedSegment owned = engine.allocate(64);
    owned.segment().set(ValueLayout.JAVA_INT, 0, 7);
    OwnedSegment moved = owned.move();
    assertReleased(owned, "moved");
    assertThat(moved.segment().get(ValueLayout.JAVA_INT, 0)).isEqualTo(7);
    moved.close();
    assertReleased(moved, "closed");
  }

  @Test
  void use_afterShare_isDetected() {
    TaskEngine engine = engines.start(1);
    OwnedSegment owned = engine.allocate(64);
    try (SharedSegment shared = owned.share()) {
      assertReleased(owned, "shared");
      assertThat(shared.segment().isReadOnly()).isTrue();
    }
  }

  private static void assertReleased(OwnedSegment owned, String state) {
    List<Runnable> uses = List.of(owned::segment, owned::move, owned::share, owned::close);
    for (Runnable use : uses) {
      SegmentReleasedException error =
          catchThrowableOfType(SegmentReleasedException.class, use::run);
      assertThat(error).hasMessageContaining("state=" + state);
      assertThat(error.code()).isEqualTo(ErrorCode.SEGMENT_RELEASED);
    }
  }

  @Test
  void use_afterCloseOfABlockThatIsInUseAgain_isDetected() {
    TaskEngine engine = engines.start(1);
    engine
        .submit(
            () -> {
              OwnedSegment first = engine.allocate(64);
              long address = first.segment().address();
              first.close();
              try (OwnedSegment second = engine.allocate(64)) {
                assertThat(second.segment().address()).isEqualTo(address);
                assertReleased(first, "closed");
                assertThat(second.segment().byteSize()).isEqualTo(64);
              }
            })
        .join();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void use_byAnotherTaskOrThread_isDetected(int workers) {
    TaskEngine engine = engines.start(workers);
    OwnedSegment ofThisThread = engine.allocate(64);
    engine.submit(() -> assertForeign(ofThisThread)).join();
    engine
        .submit(
            () -> {
              OwnedSegment ofTheTask = engine.allocate(64);
              engine.submit(() -> assertForeign(ofTheTask)).join(); // inside, on one worker
              ofTheTask.close();
            })
        .join();
    ofThisThread.close();
    assertThat(engine.memory().usedBytes()).isZero();
  }

  @Test
  void use_byTheNextTaskOfTheWorker_isDetected() {
    TaskEngine engine = engines.start(1);
    AtomicReference<OwnedSegment> left = new AtomicReference<>();
    engine.submit(() -> left.set(engine.allocate(64))).join();
    engine.submit(() -> assertForeign(left.get())).join();
    assertForeign(left.get());
    engines.expectLeak(64);
  }

  private static void assertForeign(OwnedSegment owned) {
    for (Runnable use : List.<Runnable>of(owned::move, owned::share, owned::close)) {
      assertThatExceptionOfType(SegmentOwnerException.class)
          .isThrownBy(use::run)
          .withMessageContaining("let the owner move() it");
    }
  }

  @Test
  void move_manyWantIt_oneGetsIt() {
    TaskEngine engine = engines.start(2);
    for (int round = 0; round < 2_000; round++) {
      OwnedSegment moved = engine.allocate(32).move();
      AtomicInteger got = new AtomicInteger();
      Runnable taker =
          () -> {
            try {
              moved.close();
              got.incrementAndGet();
            } catch (TaskException e) {
              assertThat(e.code()).isIn(ErrorCode.SEGMENT_OWNER, ErrorCode.SEGMENT_RELEASED);
            }
          };
      TaskHandle<?> first = engine.submit(taker);
      TaskHandle<?> second = engine.submit(taker);
      first.join();
      second.join();
      assertThat(got).hasValue(1);
    }
    assertThat(engine.memory().usedBytes()).isZero();
  }

  // ---- sharing

  @Test
  void share_manyReaders_freedByTheLast() {
    TaskEngine engine = engines.start(2);
    OwnedSegment owned = engine.allocate(1_000);
    owned.segment().set(ValueLayout.JAVA_INT, 0, 42);
    SharedSegment shared = owned.share();
    List<TaskHandle<Integer>> readers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      SharedSegment mine = shared.retain();
      readers.add(
          engine.submit(
              () -> {
                try (mine) {
                  return mine.segment().get(ValueLayout.JAVA_INT, 0);
                }
              }));
    }
    readers.forEach(reader -> assertThat(reader.join()).isEqualTo(42));
    assertThat(engine.memory().usedBytes()).isPositive();
    shared.close();
    assertThat(engine.memory().usedBytes()).isZero();
    for (Runnable use : List.<Runnable>of(shared::close, shared::segment, shared::retain)) {
      assertThatExceptionOfType(SegmentReleasedException.class).isThrownBy(use::run);
    }
  }

  // ---- leaks

  @Test
  void end_withOpenSegments_isLoggedWithTheTaskAndCounted() {
    TaskEngine engine = engines.start(1);
    engine
        .submit(
            context -> {
              engine.allocate(100);
              engine.allocate(100);
              engine.allocate(100).close();
              return context.taskId();
            },
            TaskOptions.defaults().name("leaky"))
        .join();
    engines.expectLeak(2 * 112);
    assertThat(log.messages())
        .singleElement()
        .asString()
        .contains("name=leaky", "site=dev.heddle.memory.OwnedSegmentTest", "segments=2");
    assertThat(engine.memory().leaks()).isEqualTo(2);
    assertThat(engine.memory().usedBytes()).isEqualTo(2 * 112);
    assertThat(engine.memory().classes()).containsExactly(new MemoryReport.SizeClass(112, 2 * 112));
  }

  @Test
  void memory_whileATaskOwnsSegments_namesIt() {
    TaskEngine engine = engines.start(1);
    TaskHandle<List<MemoryReport.Holder>> handle =
        engine.submit(
            context -> {
              try (OwnedSegment first = engine.allocate(8);
                  OwnedSegment second = engine.allocate(8)) {
                assertThat(first.byteSize() + second.byteSize()).isEqualTo(16);
                return engine.memory().holders();
              }
            },
            TaskOptions.defaults().name("holder"));
    MemoryReport.Holder holder = handle.join().getFirst();
    assertThat(holder.segments()).isEqualTo(2);
    assertThat(holder.task()).contains("name=holder", "id=" + handle.id());
    assertThat(engine.memory().holders()).isEmpty();
  }

  @Test
  void end_ofTasksThatCloseOrMove_noLeak() {
    TaskEngine engine = engines.start(2);
    OwnedSegment moved = engine.submit(() -> engine.allocate(10).move()).join();
    engine.execute(() -> engine.allocate(10).close());
    moved.close();
    EngineProbe.awaitIdle(engine);
    assertThat(engine.memory().leaks()).isZero();
    assertThat(engine.memory().usedBytes()).isZero();
  }

  // ---- the end, while native functions use it

  /** A write to a pipe that is full holds the memory as a native function does. */
  @Test
  void close_memoryInUseByANativeFunction_isFreedWhenThatHasReturned() throws Exception {
    TaskEngine engine = engines.start(1);
    OwnedSegment small = engine.allocate(1 << 18);
    OwnedSegment large = engine.allocate(1 << 20);
    MemorySegment usedByWrite = large.segment();
    Pipe pipe = Pipe.open();
    Thread writer =
        new Thread(
            () -> {
              try {
                pipe.sink().write(usedByWrite.asByteBuffer());
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    writer.start();
    pipe.source().read(ByteBuffer.allocate(1)); // so it writes, and more than a pipe holds

    engine.close();

    assertThat(small.segment().scope().isAlive()).isFalse();
    assertThat(usedByWrite.scope().isAlive()).isTrue();
    assertThat(log.messages())
        .singleElement()
        .asString()
        .startsWith(
            "memory must not be in use by native functions when the engine has ended: engine=")
        .endsWith("slabs=1 (wait for them before you close; it is freed when they have returned)");
    assertThat(engine.memory().reservedBytes()).isEqualTo(1 << 20);
    while (writer.isAlive()) {
      awaitRead(pipe);
    }
    await().until(() -> !usedByWrite.scope().isAlive());
    await().until(() -> engine.memory().reservedBytes() == 0);
    pipe.sink().close();
    pipe.source().close();
  }

  private static void awaitRead(Pipe pipe) throws IOException {
    ByteBuffer some = ByteBuffer.allocate(1 << 16);
    pipe.source().configureBlocking(false);
    pipe.source().read(some);
  }

  // ---- large segments

  @Test
  void close_largeSegmentInATask_isGivenBackWhenTheWorkerSleeps() {
    TaskEngine engine = engines.start(1);
    MemorySegment used =
        engine
            .submit(
                context -> {
                  MemorySegment segment;
                  try (OwnedSegment large = engine.allocate(1 << 20)) {
                    segment = large.segment();
                  }
                  assertThat(engine.memory().usedBytes()).isZero();
                  return segment;
                })
            .join();
    await().until(() -> !used.scope().isAlive());
    assertThat(engine.memory().reservedBytes()).isZero();
  }

  @Test
  void allocate_largeSegmentsAgainAndAgainInOneTask_budgetIsEnough() {
    TaskEngine engine =
        engines.start(TaskEngine.builder().workers(1).memory(MemorySize.mebibytes(4)));
    engine
        .submit(
            context -> {
              for (int i = 0; i < 100; i++) {
                try (OwnedSegment large = engine.allocate(1 << 20)) {
                  large.segment().fill((byte) i);
                }
              }
              return 1;
            })
        .join();
    await().until(() -> engine.memory().reservedBytes() == 0);
  }

  // ---- the budget

  @Test
  void allocate_moreThanTheBudget_typedErrorAndAllComesBack() {
    TaskEngine engine =
        engines.start(TaskEngine.builder().workers(1).memory(MemorySize.kibibytes(256)));
    for (int round = 0; round < 3; round++) {
      for (long size : new long[] {16, 100, 1_000, 10_000, 100_000}) {
        engine.submit(() -> fill(engine, size)).join();
      }
    }
    assertThatExceptionOfType(MemoryLimitException.class)
        .isThrownBy(() -> engine.allocate(Long.MAX_VALUE));
    assertThat(engine.memory().usedBytes()).isZero();
    assertThat(engine.memory().budgetBytes()).isEqualTo(256 << 10);
  }

  private static void fill(TaskEngine engine, long size) {
    List<OwnedSegment> all = new ArrayList<>();
    try {
      for (; ; ) {
        all.add(engine.allocate(size));
        assertThat(engine.memory().reservedBytes()).isLessThanOrEqualTo(256 << 10);
      }
    } catch (MemoryLimitException e) {
      assertThat(all.size() * size).as("of size %d", size).isGreaterThan((256 << 10) / 2 - size);
    } finally {
      all.forEach(OwnedSegment::close);
    }
  }

  // ---- the end

  @Test
  void close_ofTheEngine_laterUsesAreRefused() {
    TaskEngine engine = engines.start(1);
    OwnedSegment small = engine.allocate(64);
    OwnedSegment large = engine.allocate(1 << 20);
    MemorySegment kept = small.segment();
    MemorySegment keptLarge = large.segment();
    engine.close();
    assertThatIllegalStateException().isThrownBy(() -> kept.get(ValueLayout.JAVA_INT, 0));
    assertThatIllegalStateException().isThrownBy(() -> keptLarge.get(ValueLayout.JAVA_INT, 0));
    for (long size : new long[] {64, 65, 5_000, 1 << 20}) {
      assertThatExceptionOfType(RejectedTaskException.class)
          .isThrownBy(() -> engine.allocate(size));
    }
    small.close();
    large.close();
    assertThat(engine.memory().reservedBytes()).isZero();
  }

  // ---- no two at one place

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void allocate_byManyTasks_noBlockHasTwoOwners(int workers) throws InterruptedException {
    TaskEngine engine = engines.start(workers);
    Set<Long> addresses = ConcurrentHashMap.newKeySet();
    CountDownLatch ended = new CountDownLatch(TASKS);
    for (int task = 0; task < TASKS; task++) {
      long pattern = task;
      engine.execute(() -> passOn(engine, pattern, addresses, ended));
    }
    ended.await();
    EngineProbe.awaitIdle(engine);
    assertThat(addresses).isEmpty();
    assertThat(engine.memory().usedBytes()).isZero();
    assertThat(engine.memory().leaks()).isZero();
  }

  private static final int TASKS = 200;
  private static final int SEGMENTS = 200;

  /** Allocates, writes, closes half, and lets another task check and close the rest. */
  private static void passOn(
      TaskEngine engine, long pattern, Set<Long> addresses, CountDownLatch ended) {
    List<OwnedSegment> mine = new ArrayList<>();
    for (int i = 0; i < SEGMENTS; i++) {
      OwnedSegment owned = engine.allocateRaw(8 + i % 300);
      assertThat(addresses.add(owned.segment().address())).isTrue();
      owned.segment().set(ValueLayout.JAVA_LONG_UNALIGNED, 0, pattern);
      mine.add(owned);
    }
    List<OwnedSegment> moved = new ArrayList<>();
    for (OwnedSegment owned : mine) {
      if (moved.size() < SEGMENTS / 2) {
        moved.add(owned.move());
      } else {
        checkAndClose(owned, pattern, addresses);
      }
    }
    engine.execute(
        () -> {
          moved.forEach(owned -> checkAndClose(owned, pattern, addresses));
          ended.countDown();
        });
  }

  private static void checkAndClose(OwnedSegment owned, long pattern, Set<Long> addresses) {
    MemorySegment segment = owned.segment();
    assertThat(segment.get(ValueLayout.JAVA_LONG_UNALIGNED, 0)).isEqualTo(pattern);
    addresses.remove(segment.address());
    owned.close();
  }
}
