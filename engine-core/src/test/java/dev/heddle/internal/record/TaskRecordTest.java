// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.internal.record.TaskRecord.Contents;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TaskRecordTest {

  private final TaskRecords records = new TaskRecords();
  private final MemorySegment bytes = Arena.ofAuto().allocate(128, 128);

  private TaskRecord record(long generation) {
    return new TaskRecord(records, bytes, true, 7, generation);
  }

  private static Contents read(TaskRecord record) {
    return Objects.requireNonNull(record.read());
  }

  @Test
  void read_beforeAndAfterARun_nothing() {
    TaskRecord record = record(0);
    assertThat(record.read()).isNull();

    record.bind(2, 5, true);
    assertThat(record.read()).isNotNull();
    record.release();

    assertThat(record.read()).isNull();
  }

  @Test
  void bind_eachField_isWhereTheDrawingSays() {
    TaskRecord record = record(40);

    record.bind(11, 12, 13, 14, true);
    record.progress(15, 16);
    record.arena(17);
    record.waitsFor(18);

    assertThat(TaskRecord.BYTES).isEqualTo(128);
    assertThat(longAt(0)).isEqualTo(41);
    assertThat(longAt(8)).isEqualTo(11);
    assertThat(longAt(16)).isEqualTo(12);
    assertThat(longAt(24)).isEqualTo(14);
    assertThat(intAt(32)).isEqualTo(13);
    assertThat(intAt(36)).isEqualTo(1);
    assertThat(intAt(40)).isEqualTo(7);
    assertThat(intAt(44)).isEqualTo(1);
    assertThat(longAt(64)).isEqualTo(15);
    assertThat(longAt(72)).isEqualTo(16);
    assertThat(longAt(80)).isEqualTo(17);
    assertThat(longAt(88)).isEqualTo(18);
    assertThat(read(record))
        .isEqualTo(new Contents(41, 0, 11, 12, 14, true, 13, 1, 7, 15, 16, 17, 18, null));
  }

  private long longAt(long offset) {
    return bytes.get(ValueLayout.JAVA_LONG, offset);
  }

  private int intAt(long offset) {
    return bytes.get(ValueLayout.JAVA_INT, offset);
  }

  @Test
  void bind_afterARunThatSaidMuch_knowsNothingOfIt() {
    TaskRecord record = record(0);
    record.bind(11, 12, 13, 14, true);
    record.progress(15, 16);
    record.arena(17);
    record.waitsFor(18);
    record.release();

    record.bind(2, 5, false);

    assertThat(read(record))
        .isEqualTo(new Contents(3, 0, 0, 0, 5, false, 2, 1, 7, 0, 0, 0, 0, null));
  }

  @Test
  void bind_aRunThatWasNotReleased_isReplaced() {
    TaskRecord record = record(0);
    record.bind(2, 5, true);

    record.bind(3, 6, true);

    assertThat(read(record).kind()).isEqualTo(3);
    assertThat(read(record).generation()).isEqualTo(3);
    record.release();
    record.release(); // once is enough
    assertThat(longAt(0)).isEqualTo(4);
  }

  @Test
  void generation_acrossTheWrap_boundOrFreeAsBefore() {
    TaskRecord record = record(Long.MAX_VALUE - 3);
    for (int run = 0; run < 10; run++) {
      assertThat(record.read()).isNull();
      record.bind(run, run, false);
      assertThat(read(record).kind()).isEqualTo(run);
      record.release();
    }
    assertThat(longAt(0)).isNegative();
  }

  @Test
  void suspend_taskInside_hasARecordOfItsOwn() {
    TaskRecord outer = record(0);
    outer.bind(2, 5, true);
    Contents before = read(outer);

    TaskRecord inner = outer.suspend("the outer task");
    inner.bind(3, 6, true);

    assertThat(outer.inner()).isSameAs(inner);
    assertThat(read(outer).suspended()).isEqualTo("the outer task");
    assertThat(read(inner).kind()).isEqualTo(3);
    assertThat(read(inner).runner()).isEqualTo(7);
    assertThat(outer.isStill(before)).isFalse();
    inner.release();
    outer.resume();
    assertThat(read(outer).suspended()).isNull();
    assertThat(outer.isStill(before)).as("what ran meanwhile may have been taken for it").isFalse();
    assertThat(outer.suspend(null)).isSameAs(inner);
    assertThat(read(outer).suspended()).isSameAs(outer);
  }

  @Test
  void newRecord_manyOfThem_doNotOverlap() {
    TaskRecord[] all = new TaskRecord[1_000];
    for (int i = 0; i < all.length; i++) {
      all[i] = records.newRecord(i);
      all[i].bind(i, i + 1, i, i, true);
    }
    for (int i = 0; i < all.length; i++) {
      assertThat(read(all[i]))
          .isEqualTo(new Contents(1, 0, i, i + 1, i, true, i, 1, i, 0, 0, 0, 0, null));
    }
  }

  @Test
  void read_whileRunsFollowEachOther_sameRunInAllFields() throws Exception {
    TaskRecord record = record(0);
    AtomicBoolean ended = new AtomicBoolean();
    Thread writer =
        new Thread(
            () -> {
              for (int run = 1; run <= 3_000_000; run++) {
                record.bind(run, run, run, run, false);
                record.progress(run, run);
                record.release();
              }
              ended.set(true);
            });
    writer.start();
    long seenRuns = 0;
    while (!ended.get()) {
      Contents seen = record.read();
      if (seen != null) {
        long run = seen.taskId();
        seenRuns++;
        assertThat(seen.parentId()).isEqualTo(run);
        assertThat(seen.startNanos()).isEqualTo(run);
        assertThat(seen.kind()).isEqualTo((int) run);
        assertThat(seen.done()).isIn(0L, run);
        assertThat(seen.total()).isIn(0L, run);
      }
    }
    writer.join();
    assertThat(seenRuns).isPositive();
  }
}
