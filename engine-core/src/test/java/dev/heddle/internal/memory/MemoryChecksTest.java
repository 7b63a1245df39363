// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.heddle.EngineLog;
import dev.heddle.EngineProbe;
import dev.heddle.MemorySize;
import dev.heddle.TaskEngine;
import dev.heddle.error.ErrorCode;
import dev.heddle.error.MemoryLimitException;
import dev.heddle.error.SegmentOverrunException;
import dev.heddle.error.SegmentReleasedException;
import dev.heddle.memory.OwnedSegment;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryChecksTest {

  private static final int MISUSES = 20_000;

  @RegisterExtension final EngineProbe engines = new EngineProbe();
  @RegisterExtension final EngineLog log = new EngineLog();

  private TaskEngine start() {
    return engines.start(
        TaskEngine.builder().workers(1).memory(MemorySize.mebibytes(4)).memoryChecks(true));
  }

  /** A slice of the slab that reaches 16 bytes beyond both ends, where native code might write. */
  private static MemorySegment beyond(OwnedSegment owned) throws ReflectiveOperationException {
    Field field = OwnedBlock.class.getDeclaredField("slab");
    field.setAccessible(true);
    MemorySegment slab = ((Slab) field.get(owned)).segment;
    long start = owned.segment().address() - slab.address();
    return slab.asSlice(start - 16, owned.byteSize() + 32);
  }

  @ParameterizedTest
  @CsvSource({"0, 16", "1, 16", "64, 16", "100, 64", "5000, 4096", "300000, 16"})
  void allocate_withChecks_zeroedAlignedAndOfThatSize(long size, long alignment) {
    TaskEngine engine = start();
    assertThat(engine.memory().checks()).isTrue();
    for (int round = 0; round < 3; round++) {
      try (OwnedSegment owned = engine.allocate(size, alignment)) {
        assertThat(owned.segment().byteSize()).isEqualTo(size);
        assertThat(owned.segment().address() % alignment).isZero();
        assertThat(owned.segment().mismatch(MemorySegment.ofArray(new byte[(int) size])))
            .isEqualTo(-1);
        owned.segment().fill((byte) 1);
      }
    }
    assertThat(engine.memory().usedBytes()).isZero();
    assertThat(engine.memory().overwritten()).isZero();
  }

  @Test
  void allocateRaw_withChecks_isFilledWithAPattern() {
    TaskEngine engine = start();
    try (OwnedSegment owned = engine.allocateRaw(100)) {
      assertThat(owned.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0xA5);
    }
  }

  @ParameterizedTest
  @CsvSource({"64, -1", "64, -16", "64, 64", "64, 79", "1, 1", "100, 100", "300000, 300000"})
  void close_afterAWriteBeyondTheEnds_throwsAndTheNeighbourIsWhole(long size, long at)
      throws Exception {
    TaskEngine engine = start();
    try (OwnedSegment before = engine.allocate(size);
        OwnedSegment neighbour = engine.allocate(size)) {
      OwnedSegment owned = engine.allocate(size);
      beyond(owned).set(ValueLayout.JAVA_BYTE, at + 16, (byte) 0);
      assertThatExceptionOfType(SegmentOverrunException.class)
          .isThrownBy(owned::close)
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.SEGMENT_OVERRUN))
          .withMessageStartingWith(
              "segment must be written between its ends: byteSize=" + size + ", written=" + at);
      assertThatExceptionOfType(SegmentReleasedException.class).isThrownBy(owned::close);
      assertThat(before.byteSize() + neighbour.byteSize()).isEqualTo(2 * size);
    }
    assertThat(engine.memory().usedBytes()).isZero();
  }

  @Test
  void close_afterRandomWritesBeyondTheEnds_eachIsFound() throws Exception {
    TaskEngine engine = start();
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < MISUSES; i++) {
      long size = random.nextLong(1, 500);
      OwnedSegment owned = engine.allocateRaw(size);
      long distance = random.nextInt(16);
      long at = random.nextBoolean() ? -1 - distance : size + distance;
      beyond(owned).set(ValueLayout.JAVA_BYTE, at + 16, (byte) random.nextInt(100));
      assertThatExceptionOfType(SegmentOverrunException.class).isThrownBy(owned::close);
    }
    assertThat(engine.memory().usedBytes()).isZero();
  }

  @Test
  void write_afterClose_isFoundWhenTheBlockLeavesQuarantine() {
    TaskEngine engine = start();
    MemorySegment kept;
    try (OwnedSegment owned = engine.allocate(64)) {
      kept = owned.segment();
    }
    assertThat(kept.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x5A);
    kept.set(ValueLayout.JAVA_INT, 0, 42);
    engine.close();
    assertThat(engine.memory().overwritten()).isEqualTo(1);
    assertThat(log.messages())
        .singleElement()
        .asString()
        .startsWith("memory must not be written after it was closed: blockBytes=96, written=16");
  }

  @Test
  void close_smallSegmentsThenLargerOnes_quarantineKeepsToItsShare() {
    TaskEngine engine = start();
    for (int i = 0; i < 2_000; i++) {
      engine.allocate(16).close();
    }
    long share = (4 << 20) / 8;
    for (int i = 0; i < 500; i++) {
      engine.allocate(10_000).close(); // takes the place of hundreds of the others
      assertThat(engine.memory().reservedBytes()).isLessThan(2 * share);
    }
    assertThat(engine.memory().usedBytes()).isZero();
  }

  @Test
  void allocate_moreThanTheBudget_quarantineComesBackFirst() {
    TaskEngine engine = start();
    for (int round = 0; round < 3; round++) {
      List<OwnedSegment> all = new ArrayList<>();
      try {
        for (; ; ) {
          all.add(engine.allocate(10_000));
        }
      } catch (MemoryLimitException e) {
        assertThat(all.size()).isGreaterThan(200);
      } finally {
        all.forEach(OwnedSegment::close);
      }
    }
    assertThat(engine.memory().usedBytes()).isZero();
  }
}
