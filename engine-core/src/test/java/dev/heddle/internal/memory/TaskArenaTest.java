// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.heddle.error.MemoryLimitException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskArenaTest {

  private final MemoryBudget budget = new MemoryBudget(1_000);
  private final TaskArena arena = new TaskArena(budget);

  @AfterEach
  void nothingIsLeft() {
    if (arena.scope().isAlive()) {
      arena.release();
    }
    assertThat(budget.usedBytes()).isZero();
  }

  @Test
  void allocate_withinTheBudget_givesZeroedMemoryOfThatSize() {
    MemorySegment segment = arena.allocate(100, 8);

    assertThat(segment.byteSize()).isEqualTo(100);
    assertThat(segment.address() % 8).isZero();
    assertThat(segment.mismatch(MemorySegment.ofArray(new byte[100]))).isEqualTo(-1);
    segment.set(ValueLayout.JAVA_LONG, 8, 42);
    assertThat(segment.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(42);
    assertThat(budget.usedBytes()).isEqualTo(100);
  }

  @Test
  void allocate_severalTimes_countsTheSum() {
    arena.allocate(100);
    arena.allocate(ValueLayout.JAVA_LONG);
    arena.allocateFrom("text"); // and a zero

    assertThat(budget.usedBytes()).isEqualTo(100 + 8 + 5);
  }

  @Test
  void allocate_exactlyTheRest_isGranted() {
    arena.allocate(400);
    arena.allocate(600);

    assertThat(budget.usedBytes()).isEqualTo(1_000);
  }

  @Test
  void allocate_overTheRest_isRefusedAndNothingIsReserved() {
    arena.allocate(400);

    assertThatExceptionOfType(MemoryLimitException.class).isThrownBy(() -> arena.allocate(601));
    assertThatExceptionOfType(MemoryLimitException.class)
        .isThrownBy(() -> arena.allocate(Long.MAX_VALUE));
    assertThat(budget.usedBytes()).isEqualTo(400);
  }

  @Test
  void allocate_zeroBytes_takesNothing() {
    arena.allocate(1_000);

    assertThat(arena.allocate(0).byteSize()).isZero();
    assertThat(budget.usedBytes()).isEqualTo(1_000);
  }

  @ParameterizedTest
  @CsvSource({"-1, 1", "-9223372036854775808, 1", "8, 0", "8, -8", "8, 3", "0, 3", "9999, 3"})
  void allocate_badArguments_areRefusedAndNothingIsReserved(long byteSize, long byteAlignment) {
    assertThatIllegalArgumentException().isThrownBy(() -> arena.allocate(byteSize, byteAlignment));
    assertThat(budget.usedBytes()).isZero();
  }

  @Test
  void allocate_moreThanTheMachineHas_reservesNothing() {
    MemoryBudget endless = new MemoryBudget(Long.MAX_VALUE);
    TaskArena greedy = new TaskArena(endless);

    MemoryLimitException e =
        catchThrowableOfType(MemoryLimitException.class, () -> greedy.allocate(1L << 60));
    assertThat(e)
        .hasCauseInstanceOf(OutOfMemoryError.class)
        .hasMessage(
            "memory of the machine or of the JVM is spent: byteSize=1152921504606846976"
                + " (lower memory of the engine, or raise -XX:MaxDirectMemorySize)");
    assertThat(endless.usedBytes()).isZero();
    assertThat(greedy.allocate(8).byteSize()).isEqualTo(8);
    greedy.release();
    assertThat(endless.usedBytes()).isZero();
  }

  @Test
  void allocate_sizeAndAlignmentBeyondALong_areRefusedAndNothingIsReserved() {
    MemoryBudget endless = new MemoryBudget(Long.MAX_VALUE);
    TaskArena greedy = new TaskArena(endless);
    long most = Long.MAX_VALUE;

    for (long byteSize : new long[] {most, most - 7, most - 4_094, most / 2 + 2}) {
      for (long byteAlignment : new long[] {4_096, 1L << 62}) {
        assertThatExceptionOfType(MemoryLimitException.class)
            .isThrownBy(() -> greedy.allocate(byteSize, byteAlignment));
      }
    }
    assertThatExceptionOfType(MemoryLimitException.class)
        .isThrownBy(() -> greedy.allocate(most, 16))
        .withCauseInstanceOf(OutOfMemoryError.class);
    assertThatExceptionOfType(MemoryLimitException.class)
        .isThrownBy(() -> greedy.allocate(most, 4_096))
        .withMessage(
            "memory budget of the engine is spent: byteSize=9223372036854775807, padding=4095,"
                + " used=0, memory=9223372036854775807"
                + " (raise memory, or run fewer such tasks at a time)")
        .withNoCause();
    assertThat(endless.usedBytes()).isZero();
    greedy.release();
    assertThat(endless.usedBytes()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 16, 1", "100, 16, 100", "100, 32, 131", "1, 512, 512", "0, 512, 511", "0, 16, 0"})
  void allocate_aligned_countsThePadding(long byteSize, long byteAlignment, long counted) {
    MemorySegment segment = arena.allocate(byteSize, byteAlignment);

    assertThat(segment.byteSize()).isEqualTo(byteSize);
    assertThat(segment.address() % byteAlignment).isZero();
    assertThat(budget.usedBytes()).isEqualTo(counted);
  }

  @ParameterizedTest
  @CsvSource({"1, 1024", "0, 1024", "490, 512", "1, 4611686018427387904"})
  void allocate_paddingOverTheRest_isRefusedAndNothingIsReserved(
      long byteSize, long byteAlignment) {
    assertThatExceptionOfType(MemoryLimitException.class)
        .isThrownBy(() -> arena.allocate(byteSize, byteAlignment))
        .withMessage(
            "memory budget of the engine is spent: byteSize="
                + byteSize
                + ", padding="
                + (byteAlignment - 1)
                + ", used=0, memory=1000 (raise memory, or run fewer such tasks at a time)");
    assertThat(budget.usedBytes()).isZero();
    assertThat(arena.allocate(489, 512).byteSize()).isEqualTo(489);
  }

  @Test
  void release_segments_areDeadAndTheirBytesAreBack() {
    MemorySegment segment = arena.allocate(100);

    arena.release();

    assertThat(budget.usedBytes()).isZero();
    assertThat(arena.scope().isAlive()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void allocate_afterRelease_isRefusedAndNothingIsReserved() {
    arena.allocate(100);
    arena.release();

    assertThatIllegalStateException().isThrownBy(() -> arena.allocate(100));
    assertThatIllegalStateException().isThrownBy(() -> arena.allocate(0));
    assertThat(budget.usedBytes()).isZero();
  }

  @Test
  void release_nothingAllocated_givesNothingBack() {
    budget.reserve(10);
    arena.release();

    assertThat(budget.usedBytes()).isEqualTo(10);
    budget.release(10);
  }

  @Test
  void anyUse_fromAnotherThread_isRefusedAndNothingIsReserved() throws Exception {
    MemorySegment segment = arena.allocate(100);

    assertThat(thrownElsewhere(() -> arena.allocate(100))).isInstanceOf(WrongThreadException.class);
    assertThat(thrownElsewhere(() -> segment.get(ValueLayout.JAVA_BYTE, 0)))
        .isInstanceOf(WrongThreadException.class);
    assertThat(thrownElsewhere(arena::release)).isInstanceOf(WrongThreadException.class);
    assertThat(budget.usedBytes()).isEqualTo(100);
    assertThat(arena.scope().isAlive()).isTrue();
  }

  private static Throwable thrownElsewhere(Runnable body) throws Exception {
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread.ofPlatform().start(() -> thrown.complete(catchThrowable(body::run)));
    return thrown.get(1, TimeUnit.MINUTES);
  }

  @Test
  void close_byTheTask_isRefusedAndTheArenaGoesOn() {
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(arena::close)
        .withMessage("the arena of a task is closed by the engine (return from the body instead)");
    assertThat(arena.allocate(8).byteSize()).isEqualTo(8);
  }

  // ---- pieces, for which the budget above has no room

  @Test
  void allocate_manySmallOnes_zeroedAlignedAndApart() {
    MemoryBudget large = new MemoryBudget(1 << 20);
    TaskArena pieces = new TaskArena(large);
    List<MemorySegment> segments = new ArrayList<>();
    for (int i = 1; i <= 2_000; i++) {
      long size = i % 200;
      long alignment = 1L << i % 7;
      MemorySegment segment = pieces.allocate(size, alignment);
      assertThat(segment.byteSize()).isEqualTo(size);
      assertThat(segment.address() % alignment).isZero();
      assertThat(segment.mismatch(MemorySegment.ofArray(new byte[(int) size]))).isEqualTo(-1);
      segment.fill((byte) i);
      segments.add(segment);
    }
    for (int i = 1; i <= 2_000; i++) {
      byte[] expected = new byte[i % 200];
      Arrays.fill(expected, (byte) i);
      assertThat(segments.get(i - 1).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected);
    }
    assertThat(large.usedBytes()).isBetween(200_000L, 400_000L);
    pieces.release();
    assertThat(large.usedBytes()).isZero();
    for (MemorySegment segment : segments) {
      assertThat(segment.scope().isAlive()).isFalse();
    }
  }

  @Test
  void allocate_small_onePieceCounts() {
    MemoryBudget large = new MemoryBudget(1 << 20);
    TaskArena pieces = new TaskArena(large);
    pieces.allocate(8);
    pieces.allocate(500);
    assertThat(large.usedBytes()).isEqualTo(1_024);
    pieces.allocate(700);
    assertThat(large.usedBytes()).isEqualTo(1_024 + 4_096);
    pieces.allocate(100_000);
    assertThat(large.usedBytes()).isEqualTo(1_024 + 4_096 + 100_000);
    pieces.release();
    assertThatIllegalStateException().isThrownBy(() -> pieces.allocate(8));
    assertThat(large.usedBytes()).isZero();
  }

  @Test
  void allocate_fromAPieceInAnotherThread_isRefused() throws Exception {
    MemoryBudget large = new MemoryBudget(1 << 20);
    TaskArena pieces = new TaskArena(large);
    MemorySegment segment = pieces.allocate(8);
    assertThat(thrownElsewhere(() -> pieces.allocate(8))).isInstanceOf(WrongThreadException.class);
    assertThat(thrownElsewhere(() -> segment.get(ValueLayout.JAVA_BYTE, 0)))
        .isInstanceOf(WrongThreadException.class);
    assertThat(large.usedBytes()).isEqualTo(1_024);
    pieces.release();
  }
}
